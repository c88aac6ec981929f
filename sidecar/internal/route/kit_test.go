package route

import (
	"fmt"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

const llama = "meta-llama/llama-3.3-70b-instruct"

// stall is one offer of a market under test: the provider's name is also the key of its figures.
type stall struct {
	name          string
	model         string // llama unless set
	input, output string // USD per million tokens; both empty: unknown
	provider      func(*config.Provider)
	offer         func(*config.Model)
	figures       func(*market.Figures)
	inFlight      int
}

// fair builds the book of a market.
func fair(tb testing.TB, stalls ...stall) *Book {
	tb.Helper()
	cfg := &config.Config{}
	for _, s := range stalls {
		model := config.Model{ID: llama}
		if s.model != "" {
			model.ID = s.model
		}
		if s.input != "" {
			model.Price = &config.Price{Input: usd(tb, s.input), Output: usd(tb, s.output)}
		}
		if s.offer != nil {
			s.offer(&model)
		}
		p := config.Provider{Name: s.name, Type: config.TypeCompany, API: "openai"}
		if s.provider != nil {
			s.provider(&p)
		}
		p.Models = []config.Model{model}
		cfg.Providers = append(cfg.Providers, p)
	}
	m, err := market.Build(cfg, nil, func() time.Time { return time.Unix(1_700_000_000, 0) })
	if err != nil {
		tb.Fatal(err)
	}
	figures := make([]market.Figures, len(m.Offers))
	for i, s := range stalls {
		figures[i] = market.Figures{Uptime5: -1, Uptime30: -1}
		if s.figures != nil {
			s.figures(&figures[i])
		}
		for range s.inFlight {
			m.Offers[i].Stats.Begin()
		}
	}
	return NewBook(m, figures, nil)
}

func usd(tb testing.TB, s string) money.PerMillion {
	tb.Helper()
	n, err := money.Parse(s)
	if err != nil {
		tb.Fatal(err)
	}
	return money.PerMillion(n)
}

// names are the providers of a plan, in its order.
func names(offers []*market.Offer) []string {
	var all []string
	for _, o := range offers {
		all = append(all, o.Provider.Name)
	}
	return all
}

// prefer parses the provider object of a request.
func prefer(tb testing.TB, raw string) *Preferences {
	tb.Helper()
	if raw == "" {
		return nil
	}
	p, err := ParsePreferences([]byte(raw))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func firstToken(d time.Duration) func(*market.Figures) {
	return func(f *market.Figures) { f.FirstToken = market.Percentiles{P50: d, P90: 2 * d, P99: 3 * d, Count: 10} }
}

func uptime(share float64, attempts int64) func(*market.Figures) {
	return func(f *market.Figures) { f.Uptime5, f.Uptime30, f.Attempts30 = share, share, attempts }
}

func state(s market.State, rests time.Duration) func(*market.Figures) {
	return func(f *market.Figures) { f.State, f.RestsFor = s, rests }
}

// crowd builds the book of a market of n offers, as many to each model as is said, with prices and latencies
// that differ, some features and a few regions.
func crowd(tb testing.TB, n, perModel int) *Book {
	tb.Helper()
	cfg := &config.Config{}
	models := (n + perModel - 1) / perModel
	for p := range perModel {
		provider := config.Provider{
			Name: fmt.Sprintf("p%d", p), Type: config.TypeCompany, API: "openai", Regions: []string{[]string{"eu", "us"}[p%2]},
		}
		for m := 0; m < models && len(provider.Models) < n; m++ {
			provider.Models = append(provider.Models, config.Model{
				ID: fmt.Sprintf("author/model-%d", m), Context: 131072, MaxOutput: 8192, Supports: []string{"tools", "json_object"},
				Price: &config.Price{Input: money.PerMillion(100_000_000 + p%97*1_000_000), Output: money.PerMillion(400_000_000 + p%89*1_000_000)},
			})
		}
		cfg.Providers = append(cfg.Providers, provider)
	}
	m, err := market.Build(cfg, nil, time.Now)
	if err != nil {
		tb.Fatal(err)
	}
	figures := make([]market.Figures, len(m.Offers))
	for i := range figures {
		figures[i] = market.Figures{Uptime5: 0.99, Uptime30: 0.99, Attempts30: 100}
		firstToken(time.Duration(200+i*7%300) * time.Millisecond)(&figures[i])
	}
	return NewBook(m, figures, nil)
}
