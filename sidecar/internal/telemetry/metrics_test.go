package telemetry

import (
	"bytes"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

// scrape reads the text format into sample -> value, and fails on what a Prometheus would refuse or misread: a line
// that does not parse, a sample twice, a family in two places or without its type.
func scrape(t *testing.T, m *Metrics) map[string]string {
	t.Helper()
	var out bytes.Buffer
	if err := m.WritePrometheus(&out); err != nil {
		t.Fatal(err)
	}
	sample := regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"(?:, ?|\}))+)? (\S+)$`)
	suffixes := regexp.MustCompile(`_(bucket|sum|count)$`)
	samples, types, family := map[string]string{}, map[string]string{}, ""
	for line := range strings.Lines(out.String()) {
		line = strings.TrimSuffix(line, "\n")
		if fields := strings.Fields(line); strings.HasPrefix(line, "# TYPE ") {
			family = fields[2]
			if types[family] != "" {
				t.Errorf("family %s comes twice", family)
			}
			types[family] = fields[3]
			continue
		} else if strings.HasPrefix(line, "#") {
			continue
		}
		parts := sample.FindStringSubmatch(line)
		if parts == nil {
			t.Errorf("line does not parse: %s", line)
			continue
		}
		if parts[1] != family && (types[family] != "histogram" || suffixes.ReplaceAllString(parts[1], "") != family) {
			t.Errorf("%s stands in family %s", parts[1], family)
		}
		if _, again := samples[parts[1]+parts[2]]; again {
			t.Errorf("sample comes twice: %s%s", parts[1], parts[2])
		}
		samples[parts[1]+parts[2]] = parts[3]
	}
	return samples
}

func want(t *testing.T, samples map[string]string, wants map[string]string) {
	t.Helper()
	for sample, value := range wants {
		if samples[sample] != value {
			t.Errorf("%s is %q, want %q", sample, samples[sample], value)
		}
	}
}

func TestRequestsAreCountedByOperationAndStatus(t *testing.T) {
	m := NewMetrics(Options{Version: "1.2.3", Started: time.Unix(1_700_000_000, 0)})
	chat := m.Op("chat")
	if m.Op("chat") != chat {
		t.Error("an operation resolves to two things")
	}
	chat.Done(200, 300*time.Millisecond, 40*time.Microsecond)
	chat.Done(200, time.Hour, 2*time.Second)
	chat.Done(0, time.Second, 0)
	chat.Done(-1, time.Second, 0)
	chat.Done(600, time.Second, 0)
	chat.Done(446, time.Second, 0)
	chat.Done(599, -time.Second, -1)
	m.Op("embeddings").Done(502, time.Second, 0)
	m.InFlight.Add(3)
	m.Panic()
	m.CallerGone()
	m.Loaded(1)
	m.Reloaded(true, 2)
	m.Reloaded(false, 3)
	got := scrape(t, m)
	want(t, got, map[string]string{
		`souk_requests_total{op="chat",status="200"}`:                 "2",
		`souk_requests_total{op="chat",status="0"}`:                   "3",
		`souk_requests_total{op="chat",status="446"}`:                 "1",
		`souk_requests_total{op="chat",status="599"}`:                 "1",
		`souk_requests_total{op="embeddings",status="502"}`:           "1",
		`souk_request_duration_seconds_bucket{op="chat",le="0.16"}`:   "1",
		`souk_request_duration_seconds_bucket{op="chat",le="0.32"}`:   "2",
		`souk_request_duration_seconds_bucket{op="chat",le="655.36"}`: "6",
		`souk_request_duration_seconds_bucket{op="chat",le="+Inf"}`:   "7",
		`souk_request_duration_seconds_count{op="chat"}`:              "7",
		`souk_overhead_seconds_bucket{le="2.5e-05"}`:                  "6",
		`souk_overhead_seconds_bucket{le="5e-05"}`:                    "7",
		`souk_request_duration_seconds_sum{op="chat"}`:                "3604.3",
		`souk_overhead_seconds_count`:                                 "8",
		`souk_in_flight`:                                              "3",
		`souk_panics_total`:                                           "1",
		`souk_caller_gone_total`:                                      "1",
		`souk_reloads_total{result="ok"}`:                             "1",
		`souk_reloads_total{result="error"}`:                          "1",
		`souk_config_generation`:                                      "2",
	})
	build := regexp.MustCompile(`^souk_build_info\{version="1\.2\.3",goversion="go[^"]+"\}$`)
	if !slices.ContainsFunc(keys(got), build.MatchString) {
		t.Error("no build info")
	}
	if got["go_goroutines"] == "" || got["process_start_time_seconds"] != "1.7e+09" {
		t.Error("no metrics of the runtime or the process")
	}
}

func keys(m map[string]string) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	return names
}

const alphaLabels = `offer="alpha/m",provider="alpha",model="m"`

func TestAnOfferCountsAttemptsTokensAndExactCost(t *testing.T) {
	m := NewMetrics(Options{})
	o := m.OfferMetrics("alpha/m", "alpha", "m", false)
	o.Attempt(market.Success)
	o.Attempt(market.ProviderFault)
	o.Attempt(market.ProviderFault)
	o.Attempt(market.Kind(200))
	o.FirstToken(30 * time.Millisecond)
	o.Tokens(100, 20)
	o.Tokens(-5, 1)
	o.Cost(money.USD * 9_000_000)
	o.Cost(1)
	o.Cost(-money.USD)
	o.Breaker(market.Resting)
	o.Breaker(market.State(-1))
	o.Breaker(market.State(99))
	want(t, scrape(t, m), map[string]string{
		`souk_attempts_total{` + alphaLabels + `,outcome="success"}`:        "1",
		`souk_attempts_total{` + alphaLabels + `,outcome="provider_fault"}`: "2",
		`souk_attempts_total{` + alphaLabels + `,outcome="rate_limited"}`:   "0",
		`souk_attempts_total{` + alphaLabels + `,outcome="caller_fault"}`:   "0",
		`souk_attempts_total{` + alphaLabels + `,outcome="cancelled"}`:      "0",
		`souk_attempts_total{` + alphaLabels + `,outcome="key_refused"}`:    "0",
		`souk_first_token_seconds_bucket{` + alphaLabels + `,le="0.02"}`:    "0",
		`souk_first_token_seconds_bucket{` + alphaLabels + `,le="0.04"}`:    "1",
		`souk_first_token_seconds_count{` + alphaLabels + `}`:               "1",
		`souk_tokens_total{` + alphaLabels + `,direction="input"}`:          "100",
		`souk_tokens_total{` + alphaLabels + `,direction="output"}`:         "21",
		`souk_cost_usd_total{` + alphaLabels + `}`:                          "9000000.000000001",
		`souk_breaker_transitions_total{` + alphaLabels + `,to="resting"}`:  "1",
		`souk_breaker_transitions_total{` + alphaLabels + `,to="up"}`:       "0",
	})
}

func TestCountsSurviveAReloadAndIdleOffersShowNothing(t *testing.T) {
	m := NewMetrics(Options{})
	for i := range 1000 {
		m.OfferMetrics(fmt.Sprintf("idle/m%d", i), "idle", fmt.Sprintf("m%d", i), false)
	}
	m.OfferMetrics("alpha/m", "alpha", "m", false).Attempt(market.Success)
	m.OfferMetrics("alpha/m", "alpha", "m", false).Attempt(market.Success)
	m.OfferMetrics("alpha/m", "alpha", "m", true).Attempt(market.Success)
	got := scrape(t, m)
	want(t, got, map[string]string{
		`souk_attempts_total{` + alphaLabels + `,outcome="success"}`:                  "2",
		`souk_attempts_total{` + alphaLabels + `,simulated="true",outcome="success"}`: "1",
	})
	for name := range got {
		if strings.Contains(name, "idle") {
			t.Fatalf("an offer without an attempt has series: %s", name)
		}
	}
}

func TestReadingsAreTakenAtTheScrape(t *testing.T) {
	state, dropped := market.Up, uint64(0)
	m := NewMetrics(Options{
		LogDropped: func() uint64 { return dropped },
		Offers: func(yield func(OfferReading) bool) {
			_ = yield(OfferReading{ID: "alpha/m", Provider: "alpha", Model: "m", State: state, InFlight: 7}) &&
				yield(OfferReading{ID: "b\"\\\n/m", Provider: "b\"\\\n", Model: "m\xff", Simulated: true})
		},
	})
	state, dropped = market.Barred, 42
	want(t, scrape(t, m), map[string]string{
		`souk_offer_state{` + alphaLabels + `}`:     "4",
		`souk_offer_in_flight{` + alphaLabels + `}`: "7",
		`souk_offer_in_flight{offer="b\"\\\n/m",provider="b\"\\\n",model="m` + "\uFFFD" + `",simulated="true"}`: "0",
		`souk_access_log_dropped_total`: "42",
	})
}

func TestReasonsOfFailoversAreBounded(t *testing.T) {
	m := NewMetrics(Options{})
	for range 3 {
		m.Failover("refused")
	}
	for i := range 100 {
		m.Failover(fmt.Sprintf("made-up-%d", i))
	}
	got, shown := scrape(t, m), 0
	for name := range got {
		if strings.HasPrefix(name, "souk_failovers_total{") {
			shown++
		}
	}
	want(t, got, map[string]string{
		`souk_failovers_total{reason="refused"}`: "3",
		`souk_failovers_total{reason="other"}`:   "69",
	})
	if shown != maxReasons+1 {
		t.Errorf("%d reasons, want %d and other", shown, maxReasons)
	}
}

func TestNamesWithOddCharactersDoNotBreakTheFormat(t *testing.T) {
	m := NewMetrics(Options{})
	for _, name := range []string{`a"b`, `a\`, "a\nb", "a{b}", "a,b=c", "\xff", ""} {
		m.OfferMetrics(name+"/m", name, "m", false).Attempt(market.Success)
		m.Failover(name)
	}
	if got := scrape(t, m)[`souk_attempts_total{offer="a\"b/m",provider="a\"b",model="m",outcome="success"}`]; got != "1" {
		t.Errorf("got %q, want 1", got)
	}
}

func TestMetricsMayBeUsedAndScrapedAtOnce(t *testing.T) {
	m := NewMetrics(Options{})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 200 {
				m.Op("chat").Done(200+i%3, time.Millisecond, time.Microsecond)
				o := m.OfferMetrics("alpha/m", "alpha", "m", g%2 == 0)
				o.Attempt(market.Success)
				o.Cost(1)
				m.Failover("refused")
			}
		})
	}
	for range 3 {
		scrape(t, m)
	}
	wg.Wait()
	want(t, scrape(t, m), map[string]string{
		`souk_request_duration_seconds_count{op="chat"}`:             "800",
		`souk_failovers_total{reason="refused"}`:                     "800",
		`souk_attempts_total{` + alphaLabels + `,outcome="success"}`: "400",
		`souk_cost_usd_total{` + alphaLabels + `}`:                   "0.0000004",
	})
}

// countRequest is all that metrics do for a request with one attempt.
func countRequest(m *Metrics, op *OpMetrics, o *OfferMetrics) {
	m.InFlight.Add(1)
	o.Attempt(market.Success)
	o.FirstToken(30 * time.Millisecond)
	o.Tokens(100, 20)
	o.Cost(42)
	op.Done(200, time.Second, 40*time.Microsecond)
	m.InFlight.Add(-1)
}

func TestCountingARequestAllocatesNothing(t *testing.T) {
	m := NewMetrics(Options{})
	op, o := m.Op("chat"), m.OfferMetrics("alpha/m", "alpha", "m", false)
	countRequest(m, op, o)
	m.Failover("refused")
	if n := testing.AllocsPerRun(100, func() { countRequest(m, op, o); m.Failover("refused") }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkCountARequest(b *testing.B) {
	m := NewMetrics(Options{})
	op, o := m.Op("chat"), m.OfferMetrics("alpha/m", "alpha", "m", false)
	b.ReportAllocs()
	for b.Loop() {
		countRequest(m, op, o)
	}
}

func TestTheProcessIsMeasuredWhereTheSystemTells(t *testing.T) {
	got := scrape(t, NewMetrics(Options{}))
	if _, shown := got["process_start_time_seconds"]; shown {
		t.Error("a start time that nobody told is shown")
	}
	wanted := []string{"go_memstats_heap_alloc_bytes", "go_gc_cycles_total", "go_memstats_sys_bytes"}
	switch runtime.GOOS {
	case "linux":
		wanted = append(wanted, "process_resident_memory_bytes", "process_virtual_memory_bytes", "process_open_fds")
		fallthrough
	case "darwin":
		wanted = append(wanted, "process_cpu_seconds_total", "process_max_fds")
	}
	for _, name := range wanted {
		if v, err := strconv.ParseFloat(got[name], 64); err != nil || v < 0 {
			t.Errorf("%s is %q, want a number", name, got[name])
		}
	}
}
