package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The metrics that must stay flat, and those that are read for the report.
const (
	goroutines  = "go_goroutines"
	descriptors = "process_open_fds"
	heap        = "go_memstats_next_gc_bytes" // which follows from what lived after the last collection
	resident    = "process_resident_memory_bytes"

	inFlight   = "souk_in_flight"
	lateFor    = "souk_late_seconds_total"
	panics     = "souk_panics_total"
	logDropped = "souk_access_log_dropped_total"
	reloads    = "souk_reloads_total"
)

func flatGauges() []string { return []string{goroutines, descriptors, heap, resident} }

// sample is one look at /metrics: sums over each name's series, and single series by their whole text.
type sample struct {
	at        time.Time
	values    map[string]float64
	collected bool // right after a collection: only then heap tells what is held
}

// gauges reads souk's metrics.
type gauges struct {
	url    string
	client http.Client

	mu      sync.Mutex
	samples []sample
}

func newGauges(admin string) *gauges {
	return &gauges{url: "http://" + admin + "/metrics", client: http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}}
}

// look reads the metrics once.
func (g *gauges) look() (sample, error) {
	resp, err := g.client.Get(g.url)
	if err != nil {
		return sample{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		return sample{}, fmt.Errorf("/metrics: %d %w", resp.StatusCode, err)
	}
	if strings.Contains(string(text), keyMark) {
		return sample{}, fmt.Errorf("/metrics shows a key")
	}
	s := sample{at: time.Now(), values: map[string]float64{}}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		i := strings.LastIndexByte(line, ' ')
		if i < 0 || line[0] == '#' {
			continue
		}
		n, err := strconv.ParseFloat(line[i+1:], 64)
		if err != nil {
			continue
		}
		name, _, labelled := strings.Cut(line[:i], "{")
		s.values[name] += n
		if labelled && name == reloads {
			s.values[line[:i]] = n
		}
	}
	return s, nil
}

// collectEach is at how many looks souk is made to collect its garbage, so that the heap is measured and not where its collector stands.
const collectEach = 15

// collect makes souk collect its garbage; three times, pools included (one survives the first collection, and the profile may tell of
// the one before), so that what is left is what is held.
func (g *gauges) collect(times int) {
	for range times {
		if resp, err := g.client.Get(strings.TrimSuffix(g.url, "/metrics") + "/debug/pprof/heap?gc=1"); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	}
}

// keep looks again and again until ctx ends. An error is for the caller to weigh: a busy sidecar may be late once.
func (g *gauges) keep(ctx context.Context, every time.Duration) (misses int) {
	for n := 1; pause(ctx, every); n++ {
		collected := n%collectEach == 0
		if collected {
			g.collect(1)
		}
		s, err := g.look()
		s.collected = collected
		if err != nil {
			misses++
			continue
		}
		g.mu.Lock()
		g.samples = append(g.samples, s)
		g.mu.Unlock()
	}
	return misses
}

// last is the newest sample; false: there is none.
func (g *gauges) last() (sample, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.samples) == 0 {
		return sample{}, false
	}
	return g.samples[len(g.samples)-1], true
}

// await looks until the sample satisfies cond or the time is over; it returns the last one.
func (g *gauges) await(ctx context.Context, within time.Duration, cond func(sample) bool) (sample, bool) {
	late := time.Now().Add(within)
	for {
		s, err := g.look()
		if err == nil && cond(s) {
			return s, true
		}
		if time.Now().After(late) || !pause(ctx, 500*time.Millisecond) {
			return s, false
		}
	}
}

// trend is how a gauge went over a run.
type trend struct {
	Name   string  `json:"name"`
	Start  float64 `json:"start"`
	Median float64 `json:"median"`
	Peak   float64 `json:"peak"`
	Slope  float64 `json:"slope_per_minute"`
	Growth float64 `json:"growth"` // by the slope, over the time that was looked at
	Bound  float64 `json:"bound"`  // of the growth
	End    float64 `json:"end"`    // after the load
	Limit  float64 `json:"end_limit"`
	Judged bool    `json:"slope_judged"`
}

// trendOf fits a line through a gauge's samples of steady traffic (least squares).
func trendOf(name string, samples []sample, steady func(time.Time) bool) trend {
	t := trend{Name: name}
	var values, x, y []float64
	var first, last time.Time
	for _, s := range samples {
		if name == heap && !s.collected {
			continue
		}
		v := s.values[name]
		t.Peak = max(t.Peak, v)
		if !steady(s.at) {
			continue
		}
		if first.IsZero() {
			first = s.at
		}
		last = s.at
		values, x, y = append(values, v), append(x, s.at.Sub(first).Minutes()), append(y, v)
	}
	if len(values) < 3 {
		return t
	}
	slices.Sort(values)
	t.Median = values[len(values)/2]
	t.Slope = slope(x, y)
	t.Growth = t.Slope * last.Sub(first).Minutes()
	return t
}

func slope(x, y []float64) float64 {
	var mx, my float64
	for i := range x {
		mx, my = mx+x[i]/float64(len(x)), my+y[i]/float64(len(y))
	}
	var above, below float64
	for i := range x {
		above += (x[i] - mx) * (y[i] - my)
		below += (x[i] - mx) * (x[i] - mx)
	}
	if below == 0 {
		return 0
	}
	return above / below
}
