package route

import (
	"slices"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/market"
)

func rank(t *testing.T, b *Book, ask Ask, policy Policy, seed uint64) []string {
	t.Helper()
	var plan Plan
	if err := b.Rank(&ask, policy, seed, &plan); err != nil {
		t.Fatal(err)
	}
	return names(plan.Offers)
}

func TestAStrictOrderPutsTheBestFirstAndTheUnknownLast(t *testing.T) {
	figures := func(first time.Duration, rate, up float64) func(*market.Figures) {
		return func(f *market.Figures) {
			uptime(up, 100)(f)
			f.Throughput = rate
			firstToken(first)(f)
		}
	}
	whole := func(f *market.Figures) { f.Latency.P50 = time.Second }
	book := fair(t,
		stall{name: "cheap", input: "0.10", output: "0.10", figures: figures(900*time.Millisecond, 20, 0.9)},
		stall{name: "quick", input: "0.90", output: "0.90", figures: figures(100*time.Millisecond, 40, 0.95)},
		stall{name: "rapid", input: "0.50", output: "0.60", figures: figures(400*time.Millisecond, 90, 0.97)},
		stall{name: "solid", input: "0.60", output: "0.50", figures: figures(500*time.Millisecond, 30, 1)},
		stall{name: "nameless", figures: whole},
	)
	tests := []struct {
		name   string
		ask    Ask
		policy Policy
		want   []string
	}{
		{"price by three parts of input to one of output", Ask{Prefer: prefer(t, `{"sort":"price"}`)}, Policy{}, []string{"cheap", "rapid", "solid", "quick", "nameless"}},
		// Its answer is the best answer seen, which is as good as the best first token: the draw decides.
		{"latency of first tokens and of answers, each by the best of its kind", Ask{Prefer: prefer(t, `{"sort":"latency"}`)}, Policy{}, []string{"quick|nameless", "quick|nameless", "rapid", "solid", "cheap"}},
		{"throughput", Ask{Prefer: prefer(t, `{"sort":{"by":"throughput","partition":"model"}}`)}, Policy{}, []string{"rapid", "quick", "solid", "cheap", "nameless"}},
		{"uptime", Ask{Prefer: prefer(t, `{"sort":"uptime"}`)}, Policy{}, []string{"solid", "rapid", "quick", "cheap", "nameless"}},
		{"the policy's sort", Ask{}, Policy{Sort: config.SortUptime}, []string{"solid", "rapid", "quick", "cheap", "nameless"}},
		{"a suffix before the policy", Ask{Model: llama + ":floor"}, Policy{Sort: config.SortUptime}, []string{"cheap", "rapid", "solid", "quick", "nameless"}},
		{"nitro is throughput", Ask{Model: llama + ":nitro"}, Policy{}, []string{"rapid", "quick", "solid", "cheap", "nameless"}},
		{"the request's sort before a suffix", Ask{Model: llama + ":floor", Prefer: prefer(t, `{"sort":"uptime"}`)}, Policy{}, []string{"solid", "rapid", "quick", "cheap", "nameless"}},
		{"order first, then the rest by the sort", Ask{Prefer: prefer(t, `{"sort":"price","order":["Quick","nameless"]}`)}, Policy{}, []string{"quick", "nameless", "cheap", "rapid", "solid"}},
		{"order without fallbacks", Ask{Prefer: prefer(t, `{"order":["quick","cheap"],"allow_fallbacks":false}`)}, Policy{}, []string{"quick", "cheap"}},
		{"no fallbacks: one offer", Ask{Prefer: prefer(t, `{"sort":"price","allow_fallbacks":false}`)}, Policy{}, []string{"cheap"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.ask.Model == "" {
				test.ask.Model = llama
			}
			got := rank(t, book, test.ask, test.policy, 7)
			if len(got) != len(test.want) {
				t.Fatalf("plan %v; want %v", got, test.want)
			}
			for i, want := range test.want {
				if got[i] != want && want != "quick|nameless" {
					t.Errorf("plan %v; want %v", got, test.want)
				}
			}
		})
	}
}

func TestOffersThatCannotBeUsedComeLastTheSoonestFirst(t *testing.T) {
	free := func(name string, s market.State, rests time.Duration) stall {
		return stall{name: name, input: "0", output: "0", figures: state(s, rests)}
	}
	stalls := []stall{
		free("barred", market.Barred, 20*time.Second),
		free("rests_unknown", market.Resting, 0),
		free("rests_long", market.Resting, 50*time.Second),
		free("rests_short", market.Resting, 2*time.Second),
		{name: "dear", input: "99", output: "99"},
		{name: "unpriced"},
	}
	want := []string{"dear", "unpriced", "rests_short", "rests_long", "rests_unknown", "barred"}
	for _, prefs := range []string{``, `{"sort":"price"}`, `{"type":"company"}`, `{"type":"company","sort":"price"}`, `{"order":["barred"]}`} {
		t.Run("preferences "+prefs, func(t *testing.T) {
			for seed := range uint64(20) {
				got := rank(t, fair(t, stalls...), Ask{Model: llama, Prefer: prefer(t, prefs)}, Policy{}, seed)
				if !slices.Equal(got, want) {
					t.Fatalf("plan %v; want %v", got, want)
				}
			}
		})
	}
	t.Run("all of them unusable", func(t *testing.T) {
		if got := rank(t, fair(t, stalls[:4]...), Ask{Model: llama}, Policy{}, 1); !slices.Equal(got, want[2:]) {
			t.Errorf("plan %v; want %v", got, want[2:])
		}
	})
	t.Run("one that is due for a probe counts as usable", func(t *testing.T) {
		book := fair(t, free("due", market.Probing, 0), stall{name: "dear", input: "99", output: "99"})
		if got := rank(t, book, Ask{Model: llama}, Policy{Sort: config.SortPrice}, 1); got[0] != "due" {
			t.Errorf("plan %v; want the one that is due first", got)
		}
	})
}

func TestAnOfferNotKnownToSupportANeedComesAfterThoseThatAre(t *testing.T) {
	book := fair(t,
		stall{name: "unknown", input: "0.01", output: "0.01"},
		stall{name: "lacking", input: "0.01", output: "0.01", offer: func(m *config.Model) { m.Supports = []string{} }},
		stall{name: "able", input: "9", output: "9", offer: func(m *config.Model) { m.Supports = []string{"tools"} }})
	for seed := range uint64(50) {
		if got := rank(t, book, Ask{Model: llama, Needs: market.Tools}, Policy{}, seed); !slices.Equal(got, []string{"able", "unknown"}) {
			t.Fatalf("plan %v; want able, then unknown", got)
		}
	}
}

func TestAmongEqualsTheLessLoadedOfTwoGoesFirst(t *testing.T) {
	for _, prefs := range []string{``, `{"sort":"price"}`, `{"type":"company"}`, `{"type":"company","sort":"price"}`, `{"allow_fallbacks":false}`, `{"sort":"price","allow_fallbacks":false,"ignore":["x"]}`} {
		t.Run("preferences "+prefs, func(t *testing.T) {
			book := fair(t, stall{name: "busy", input: "1", output: "1", inFlight: 3}, stall{name: "idle", input: "1", output: "1"})
			for seed := range uint64(50) {
				if got := rank(t, book, Ask{Model: llama, Prefer: prefer(t, prefs)}, Policy{}, seed); got[0] != "idle" {
					t.Fatalf("plan %v; want idle first", got)
				}
			}
		})
	}
	t.Run("a shorter latency makes up for load", func(t *testing.T) {
		book := fair(t,
			stall{name: "quick", input: "1", output: "1", inFlight: 3, figures: firstToken(100 * time.Millisecond)},
			stall{name: "idle", input: "1", output: "1", figures: firstToken(500 * time.Millisecond)})
		if got := rank(t, book, Ask{Model: llama}, Policy{Sort: config.SortPrice}, 1); got[0] != "quick" {
			t.Errorf("plan %v; want quick first: 4 x 100 ms is less than 500 ms", got)
		}
	})
	t.Run("the most loaded of many is never first", func(t *testing.T) {
		var stalls []stall
		for i := range 100 {
			stalls = append(stalls, stall{name: string(rune('a'+i/26)) + string(rune('a'+i%26)), input: "1", output: "1", inFlight: i})
		}
		book := fair(t, stalls...)
		for seed := range uint64(2000) {
			if got := rank(t, book, Ask{Model: llama}, Policy{}, seed); got[0] == stalls[99].name {
				t.Fatalf("seed %d puts the most loaded offer first", seed)
			}
		}
	})
}

func TestFurtherModelsFollowAndKeepOneAttemptEach(t *testing.T) {
	const qwen, gemma = "qwen/qwen3-32b", "google/gemma-3-27b"
	book := fair(t,
		stall{name: "a1", input: "1", output: "1"}, stall{name: "a2", input: "2", output: "2"},
		stall{name: "a3", input: "3", output: "3"}, stall{name: "a4", input: "4", output: "4"},
		stall{name: "a5", input: "5", output: "5", figures: state(market.Resting, time.Second)},
		stall{name: "b1", model: qwen, input: "1", output: "1"}, stall{name: "b2", model: qwen, input: "2", output: "2"},
		stall{name: "c1", model: gemma, input: "1", output: "1"})
	tests := []struct {
		name   string
		ask    Ask
		policy Policy
		want   []string
	}{
		{"one further model", Ask{Model: llama, Models: []string{qwen}}, Policy{}, []string{"a1", "a2", "a3", "b1", "a4", "b2", "a5"}},
		{"two further models", Ask{Model: llama, Models: []string{qwen, gemma}}, Policy{}, []string{"a1", "a2", "b1", "c1", "a3", "a4", "b2", "a5"}},
		{"models that repeat", Ask{Model: qwen, Models: []string{qwen, "gemma-3-27b"}}, Policy{}, []string{"b1", "b2", "c1"}},
		{"models without a model", Ask{Models: []string{gemma, qwen}}, Policy{}, []string{"c1", "b1", "b2"}},
		{"one attempt", Ask{Model: llama, Models: []string{qwen}}, Policy{Attempts: 1}, []string{"a1", "b1", "a2", "a3", "a4"}},
		{"no fallbacks: one offer of each", Ask{Model: llama, Models: []string{qwen}, Prefer: prefer(t, `{"allow_fallbacks":false}`)}, Policy{}, []string{"a1", "b1"}},
		{"a first model that is all excluded", Ask{Model: gemma, Models: []string{qwen}, Prefer: prefer(t, `{"ignore":["c1"]}`)}, Policy{}, []string{"b1", "b2"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.policy.Sort = config.SortPrice
			if got := rank(t, book, test.ask, test.policy, 1); !slices.Equal(got, test.want) {
				t.Errorf("plan %v; want %v", got, test.want)
			}
		})
	}
}

func TestAnUnknownModelIs404WithTheNearestNames(t *testing.T) {
	book := fair(t, stall{name: "alpha"})
	tests := []struct {
		name  string
		ask   Ask
		param string
	}{
		{"model", Ask{Model: "meta-llama/llama-3.3-70b-instrukt"}, "model"},
		{"a further model", Ask{Model: llama, Models: []string{"meta-llama/llama-3.3-70b-instrukt"}}, "models"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			plan := Plan{Offers: []*market.Offer{nil}}
			err := book.Rank(&test.ask, Policy{}, 1, &plan)
			if err == nil || err.Status != 404 || err.Code != "model_not_found" || err.Param != test.param || len(plan.Offers) != 0 {
				t.Fatalf("got %+v; want 404 model_not_found for %s and an empty plan", err, test.param)
			}
			if want := llama; !containsText(err.Message, want) {
				t.Errorf("message %q does not name %s", err.Message, want)
			}
		})
	}
	t.Run("too many models", func(t *testing.T) {
		var plan Plan
		if err := book.Rank(&Ask{Model: llama, Models: make([]string, MaxModels)}, Policy{}, 1, &plan); err == nil || err.Status != 400 || err.Param != "models" {
			t.Errorf("got %+v; want 400 for models", err)
		}
	})
}

func TestAPlanHoldsTheAttemptsAndAFewSpares(t *testing.T) {
	book := crowd(t, 200, 200)
	for _, attempts := range []int{0, 1, 4, MaxAttempts, 1000} {
		for _, prefs := range []string{``, `{"sort":"price"}`, `{"region":"eu"}`, `{"region":"eu","sort":"price"}`} {
			want := attempts
			if attempts == 0 {
				want = defaultAttempts
			}
			want = min(want, MaxAttempts) + spares
			if got := rank(t, book, Ask{Model: "author/model-0", Prefer: prefer(t, prefs)}, Policy{Attempts: attempts}, 3); len(got) != want {
				t.Errorf("%d attempts, preferences %s: %d offers; want %d", attempts, prefs, len(got), want)
			}
		}
	}
}

func TestRankAllocatesNothing(t *testing.T) {
	for layout, book := range layouts(t, 10, 10000) {
		for request, ask := range requests(t) {
			var plan Plan
			seed := uint64(0)
			allocs := testing.AllocsPerRun(20, func() {
				seed++
				if err := book.Rank(&ask, Policy{}, seed, &plan); err != nil {
					t.Fatal(err)
				}
			})
			if allocs != 0 {
				t.Errorf("%s on %s: %v allocations", request, layout, allocs)
			}
		}
	}
	book := crowd(t, 100, 10)
	ask := Ask{Model: "model-0:nitro", Models: []string{"author/model-1", "author/model-2"}}
	var plan Plan
	if allocs := testing.AllocsPerRun(100, func() { _ = book.Rank(&ask, Policy{}, 1, &plan) }); allocs != 0 {
		t.Errorf("three models: %v allocations", allocs)
	}
}

func TestABookKeepsListingsWhoseFiguresAreTheSame(t *testing.T) {
	book := crowd(t, 20, 10)
	figures := slices.Clone(book.figures)
	figures[0].InFlight = 9
	figures[book.listings[1].offers[3].Index].FirstToken.P50 = time.Millisecond
	next := NewBook(book.market, figures, book)
	if next.listings[0] != book.listings[0] {
		t.Error("a listing without changes was worked out again")
	}
	if next.listings[1] == book.listings[1] {
		t.Error("a listing with a change was kept")
	}
	first := next.listings[1].orders[byLatency].places[0].offer
	if first != book.listings[1].offers[3] {
		t.Errorf("the best latency is %s's; want the changed offer's", first.ID)
	}
	if other := NewBook(crowd(t, 20, 10).market, figures, book); other.listings[0] == book.listings[0] {
		t.Error("a listing of another market was kept")
	}
}

func TestARestThatOnlyPassesKeepsTheListing(t *testing.T) {
	book := fair(t, stall{name: "a", figures: state(market.Resting, 3*time.Second)}, stall{name: "b", figures: state(market.Resting, 2*time.Second)})
	at := func(a, b time.Duration) *Book {
		figures := slices.Clone(book.figures)
		figures[0].RestsFor, figures[1].RestsFor = a, b
		return NewBook(book.market, figures, book)
	}
	if next := at(2*time.Second, time.Second); next.listings[0] != book.listings[0] {
		t.Error("a second that passed worked the listing out again")
	}
	if got := rank(t, at(2*time.Second, 9*time.Second), Ask{Model: llama}, Policy{}, 1); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("plan %v after b's rest grew; want a, b", got)
	}
}
