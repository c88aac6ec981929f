package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/soukproxy/souk/sidecar/internal/market"
)

func newCheck() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "check",
		Short: "validate a configuration; errors have line and column",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := source(file)()
			if err != nil {
				return err
			}
			m, err := market.Build(cfg, nil, time.Now)
			if err != nil {
				return err
			}
			for _, w := range cfg.Warnings {
				fmt.Fprintln(c.ErrOrStderr(), w)
			}
			where := cfg.Path
			if where == "" {
				where = "the environment"
			}
			fmt.Fprintf(c.OutOrStdout(), "%s is good: %d providers, %d models, %d offers\n", where, len(m.Providers), len(m.Listings()), len(m.Offers))
			return nil
		},
	}
	c.Flags().StringVarP(&file, "config", "c", "", "configuration file")
	return c
}
