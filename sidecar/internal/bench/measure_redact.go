//go:build linux

package main

import (
	"context"
	"errors"

	"github.com/soukproxy/souk/sidecar/internal/bench/loadgen"
	"github.com/soukproxy/souk/sidecar/internal/bench/report"
)

// redactModes are what is compared: the same souk without redaction and with it.
func redactModes() []string { return []string{"off", "restore"} }

// runRedact compares the CPU and latency of a chat request of 4 KiB with redaction on and off, in the same round.
func (b *bench) runRedact(ctx context.Context) error {
	if b.standsIn() {
		b.missing("redact", "needs souk's configuration", report.Souk)
		return nil
	}
	cell := report.Cell{Scenario: "redact", Target: report.Souk, Figures: map[string]float64{}}
	for _, mode := range rotated(redactModes(), b.round) {
		result, err := b.redactAs(ctx, mode)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			cell.Note = "redact " + mode + ": " + err.Error()
			continue
		}
		cell.Figures["cpu_us_"+mode] = result.ProxyCPU * 1e6 / float64(result.Requests)
		cell.Figures["latency_p50_us_"+mode] = result.Latency.P50
	}
	for _, figure := range []string{"cpu_us_", "latency_p50_us_"} {
		if off, on := cell.Figures[figure+"off"], cell.Figures[figure+"restore"]; off > 0 && on > 0 {
			cell.Figures["ratio_"+figure+"redact"] = on / off
		}
	}
	b.emit(cell)
	return nil
}

func (b *bench) redactAs(ctx context.Context, mode string) (*loadgen.Result, error) {
	t, _, err := b.launch(ctx, b.soukProxy(b.opts.souk, redactConfig(b.mockAddr, mode)))
	if err != nil {
		return nil, err
	}
	defer t.process.stop()
	result, err := b.load(ctx, t, loadgen.Job{Conns: 16, Seconds: 1.5, Warm: 0.4, Prompt: 4 << 10}, "")
	if err != nil {
		return nil, err
	}
	if note := distrust(result); note != "" {
		return nil, errors.New(note)
	}
	return result, nil
}

// redactConfig is one provider, with redaction in the given mode.
func redactConfig(mock, mode string) soukConfig {
	plain := plainConfig(mock, []string{""})
	return func(in instance) []byte {
		return append([]byte("redact: {mode: "+mode+"}\n"), plain(in)...)
	}
}
