//go:build linux

package main

import (
	"context"
	"errors"

	"github.com/soukproxy/souk/sidecar/internal/bench/loadgen"
	"github.com/soukproxy/souk/sidecar/internal/bench/report"
)

// market is a size of market to route in.
type market struct {
	name              string
	providers, models int
}

const smallMarket = "10"

// markets all have ten offers or more of the model that is asked for. The first two are the gate's: the offers of other
// models must cost a request nothing. In the last, all offers compete for the request itself.
func markets() []market {
	return []market{
		{smallMarket, 10, 1},
		{"10000", 10, 1000},
		{"10000_of_one_model", 10_000, 1},
	}
}

// runRouting compares the CPU and latency of whole requests in markets of different sizes.
func (b *bench) runRouting(ctx context.Context) error {
	if b.standsIn() {
		b.missing("routing", "needs souk's configuration", report.Souk)
		return nil
	}
	cell := report.Cell{Scenario: "routing", Target: report.Souk, Figures: map[string]float64{}}
	for _, m := range rotated(markets(), b.round) {
		result, err := b.routeIn(ctx, m)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			cell.Note = "market " + m.name + ": " + err.Error()
			continue
		}
		cell.Figures["cpu_us_"+m.name] = result.ProxyCPU * 1e6 / float64(result.Requests)
		cell.Figures["latency_p50_us_"+m.name] = result.Latency.P50
	}
	for _, m := range markets() {
		for _, figure := range []string{"cpu_us_", "latency_p50_us_"} {
			small, large := cell.Figures[figure+smallMarket], cell.Figures[figure+m.name]
			if m.name != smallMarket && small > 0 && large > 0 {
				cell.Figures["ratio_"+figure+m.name] = large / small
			}
		}
	}
	b.emit(cell)
	return nil
}

func (b *bench) routeIn(ctx context.Context, m market) (*loadgen.Result, error) {
	t, _, err := b.launch(ctx, b.soukProxy(b.opts.souk, marketConfig(b.mockAddr, m.providers, m.models)))
	if err != nil {
		return nil, err
	}
	defer t.process.stop()
	result, err := b.load(ctx, t, loadgen.Job{Conns: 16, Seconds: 1.2, Warm: 0.4, Prompt: 512}, "")
	if err != nil {
		return nil, err
	}
	if note := distrust(result); note != "" {
		return nil, errors.New(note)
	}
	return result, nil
}
