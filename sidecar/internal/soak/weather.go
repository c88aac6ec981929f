package main

import (
	"context"
	"sync"
	"time"
)

// recovery is how long souk may take to be itself again after an outage of everything.
const recovery = 30 * time.Second

// weather remembers when which provider was made to fail by something other than a request's own fault, so that a
// broken answer can be told from one that broke without a cause.
type weather struct {
	mu      sync.Mutex
	down    map[string][]span
	outage  span
	beat    time.Time     // when the pulse was felt last; zero: it is not
	lag     time.Duration // the pulse's worst since somebody asked
	starved []span        // when this process, with all providers in it, got no processor time
}

// span is a stretch of time; a zero end is still to come.
type span struct{ from, to time.Time }

func (s span) overlaps(from, to time.Time) bool {
	return !s.from.IsZero() && !to.Before(s.from) && (s.to.IsZero() || !from.After(s.to))
}

func newWeather() *weather { return &weather{down: map[string][]span{}} }

// begin notes that a provider fails from now on; the function that it returns notes the end.
func (w *weather) begin(provider string) (end func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	// What ended long ago can have touched no answer that is still to be judged.
	list, old := w.down[provider], time.Now().Add(-5*time.Minute)
	for len(list) > 0 && !list[0].to.IsZero() && list[0].to.Before(old) {
		list = list[1:]
	}
	from := time.Now()
	w.down[provider] = append(list, span{from: from})
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for i := range w.down[provider] {
			if s := &w.down[provider][i]; s.from.Equal(from) {
				s.to = time.Now()
			}
		}
	}
}

// touched tells whether a provider failed at some time of a stretch.
func (w *weather) touched(provider string, from, to time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.down[provider] {
		if s.overlaps(from, to) {
			return true
		}
	}
	return false
}

// allOut notes the beginning or the end of the outage of everything.
func (w *weather) allOut(out bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if out {
		w.outage = span{from: time.Now()}
	} else {
		w.outage.to = time.Now()
	}
}

// out tells whether a stretch has a part in the outage, or in the time that souk may take to recover from it.
func (w *weather) out(from, to time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.outage
	if !s.to.IsZero() {
		s.to = s.to.Add(recovery)
	}
	return s.overlaps(from, to)
}

// sinceOutage is how long after the outage's end a moment is; negative: before it, or there was none.
func (w *weather) sinceOutage(at time.Time) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.outage.to.IsZero() {
		return -1
	}
	return at.Sub(w.outage.to)
}

const (
	tick      = 50 * time.Millisecond  // how often the pulse is felt
	starving  = 400 * time.Millisecond // how late it may be
	aftermath = 2 * time.Second        // in which what was left undone is made up for
)

// pulse notes when this process is starved, until ctx ends: its providers are silent then, and souk's timers rightly expire.
func (w *weather) pulse(ctx context.Context) {
	for from := time.Now(); pause(ctx, tick); {
		now := time.Now()
		w.mu.Lock()
		w.lag = max(w.lag, now.Sub(from)-tick)
		if now.Sub(from) > tick+starving {
			w.starved = append(w.starved, span{from, now.Add(aftermath)})
		}
		from, w.beat = now, now
		w.mu.Unlock()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.beat = time.Time{}
}

// starves tells whether a stretch has a part in such a time.
func (w *weather) starves(from, to time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.starved {
		if s.overlaps(from, to) {
			return true
		}
	}
	// The pulse may be the last to wake up.
	return !w.beat.IsZero() && time.Since(w.beat) > tick+starving && !to.Before(w.beat)
}

// worst is how late the pulse was at worst since the last call.
func (w *weather) worst() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	lag := w.lag
	w.lag = 0
	return lag
}

// hunger is all such time together.
func (w *weather) hunger() (sum time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.starved {
		sum += s.to.Sub(s.from) - aftermath
	}
	return sum
}
