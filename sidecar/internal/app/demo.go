package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/money"
	"github.com/soukproxy/souk/sidecar/internal/sim"
)

// Demo is a sidecar on simulated providers in the same process.
type Demo struct {
	Listen, AdminListen string
	AccessLog           string
	Seed                uint64
	Log                 *slog.Logger
	Version             string
	Started             func(*App, *config.Config)
}

// Run serves until ctx ends.
func (d *Demo) Run(ctx context.Context) error {
	cfg := config.Default()
	cfg.Listen = []config.Listener{{TCP: d.Listen}}
	cfg.Admin.Listen = d.AdminListen
	cfg.Log.Access = d.AccessLog
	cfg.Aliases = map[string]string{"fast": "meta-llama/llama-3.3-70b-instruct"}
	for _, o := range sim.DemoMarket(d.Seed) {
		p, err := sim.New(o)
		if err != nil {
			return err
		}
		if err := p.Start(); err != nil {
			return fmt.Errorf("simulated provider %s: %w", o.Name, err)
		}
		defer p.Close()
		provider, err := Simulated(p)
		if err != nil {
			return err
		}
		cfg.Providers = append(cfg.Providers, *provider)
	}
	return Run(ctx, Options{Log: d.Log, Version: d.Version, Load: func() (*config.Config, error) { return cfg, nil },
		Started: func(a *App) {
			if d.Started != nil {
				d.Started(a, cfg)
			}
		}})
}

// Simulated is the configuration of a simulated provider that runs.
func Simulated(p *sim.Provider) (*config.Provider, error) {
	o := p.Options()
	base, err := url.Parse(p.URL())
	if err != nil {
		return nil, err
	}
	c := &config.Provider{Name: o.Name, Type: o.Type, API: "openai", BaseURL: base, StreamUsage: true, Regions: o.Regions, Simulated: true,
		Data: config.DataPolicy{RetentionDays: o.RetentionDays, Trains: o.Trains}}
	if c.Type == "" {
		c.Type = config.TypeCompany
	}
	if o.APIKey != "" {
		c.Keys = []config.Secret{config.NewSecret(o.APIKey)}
	}
	for _, m := range o.Models {
		price, err := simulatedPrice(&m)
		if err != nil {
			return nil, fmt.Errorf("simulated model %s: %w", m.ID, err)
		}
		c.Models = append(c.Models, config.Model{ID: m.ID, Upstream: m.ID, Price: price, Context: m.Context, MaxOutput: m.MaxOutput,
			Quantization: m.Quantization, Supports: m.Supports})
	}
	return c, nil
}

func simulatedPrice(m *sim.Model) (*config.Price, error) {
	if m.Input == "" {
		return nil, nil
	}
	var list [3]money.PerMillion
	for i, text := range []string{m.Input, m.Output, m.CacheRead} {
		if i == 2 && text == "" {
			text = m.Input
		}
		n, err := money.Parse(text)
		if err != nil {
			return nil, err
		}
		list[i] = money.PerMillion(n)
	}
	return &config.Price{Input: list[0], Output: list[1], CacheRead: list[2], CacheWrite: list[0]}, nil
}
