package telemetry

import (
	"maps"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

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

// OpMetrics counts the requests of one operation.
type OpMetrics struct {
	overhead *durations // of all operations
	duration *durations
	byStatus [600]atomic.Uint64
}

// Op resolves the metrics of an operation, such as chat; keep the result. The operations are souk's own, never what
// a caller wrote.
func (m *Metrics) Op(name string) *OpMetrics {
	name = labelValue(name)
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

// opCollector shows what the operations counted.
type opCollector struct {
	metrics                      *Metrics
	requests, duration, overhead *prometheus.Desc
}

func newOpCollector(m *Metrics) *opCollector {
	return &opCollector{
		metrics: m,
		requests: prometheus.NewDesc("souk_requests_total",
			"Requests by operation and the status sent to the caller; 0 when it left before.", []string{"op", "status"}, nil),
		duration: prometheus.NewDesc("souk_request_duration_seconds",
			"From a request read to its answer sent.", []string{"op"}, nil),
		overhead: prometheus.NewDesc("souk_overhead_seconds",
			"The part of a request's duration that souk itself took.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (c *opCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.requests
	ch <- c.duration
	ch <- c.overhead
}

// Collect implements prometheus.Collector.
func (c *opCollector) Collect(ch chan<- prometheus.Metric) {
	c.metrics.mu.RLock()
	ops := maps.Clone(c.metrics.ops)
	c.metrics.mu.RUnlock()
	for name, op := range ops {
		for status := range op.byStatus {
			if n := op.byStatus[status].Load(); n > 0 {
				ch <- prometheus.MustNewConstMetric(c.requests, prometheus.CounterValue, float64(n), name, strconv.Itoa(status))
			}
		}
		ch <- op.duration.metric(c.duration, name)
	}
	ch <- c.metrics.overhead.metric(c.overhead)
}
