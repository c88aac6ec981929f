//go:build linux

package main

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/bench/loadgen"
	"github.com/soukproxy/souk/sidecar/internal/bench/report"
	"github.com/soukproxy/souk/sidecar/internal/bench/wire"
)

const (
	refusedModels = 120
	refusedUses   = 2  // of each model: the third failure in a row opens the breaker
	refusedLeast  = 60 // samples that a median needs
	warmRequests  = 50
)

// runRefused measures what a refused connection adds to a request: a new souk each round, whose breakers know nothing,
// is asked in turn for a model that answers and for one whose first offer refuses.
func (b *bench) runRefused(ctx context.Context) error {
	if b.standsIn() {
		b.missing("refused", "needs souk's configuration", report.Souk)
		return nil
	}
	cell := report.Cell{Scenario: "refused", Target: report.Souk}
	figures, err := b.refused(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		cell.Note = err.Error()
	}
	cell.Figures = figures
	b.emit(cell)
	return nil
}

func (b *bench) refused(ctx context.Context) (map[string]float64, error) {
	closed, err := b.freeAddr() // free, so that nothing listens there
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(closed)
	if err != nil {
		return nil, err
	}
	t, _, err := b.launch(ctx, b.soukProxy(b.opts.souk, refusedConfig(b.mockAddr, port, refusedModels)))
	if err != nil {
		return nil, err
	}
	defer t.process.stop()
	conn, err := wire.Dial(t.addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()

	plainRequest := wire.Request(t.addr, chatPath, wire.Body(soukModel(""), 1<<10, false))
	for range warmRequests {
		if _, err := conn.Ask(plainRequest); err != nil {
			return nil, err
		}
	}
	var plain, refused []int64
	for i := range refusedModels * refusedUses {
		took, _, err := timed(conn, plainRequest)
		if err != nil {
			return nil, err
		}
		plain = append(plain, took)
		request := wire.Request(t.addr, chatPath, wire.Body(refusedModel(i%refusedModels), 1<<10, false))
		took, attempts, err := timed(conn, request)
		if err != nil {
			return nil, err
		}
		if attempts == "2" { // otherwise the refusing offer was not tried
			refused = append(refused, took)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if len(refused) < refusedLeast {
		return nil, fmt.Errorf("only %d of %d requests met the offer that refuses", len(refused), len(plain))
	}
	with, without := loadgen.NewPercentiles(refused), loadgen.NewPercentiles(plain)
	return map[string]float64{
		"refused_added_p50_ms": (with.P50 - without.P50) / 1e3,
		"refused_p50_ms":       with.P50 / 1e3,
		"refused_p99_ms":       with.P99 / 1e3,
		"plain_p50_ms":         without.P50 / 1e3,
		"samples":              float64(len(refused)),
	}, nil
}

// timed asks once; took is in nanoseconds, attempts as souk's header says.
func timed(conn *wire.Conn, request []byte) (took int64, attempts string, err error) {
	start := time.Now()
	if _, err = conn.Ask(request); err != nil {
		return 0, "", err
	}
	return int64(time.Since(start)), conn.Parser.Header("x-souk-attempts"), nil
}
