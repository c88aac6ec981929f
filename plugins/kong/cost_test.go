package main

import (
	"slices"
	"testing"
	"time"

	"github.com/soukproxy/souk/plugins/kong/kongtest"
)

// mostCalls is what a request may cost: a call by itself takes about 30 us on a real Kong.
const mostCalls = 12

func TestARequestCostsAtMostTwelveCalls(t *testing.T) {
	plugin := kongtest.Start(t, built)
	for _, test := range []struct {
		name   string
		config map[string]any
	}{
		{"the least configuration", nil},
		{"everything that costs a call", map[string]any{
			"groups_from": "authenticated_groups", "strip_prefix": "/openai", "add_prefix": "/v2", "guardrails": "applied",
			"region": []string{"eu"}, "type": []string{"company"}, "models": []string{"meta-llama/*"}, "max_price": 2.5,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			i := instance(t, plugin, test.config)
			const rounds = 500
			took := make([]time.Duration, 0, rounds)
			calls := 0
			for range rounds {
				x := alice()
				x.Shared = map[string]any{"authenticated_groups": []any{"chat"}}
				i.Access(x)
				if x.Fault != nil || x.Exit != nil || x.Host != "127.0.0.1" {
					t.Fatalf("fault %v, exit %v, host %s", x.Fault, x.Exit, x.Host)
				}
				calls = max(calls, len(x.Calls))
				took = append(took, x.Took)
			}
			slices.Sort(took)
			t.Logf("access phase: %d calls; p50 %v, p99 %v from the event to its end, with a Kong that answers at once",
				calls, took[rounds/2], took[rounds*99/100])
			if calls > mostCalls {
				t.Errorf("%d calls", calls)
			}
		})
	}
}
