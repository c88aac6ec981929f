package proxy

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
)

// next chooses the offer of the next attempt: the plan's order, without those whose breaker, or whose key's, is open.
func (x *exchange) next(now time.Time) *upstream.Target {
	tried := len(x.record.Attempts())
	if tried == 0 {
		x.h.registry.Budget.Request(now)
		x.h.hedges.Request(now)
	}
	if tried >= x.attemptsAllowed() || !now.Before(x.end) || x.gone() || x.h.stopping.Load() {
		return nil
	}
	if t := x.secondTry(now); t != nil {
		return t
	}
	for x.cursor < len(x.plan.Offers) {
		offer := x.plan.Offers[x.cursor]
		x.cursor++
		if x.longer > 0 && offer.Context <= x.longer || x.resumed && offer.Supports&market.Prefill == 0 {
			continue
		}
		t := x.snap.Targets.Of(offer)
		serves := t.Breaker.Serves()
		if !t.Breaker.Allow(now) {
			continue
		}
		key, ok := t.Key(now, false)
		if !ok {
			t.Breaker.Neutral(now)
			continue
		}
		if tried > 0 && !x.afford(now, tried, serves, false) {
			t.Breaker.Neutral(now)
			continue // a later offer may be in good standing, which needs no budget
		}
		return x.choose(t, key, now)
	}
	return x.leastBad(now, tried)
}

// choose makes an offer, asked with a key, the one of the attempt that begins now.
func (x *exchange) choose(t *upstream.Target, key *upstream.Key, now time.Time) *upstream.Target {
	x.target, x.key, x.began = t, key, now
	return t
}

// leave gives back an offer that next has chosen and that is not asked after all.
func (x *exchange) leave(t *upstream.Target) {
	now := time.Now()
	t.Breaker.Neutral(now)
	if x.key != nil {
		x.key.Breaker.Neutral(now)
	}
}

func (x *exchange) attemptsAllowed() int {
	if n := x.snap.Policy.Attempts; n > 0 {
		return n
	}
	return 4
}

const (
	minSecondTry = 50 * time.Millisecond
	maxSecondTry = 250 * time.Millisecond

	maxVerdict = time.Second           // how long a failover waits for a probe's, or for the budget of offers that rest
	maxHerd    = 5 * time.Second       // how long for the budget where an offer in good standing is left: that one will serve
	refill     = 50 * time.Millisecond // how often it looks whether the budget has something again
)

// secondTry gives a plan of exactly one offer one more chance, after a short random wait, when it refused, reset or answered 5xx:
// there is nothing else to try, and a restarting server is back in a moment.
func (x *exchange) secondTry(now time.Time) *upstream.Target {
	attempts := x.record.Attempts()
	if x.repeated || len(attempts) != 1 || len(x.plan.Offers) != 1 {
		return nil
	}
	switch upstream.Reason(attempts[0].Reason) {
	case upstream.Refused, upstream.Reset, upstream.Truncated:
	case upstream.Status:
		if attempts[0].Status < 500 {
			return nil
		}
	default:
		return nil
	}
	x.repeated = true
	if !x.h.registry.Budget.Take(now, upstream.FailoverShare) {
		return nil
	}
	x.hold(now.Add(minSecondTry+rand.N(maxSecondTry-minSecondTry)), nil)
	now = time.Now()
	t := x.snap.Targets.Of(x.plan.Offers[0])
	if !t.Breaker.Allow(now) || x.gone() {
		return nil
	}
	key, ok := t.Key(now, true)
	if !ok {
		return nil
	}
	return x.choose(t, key, now)
}

// leastBad chooses among offers that all rest, are probed or warm up. Refusing without a try would turn a breaker's guess into an
// outage; the budget keeps an outage from becoming a storm. A failover for which nothing of it is left waits for the verdict of a probe
// that runs: if the offer is back, it serves all that wait. Where none runs it waits for the budget, and longer where an offer serves: many
// that lost their offers in one moment come a little later then, and none fails for want of a try.
func (x *exchange) leastBad(now time.Time, tried int) *upstream.Target {
	began := now
	for {
		best, verdict := x.untried()
		if best == nil {
			return nil
		}
		serves := best.Breaker.Serves()
		if tried == 0 || x.afford(now, tried, serves, verdict != nil) {
			best.Breaker.Force(now)
			key, _ := best.Key(now, true)
			return x.choose(best, key, now)
		}
		until := began.Add(maxVerdict)
		if serves {
			until = began.Add(maxHerd)
		}
		if !now.Before(until) || x.gone() {
			return nil
		}
		if verdict == nil || serves {
			until = now.Add(refill)
		}
		x.hold(until, verdict)
		now = time.Now()
	}
}

// untried finds, among the offers that were not tried yet, one that warms up or else the one that is usable soonest, and the verdict to
// come of one that is probed; nil: none is.
func (x *exchange) untried() (best *upstream.Target, verdict <-chan struct{}) {
	var bestAt time.Time
	serves := false
	for _, offer := range x.plan.Offers {
		if x.wasTried(offer.ID) || x.resumed || x.longer > 0 && offer.Context <= x.longer {
			continue
		}
		t := x.snap.Targets.Of(offer)
		at, ready := t.UsableAt(), t.Breaker.Serves()
		if best == nil || ready && !serves || ready == serves && at.Before(bestAt) {
			best, bestAt, serves = t, at, ready
		}
		if verdict == nil {
			verdict = t.Breaker.Verdict()
		}
	}
	return best, verdict
}

// hold waits until a time, for a channel that is closed before, or for the caller to leave.
func (x *exchange) hold(until time.Time, closed <-chan struct{}) {
	began := time.Now()
	ctx, end := context.WithDeadline(context.Background(), earliest(until, x.end))
	defer end()
	x.Dialling(end)
	defer x.Dialling(nil)
	select {
	case <-closed:
	case <-ctx.Done():
	}
	x.waited += time.Since(began)
}

// restingShare is that of failovers to offers that rest.
const restingShare = upstream.FailoverShare / 2

// afford tells whether a failover may go. A request's first one to an offer in good standing always does; one to an offer that rests
// has half the share of the others, since it is a probe, and the next request is one too. Where an offer is probed already, a failover can
// wait for that: so that the many which fail in one moment, with the offer that served them all, do not spend what the next moment needs.
func (x *exchange) afford(now time.Time, tried int, serves, probed bool) bool {
	budget := x.h.registry.Budget
	switch {
	case serves && tried <= 1:
		return true
	case serves:
		return budget.Take(now, upstream.FailoverShare)
	case probed:
		return budget.TakeSpare(now, restingShare)
	}
	return budget.Take(now, restingShare)
}

func (x *exchange) wasTried(offer string) bool {
	for _, a := range x.record.Attempts() {
		if a.Offer == offer {
			return true
		}
	}
	return false
}
