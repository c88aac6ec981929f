package main

import (
	"fmt"
	"io"
	"net"

	"github.com/spf13/cobra"

	"github.com/soukproxy/souk/sidecar/internal/app"
	"github.com/soukproxy/souk/sidecar/internal/config"
)

func newDemo() *cobra.Command {
	var o app.Demo
	c := &cobra.Command{
		Use:   "demo",
		Short: "run the sidecar on simulated providers, one of which fails now and then",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.Log = newLog("warn")
			o.Version = version()
			o.Started = func(a *app.App, cfg *config.Config) { greet(c.OutOrStdout(), a, cfg) }
			return o.Run(c.Context())
		},
	}
	f := c.Flags()
	f.StringVar(&o.Listen, "listen", config.DefaultListen, "address of the data plane")
	f.StringVar(&o.AdminListen, "admin", config.DefaultAdmin, "address of the admin listener; off: none")
	f.Uint64Var(&o.Seed, "seed", 1, "of the simulated providers")
	f.StringVar(&o.AccessLog, "access-log", "stdout", "stdout, stderr, off, or a file")
	return c
}

func greet(w io.Writer, a *app.App, cfg *config.Config) {
	at := a.Addrs()[0].(*net.TCPAddr)
	base := fmt.Sprintf("http://%s", at)
	model := "meta-llama/llama-3.3-70b-instruct"
	fmt.Fprintf(w, "souk demo: every provider is SIMULATED, and charlie fails now and then\n\n")
	for _, p := range cfg.Providers {
		fmt.Fprintf(w, "  %-8s %-11s %s (simulated)\n", p.Name, p.Type, p.BaseURL)
	}
	fmt.Fprintf(w, `
ask it:

  curl -i %[1]s/v1/chat/completions -H 'content-type: application/json' \
    -d '{"model":"%[2]s","messages":[{"role":"user","content":"Hello"}]}'

a stream:  the same with "stream":true, and curl -N
the market:  souk market --url %[1]s
a plan:  souk explain %[2]s --url %[1]s
break a provider:  curl %[3]s -d '{"faults":["status=503"]}'    mend it:  curl -X DELETE %[3]s

`, base, model, cfg.Providers[0].BaseURL.Scheme+"://"+cfg.Providers[0].BaseURL.Host+"/sim/faults")
	if admin := a.AdminAddr(); admin != nil {
		fmt.Fprintf(w, "metrics: http://%s/metrics\n\n", admin)
	}
}
