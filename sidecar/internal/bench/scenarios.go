//go:build linux

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/soukproxy/souk/sidecar/internal/bench/loadgen"
	"github.com/soukproxy/souk/sidecar/internal/bench/report"
)

// scenario measures one thing in the current round on every target that it applies to, and emits a cell for each. An
// error ends the run; what goes wrong with a single target is a note in its cell.
type scenario struct {
	name string
	run  func(ctx context.Context, b *bench) error
}

// scenarios lists all, in the order of a round.
func scenarios() []scenario {
	var all []scenario
	for _, l := range loads() {
		all = append(all, scenario{l.name, func(ctx context.Context, b *bench) error { return b.runLoad(ctx, l) }})
	}
	return append(all,
		scenario{"fresh", func(ctx context.Context, b *bench) error { return b.runFresh(ctx) }},
		scenario{"gone", func(ctx context.Context, b *bench) error { return b.runGone(ctx) }},
		scenario{"refused", func(ctx context.Context, b *bench) error { return b.runRefused(ctx) }},
		scenario{"routing", func(ctx context.Context, b *bench) error { return b.runRouting(ctx) }},
		scenario{"redact", func(ctx context.Context, b *bench) error { return b.runRedact(ctx) }},
		scenario{"allocs", func(ctx context.Context, b *bench) error { return b.runAllocs(ctx) }},
	)
}

func scenarioNames() []string {
	var names []string
	for _, s := range scenarios() {
		names = append(names, s.name)
	}
	return names
}

// chooseScenarios takes names or their beginnings; none means all.
func chooseScenarios(only []string) ([]scenario, error) {
	if len(only) == 0 {
		return scenarios(), nil
	}
	var chosen []scenario
	matched := map[string]bool{}
	for _, s := range scenarios() {
		for _, name := range only {
			if strings.HasPrefix(s.name, name) {
				if !matched[s.name] {
					chosen = append(chosen, s)
				}
				matched[s.name], matched[name] = true, true
			}
		}
	}
	for _, name := range only {
		if !matched[name] {
			return nil, fmt.Errorf("no scenario begins with %q; there are %s", name, strings.Join(scenarioNames(), ", "))
		}
	}
	return chosen, nil
}

// load is a scenario that is one job on every target.
type load struct {
	name  string
	job   loadgen.Job
	asks  string // directives for the mock
	base  bool   // direct is measured too
	awake bool   // the cores are kept from sleeping
}

func loads() []load {
	return []load{
		{name: "cpu-512", job: loadgen.Job{Conns: 64, Seconds: 1.2, Warm: 0.3, Prompt: 512}},
		{name: "cpu-4k", job: loadgen.Job{Conns: 64, Seconds: 1.5, Warm: 0.3, Prompt: 4 << 10}},
		{name: "cpu-64k", job: loadgen.Job{Conns: 16, Seconds: 1.5, Warm: 0.3, Prompt: 64 << 10}},
		{name: "cpu-1m", job: loadgen.Job{Conns: 4, Seconds: 1.5, Warm: 0.3, Prompt: 1 << 20}},
		{name: "latency", job: loadgen.Job{Rate: 200, Conns: 64, Seconds: 2.5, Warm: 0.4, Prompt: 4 << 10}, base: true, awake: true},
		{name: "sse-5ms", job: loadgen.Job{Conns: 200, Seconds: 2.2, Stagger: 1, Prompt: 1 << 10, Stream: true}, asks: "n200.i5", base: true},
		{name: "sse-0ms", job: loadgen.Job{Conns: 200, Seconds: 1.5, Warm: 0.3, Prompt: 1 << 10, Stream: true}, asks: "n200.i0"},
	}
}

// The directives of the scenarios that are no plain load. Tags tell given-up answers apart.
const (
	asksIdleStream = "n3.i6000" // one chunk at once, the next after everything is measured
	asksHangPlain  = "h1.t1"
	asksHangStream = "h1.t2"
	asksMidStream  = "n200.i20.t3"
)

// askedDirectives are all that a configuration must have a model for.
func askedDirectives() []string {
	all := []string{"", asksIdleStream, asksHangPlain, asksHangStream, asksMidStream}
	for _, l := range loads() {
		all = append(all, l.asks)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// rotated begins each round with another element, so that none always follows the same one.
func rotated[T any](all []T, round int) []T {
	n := round % len(all)
	return slices.Concat(all[n:], all[:n])
}

// missing emits cells that say why targets are not measured.
func (b *bench) missing(scenario, note string, targets ...string) {
	for _, t := range targets {
		b.emit(report.Cell{Scenario: scenario, Target: t, Note: note})
	}
}

// noteMissingNGINX says so in every round: its column must not look forgotten.
func (b *bench) noteMissingNGINX(scenario string) {
	if !slices.ContainsFunc(b.proxies, func(p proxy) bool { return p.name == report.NGINX }) {
		b.missing(scenario, "not installed", report.NGINX)
	}
}
