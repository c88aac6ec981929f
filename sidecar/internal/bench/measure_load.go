//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/bench/loadgen"
	"github.com/soukproxy/souk/sidecar/internal/bench/report"
	"github.com/soukproxy/souk/sidecar/internal/bench/wire"
)

// quickFactor shortens every load of a quick run.
const quickFactor = 0.4

// maxErrors is the share of requests that may fail before a cell's figures are thrown away.
const maxErrors = 0.01

func (b *bench) runLoad(ctx context.Context, l load) error {
	if l.awake {
		stop, err := b.keepAwake()
		if err != nil {
			return err
		}
		defer stop()
	}
	for _, t := range rotated(b.targets, b.round) {
		if t.process == nil && !l.base {
			continue
		}
		cell := report.Cell{Scenario: l.name, Target: t.name}
		result, err := b.load(ctx, &t, l.job, l.asks)
		if err != nil {
			return err
		}
		cell.Detail = result
		if cell.Note = distrust(result); cell.Note == "" {
			cell.Figures = loadFigures(result, t.process != nil)
		}
		b.emit(cell)
	}
	b.noteMissingNGINX(l.name)
	return nil
}

// keepAwake occupies the cores with processes that give way to the proxies and the load; stop ends them.
func (b *bench) keepAwake() (stop func(), err error) {
	stop = func() {
		for _, p := range b.awake {
			p.stop()
		}
		b.awake = nil
	}
	if !b.pinned {
		return stop, nil
	}
	for _, core := range []int{proxyCore, loadCore} {
		dir, err := b.newDir("awake")
		if err != nil {
			stop()
			return nil, err
		}
		p, err := b.startProcess("awake", dir, exec.Command(b.helper("awake")), core)
		if err != nil {
			stop()
			return nil, err
		}
		b.awake = append(b.awake, p)
	}
	return stop, nil
}

// load does one job on a target, in a process of its own.
func (b *bench) load(ctx context.Context, t *target, job loadgen.Job, directives string) (*loadgen.Result, error) {
	job.Addr, job.Path, job.Model = t.addr, chatPath, t.model(directives)
	job.Mock = b.mock.pids()
	for _, p := range b.awake {
		job.Awake = append(job.Awake, p.pids()...)
	}
	if t.process != nil {
		if !t.process.running() {
			return nil, fmt.Errorf("%s has ended; %s", t.name, t.process.lastWords())
		}
		job.Proxy = t.process.pids()
	}
	if b.opts.quick {
		job.Seconds, job.Warm = job.Seconds*quickFactor, job.Warm*quickFactor
	}
	input, err := json.Marshal(&job)
	if err != nil {
		return nil, err
	}
	seconds := time.Duration((job.Seconds + job.Warm + 2*job.Stagger) * float64(time.Second))
	ctx, cancel := context.WithTimeout(ctx, seconds+2*wire.AnswerTimeout)
	defer cancel()
	var output, failure bytes.Buffer
	cmd := exec.CommandContext(ctx, b.helper("load"))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), &output, &failure
	if err := b.launcher.start(cmd, b.core(loadCore)); err != nil {
		return nil, fmt.Errorf("start the load: %w", err)
	}
	if err := cmd.Wait(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, fmt.Errorf("load on %s: %w %s", t.name, err, bytes.TrimSpace(failure.Bytes()))
	}
	var result loadgen.Result
	if err := json.Unmarshal(output.Bytes(), &result); err != nil {
		return nil, fmt.Errorf("result of the load on %s: %w", t.name, err)
	}
	return &result, nil
}

// distrust says why a result's figures are worth nothing, or nothing.
func distrust(r *loadgen.Result) string {
	if r.Requests == 0 || float64(r.Errors) > maxErrors*float64(r.Requests) {
		return fmt.Sprintf("%d of %d requests failed: %v", r.Errors, r.Errors+r.Requests, r.ErrorTexts)
	}
	return ""
}

// loadFigures are the figures of one load; the CPU and memory of direct would be nobody's.
func loadFigures(r *loadgen.Result, isProxy bool) map[string]float64 {
	f := map[string]float64{
		report.OtherBusy: r.OtherBusy,
		"requests_per_s": float64(r.Requests) / r.Seconds,
		"latency_p50_us": r.Latency.P50,
		"latency_p99_us": r.Latency.P99,
	}
	if isProxy {
		f["cpu_us_per_request"] = r.ProxyCPU * 1e6 / float64(r.Requests)
		f["peak_mb"] = float64(r.PeakBytes) / 1e6
	}
	if r.SendLag != nil {
		f["send_lag_p99_us"] = r.SendLag.P99
	}
	if r.Events == 0 {
		return f
	}
	f["first_event_p50_ms"] = r.FirstEvent.P50 / 1e3
	f["coalesced_percent"] = float64(r.Coalesced) / float64(r.Events) * 100
	if r.Gap != nil {
		f["gap_p99_ms"] = r.Gap.P99 / 1e3
	}
	if isProxy {
		f["cpu_us_per_chunk"] = r.ProxyCPU * 1e6 / float64(r.Events)
	}
	return f
}
