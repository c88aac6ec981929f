//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/bench/loadgen"
	"github.com/soukproxy/souk/sidecar/internal/bench/report"
)

// mallocs is the Go runtime's count of allocated objects, as souk's /metrics shows it.
const mallocs = "go_memstats_mallocs_total"

// runAllocs measures how many objects souk allocates for a proxied request, by its own count.
func (b *bench) runAllocs(ctx context.Context) error {
	if b.standsIn() {
		b.missing("allocs", "needs souk's metrics", report.Souk)
		return nil
	}
	for _, t := range b.targets {
		if t.name != report.Souk {
			continue
		}
		cell := report.Cell{Scenario: "allocs", Target: t.name}
		perRequest, err := b.allocations(ctx, &t)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			cell.Note = err.Error()
		} else {
			cell.Figures = map[string]float64{"allocs_per_request": perRequest}
		}
		b.emit(cell)
	}
	return nil
}

func (b *bench) allocations(ctx context.Context, t *target) (float64, error) {
	if _, err := metric(ctx, t.admin, mallocs); err != nil { // and whatever the first scrape sets up
		return 0, err
	}
	atRest, err := metric(ctx, t.admin, mallocs)
	if err != nil {
		return 0, err
	}
	before, err := metric(ctx, t.admin, mallocs)
	if err != nil {
		return 0, err
	}
	// The warm-up would count as allocations without requests.
	result, err := b.load(ctx, t, loadgen.Job{Conns: 16, Seconds: 1.5, Prompt: 4 << 10}, "")
	if err != nil {
		return 0, err
	}
	after, err := metric(ctx, t.admin, mallocs)
	if err != nil {
		return 0, err
	}
	if note := distrust(result); note != "" {
		return 0, errors.New(note)
	}
	scrape := before - atRest // what reading the metric itself allocates
	return max(0, after-before-scrape) / float64(result.Requests+result.Errors), nil
}

// metric reads one value from a Prometheus text page.
func metric(ctx context.Context, admin, name string) (float64, error) {
	page, err := get(ctx, "http://"+admin+"/metrics")
	if err != nil {
		return 0, err
	}
	return parseMetric(string(page), name)
}

func parseMetric(page, name string) (float64, error) {
	for line := range strings.Lines(page) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return 0, fmt.Errorf("/metrics has no %s", name)
}

// get reads a page of a helper or of souk's admin listener.
func get(ctx context.Context, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: status %d", url, res.StatusCode)
	}
	return io.ReadAll(io.LimitReader(res.Body, 64<<20))
}
