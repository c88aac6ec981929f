package app

import (
	"fmt"
	"reflect"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/caller"
	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/proxy"
	"github.com/soukproxy/souk/sidecar/internal/route"
)

// generation is a configuration compiled beside the running one.
type generation struct {
	snapshot *proxy.Snapshot
	gauge    *market.Gauge
}

// compile builds a generation. It may fail and changes nothing that runs.
func (a *App) compile(cfg *config.Config) (*generation, error) {
	var before *market.Market
	if s := a.handler.Snapshot(); s != nil {
		before = s.Market
	}
	m, err := market.Build(cfg, before, time.Now)
	if err != nil {
		return nil, err
	}
	targets, err := a.registry.Compile(m)
	if err != nil {
		return nil, err
	}
	guard, err := a.guard(cfg)
	if err != nil {
		return nil, fmt.Errorf("redact: %w", err)
	}
	gateways, err := caller.NewGateways(&cfg.Handoff, a.replay, time.Now)
	if err != nil {
		return nil, err
	}
	gauge := market.NewGauge(m)
	figures, _ := gauge.Refresh(time.Now())
	s := proxy.Snapshot{Generation: a.generation + 1, Config: cfg, Market: m, Book: route.NewBook(m, figures, nil), Targets: targets, Keys: caller.NewKeys(cfg.Keys),
		Gateways: gateways, Guard: guard}
	return &generation{snapshot: proxy.NewSnapshot(s, a.dialects, a.metrics), gauge: gauge}, nil
}

// guard keeps the running guard, and with it the sessions' tokens, when what it does stays the same.
func (a *App) guard(cfg *config.Config) (*proxy.Guard, error) {
	if s := a.handler.Snapshot(); s != nil && reflect.DeepEqual(s.Config.Redact, cfg.Redact) {
		return s.Guard, nil
	}
	return proxy.NewGuard(&cfg.Redact)
}

// commit makes a generation the running one. From here on nothing fails: one store, and what is no longer named goes.
func (a *App) commit(g *generation) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.generation = g.snapshot.Generation
	a.gauge = g.gauge
	a.moved = map[*market.Stats]uint64{}
	if before := a.handler.Snapshot(); before != nil && before.Guard != g.snapshot.Guard {
		before.Guard.Close()
	}
	a.handler.Swap(g.snapshot)
	g.snapshot.Targets.Commit()
	a.metrics.Loaded(a.generation)
	for _, w := range g.snapshot.Config.Warnings {
		a.log.Warn(w)
	}
}

// refresh puts newer figures into the running generation.
func (a *App) refresh(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	figures, changed := a.gauge.Refresh(now)
	if len(changed) == 0 {
		return
	}
	s := a.handler.Snapshot()
	a.handler.Swap(s.WithBook(route.NewBook(s.Market, figures, s.Book)))
}

// warmed is how many offers of a busy plan have a connection waiting.
const warmed = 3

// warm keeps connections to the offers that a busy model's requests would fail over to.
func (a *App) warm(now time.Time) {
	s := a.handler.Snapshot()
	var plan route.Plan
	for _, l := range s.Market.Listings() {
		busy := false
		for _, o := range l.Offers {
			moved := o.Stats.Changed()
			busy = busy || a.moved[o.Stats] != moved
			a.moved[o.Stats] = moved
		}
		if !busy || s.Book.Rank(&route.Ask{Model: l.Model}, s.Policy, 0, &plan) != nil {
			continue
		}
		for _, o := range plan.Offers[:min(warmed, len(plan.Offers))] {
			s.Targets.Of(o).Warm(a.registry, now)
		}
	}
}
