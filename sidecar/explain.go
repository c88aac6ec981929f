package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/soukproxy/souk/sidecar/internal/caller"
	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/dialect/openai"
	"github.com/soukproxy/souk/sidecar/internal/proxy"
	"github.com/soukproxy/souk/sidecar/internal/route"
)

func newExplain() *cobra.Command {
	var from origin
	var prefer, constraints string
	c := &cobra.Command{
		Use:   "explain MODEL",
		Short: "show the plan for a request, and why each other offer is out; sends nothing",
		Example: `  souk explain meta-llama/llama-3.3-70b-instruct
  souk explain fast --prefer '{"sort":"price","region":"eu"}'
  souk explain fast -c souk.yaml --constraints 'region=("eu"), max-price=2.5'`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			ask := map[string]any{"model": args[0]}
			if prefer != "" {
				if !json.Valid([]byte(prefer)) {
					return usageError{errors.New("--prefer is not JSON; it takes the request's provider object, such as '{\"sort\":\"price\"}'")}
				}
				ask["provider"] = json.RawMessage(prefer)
			}
			body, err := json.Marshal(ask)
			if err != nil {
				return err
			}
			if constraints != "" {
				if from.says, err = statement("", "", constraints); err != nil {
					return usageError{fmt.Errorf("--constraints: %w", err)}
				}
			}
			var plan route.Explanation
			live, err := from.ask(http.MethodPost, "/v1/route", body, &plan)
			if err != nil {
				return err
			}
			if !live {
				local, err := from.explain(body, constraints)
				if err != nil {
					return err
				}
				plan = *local
			}
			if from.json {
				return writeJSON(c.OutOrStdout(), plan)
			}
			return route.Table(c.OutOrStdout(), &plan)
		},
	}
	from.flags(c)
	c.Flags().StringVar(&prefer, "prefer", "", "the request's provider object, as JSON")
	c.Flags().StringVar(&constraints, "constraints", "", "what a hand-off allows: the value of Souk-Constraints")
	return c
}

// explain plans on the configuration's market, at rest.
func (o *origin) explain(body []byte, constraints string) (*route.Explanation, error) {
	cfg, err := source(o.file)()
	if err != nil {
		return nil, err
	}
	m, err := o.market()
	if err != nil {
		return nil, err
	}
	ask, edits := route.Ask{PlanOnly: true}, dialect.Edits{}
	if err := openai.New().ReadAsk(route.Chat, body, &ask, &edits); err != nil {
		return nil, err
	}
	policy := route.Policy{Sort: cfg.Routing.Sort, Attempts: cfg.Routing.Attempts}
	if constraints != "" {
		who, err := caller.FromConstraints(constraints)
		if err != nil {
			return nil, err
		}
		policy.Constraints = proxy.Constraints(who)
	}
	book := route.NewBook(m, m.Figures(time.Now()), nil)
	plan, fail := book.Explain(&ask, policy, 0)
	if fail != nil {
		return nil, fail
	}
	return plan, nil
}
