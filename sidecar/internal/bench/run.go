//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/bench/report"
)

// run measures everything that was asked for, then reports. Whatever it started has ended when it returns.
func run(ctx context.Context, opts *options, out, progress io.Writer) error {
	b, err := newBench(opts, progress)
	if err != nil {
		return err
	}
	defer b.close()
	if err := b.build(ctx); err != nil {
		return err
	}
	if err := b.start(ctx); err != nil {
		return err
	}
	for b.round = range opts.rounds {
		for _, s := range opts.chosen {
			if err := s.run(ctx, b); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	r := report.New(b.machine(), opts.rounds, chosenMeasures(opts.chosen), b.cells)
	r.Quick = opts.quick
	return b.publish(r, out)
}

func (b *bench) publish(r *report.Report, out io.Writer) error {
	if err := r.WriteTable(out); err != nil {
		return err
	}
	if path := b.opts.json; path != "" {
		data, err := json.MarshalIndent(r, "", " ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, append(data, '\n'), 0o644); err != nil {
			return err
		}
	}
	if unmeasured := r.Unmeasured(); len(unmeasured) > 0 {
		fmt.Fprintf(out, "\ngates not measured: %s\n", strings.Join(unmeasured, "; "))
	}
	if failed := r.Failed(); len(failed) > 0 {
		fmt.Fprintf(out, "\ngates failed: %s\n", strings.Join(failed, "; "))
		if b.opts.gate {
			return fmt.Errorf("%d measures failed their gates", len(failed))
		}
	}
	return nil
}

// emit keeps a cell and prints its line of progress.
func (b *bench) emit(c report.Cell) {
	c.Round = b.round
	b.cells = append(b.cells, c)
	var figures []string
	for _, name := range slices.Sorted(maps.Keys(c.Figures)) {
		figures = append(figures, fmt.Sprintf("%s=%.3g", name, c.Figures[name]))
	}
	if c.Note != "" {
		figures = append(figures, "("+c.Note+")")
	}
	fmt.Fprintf(b.progress, "%s round %d/%d %-10s %-8s %s\n", time.Now().Format(time.TimeOnly), b.round+1, b.opts.rounds,
		c.Scenario, c.Target, strings.Join(figures, " "))
}

func (b *bench) machine() report.Machine {
	m := report.Machine{Cores: runtime.NumCPU(), CPU: "unknown CPU", Go: runtime.Version(),
		System: runtime.GOOS + "/" + runtime.GOARCH, Pinned: b.pinned}
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			m.CPU = strings.Trim(name, "\t :\n")
			break
		}
	}
	var uts syscall.Utsname
	if syscall.Uname(&uts) == nil {
		m.System += " " + cString(uts.Release[:])
	}
	return m
}

func cString[T int8 | uint8](chars []T) string {
	var b strings.Builder
	for _, c := range chars {
		if c == 0 {
			break
		}
		b.WriteByte(byte(c))
	}
	return b.String()
}
