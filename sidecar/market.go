package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/soukproxy/souk/sidecar/internal/market"
)

func newModels() *cobra.Command {
	var from origin
	c := &cobra.Command{
		Use:   "models",
		Short: "list the market's models",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var list market.ModelList
			live, err := from.get("/v1/models", &list)
			if err != nil {
				return err
			}
			if !live {
				m, err := from.market()
				if err != nil {
					return err
				}
				list = *m.Models()
			}
			if from.json {
				return writeJSON(c.OutOrStdout(), list)
			}
			return market.WriteModels(c.OutOrStdout(), list.Data)
		},
	}
	from.flags(c)
	return c
}

func newMarket() *cobra.Command {
	var from origin
	c := &cobra.Command{
		Use:   "market [MODEL]",
		Short: "show the offers, with their live figures when a sidecar runs",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			offers, err := from.offers(args)
			if err != nil {
				return err
			}
			if from.json {
				return writeJSON(c.OutOrStdout(), struct {
					Data []market.EndpointView `json:"data"`
				}{offers})
			}
			return market.WriteMarket(c.OutOrStdout(), offers)
		},
	}
	from.flags(c)
	return c
}

// offers asks a running sidecar, or else reads the configuration.
func (o *origin) offers(args []string) ([]market.EndpointView, error) {
	var names []string
	if len(args) == 1 {
		names = args
	} else {
		var list market.ModelList
		live, err := o.get("/v1/models", &list)
		if err != nil {
			return nil, err
		}
		if live {
			for _, m := range list.Data {
				names = append(names, m.ID)
			}
		}
	}
	var offers []market.EndpointView
	for _, name := range names {
		var one market.EndpointList
		live, err := o.get("/v1/models/"+strings.ReplaceAll(name, "?", "%3F")+"/endpoints", &one)
		if err != nil {
			return nil, err
		}
		if !live {
			break
		}
		offers = append(offers, one.Data.Endpoints...)
	}
	if len(offers) > 0 {
		return offers, nil
	}
	m, err := o.market()
	if err != nil {
		return nil, err
	}
	if len(args) == 0 {
		return m.AllEndpoints(nil, time.Now()), nil
	}
	model, _, err := m.Resolve(args[0])
	if err != nil {
		return nil, err
	}
	return m.Endpoints(model, nil, time.Now()).Data.Endpoints, nil
}

func writeJSON(w io.Writer, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", text)
	return err
}
