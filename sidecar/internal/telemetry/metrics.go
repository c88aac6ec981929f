package telemetry

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"
)

// maxReasons bounds the values of the reason label; souk's failover vocabulary is about half of it.
const maxReasons = 32

// Metrics counts what souk does, for Prometheus. Label values come from the configuration and from souk's own
// vocabulary, never from a caller.
//
// What every request counts (OpMetrics, OfferMetrics, InFlight) is an atomic that was looked up before and that a
// collector reads at the scrape: the library's own histogram takes up to twice as long to observe, and three are
// observed for each request. What happens seldom is the library's own counter. Both stand in one registry, which is
// not the library's global one.
type Metrics struct {
	// InFlight counts the requests that are being served; the proxy adds and subtracts.
	InFlight atomic.Int64

	registry   *prometheus.Registry
	overhead   *durations
	panics     prometheus.Counter
	callerGone prometheus.Counter
	late       prometheus.Counter
	reloaded   prometheus.Counter
	reloadErrs prometheus.Counter
	generation prometheus.Gauge
	redacted   *prometheus.CounterVec
	recognised *prometheus.CounterVec
	failovers  *prometheus.CounterVec
	handOffs   *prometheus.CounterVec
	vouched    prometheus.Counter

	mu      sync.RWMutex
	ops     map[string]*OpMetrics
	offers  map[offerName]*OfferMetrics
	reasons map[string]prometheus.Counter // of failovers
}

// Options are what metrics are told at the start, and what they read when they are scraped.
type Options struct {
	Version string // souk's own

	// Offers yields the live figures of the offers to show, each offer once. Nil: none.
	Offers iter.Seq[OfferReading]
	// LogDropped is AccessLog.Dropped. Nil: not shown.
	LogDropped func() uint64
}

// NewMetrics makes an empty set of metrics; it starts no goroutine.
func NewMetrics(o Options) *Metrics {
	m := &Metrics{
		registry:   prometheus.NewRegistry(),
		overhead:   newDurations(overheadBuckets()),
		panics:     newCounter("souk_panics_total", "Panics that were recovered."),
		callerGone: newCounter("souk_caller_gone_total", "Callers that hung up before their answer was complete."),
		late:       newCounter("souk_late_seconds_total", "How late souk's own timers were woken, for lack of processor time."),
		generation: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "souk_config_generation", Help: "The generation of the configuration that runs.",
		}),
		failovers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "souk_failovers_total", Help: "Moves to the next offer of a plan, by the reason for leaving the one before.",
		}, []string{"reason"}),
		handOffs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "souk_handoffs_total", Help: "Hand-offs by the key that signed them and the result: accepted, or the reason why not, which has no key.",
		}, []string{"key", "result"}),
		vouched: newCounter("souk_redaction_vouched_total", "Requests that a gateway had redacted, and that were not redacted again."),
		redacted: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "souk_redacted_total", Help: "Values masked in requests, by their type.",
		}, []string{"type"}),
		recognised: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "souk_recogniser_requests_total", Help: "Requests that redaction's external recogniser was to look at, by how that went.",
		}, []string{"result"}),
		ops:     map[string]*OpMetrics{},
		offers:  map[offerName]*OfferMetrics{},
		reasons: map[string]prometheus.Counter{},
	}
	reloads := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "souk_reloads_total", Help: "Reloads of the configuration.",
	}, []string{"result"})
	m.reloaded, m.reloadErrs = reloads.WithLabelValues("ok"), reloads.WithLabelValues("error")

	m.registry.MustRegister(
		m.panics, m.callerGone, m.late, m.generation, m.failovers, m.redacted, m.recognised, m.handOffs, m.vouched, reloads,
		newOpCollector(m), newOfferCollector(m, o.Offers),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "souk_in_flight", Help: "Requests being served.",
		}, func() float64 { return float64(m.InFlight.Load()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "souk_build_info", Help: "The running version.",
			ConstLabels: prometheus.Labels{"version": labelValue(o.Version), "goversion": runtime.Version()},
		}, func() float64 { return 1 }),
		goCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	if o.LogDropped != nil {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "souk_access_log_dropped_total", Help: "Records that the access log lost.",
		}, func() float64 { return float64(o.LogDropped()) }))
	}
	return m
}

func newCounter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
}

// goCollector adds to the library's choice what tells a proxy that is slow by itself: collections and contention.
func goCollector() prometheus.Collector {
	return collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.GoRuntimeMetricsRule{
		Matcher: regexp.MustCompile(`^(/cpu/classes/gc/total:cpu-seconds|/sync/mutex/wait/total:seconds)$`),
	}))
}

// labelValue makes a name fit for a label: the library takes nothing but UTF-8, and panics otherwise.
func labelValue(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// Panic counts a panic that was recovered.
func (m *Metrics) Panic() { m.panics.Inc() }

// CallerGone counts a caller that hung up before its answer was complete.
func (m *Metrics) CallerGone() { m.callerGone.Inc() }

// Late counts how late a timer of souk's own was woken.
func (m *Metrics) Late(d time.Duration) { m.late.Add(d.Seconds()) }

// Loaded tells which generation of the configuration runs, without counting a reload: the first one.
func (m *Metrics) Loaded(generation int64) { m.generation.Set(float64(generation)) }

// Reloaded counts a reload, and on success tells the generation that runs now.
func (m *Metrics) Reloaded(ok bool, generation int64) {
	if !ok {
		m.reloadErrs.Inc()
		return
	}
	m.reloaded.Inc()
	m.Loaded(generation)
}

// Redacted counts values that were masked. The types are the redaction catalogue's.
func (m *Metrics) Redacted(kind string, n int) { m.redacted.WithLabelValues(kind).Add(float64(n)) }

// HandOff counts one: the id of the configured key that signed it and "accepted", or no key and the reason of a refusal.
func (m *Metrics) HandOff(key, result string) { m.handOffs.WithLabelValues(key, result).Inc() }

// RedactionVouched counts a request that was not redacted because its gateway had done so.
func (m *Metrics) RedactionVouched() { m.vouched.Inc() }

// Recognised counts a request that the recogniser was to look at. The results are the recogniser's own words.
func (m *Metrics) Recognised(result string) { m.recognised.WithLabelValues(result).Inc() }

// Failover counts a move to a plan's next offer. The reason is one of the failover vocabulary; after the first
// maxReasons different ones, new ones count as "other".
func (m *Metrics) Failover(reason string) {
	m.mu.RLock()
	n := m.reasons[reason]
	m.mu.RUnlock()
	if n == nil {
		n = m.openReason(reason)
	}
	n.Inc()
}

func (m *Metrics) openReason(reason string) prometheus.Counter {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.reasons[reason] == nil && len(m.reasons) >= maxReasons {
		reason = "other"
	}
	n := m.reasons[reason]
	if n == nil {
		reason = strings.Clone(reason)
		n = m.failovers.WithLabelValues(labelValue(reason))
		m.reasons[reason] = n
	}
	return n
}

// WritePrometheus writes everything in Prometheus' text format, the process's and the Go runtime's metrics
// included. Its content type is "text/plain; version=0.0.4; charset=utf-8". When some metrics cannot be gathered the
// others are written all the same, and the error tells which.
func (m *Metrics) WritePrometheus(w io.Writer) error {
	families, failed := m.registry.Gather()
	if failed != nil {
		failed = fmt.Errorf("gathering metrics: %w", failed)
	}
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(w, family); err != nil {
			return errors.Join(failed, fmt.Errorf("writing metrics: %w", err))
		}
	}
	return failed
}
