//go:build linux

package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/bench/proc"
	"github.com/soukproxy/souk/sidecar/internal/bench/report"
	"github.com/soukproxy/souk/sidecar/internal/bench/wire"
)

const (
	coldStarts  = 3
	idleStreams = 2000
	settle      = time.Second // after which a process that just started, or just took many streams, is idle
	openAtOnce  = 20
)

// runFresh measures new processes: the time from exec to the first good answer, resident memory when idle, and what
// each open stream adds to it.
func (b *bench) runFresh(ctx context.Context) error {
	for _, p := range rotated(b.proxies, b.round) {
		cell := report.Cell{Scenario: "fresh", Target: p.name}
		figures, err := b.fresh(ctx, p)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			cell.Note = err.Error()
		}
		cell.Figures = figures
		b.emit(cell)
	}
	b.noteMissingNGINX("fresh")
	return nil
}

func (b *bench) fresh(ctx context.Context, p proxy) (map[string]float64, error) {
	var t *target
	var starts []time.Duration
	for range coldStarts {
		if t != nil {
			t.process.stop()
		}
		var took time.Duration
		var err error
		if t, took, err = b.launch(ctx, p); err != nil {
			return nil, err
		}
		starts = append(starts, took)
	}
	defer func() { t.process.stop() }()
	slices.Sort(starts)
	figures := map[string]float64{"cold_start_ms": milliseconds(starts[len(starts)/2])}

	if err := pause(ctx, settle); err != nil {
		return figures, err
	}
	idle := proc.Resident(t.process.pids())
	figures["idle_mb"] = float64(idle) / 1e6
	loaded, err := b.residentWithStreams(ctx, t)
	if err != nil {
		return figures, err
	}
	figures["per_stream_kb"] = float64(loaded-idle) / 1e3 / idleStreams
	return figures, nil
}

// residentWithStreams opens streams that have had their first chunk and then wait, and reads the target's memory.
func (b *bench) residentWithStreams(ctx context.Context, t *target) (int64, error) {
	request := wire.Request(t.addr, chatPath, wire.Body(t.model(asksIdleStream), 1<<10, true))
	conns := make([]*wire.Conn, idleStreams)
	defer func() {
		for _, c := range conns {
			if c != nil {
				c.Close()
			}
		}
	}()
	var opening sync.WaitGroup
	errs := make([]error, openAtOnce)
	for worker := range openAtOnce {
		opening.Go(func() {
			for i := worker; i < idleStreams && errs[worker] == nil && ctx.Err() == nil; i += openAtOnce {
				conns[i], errs[worker] = openStream(t.addr, request)
			}
		})
	}
	opening.Wait()
	for _, err := range errs {
		if err != nil {
			return 0, fmt.Errorf("open %d streams: %w", idleStreams, err)
		}
	}
	if err := pause(ctx, settle); err != nil {
		return 0, err
	}
	return proc.Resident(t.process.pids()), nil
}

// openStream returns the connection of a stream whose first event came.
func openStream(addr string, request []byte) (*wire.Conn, error) {
	conn, err := wire.Dial(addr)
	if err != nil {
		return nil, err
	}
	if err = conn.Send(request); err == nil {
		var answer wire.Answer
		answer, err = conn.ReceiveUntil(nil, func(a *wire.Answer) bool { return a.Events > 0 })
		if err == nil && (answer.Status != 200 || answer.Events == 0) {
			err = fmt.Errorf("status %d and %d events", answer.Status, answer.Events)
		}
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// pause waits, unless the run is ended first.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
