package market

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/golden"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

func asJSON(t *testing.T, v any) []byte {
	t.Helper()
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

// stalls is a market with everything that a view may have to show: a busy offer, a resting one, a simulated one,
// and one of which nothing is known. The last return value is the moment to look at it.
func stalls(t *testing.T) (*Market, []Figures, time.Time) {
	days, trains := 0, false
	alpha, beta, gamma := provider("alpha"), provider("beta", "a/one"), provider("gamma")
	alpha.Regions, alpha.Data = []string{"eu", "us"}, config.DataPolicy{RetentionDays: &days, Trains: &trains}
	alpha.Models = []config.Model{
		{ID: "a/one", Price: &config.Price{Input: money.PerMillion(150 * money.USD / 1000), Output: money.PerMillion(600 * money.USD / 1000),
			CacheRead: money.PerMillion(money.USD / 100), CacheWrite: money.PerMillion(money.USD)},
			Context: 131072, MaxOutput: 8192, Quantization: "fp8", Supports: []string{"tools", "vision", "json_schema", "reasoning"}},
		{ID: "a/embed", Price: &config.Price{}, Supports: []string{"embeddings"}},
	}
	beta.Type = config.TypeSelfHosted
	gamma.Type, gamma.Simulated = config.TypeCommunity, true
	gamma.Models = []config.Model{{ID: "a/one", Price: &config.Price{Input: money.PerMillion(money.USD), Output: money.PerMillion(2 * money.USD)}, Context: 1000}}
	m := mustBuild(t, &config.Config{Providers: []config.Provider{alpha, beta, gamma}}, nil)

	busy, simulated := m.Listing("a/one").Offers[0].Stats, m.Listing("a/one").Offers[2].Stats
	for i := range 100 {
		o := Outcome{FirstToken: time.Duration(200+i) * time.Millisecond, Duration: time.Duration(2200+i) * time.Millisecond,
			InputTokens: 10, OutputTokens: 101, Cost: 1_000_000, At: dawn.Add(time.Duration(i) * time.Second)}
		if i == 50 {
			o = Outcome{Kind: ProviderFault, Duration: time.Second, At: o.At}
		}
		busy.Begin()
		busy.Record(o)
	}
	busy.Begin()
	simulated.Begin()
	simulated.Record(Outcome{Kind: RateLimited, At: dawn})
	now := dawn.Add(2 * time.Minute)
	simulated.SetState(Resting, now.Add(1500*time.Millisecond))
	return m, m.Figures(now), now
}

func TestViewsAreWhatClientsExpect(t *testing.T) {
	m, figures, now := stalls(t)
	golden.Check(t, "testdata/models.json", asJSON(t, m.Models()))
	golden.Check(t, "testdata/endpoints.json", asJSON(t, m.Endpoints("a/one", figures, now)))
	golden.Check(t, "testdata/endpoints_at_rest.json", asJSON(t, m.Endpoints("a/one", nil, now)))
	golden.Check(t, "testdata/providers.json", asJSON(t, m.ProvidersView(figures)))
	if m.Endpoints("a/none", figures, now) != nil {
		t.Error("a model that nobody offers has endpoints")
	}
	if got := m.AllEndpoints(figures, now); len(got) != len(m.Offers) || got[0].Name != "alpha/a/embed" {
		t.Errorf("all endpoints: %d, the first %s", len(got), got[0].Name)
	}
}

func TestViewsSurviveTheWayToACommandLine(t *testing.T) {
	m, figures, now := stalls(t)
	var endpoints EndpointList
	var models ModelList
	for _, v := range []struct{ from, to any }{{m.Endpoints("a/one", figures, now), &endpoints}, {m.Models(), &models}} {
		if err := json.Unmarshal(asJSON(t, v.from), v.to); err != nil {
			t.Fatal(err)
		}
		if got, want := asJSON(t, v.to), asJSON(t, v.from); !bytes.Equal(got, want) {
			t.Errorf("became\n%s\nwas\n%s", got, want)
		}
	}
}

func TestTheCheapestOfferIsTheTopProvider(t *testing.T) {
	price := func(in, out money.PerMillion) *config.Price { return &config.Price{Input: in, Output: out} }
	for _, c := range []struct {
		name   string
		prices []*config.Price
		want   int
	}{
		{"input weighs more than output", []*config.Price{price(10, 20), price(12, 15), price(9, 22)}, 2},
		{"unknown comes last", []*config.Price{nil, price(1000, 1000), nil}, 1},
		{"free is cheapest", []*config.Price{price(1, 1), price(0, 0)}, 1},
		{"all unknown: the first", []*config.Price{nil, nil}, 0},
	} {
		var l Listing
		for _, p := range c.prices {
			l.Offers = append(l.Offers, &Offer{Price: p})
		}
		if got := l.cheapest(); got != l.Offers[c.want] {
			t.Errorf("%s: it is %+v, want the one at %d", c.name, got.Price, c.want)
		}
	}
}
