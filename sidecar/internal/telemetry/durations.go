package telemetry

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// durations is a histogram of durations with fixed buckets. The count is the buckets' sum at the scrape, so the two
// always agree.
type durations struct {
	bounds []time.Duration // ascending upper bounds, inclusive
	counts []atomic.Uint64 // one for each bound, and one beyond
	sum    atomic.Int64    // nanoseconds: 292 years
}

func newDurations(bounds []time.Duration) *durations {
	return &durations{bounds: bounds, counts: make([]atomic.Uint64, len(bounds)+1)}
}

// observe counts one duration; one below zero counts as zero.
func (d *durations) observe(v time.Duration) {
	v = max(v, 0)
	i := 0
	for i < len(d.bounds) && v > d.bounds[i] {
		i++
	}
	d.counts[i].Add(1)
	d.sum.Add(int64(v))
}

// metric is the histogram as it is now, in seconds.
func (d *durations) metric(desc *prometheus.Desc, labelValues ...string) prometheus.Metric {
	buckets := make(map[float64]uint64, len(d.bounds))
	total := uint64(0)
	for i, bound := range d.bounds {
		total += d.counts[i].Load()
		buckets[bound.Seconds()] = total
	}
	total += d.counts[len(d.bounds)].Load()
	sum := time.Duration(d.sum.Load()).Seconds()
	return prometheus.MustNewConstHistogram(desc, total, sum, buckets, labelValues...)
}
