package route

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/golden"
	"github.com/soukproxy/souk/sidecar/internal/market"
)

// bazaar is a market with an offer in every situation.
func bazaar(t *testing.T) *Book {
	return fair(t,
		stall{name: "alpha", input: "0.50", output: "0.80", inFlight: 2,
			provider: func(p *config.Provider) { p.Regions, p.Simulated = []string{"eu", "ch"}, true },
			offer:    func(m *config.Model) { m.Supports = []string{"tools"} },
			figures: func(f *market.Figures) {
				uptime(0.99871, 1000)(f)
				firstToken(210 * time.Millisecond)(f)
				f.Throughput = 84.26
			}},
		stall{name: "beta", input: "0.09", output: "0.09", offer: func(m *config.Model) { m.Supports = []string{"tools"} },
			figures: state(market.Resting, 2500*time.Millisecond)},
		stall{name: "gamma", provider: func(p *config.Provider) { p.Type = config.TypeCommunity },
			figures: func(f *market.Figures) { f.Latency.P50, f.Latency.P99 = 3*time.Second, 4*time.Second }},
		stall{name: "delta", input: "0.10", output: "0.90"},
		stall{name: "epsilon", input: "0.10", output: "0.20", offer: func(m *config.Model) { m.Supports = []string{"vision"} }},
		stall{name: "zeta", input: "1", output: "2", figures: state(market.Warming, 0), offer: func(m *config.Model) { m.Supports = []string{"tools"} }},
		stall{name: "eta", input: "1", output: "2", figures: state(market.Barred, 0)},
	)
}

func TestAnExplanationReadsAsJSONAndAsATable(t *testing.T) {
	tests := []struct{ name, prefer string }{
		{"balanced", `{"ignore":["delta"]}`},
		{"price", `{"sort":"price","order":["gamma"],"preferred_min_throughput":100}`},
		{"latency", `{"sort":"latency"}`},
		{"throughput", `{"sort":"throughput"}`},
		{"uptime", `{"sort":"uptime","max_price":{"completion":0.8}}`},
		{"one", `{"sort":"price","allow_fallbacks":false}`},
		{"none", `{"only":["nobody"]}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ask := Ask{Model: llama, Needs: market.Tools, Prefer: prefer(t, test.prefer)}
			e, fail := bazaar(t).Explain(&ask, Policy{}, 1)
			if fail != nil {
				t.Fatal(fail)
			}
			text, err := json.MarshalIndent(e, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden.Check(t, "testdata/"+test.name+".json", append(text, '\n'))
			var table bytes.Buffer
			if err := Table(&table, e); err != nil {
				t.Fatal(err)
			}
			golden.Check(t, "testdata/"+test.name+".txt", table.Bytes())
		})
	}
}

func TestAnExplanationFailsOnlyWhereThereIsNothingToExplain(t *testing.T) {
	if e, err := bazaar(t).Explain(&Ask{Model: "nobody/nothing"}, Policy{}, 1); e != nil || err == nil || err.Status != 404 {
		t.Errorf("got %+v, %v; want 404", e, err)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestATableThatCannotBeWrittenSaysSo(t *testing.T) {
	if err := Table(brokenPipe{}, &Explanation{}); err == nil || !strings.Contains(err.Error(), "broken pipe") {
		t.Errorf("got %v", err)
	}
}
