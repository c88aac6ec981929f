package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/soukproxy/souk/sidecar/internal/sim"
)

func newSim() *cobra.Command {
	var o sim.Options
	var models []string
	var faults strings.Builder
	for _, k := range sim.Kinds() {
		fmt.Fprintf(&faults, "  %-28s %s\n", k.Name+k.Arg, k.Text)
	}
	c := &cobra.Command{
		Use:   "sim",
		Short: "run one simulated OpenAI-compatible provider, with faults on demand",
		Long: "Run one simulated OpenAI-compatible provider. Its answers say that they are simulated.\n\n" +
			"Faults, as --fault KIND[=ARG][:RATE], by POST /sim/faults {\"faults\": [...]}, or for one request by the header\n" +
			"x-souk-sim-fault, in the model's name after a +, or in the last message as [[sim:KIND]]:\n\n" + faults.String(),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			for _, m := range models {
				o.Models = append(o.Models, sim.Model{ID: m})
			}
			p, err := sim.New(o)
			if err != nil {
				return usageError{err}
			}
			if err := p.Start(); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "simulated provider %s at %s\n", o.Name, p.URL())
			<-c.Context().Done()
			p.Close()
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&o.Listen, "listen", "127.0.0.1:0", "address")
	f.StringVar(&o.Name, "name", "sim", "name, shown in every answer")
	f.StringArrayVar(&o.Faults, "fault", nil, "a fault for all requests; may be repeated")
	f.Uint64Var(&o.Seed, "seed", 0, "the same seed, name and request give the same text")
	f.StringArrayVar(&models, "model", nil, "a model id it serves; may be repeated (default: two of its own); * is every name")
	f.DurationVar(&o.FirstToken, "first-token", 50*time.Millisecond, "time to the first token")
	f.Float64Var(&o.Rate, "rate", 100, "tokens per second; 0: all at once")
	f.IntVar(&o.Tokens, "tokens", 64, "output tokens of an answer")
	f.StringVar(&o.APIKey, "api-key", "", "refuse requests without this key")
	return c
}
