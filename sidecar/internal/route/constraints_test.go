package route

import (
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/market"
)

// one is a pointer to a value, for fields that may be absent.
func one[T any](v T) *T { return &v }

func TestAnOfferIsExcludedOnlyByAConstraintThatItFails(t *testing.T) {
	priced := stall{name: "alpha", input: "0.50", output: "0.90"}
	with := func(change func(*stall)) stall {
		s := priced
		change(&s)
		return s
	}
	provider := func(f func(*config.Provider)) stall { return with(func(s *stall) { s.provider = f }) }
	offer := func(f func(*config.Model)) stall { return with(func(s *stall) { s.offer = f }) }

	eu := provider(func(p *config.Provider) { p.Regions = []string{"eu"} })
	euAndUS := provider(func(p *config.Provider) { p.Regions = []string{"eu", "us"} })
	selfHosted := provider(func(p *config.Provider) { p.Type = config.TypeSelfHosted })
	private := provider(func(p *config.Provider) { p.Data = config.DataPolicy{RetentionDays: one(0), Trains: one(false)} })
	nosy := provider(func(p *config.Provider) { p.Data = config.DataPolicy{RetentionDays: one(30), Trains: one(true)} })
	fp8 := offer(func(m *config.Model) { m.Quantization = "fp8" })
	small := offer(func(m *config.Model) { m.Context, m.MaxOutput = 8192, 1024 })
	tools := offer(func(m *config.Model) { m.Supports = []string{"tools"} })
	unpriced := stall{name: "alpha"}
	shaky := with(func(s *stall) { s.figures = uptime(0.931, 100) })

	tests := []struct {
		name   string
		stall  stall
		prefer string
		ask    Ask
		policy Policy
		why    string // empty: it passes
	}{
		{name: "no preferences exclude nothing", stall: unpriced},

		{name: "only that names the provider", stall: priced, prefer: `{"only":["ALPHA"]}`},
		{name: "only that names the offer id", stall: priced, prefer: `{"only":["alpha/` + llama + `"]}`},
		{name: "only that names others", stall: priced, prefer: `{"only":["beta","gamma"]}`, why: "not in only [beta gamma]"},
		{name: "ignore that names others", stall: priced, prefer: `{"ignore":["beta"]}`},
		{name: "ignore that names it", stall: priced, prefer: `{"ignore":["Alpha"]}`, why: "in ignore [Alpha]"},
		{name: "order that names others, with fallbacks", stall: priced, prefer: `{"order":["beta"]}`},
		{name: "order that names others, without fallbacks", stall: priced, prefer: `{"order":["beta"],"allow_fallbacks":false}`, why: "not in order [beta], and allow_fallbacks is false"},

		{name: "region that it is in", stall: eu, prefer: `{"region":"EU"}`},
		{name: "region that it is not in", stall: eu, prefer: `{"region":["us","ch"]}`, why: "region eu not in [us ch]"},
		{name: "region that it is only partly in", stall: euAndUS, prefer: `{"region":"eu"}`, why: "region eu,us not in [eu]"},
		{name: "regions that cover its regions", stall: euAndUS, prefer: `{"region":["us","eu"]}`},
		{name: "region where its own is unknown", stall: priced, prefer: `{"region":"eu"}`, why: "region unknown not in [eu]"},
		{name: "type that it is of", stall: selfHosted, prefer: `{"type":["company","self_hosted"]}`},
		{name: "type that it is not of", stall: selfHosted, prefer: `{"type":"company"}`, why: "type self_hosted not in [company]"},

		{name: "deny and a provider that does not train", stall: private, prefer: `{"data_collection":"deny"}`},
		{name: "deny and a provider that trains", stall: nosy, prefer: `{"data_collection":"deny"}`, why: "trains on prompts, and data_collection is deny"},
		{name: "deny and a provider that does not say", stall: priced, prefer: `{"data_collection":"deny"}`, why: "data policy unknown, and data_collection is deny"},
		{name: "allow and a provider that trains", stall: nosy, prefer: `{"data_collection":"allow"}`},
		{name: "zdr and a provider that keeps nothing", stall: private, prefer: `{"zdr":true}`},
		{name: "zdr and a provider that keeps data", stall: nosy, prefer: `{"zdr":true}`, why: "keeps data for 30 days, and zdr is set"},
		{name: "zdr and a provider that does not say", stall: priced, prefer: `{"zdr":true}`, why: "data retention unknown, and zdr is set"},

		{name: "max_price at its prices", stall: priced, prefer: `{"max_price":{"prompt":0.5,"completion":"0.90"}}`},
		{name: "max_price.prompt below its price", stall: priced, prefer: `{"max_price":{"prompt":0.499999999}}`, why: "price 0.50 above max_price.prompt 0.499999999"},
		{name: "max_price.completion below its price", stall: priced, prefer: `{"max_price":{"completion":0.8}}`, why: "price 0.90 above max_price.completion 0.80"},
		{name: "max_price and an unknown price", stall: unpriced, prefer: `{"max_price":{"completion":1000}}`, why: "price unknown, and max_price is set"},

		{name: "quantization that it has", stall: fp8, prefer: `{"quantizations":["bf16","FP8"]}`},
		{name: "quantization that it has not", stall: fp8, prefer: `{"quantizations":["bf16"]}`, why: "quantization fp8 not in [bf16]"},
		{name: "quantization unknown and asked for", stall: priced, prefer: `{"quantizations":["unknown"]}`},
		{name: "quantization unknown and not asked for", stall: priced, prefer: `{"quantizations":["fp8"]}`, why: "quantization unknown not in [fp8]"},

		{name: "min_uptime above its uptime", stall: shaky, prefer: `{"min_uptime":99}`, why: "uptime 93.1 % below min_uptime 99 %"},
		{name: "min_uptime at its uptime", stall: shaky, prefer: `{"min_uptime":93.1}`},
		{name: "min_uptime without attempts", stall: priced, prefer: `{"min_uptime":99.9}`},

		{name: "a feature that it has", stall: tools, ask: Ask{Needs: market.Tools}},
		{name: "a feature that it lacks", stall: tools, ask: Ask{Needs: market.Tools | market.Vision}, why: "does not support vision"},
		{name: "a feature of which nothing is known", stall: priced, ask: Ask{Needs: market.Vision}},
		{name: "a feature of which nothing is known, required", stall: priced, ask: Ask{Needs: market.Vision}, prefer: `{"require_parameters":true}`, why: "not known to support vision, and require_parameters is set"},
		{name: "a wanted feature that it lacks", stall: tools, ask: Ask{Wants: market.Logprobs}},
		{name: "a wanted feature that it lacks, required", stall: tools, ask: Ask{Wants: market.Logprobs}, prefer: `{"require_parameters":true}`, why: "does not support logprobs"},
		{name: "a wanted feature of which nothing is known, required", stall: priced, ask: Ask{Needs: market.Tools, Wants: market.Logprobs}, prefer: `{"require_parameters":true}`, why: "not known to support tools, logprobs, and require_parameters is set"},
		{name: "a feature that it has, required", stall: tools, ask: Ask{Needs: market.Tools}, prefer: `{"require_parameters":true}`},

		{name: "a prompt that fits", stall: small, ask: Ask{Bytes: 4 * 8192}},
		{name: "a prompt whose estimate exceeds the context by less than half", stall: small, ask: Ask{Bytes: 4 * 12288}},
		{name: "a prompt whose estimate clearly exceeds the context", stall: small, ask: Ask{Bytes: 4 * 12400}, why: "context 8192 below the 8266 tokens needed (at least, with max_tokens 0)"},
		{name: "a prompt and an answer that exceed the context together", stall: small, ask: Ask{Bytes: 4 * 12000, MaxTokens: 1000}, why: "context 8192 below the 9000 tokens needed (at least, with max_tokens 1000)"},
		{name: "an answer longer than its limit", stall: small, ask: Ask{MaxTokens: 1025}, why: "max_output 1024 below max_tokens 1025"},
		{name: "a long prompt where the context is unknown", stall: priced, ask: Ask{Bytes: 40 << 20, MaxTokens: 1 << 20}},

		{name: "the caller's region", stall: eu, policy: Policy{Constraints: Constraints{Regions: []string{"eu"}}}},
		{name: "not the caller's region", stall: eu, policy: Policy{Constraints: Constraints{Regions: []string{"us"}}}, why: "region eu not in the caller's [us]"},
		{name: "not the caller's type", stall: priced, policy: Policy{Constraints: Constraints{Types: []string{"community"}}}, why: "type company not in the caller's [community]"},
		{name: "the caller's models by pattern", stall: priced, policy: Policy{Constraints: Constraints{Models: []string{"meta-llama/*"}}}},
		{name: "not the caller's models", stall: priced, policy: Policy{Constraints: Constraints{Models: []string{"openai/*", "meta-llama/llama-3"}}}, why: "model " + llama + " not among the caller's models [openai/* meta-llama/llama-3]"},
		{name: "within the caller's max-price", stall: priced, policy: Policy{Constraints: Constraints{MaxPrice: one(usd(t, "0.9"))}}},
		{name: "above the caller's max-price", stall: priced, policy: Policy{Constraints: Constraints{MaxPrice: one(usd(t, "0.8"))}}, why: "price 0.90 above the caller's max-price 0.80"},
		{name: "unknown price and the caller's max-price", stall: unpriced, policy: Policy{Constraints: Constraints{MaxPrice: one(usd(t, "0.8"))}}, why: "price unknown, and the caller has a max-price of 0.80"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			book := fair(t, test.stall)
			ask := test.ask
			ask.Model, ask.Prefer = llama, prefer(t, test.prefer)
			var plan Plan
			err := book.Rank(&ask, test.policy, 1, &plan)
			if test.why == "" {
				if err != nil || len(plan.Offers) != 1 {
					t.Fatalf("plan %v, error %v; want the offer", names(plan.Offers), err)
				}
				return
			}
			if err == nil || len(plan.Offers) != 0 || len(err.Excluded) != 1 || err.Excluded[0].Why != test.why {
				t.Fatalf("plan %v, error %+v; want %q", names(plan.Offers), err, test.why)
			}
			status := 503
			if test.policy.Constraints.Regions != nil || test.policy.Types != nil || test.policy.Models != nil || test.policy.Constraints.MaxPrice != nil {
				status = 403
			}
			if err.Status != status || !strings.Contains(err.Message, test.why) {
				t.Errorf("%d %s; want %d and the reason", err.Status, err.Message, status)
			}
			if e, err := book.Explain(&ask, test.policy, 1); err != nil || len(e.Plan) != 0 || len(e.Excluded) != 1 || e.Excluded[0].Why != test.why {
				t.Errorf("explanation %+v, error %v; want %q", e, err, test.why)
			}
		})
	}
}

func TestARefusalIs403OnlyWhenTheCallersConstraintsExcludeAll(t *testing.T) {
	in := func(region string) func(*config.Provider) {
		return func(p *config.Provider) { p.Regions = []string{region} }
	}
	book := fair(t, stall{name: "alpha", provider: in("eu")}, stall{name: "beta", provider: in("us")})
	caller := Policy{Constraints: Constraints{Regions: []string{"eu"}}}
	tests := []struct {
		name, prefer string
		policy       Policy
		status       int
		code         string
	}{
		{"by preferences alone", `{"only":["nobody"]}`, Policy{}, 503, "no_offer"},
		{"one by the caller's region, one by preferences", `{"ignore":["alpha"]}`, caller, 503, "no_offer"},
		{"both by the caller's region", ``, Policy{Constraints: Constraints{Regions: []string{"ch"}}}, 403, "offers_not_allowed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var plan Plan
			err := book.Rank(&Ask{Model: llama, Prefer: prefer(t, test.prefer)}, test.policy, 1, &plan)
			if err == nil || err.Status != test.status || err.Code != test.code || len(err.Excluded) != 2 {
				t.Fatalf("got %+v; want %d %s with both offers", err, test.status, test.code)
			}
		})
	}
}

func TestPreferredThroughputAndLatencyDeprioritise(t *testing.T) {
	rate := func(v float64) func(*market.Figures) { return func(f *market.Figures) { f.Throughput = v } }
	book := fair(t,
		stall{name: "slow", input: "0.01", output: "0.01", figures: rate(10)},
		stall{name: "fast", input: "9", output: "9", figures: rate(100)},
		stall{name: "unmeasured", input: "9", output: "9"})
	for seed := range uint64(50) {
		var plan Plan
		if err := book.Rank(&Ask{Model: llama, Prefer: prefer(t, `{"preferred_min_throughput":50}`)}, Policy{}, seed, &plan); err != nil {
			t.Fatal(err)
		}
		if got := names(plan.Offers); len(got) != 3 || got[2] != "slow" {
			t.Fatalf("plan %v; want slow last", got)
		}
	}
	book = fair(t,
		stall{name: "slow", input: "0.01", output: "0.01", figures: firstToken(3 * time.Second)},
		stall{name: "fast", input: "9", output: "9", figures: firstToken(time.Second)})
	var plan Plan
	if err := book.Rank(&Ask{Model: llama, Prefer: prefer(t, `{"sort":"price","preferred_max_latency":2}`)}, Policy{}, 1, &plan); err != nil {
		t.Fatal(err)
	}
	if got := names(plan.Offers); got[0] != "fast" || got[1] != "slow" {
		t.Errorf("plan %v; want fast before slow", got)
	}
}

func TestAnOfferBelowItsFloorComesAfterTheFasterOnes(t *testing.T) {
	rates := func(rate float64, count int64) func(*market.Figures) {
		return func(f *market.Figures) { f.Throughput, f.Rates = rate, count }
	}
	floor := func(rate float64) func(*config.Provider) {
		return func(p *config.Provider) { p.Floor = &config.Floor{TokensPerSecond: rate} }
	}
	slow := stall{name: "slow", input: "0.01", output: "0.01", provider: floor(20), figures: rates(10, 5)}
	fast := stall{name: "fast", input: "9", output: "9", provider: floor(20), figures: rates(100, 5)}
	rests := stall{name: "rests", input: "1", output: "1", figures: state(market.Resting, time.Second)}
	without := func(s stall, change func(*stall)) stall { change(&s); return s }
	cases := []struct {
		name   string
		stalls []stall
		want   string // by price
	}{
		{"a slow offer comes after a fast one and before one that rests", []stall{slow, rests, fast}, "fast slow rests"},
		{"an offer without a figure is not slow", []stall{slow, without(fast, func(s *stall) { s.figures = nil })}, "fast slow"},
		{"two rates are too few to tell", []stall{without(slow, func(s *stall) { s.figures = rates(10, 2) }), fast}, "slow fast"},
		{"an offer without a floor is not slow", []stall{without(slow, func(s *stall) { s.provider = nil }), fast}, "slow fast"},
		{"where all are slow nothing changes", []stall{slow, without(fast, func(s *stall) { s.figures = rates(19, 5) })}, "slow fast"},
		{"where the fast one rests nothing changes", []stall{slow, without(fast, func(s *stall) { s.figures = state(market.Resting, time.Second) })}, "slow fast"},
	}
	for _, c := range cases {
		for _, sort := range []string{"price", "balanced"} {
			book := fair(t, c.stalls...)
			for seed := range uint64(20) {
				var plan Plan
				if err := book.Rank(&Ask{Model: llama}, Policy{Sort: sort}, seed, &plan); err != nil {
					t.Fatal(err)
				}
				if got := strings.Join(names(plan.Offers), " "); got != c.want && (sort == "price" || c.want[:4] == "fast") {
					t.Fatalf("%s, by %s: the plan is %s; expected %s", c.name, sort, got, c.want)
				}
			}
		}
	}
	e, err := fair(t, slow, fast).Explain(&Ask{Model: llama}, Policy{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if why := e.Plan[1].Why; e.Plan[1].Provider != "slow" || !strings.Contains(why, "10 tokens per second, below the floor of 20: after the faster offers") {
		t.Errorf("%s is explained as %q", e.Plan[1].Provider, why)
	}
}

func TestAFigureThatMakesAnOfferSlowMakesANewOrder(t *testing.T) {
	book := fair(t,
		stall{name: "slow", input: "0.01", output: "0.01", provider: func(p *config.Provider) { p.Floor = &config.Floor{TokensPerSecond: 20} }},
		stall{name: "fast", input: "9", output: "9"})
	for rates, want := range []string{0: "slow", 2: "slow", 3: "fast", 4: "fast"} {
		if want == "" {
			continue
		}
		figures := append([]market.Figures(nil), book.AllFigures()...)
		figures[0].Throughput, figures[0].Rates = 10, int64(rates)
		book = NewBook(book.Market(), figures, book)
		var plan Plan
		if err := book.Rank(&Ask{Model: llama}, Policy{Sort: "price"}, 1, &plan); err != nil || names(plan.Offers)[0] != want {
			t.Errorf("after %d rates %s comes first (%v); expected %s", rates, names(plan.Offers)[0], err, want)
		}
	}
}
