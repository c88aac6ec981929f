package telemetry

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

// scrape reads the text that Metrics write, with Prometheus' own parser, into sample -> value; the labels of a sample
// stand in alphabetical order.
func scrape(t *testing.T, m *Metrics) map[string]float64 {
	t.Helper()
	var out bytes.Buffer
	if err := m.WritePrometheus(&out); err != nil {
		t.Fatal(err)
	}
	return parse(t, &out)
}

func parse(t *testing.T, text io.Reader) map[string]float64 {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(text)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, family := range families {
		samples, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{}, family)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range samples {
			if _, again := values[s.Metric.String()]; again {
				t.Errorf("sample comes twice: %s", s.Metric)
			}
			values[s.Metric.String()] = float64(s.Value)
		}
	}
	return values
}

func want(t *testing.T, samples, wants map[string]float64) {
	t.Helper()
	for sample, value := range wants {
		if got, shown := samples[sample]; !shown || got != value {
			t.Errorf("%s is %v (shown: %v), want %v", sample, got, shown, value)
		}
	}
}

func TestRequestsAreCountedByOperationAndStatus(t *testing.T) {
	m := NewMetrics(Options{Version: "1.2.3"})
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
	want(t, got, map[string]float64{
		`souk_requests_total{op="chat", status="200"}`:                 2,
		`souk_requests_total{op="chat", status="0"}`:                   3,
		`souk_requests_total{op="chat", status="446"}`:                 1,
		`souk_requests_total{op="chat", status="599"}`:                 1,
		`souk_requests_total{op="embeddings", status="502"}`:           1,
		`souk_request_duration_seconds_bucket{le="0.16", op="chat"}`:   1,
		`souk_request_duration_seconds_bucket{le="0.32", op="chat"}`:   2,
		`souk_request_duration_seconds_bucket{le="655.36", op="chat"}`: 6,
		`souk_request_duration_seconds_bucket{le="+Inf", op="chat"}`:   7,
		`souk_request_duration_seconds_count{op="chat"}`:               7,
		`souk_overhead_seconds_bucket{le="2.5e-05"}`:                   6,
		`souk_overhead_seconds_bucket{le="5e-05"}`:                     7,
		`souk_request_duration_seconds_sum{op="chat"}`:                 3604.3,
		`souk_overhead_seconds_count`:                                  8,
		`souk_in_flight`:                                               3,
		`souk_panics_total`:                                            1,
		`souk_caller_gone_total`:                                       1,
		`souk_reloads_total{result="ok"}`:                              1,
		`souk_reloads_total{result="error"}`:                           1,
		`souk_config_generation`:                                       2,
	})
	build := fmt.Sprintf(`souk_build_info{goversion="%s", version="1.2.3"}`, runtime.Version())
	want(t, got, map[string]float64{build: 1})
}

// alpha is a sample of the offer alpha/m; further labels come as name and value.
func alpha(name string, more ...string) string {
	m := model.Metric{"__name__": model.LabelValue(name), "offer": "alpha/m", "provider": "alpha", "model": "m"}
	for pair := range slices.Chunk(more, 2) {
		m[model.LabelName(pair[0])] = model.LabelValue(pair[1])
	}
	return m.String()
}

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
	want(t, scrape(t, m), map[string]float64{
		alpha("souk_attempts_total", "outcome", "success"):        1,
		alpha("souk_attempts_total", "outcome", "provider_fault"): 2,
		alpha("souk_attempts_total", "outcome", "rate_limited"):   0,
		alpha("souk_attempts_total", "outcome", "caller_fault"):   0,
		alpha("souk_attempts_total", "outcome", "cancelled"):      0,
		alpha("souk_attempts_total", "outcome", "key_refused"):    0,
		alpha("souk_first_token_seconds_bucket", "le", "0.02"):    0,
		alpha("souk_first_token_seconds_bucket", "le", "0.04"):    1,
		alpha("souk_first_token_seconds_count"):                   1,
		alpha("souk_tokens_total", "direction", "input"):          100,
		alpha("souk_tokens_total", "direction", "output"):         21,
		alpha("souk_cost_usd_total"):                              9000000.000000001,
		alpha("souk_breaker_transitions_total", "to", "resting"):  1,
		alpha("souk_breaker_transitions_total", "to", "up"):       0,
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
	want(t, got, map[string]float64{
		alpha("souk_attempts_total", "outcome", "success"):                      2,
		alpha("souk_attempts_total", "simulated", "true", "outcome", "success"): 1,
	})
	for name := range got {
		if strings.Contains(name, `"idle`) {
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
	want(t, scrape(t, m), map[string]float64{
		alpha("souk_offer_state"):     4,
		alpha("souk_offer_in_flight"): 7,
		`souk_offer_in_flight{model="m` + "\uFFFD" + `", offer="b\"\\\n/m", provider="b\"\\\n", simulated="true"}`: 0,
		`souk_access_log_dropped_total`: 42,
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
	want(t, got, map[string]float64{
		`souk_failovers_total{reason="refused"}`: 3,
		`souk_failovers_total{reason="other"}`:   69,
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
	want(t, scrape(t, m), map[string]float64{
		`souk_attempts_total{model="m", offer="a\"b/m", outcome="success", provider="a\"b"}`: 1,
		`souk_failovers_total{reason="` + "\uFFFD" + `"}`:                                    1,
	})
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
	want(t, scrape(t, m), map[string]float64{
		`souk_request_duration_seconds_count{op="chat"}`:   800,
		`souk_failovers_total{reason="refused"}`:           800,
		alpha("souk_attempts_total", "outcome", "success"): 400,
		alpha("souk_cost_usd_total"):                       0.0000004,
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

func BenchmarkScrapeAThousandOffers(b *testing.B) {
	m := NewMetrics(Options{})
	op := m.Op("chat")
	for i := range 1000 {
		countRequest(m, op, m.OfferMetrics(fmt.Sprintf("p/m%d", i), "p", fmt.Sprintf("m%d", i), false))
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := m.WritePrometheus(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func TestTheProcessAndTheRuntimeAreMeasured(t *testing.T) {
	got := scrape(t, NewMetrics(Options{}))
	wanted := []string{
		"go_goroutines", "go_memstats_heap_alloc_bytes", "go_memstats_sys_bytes", "go_memstats_mallocs_total",
		"go_gc_duration_seconds_count", "go_cpu_classes_gc_total_cpu_seconds_total", "go_sync_mutex_wait_total_seconds_total",
	}
	if runtime.GOOS == "linux" {
		wanted = append(wanted, "process_resident_memory_bytes", "process_virtual_memory_bytes", "process_open_fds",
			"process_max_fds", "process_cpu_seconds_total", "process_start_time_seconds")
	}
	for _, name := range wanted {
		if v, shown := got[name]; !shown || v < 0 {
			t.Errorf("%s is %v (shown: %v), want a number", name, v, shown)
		}
	}
}

func TestNamesAndHelpFollowPrometheusAdvice(t *testing.T) {
	m := NewMetrics(Options{
		LogDropped: func() uint64 { return 0 },
		Offers: func(yield func(OfferReading) bool) {
			yield(OfferReading{ID: "alpha/m", Provider: "alpha", Model: "m"})
		},
	})
	countRequest(m, m.Op("chat"), m.OfferMetrics("alpha/m", "alpha", "m", false))
	m.Failover("refused")
	m.HandOff("kong-1", "accepted")
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var own []*dto.MetricFamily
	var names []string
	for _, f := range families {
		if name, ok := strings.CutPrefix(f.GetName(), "souk_"); ok {
			own = append(own, f)
			names = append(names, name)
		}
	}
	if !slices.Equal(names, []string{
		"access_log_dropped_total", "attempts_total", "breaker_transitions_total", "build_info", "caller_gone_total",
		"config_generation", "cost_usd_total", "failovers_total", "first_token_seconds", "handoffs_total", "in_flight", "late_seconds_total",
		"offer_in_flight", "offer_state", "overhead_seconds", "panics_total", "redaction_vouched_total", "reloads_total",
		"request_duration_seconds", "requests_total",
		"tokens_total",
	}) {
		t.Errorf("souk's own families are %v", names)
	}
	problems, err := promlint.NewWithMetricFamilies(own).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestWhatCannotBeGatheredIsReportedAndTheRestWritten(t *testing.T) {
	m := NewMetrics(Options{Offers: func(yield func(OfferReading) bool) {
		r := OfferReading{ID: "twice/m", Provider: "twice", Model: "m"}
		for range 2 {
			if !yield(r) {
				return
			}
		}
	}})
	m.Panic()
	var out bytes.Buffer
	if err := m.WritePrometheus(&out); err == nil || !strings.Contains(err.Error(), "souk_offer_state") {
		t.Errorf("error %v, want the family that has a sample twice", err)
	}
	want(t, parse(t, &out), map[string]float64{`souk_panics_total`: 1})
}

func TestAScraperThatLeftIsReported(t *testing.T) {
	left := errors.New("left")
	if err := NewMetrics(Options{}).WritePrometheus(&sink{err: left}); !errors.Is(err, left) {
		t.Errorf("error %v, want the writer's", err)
	}
}

func TestSetsOfMetricsAreIndependent(t *testing.T) {
	one, two := NewMetrics(Options{}), NewMetrics(Options{})
	one.Panic()
	want(t, scrape(t, one), map[string]float64{`souk_panics_total`: 1})
	want(t, scrape(t, two), map[string]float64{`souk_panics_total`: 0})
}
