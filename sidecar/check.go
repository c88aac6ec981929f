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
			fmt.Fprintf(c.OutOrStdout(), "%s is good: %s, %s, %s\n", where, count(len(m.Providers), "provider"), count(len(m.Listings()), "model"), count(len(m.Offers), "offer"))
			return nil
		},
	}
	c.Flags().StringVarP(&file, "config", "c", "", "configuration file")
	return c
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
