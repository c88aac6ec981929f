package upstream

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/market"
)

// Breaker decides whether an offer, or a provider's key, is asked. It trips on 3 consecutive failures, or when half of
// at least 10 attempts within 10 s failed; it opens for 1 s, doubling to 60 s, with jitter; then one probe goes
// through, and after a good one a slow start of 10 s lets a growing share pass.
//
// When everything rests, requests are let through all the same (Force). Such a try that fails begins the rest anew but does not
// double it: how long an offer rests follows from how long it has been out, not from how many callers wanted it meanwhile, so that after
// an outage of everything all offers are back as soon as their first rests are over.
type Breaker struct {
	open   atomic.Bool // anything but closed: the hot path's only look
	onMove func(market.State, time.Time)

	mu       sync.Mutex
	state    market.State
	until    time.Time     // of resting, barred, and warming
	probe    time.Time     // when the running probe began
	forced   bool          // the running probe came before its time
	verdict  chan struct{} // closed when the running probe ends; nil: nobody waits for it
	cooldown time.Duration
	strikes  int         // failures in a row
	struckAt time.Time   // when the first of them came
	struck   atomic.Bool // there are some
	window   [windowSlots]slot
}

type slot struct {
	second     int64
	good, poor int
}

const (
	tripStrikes = 3
	tripVolume  = 10
	windowSlots = 10 // seconds
	minCooldown = time.Second
	maxCooldown = 60 * time.Second
	// Where a probe fails at once, so that it costs its caller nothing, the longest rest is quickCooldown: an outage is over for callers
	// soon after it is for the provider. One that keeps its caller waiting is had for a probeShare-th of the time at most.
	quickCooldown = 20 * time.Second
	probeShare    = 10
	slowStart     = 10 * time.Second
	probeLife     = 30 * time.Second // a probe that has not ended by then does not block the next
)

// NewBreaker is closed. onMove, which may be nil, is told each change of state, under the breaker's lock.
func NewBreaker(onMove func(state market.State, until time.Time)) *Breaker {
	return &Breaker{onMove: onMove}
}

// Allow tells whether an attempt may go now. A resting breaker whose time is over allows one probe.
func (b *Breaker) Allow(now time.Time) bool {
	if !b.open.Load() {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch b.state {
	case market.Resting, market.Barred:
		if now.Before(b.until) {
			return false
		}
		b.probe, b.forced = now, false
		b.move(market.Probing, now)
		return true
	case market.Probing:
		if now.Sub(b.probe) < probeLife {
			return false
		}
		b.probe, b.forced = now, false
		return true
	case market.Warming:
		left := b.until.Sub(now)
		if left <= 0 {
			b.move(market.Up, now)
			return true
		}
		// The share that passes grows from a tenth to all.
		return rand.Float64() < 1-0.9*float64(left)/float64(slowStart)
	}
	return true
}

// Closed tells that nothing is known against it.
func (b *Breaker) Closed() bool { return !b.open.Load() }

// Serves tells that good answers come from it: it is closed, or was good a moment ago and warms up. When everything is out, nothing
// serves.
func (b *Breaker) Serves() bool {
	if !b.open.Load() {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state == market.Warming
}

// Force lets an attempt through in spite of an open breaker: when every offer rests, the least bad one is tried.
func (b *Breaker) Force(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == market.Resting || b.state == market.Barred {
		b.probe, b.forced = now, now.Before(b.until)
		b.move(market.Probing, now)
	}
}

// Verdict returns a channel that is closed when the running probe ends; nil when none runs.
func (b *Breaker) Verdict() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state != market.Probing {
		return nil
	}
	if b.verdict == nil {
		b.verdict = make(chan struct{})
	}
	return b.verdict
}

// UsableAt tells when a resting breaker lets a probe through; the zero time means now.
func (b *Breaker) UsableAt() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == market.Resting || b.state == market.Barred {
		return b.until
	}
	return time.Time{}
}

// Answers ends a probe, or a row of failures, with the first content of an answer: the rest of a stream may take minutes, and nobody else
// need wait for it to know that the provider answers. It counts nothing.
func (b *Breaker) Answers(began, now time.Time) {
	if !b.open.Load() && !b.struck.Load() {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answered(began)
	if b.state == market.Probing && !began.Before(b.probe) {
		b.warm(now)
	}
}

// answered ends a row of failures, unless the attempt began before it: a provider that takes nothing new may still end its streams in
// peace, and they must not keep its breaker closed.
func (b *Breaker) answered(began time.Time) {
	if !began.Before(b.struckAt) {
		b.strikes = 0
		b.struck.Store(false)
	}
}

// Success counts a good attempt. One that began before the running probe says nothing of whether new requests are answered: a provider
// that takes none may still end its streams in peace.
func (b *Breaker) Success(began, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at(now).good++
	if b.state == market.Probing && began.Before(b.probe) {
		return
	}
	b.answered(began)
	switch b.state {
	case market.Probing:
		b.warm(now)
	case market.Warming:
		if !now.Before(b.until) {
			b.move(market.Up, now)
		}
	case market.Up:
		if now.Sub(b.until) > maxCooldown {
			b.cooldown = 0 // it has been good for long enough to forget
		}
	}
}

// warm begins the slow start.
func (b *Breaker) warm(now time.Time) {
	b.strikes = 0
	b.struck.Store(false)
	b.until = now.Add(slowStart)
	b.window = [windowSlots]slot{}
	b.move(market.Warming, now)
}

// Failure counts an attempt that the provider spoiled.
func (b *Breaker) Failure(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at(now).poor++
	if b.strikes++; b.strikes == 1 {
		b.struckAt = now
		b.struck.Store(true)
	}
	if b.state == market.Resting || b.state == market.Barred {
		return // one that was under way when it tripped
	}
	if b.state == market.Probing || b.strikes >= tripStrikes || b.half(now) {
		b.trip(now)
	}
}

// Neutral ends an attempt that says nothing of the provider: the caller left, or its request was at fault.
func (b *Breaker) Neutral(now time.Time) {
	if !b.open.Load() {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == market.Probing {
		b.until = now
		b.move(market.Resting, now) // the next request probes
	}
}

// Rest opens the breaker until a time that the provider named.
func (b *Breaker) Rest(now, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == market.Resting && b.until.After(until) {
		return
	}
	b.until = until
	b.move(market.Resting, now)
}

// Bar opens the breaker for what only the operator or the provider's catalogue can mend: a refused key, a model that is gone.
func (b *Breaker) Bar(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == market.Barred && now.Before(b.until) {
		return
	}
	if b.cooldown < maxCooldown || !b.triedEarly() {
		b.cooldown = min(max(2*b.cooldown, maxCooldown), 16*maxCooldown)
	}
	b.until = now.Add(b.cooldown)
	b.move(market.Barred, now)
}

func (b *Breaker) trip(now time.Time) {
	if b.cooldown < minCooldown || !b.triedEarly() {
		b.cooldown = max(2*b.cooldown, minCooldown)
	}
	b.cooldown = min(b.cooldown, b.longest(now))
	jittered := b.cooldown - time.Duration(rand.Int64N(int64(b.cooldown)/5+1))
	b.until = now.Add(jittered)
	b.strikes = 0
	b.struck.Store(false)
	b.move(market.Resting, now)
}

// longest is how long it may rest when it trips now.
func (b *Breaker) longest(now time.Time) time.Duration {
	if b.state != market.Probing {
		return quickCooldown
	}
	return min(max(probeShare*now.Sub(b.probe), quickCooldown), maxCooldown)
}

// triedEarly tells that the probe that runs was let through before its time.
func (b *Breaker) triedEarly() bool { return b.state == market.Probing && b.forced }

func (b *Breaker) half(now time.Time) bool {
	good, poor := 0, 0
	for _, s := range b.window {
		if now.Unix()-s.second < windowSlots {
			good += s.good
			poor += s.poor
		}
	}
	return good+poor >= tripVolume && poor >= good
}

func (b *Breaker) at(now time.Time) *slot {
	second := now.Unix()
	s := &b.window[second%windowSlots]
	if s.second != second {
		*s = slot{second: second}
	}
	return s
}

// move must be called with the lock held.
func (b *Breaker) move(to market.State, now time.Time) {
	b.state = to
	b.open.Store(to != market.Up)
	if b.verdict != nil && to != market.Probing {
		close(b.verdict)
		b.verdict = nil
	}
	if to == market.Up {
		b.until = now
	}
	if b.onMove != nil {
		b.onMove(to, b.until)
	}
}
