package telemetry

import (
	"io"
	"iter"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/market"
)

// maxReasons bounds the values of the reason label; souk's failover vocabulary is about half of it.
const maxReasons = 32

// Metrics counts what souk does, for Prometheus. Everything on a request's way is an atomic that was looked up
// before; label values come from the configuration and from souk's own vocabulary, never from a caller.
//
// It is written out on sync/atomic. github.com/VictoriaMetrics/metrics logs a line to stderr when it is merely linked
// in, on every machine without pressure stall information, and needs a process-wide switch to write TYPE lines.
type Metrics struct {
	// InFlight counts the requests that are being served; the proxy adds and subtracts.
	InFlight atomic.Int64

	options    Options
	overhead   *durations
	panics     atomic.Uint64
	callerGone atomic.Uint64
	reloaded   atomic.Uint64
	reloadErrs atomic.Uint64
	generation atomic.Int64

	mu        sync.RWMutex
	ops       map[string]*OpMetrics
	offers    map[string]*OfferMetrics // by labels
	failovers map[string]*atomic.Uint64
}

// Options are what metrics are told at the start, and what they read when they are scraped.
type Options struct {
	Version string    // souk's own
	Started time.Time // when the process started; zero: not shown

	// Offers yields the live figures of the offers to show, each offer once. Nil: none.
	Offers iter.Seq[OfferReading]
	// LogDropped is AccessLog.Dropped. Nil: not shown.
	LogDropped func() uint64
}

// OfferReading is what is shown of an offer as it is at the moment, read where it is kept so that nothing is
// counted twice.
type OfferReading struct {
	ID, Provider, Model string
	Simulated           bool
	State               market.State
	InFlight            int
}

// NewMetrics makes an empty set of metrics; it starts no goroutine.
func NewMetrics(o Options) *Metrics {
	return &Metrics{
		options:   o,
		overhead:  newDurations(overheadBuckets()),
		ops:       map[string]*OpMetrics{},
		offers:    map[string]*OfferMetrics{},
		failovers: map[string]*atomic.Uint64{},
	}
}

func overheadBuckets() []time.Duration {
	const us, ms = time.Microsecond, time.Millisecond
	return []time.Duration{10 * us, 25 * us, 50 * us, 100 * us, 250 * us, 500 * us, ms, 2500 * us, 5 * ms, 10 * ms, 25 * ms, 100 * ms}
}

// durationBuckets are the ones that OpenTelemetry's semantic conventions for generative AI advise for
// gen_ai.client.operation.duration, 10 ms doubling to 81.92 s, carried on to the default total timeout of 10 min.
func durationBuckets() []time.Duration {
	var bounds []time.Duration
	for d := 10 * time.Millisecond; d < 20*time.Minute; d *= 2 {
		bounds = append(bounds, d)
	}
	return bounds
}

// Panic counts a panic that was recovered.
func (m *Metrics) Panic() { m.panics.Add(1) }

// CallerGone counts a caller that hung up before its answer was complete.
func (m *Metrics) CallerGone() { m.callerGone.Add(1) }

// Loaded tells which generation of the configuration runs, without counting a reload: the first one.
func (m *Metrics) Loaded(generation int64) { m.generation.Store(generation) }

// Reloaded counts a reload, and on success tells the generation that runs now.
func (m *Metrics) Reloaded(ok bool, generation int64) {
	if !ok {
		m.reloadErrs.Add(1)
		return
	}
	m.reloaded.Add(1)
	m.generation.Store(generation)
}

// Failover counts a move to a plan's next offer. The reason is one of the failover vocabulary; after the first
// maxReasons different ones, new ones count as "other".
func (m *Metrics) Failover(reason string) {
	m.mu.RLock()
	n := m.failovers[reason]
	m.mu.RUnlock()
	if n == nil {
		n = m.openFailover(reason)
	}
	n.Add(1)
}

func (m *Metrics) openFailover(reason string) *atomic.Uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failovers[reason] == nil && len(m.failovers) >= maxReasons {
		reason = "other"
	}
	n := m.failovers[reason]
	if n == nil {
		n = &atomic.Uint64{}
		m.failovers[strings.Clone(reason)] = n
	}
	return n
}

// OpMetrics counts the requests of one operation.
type OpMetrics struct {
	overhead *durations // of all operations
	duration *durations
	byStatus [600]atomic.Uint64
}

// Op resolves the metrics of an operation, such as chat; keep the result. The operations are souk's own, never what
// a caller wrote.
func (m *Metrics) Op(name string) *OpMetrics {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.ops[name]
	if o == nil {
		o = &OpMetrics{overhead: m.overhead, duration: newDurations(durationBuckets())}
		m.ops[name] = o
	}
	return o
}

// Done counts a request that is over: the status sent to the caller (0: it left before), how long it took, and how
// much of that was souk's own.
func (o *OpMetrics) Done(status int, duration, overhead time.Duration) {
	if status < 100 || status >= len(o.byStatus) {
		status = 0
	}
	o.byStatus[status].Add(1)
	o.duration.observe(duration)
	o.overhead.observe(overhead)
}

// WritePrometheus writes everything in Prometheus' text format, the process's and the Go runtime's metrics
// included. Its content type is "text/plain; version=0.0.4; charset=utf-8".
func (m *Metrics) WritePrometheus(w io.Writer) error {
	t := &text{}
	t.family("souk_build_info", gauge, "The running version.")
	t.integer(label("version", m.options.Version)+","+label("goversion", runtime.Version()), 1)
	m.writeRequests(t)
	m.writeOffers(t)
	m.writeReadings(t)
	writeGo(t)
	writeProcess(t, m.options.Started)
	_, err := w.Write(t.buf)
	return err
}

func (m *Metrics) writeRequests(t *text) {
	m.mu.RLock()
	ops, failovers := maps.Clone(m.ops), maps.Clone(m.failovers)
	m.mu.RUnlock()
	names := slices.Sorted(maps.Keys(ops))

	t.family("souk_requests_total", counter, "Requests by operation and the status sent to the caller; 0 when it left before.")
	for _, op := range names {
		for status := range ops[op].byStatus {
			if n := ops[op].byStatus[status].Load(); n > 0 {
				t.count(label("op", op)+`,status="`+strconv.Itoa(status)+`"`, n)
			}
		}
	}
	t.family("souk_request_duration_seconds", histogram, "From a request read to its answer sent.")
	for _, op := range names {
		t.durations(label("op", op), ops[op].duration)
	}
	t.family("souk_overhead_seconds", histogram, "The part of a request's duration that souk itself took.")
	t.durations("", m.overhead)
	t.family("souk_failovers_total", counter, "Moves to the next offer of a plan, by the reason for leaving the one before.")
	for _, reason := range slices.Sorted(maps.Keys(failovers)) {
		t.count(label("reason", reason), failovers[reason].Load())
	}
	t.family("souk_in_flight", gauge, "Requests being served.")
	t.integer("", m.InFlight.Load())
	t.family("souk_caller_gone_total", counter, "Callers that hung up before their answer was complete.")
	t.count("", m.callerGone.Load())
	t.family("souk_panics_total", counter, "Panics that were recovered.")
	t.count("", m.panics.Load())
	t.family("souk_reloads_total", counter, "Reloads of the configuration.")
	t.count(`result="ok"`, m.reloaded.Load())
	t.count(`result="error"`, m.reloadErrs.Load())
	t.family("souk_config_generation", gauge, "The generation of the configuration that runs.")
	t.integer("", m.generation.Load())
}

// writeReadings writes what is kept elsewhere and read at the moment of the scrape.
func (m *Metrics) writeReadings(t *text) {
	if m.options.LogDropped != nil {
		t.family("souk_access_log_dropped_total", counter, "Records that the access log lost.")
		t.count("", m.options.LogDropped())
	}
	if m.options.Offers == nil {
		return
	}
	offers := slices.Collect(m.options.Offers)
	labels := make([]string, len(offers))
	for i, r := range offers {
		labels[i] = offerLabels(r.ID, r.Provider, r.Model, r.Simulated)
	}
	// The numbers are market.State's order, a higher one being worse.
	t.family("souk_offer_state", gauge, "0 up, 1 warming, 2 probing, 3 resting, 4 barred.")
	for i, r := range offers {
		t.integer(labels[i], int64(r.State))
	}
	t.family("souk_offer_in_flight", gauge, "Attempts of an offer that are running.")
	for i, r := range offers {
		t.integer(labels[i], int64(r.InFlight))
	}
}
