//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/bench/mockllm"
	"github.com/soukproxy/souk/sidecar/internal/bench/report"
	"github.com/soukproxy/souk/sidecar/internal/bench/wire"
)

const (
	goneSamples = 3
	goneLimit   = time.Second // after which an upstream request counts as never cancelled
	goneEvents  = 3           // events that arrive before a caller leaves in the middle of a stream
)

// departure is a moment at which a caller leaves.
type departure struct {
	figure string
	asks   string
	tag    int // as in asks
	stream bool
	events int // that must have arrived
}

func departures() []departure {
	return []departure{
		{"gone_plain_ms", asksHangPlain, 1, false, 0},
		{"gone_stream_ms", asksHangStream, 2, true, 0},
		{"gone_midstream_ms", asksMidStream, 3, true, goneEvents},
	}
}

// runGone measures the time from a caller's departure to the moment that the provider sees its request cancelled.
func (b *bench) runGone(ctx context.Context) error {
	for _, t := range rotated(b.targets, b.round) {
		if t.process == nil {
			continue
		}
		cell := report.Cell{Scenario: "gone", Target: t.name, Figures: map[string]float64{}}
		for _, d := range departures() {
			took, err := b.leaveOften(ctx, &t, d)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				cell.Note = d.figure + ": " + err.Error()
				continue
			}
			if took >= goneLimit {
				cell.Note = fmt.Sprintf("not cancelled within %v counts as %v", goneLimit, goneLimit)
			}
			cell.Figures[d.figure] = milliseconds(took)
		}
		b.emit(cell)
	}
	b.noteMissingNGINX("gone")
	return nil
}

// leaveOften is the median of several departures; one that is never noticed is enough to know.
func (b *bench) leaveOften(ctx context.Context, t *target, d departure) (time.Duration, error) {
	var all []time.Duration
	for range goneSamples {
		took, err := b.leave(ctx, t, d)
		if err != nil || took >= goneLimit {
			return took, err
		}
		all = append(all, took)
	}
	slices.Sort(all)
	return all[len(all)/2], nil
}

func (b *bench) leave(ctx context.Context, t *target, d departure) (time.Duration, error) {
	before, err := b.mockStats(ctx)
	if err != nil {
		return 0, err
	}
	conn, err := wire.Dial(t.addr)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if err := conn.Send(wire.Request(t.addr, chatPath, wire.Body(t.model(d.asks), 1<<10, d.stream))); err != nil {
		return 0, err
	}
	if d.events > 0 {
		answer, err := conn.ReceiveUntil(nil, func(a *wire.Answer) bool { return a.Events >= d.events })
		if err != nil || answer.Status != 200 {
			return 0, fmt.Errorf("status %d before the departure (error %w)", answer.Status, err)
		}
	}
	// The caller leaves once the provider has the request.
	_, err = b.waitStats(ctx, func(s *mockllm.Stats) bool { return s.Requests > before.Requests })
	if err != nil {
		return 0, fmt.Errorf("the request did not reach the provider: %w", err)
	}
	left := time.Now().UnixNano()
	conn.Close()
	cancelled := func(a mockllm.Aborted) bool { return a.Tag == d.tag && a.At >= left }
	stats, err := b.waitStats(ctx, func(s *mockllm.Stats) bool { return slices.ContainsFunc(s.Aborted, cancelled) })
	if err == errNotSeen {
		return goneLimit, nil
	}
	if err != nil {
		return 0, err
	}
	return time.Duration(stats.Aborted[slices.IndexFunc(stats.Aborted, cancelled)].At - left), nil
}

// errNotSeen tells that the mock did not see in time what was waited for.
var errNotSeen = fmt.Errorf("not within %v", goneLimit)

// waitStats asks the mock for its counts until they are as wanted.
func (b *bench) waitStats(ctx context.Context, wanted func(*mockllm.Stats) bool) (*mockllm.Stats, error) {
	for deadline := time.Now().Add(goneLimit); ; {
		stats, err := b.mockStats(ctx)
		if err != nil {
			return nil, err
		}
		if wanted(stats) {
			return stats, nil
		}
		if time.Now().After(deadline) {
			return nil, errNotSeen
		}
		if err := pause(ctx, 2*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

func (b *bench) mockStats(ctx context.Context) (*mockllm.Stats, error) {
	body, err := get(ctx, "http://"+b.mockAddr+"/stats")
	if err != nil {
		return nil, err
	}
	var stats mockllm.Stats
	return &stats, json.Unmarshal(body, &stats)
}
