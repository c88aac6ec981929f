package route

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/market"
)

func containsText(s, part string) bool { return strings.Contains(s, part) }

const draws = 100_000

// near fails when an observed share is further from the expected one than chance allows (five sigma).
func near(t *testing.T, what string, got int, want float64) {
	t.Helper()
	sigma := math.Sqrt(want * (1 - want) / draws)
	if diff := math.Abs(float64(got)/draws - want); diff > 5*sigma+1e-9 {
		t.Errorf("%s: drawn %d times of %d; want a share of %.5f", what, got, draws, want)
	}
}

func TestSharesAreTheFrequenciesOfTheFirstPlace(t *testing.T) {
	stalls := []stall{
		{name: "plain", input: "0.40", output: "0.40"},
		{name: "half_price", input: "0.20", output: "0.20", figures: firstToken(400 * time.Millisecond)},
		{name: "quick", input: "0.40", output: "0.40", figures: firstToken(100 * time.Millisecond)},
		{name: "twin", input: "0.40", output: "0.40"},
		{name: "failing", input: "0.20", output: "0.20", figures: uptime(0.5, 100)},
		{name: "warming", input: "0.40", output: "0.40", figures: state(market.Warming, 0)},
		{name: "free", input: "0", output: "0", figures: func(f *market.Figures) { firstToken(time.Minute)(f); uptime(0.2, 100)(f) }},
		{name: "unpriced"},
		{name: "resting", input: "0.30", output: "0.30", figures: state(market.Resting, time.Second)},
	}
	var crowded []stall
	for i := range 100 {
		s := stalls[i%len(stalls)]
		s.name = fmt.Sprintf("%s_%d", s.name, i)
		s.provider = func(p *config.Provider) { p.Regions = []string{"eu"} }
		if i%3 == 0 {
			s.provider = nil
		}
		crowded = append(crowded, s)
	}
	small, large := fair(t, stalls...), fair(t, crowded...)
	tests := []struct {
		name   string
		book   *Book
		prefer string
	}{
		{"draw", small, ``},
		{"scan", small, `{"ignore":["plain"]}`},
		{"order", small, `{"order":["quick","half_price"]}`},
		{"no fallbacks", small, `{"allow_fallbacks":false}`},
		{"strict order with equals", small, `{"sort":"price","ignore":["free"]}`},
		{"strict order without equals", small, `{"sort":"price","only":["plain","half_price"]}`},
		{"sample of a large listing", large, `{"region":"eu"}`},
		{"draw from a large listing", large, ``},
		{"strict order of a large listing", large, `{"sort":"price"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ask := Ask{Model: llama, Prefer: prefer(t, test.prefer)}
			e, err := test.book.Explain(&ask, Policy{}, 1)
			if err != nil {
				t.Fatal(err)
			}
			first := make(map[string]int)
			var plan Plan
			for seed := range uint64(draws) {
				if err := test.book.Rank(&ask, Policy{Attempts: 1}, seed, &plan); err != nil {
					t.Fatal(err)
				}
				first[plan.Offers[0].ID]++
			}
			if ask.Prefer != nil && ask.Prefer.AllowFallbacks != nil {
				// The plan explains one draw, and the share of its one offer.
				near(t, e.Plan[0].Offer, first[e.Plan[0].Offer], e.Plan[0].Share)
				return
			}
			sum := 0.0
			for _, p := range e.Plan {
				near(t, p.Offer, first[p.Offer], p.Share)
				sum += p.Share
			}
			if math.Abs(sum-1) > 1e-9 {
				t.Errorf("shares add up to %v", sum)
			}
		})
	}
}

func TestTheWeightFollowsItsFormula(t *testing.T) {
	book := fair(t,
		stall{name: "base", input: "0.50", output: "0.50", figures: uptime(1, 1000)},
		stall{name: "cheap", input: "0.05", output: "0.05"},
		stall{name: "dear", input: "0.10", output: "1.70", figures: func(f *market.Figures) { uptime(0.5, 50)(f); firstToken(300 * time.Millisecond)(f) }},
		stall{name: "quick", input: "0.50", output: "0.50", figures: firstToken(100 * time.Millisecond)},
		stall{name: "slow", input: "0.50", output: "0.50", figures: firstToken(time.Hour)},
		stall{name: "free", input: "0", output: "0", figures: state(market.Warming, 0)},
	)
	want := map[string]float64{ // latency x start / (price / success)^2
		"base":  1 / math.Pow(0.5/((50+4.9)/55), 2),
		"cheap": 1 / math.Pow(0.05/0.98, 2),
		"dear":  1.0 / 3 / math.Pow(0.5/((25+4.9)/55), 2),
		"quick": 1 / math.Pow(0.5/0.98, 2),
		"slow":  0.25 / math.Pow(0.5/0.98, 2),
		"free":  0.25 / math.Pow(0.005/0.98, 2),
	}
	for _, terms := range termsOf(book.listings[0].offers, book.figures) {
		name := terms.offer.Provider.Name
		if math.Abs(terms.weight/want[name]-1) > 1e-9 {
			t.Errorf("%s weighs %v; want %v", name, terms.weight, want[name])
		}
	}
}

func TestDrawsWithoutReplacementHaveTheRightOdds(t *testing.T) {
	weights := []float64{1000, 40, 4, 2, 1, 1}
	p := newPool(3, weights)
	total := 0.0
	for _, w := range weights {
		total += w
	}
	methods := map[string]func(r *rng) (int, int){
		"first and second": func(r *rng) (int, int) {
			a := p.draw(r)
			return a, drawFresh(&p, r, []int32{int32(a)})
		},
		"second by search alone": func(r *rng) (int, int) {
			a := p.draw(r)
			return a, p.drawOther(r, []int32{int32(a)})
		},
	}
	for name, method := range methods {
		t.Run(name, func(t *testing.T) {
			r := rng(42)
			var pairs [6][6]int
			for range draws {
				a, b := method(&r)
				pairs[a-3][b-3]++
			}
			for a := range pairs {
				for b := range pairs[a] {
					want := 0.0
					if a != b {
						want = weights[a] / total * weights[b] / (total - weights[a])
					}
					near(t, fmt.Sprintf("%d then %d", a, b), pairs[a][b], want)
				}
			}
		})
	}
}

func TestEveryDrawExhaustsAPoolOfAnyWeights(t *testing.T) {
	r := rng(9)
	for _, weights := range [][]float64{{1}, {1, 1}, {1e300, 1e-300, 1}, {5, 4, 3, 2, 1, 1e-12, 1e-15}} {
		p := newPool(0, weights)
		var drawn []int32
		for range weights {
			at := int32(drawFresh(&p, &r, drawn))
			if at < 0 || int(at) >= len(weights) || slices.Contains(drawn, at) {
				t.Fatalf("%v: drew %d after %v", weights, at, drawn)
			}
			drawn = append(drawn, at)
			slices.Sort(drawn)
		}
	}
}

// chance makes markets, asks and preferences at random, but the same ones in every run.
type chance struct{ *rand.Rand }

func (c chance) stalls() []stall {
	n := 1 + c.IntN(12)
	if c.IntN(4) == 0 {
		n = 70 + c.IntN(60) // large enough to be sampled
	}
	stalls := make([]stall, n)
	for i := range stalls {
		s := &stalls[i]
		s.name = fmt.Sprintf("p%d", i)
		if c.IntN(4) == 0 {
			s.model = "qwen/qwen3-32b"
		}
		if c.IntN(4) > 0 {
			s.input, s.output = fmt.Sprintf("0.%d", c.IntN(4)), fmt.Sprintf("0.%d", c.IntN(4))
		}
		region, kind := []string{"", "eu", "us"}[c.IntN(3)], []string{config.TypeCompany, config.TypeCommunity}[c.IntN(2)]
		s.provider = func(p *config.Provider) {
			p.Type = kind
			if region != "" {
				p.Regions = []string{region}
			}
		}
		supports := [][]string{nil, {}, {"tools"}}[c.IntN(3)]
		s.offer = func(m *config.Model) { m.Supports = supports }
		figures := market.Figures{
			State: market.State(c.IntN(5)), RestsFor: time.Duration(c.IntN(3)) * time.Second,
			Throughput: float64(c.IntN(3) * 50), Uptime5: -1, Uptime30: -1,
		}
		if c.IntN(2) == 0 {
			uptime(float64(c.IntN(11))/10, 20)(&figures)
			firstToken(time.Duration(c.IntN(4)) * 100 * time.Millisecond)(&figures)
		}
		s.figures = func(f *market.Figures) { *f = figures }
	}
	return stalls
}

func (c chance) preferences(t *testing.T) *Preferences {
	var fields []string
	for _, field := range []string{
		`"sort":"price"`, `"order":["p3","p1","p0"]`, `"allow_fallbacks":false`, `"ignore":["p2"]`, `"region":"eu"`, `"type":"company"`,
		`"max_price":{"completion":0.2}`, `"min_uptime":40`, `"preferred_min_throughput":60`, `"require_parameters":true`,
	} {
		if c.IntN(5) == 0 {
			fields = append(fields, field)
		}
	}
	return prefer(t, "{"+strings.Join(fields, ",")+"}")
}

func TestEveryOfferIsEitherPlannedOnceOrExcluded(t *testing.T) {
	c := chance{rand.New(rand.NewPCG(1, 2))}
	for range 2000 {
		stalls := c.stalls()
		book := fair(t, stalls...)
		ask := Ask{Model: book.listings[0].model, Prefer: c.preferences(t)}
		listed := len(book.listings[0].offers)
		if len(book.listings) > 1 && c.IntN(2) == 0 {
			ask.Models = []string{book.listings[1].model}
			listed += len(book.listings[1].offers)
		}
		if c.IntN(3) == 0 {
			ask.Needs = market.Tools
		}
		policy, seed := Policy{Attempts: 1 + c.IntN(6)}, c.Uint64()
		e, err := book.Explain(&ask, policy, seed)
		if err != nil {
			t.Fatal(err)
		}
		seen := make(map[string]bool)
		for _, p := range e.Plan {
			if seen[p.Offer] {
				t.Fatalf("%s is there twice: %+v", p.Offer, e)
			}
			seen[p.Offer] = true
		}
		for _, x := range e.Excluded {
			if seen[x.Offer] || x.Why == "" || x.Why == "not excluded" {
				t.Fatalf("%s is there twice or without a reason: %+v", x.Offer, e)
			}
			seen[x.Offer] = true
		}
		if len(seen) != listed {
			t.Fatalf("%d of %d offers are there: %+v, %+v", len(seen), listed, ask, e)
		}
		var plan Plan
		refusal := book.Rank(&ask, policy, seed, &plan)
		if (refusal == nil) != (len(e.Plan) > 0) {
			t.Fatalf("refused with %v, but the plan has %d offers", refusal, len(e.Plan))
		}
		checkSpares(t, &plan, e, policy.Attempts)
	}
}

// checkSpares checks that a plan is the beginning of its explanation, and long enough.
func checkSpares(t *testing.T, plan *Plan, e *Explanation, attempts int) {
	t.Helper()
	for i, o := range plan.Offers {
		if e.Plan[i].Offer != o.ID {
			t.Fatalf("place %d is %s in the plan and %s where it is explained", i, o.ID, e.Plan[i].Offer)
		}
	}
	if want := min(len(e.Plan), attempts+spares); len(plan.Offers) != want {
		t.Fatalf("the plan has %d offers of %d; want %d", len(plan.Offers), len(e.Plan), want)
	}
}
