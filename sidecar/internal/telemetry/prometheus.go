package telemetry

import (
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// text builds Prometheus' text format, version 0.0.4: each family once, its HELP and TYPE before its samples.
type text struct {
	buf  []byte
	name string // of the family being written
}

// The types of a family.
const (
	counter   = "counter"
	gauge     = "gauge"
	histogram = "histogram"
)

// family starts a family of samples. The help stands on one line and needs no escapes.
func (t *text) family(name, typ, help string) {
	t.name = name
	t.buf = append(t.buf, "# HELP "+name+" "+help+"\n# TYPE "+name+" "+typ+"\n"...)
}

// sample starts a line of the family: labels are joined by commas and may be empty.
func (t *text) sample(suffix, labels string) {
	t.buf = append(append(t.buf, t.name...), suffix...)
	if labels != "" {
		t.buf = append(append(append(t.buf, '{'), labels...), '}')
	}
	t.buf = append(t.buf, ' ')
}

func (t *text) integer(labels string, v int64) {
	t.sample("", labels)
	t.buf = append(strconv.AppendInt(t.buf, v, 10), '\n')
}

func (t *text) count(labels string, v uint64) {
	t.sample("", labels)
	t.buf = append(strconv.AppendUint(t.buf, v, 10), '\n')
}

func (t *text) number(labels string, v float64) {
	t.sample("", labels)
	t.buf = append(strconv.AppendFloat(t.buf, v, 'g', -1, 64), '\n')
}

// durations writes a histogram's samples.
func (t *text) durations(labels string, d *durations) {
	prefix := labels
	if prefix != "" {
		prefix += ","
	}
	total := uint64(0)
	for i := range d.counts {
		total += d.counts[i].Load()
		le := "+Inf"
		if i < len(d.bounds) {
			le = strconv.FormatFloat(d.bounds[i].Seconds(), 'g', -1, 64)
		}
		t.sample("_bucket", prefix+`le="`+le+`"`)
		t.buf = append(strconv.AppendUint(t.buf, total, 10), '\n')
	}
	t.sample("_sum", labels)
	t.buf = append(strconv.AppendFloat(t.buf, time.Duration(d.sum.Load()).Seconds(), 'g', -1, 64), '\n')
	t.sample("_count", labels)
	t.buf = append(strconv.AppendUint(t.buf, total, 10), '\n')
}

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

// label is name="value" by the rules of the format: only backslash, quote and line feed are escaped.
func label(name, value string) string {
	return name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(strings.ToValidUTF8(value, "\uFFFD")) + `"`
}
