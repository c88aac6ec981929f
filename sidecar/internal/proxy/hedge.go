package proxy

import (
	"bytes"
	"sync/atomic"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
)

// Hedging: when the first token is later than usual for an offer, a second offer is asked at the same time. The first content wins, an
// error never does, and the other attempt is cancelled. How many requests may do so, and at what price, is bounded.

// rival is a second attempt that runs beside an exchange's own, in an exchange of its own.
type rival struct {
	x        *exchange
	progress progress
	won      atomic.Bool   // it has an answer or content, which the main attempt has not looked at yet
	done     chan struct{} // closed when its attempt has ended
}

// gone tells that nobody waits for this exchange any more.
func (x *exchange) gone() bool { return x.client.isGone() || x.dropped.Load() }

// hedgeAt is when a second offer is asked; the zero time: not at all.
func (x *exchange) hedgeAt() time.Time {
	h := x.snap.Config.Routing.Hedge
	if h == nil || x.rival != nil || x.slot != 0 || x.resumed || x.hedged || x.out.content || x.client == nil {
		return time.Time{}
	}
	after := h.After
	if h.Percentile > 0 {
		f := x.snap.Book.Figures(x.target.Offer)
		times := &f.FirstToken
		if !x.ask.Stream {
			times = &f.Latency
		}
		if times.Count < enoughToHedge {
			return time.Time{}
		}
		after = percentile(times, h.Percentile)
	}
	return x.began.Add(after)
}

// enoughToHedge is how many times have to be seen before a percentile of them says what is late.
const enoughToHedge = 20

func percentile(p *market.Percentiles, n int) time.Duration {
	switch n {
	case 50:
		return p.P50
	case 90:
		return p.P90
	case 99:
		return p.P99
	}
	return p.P95
}

func (x *exchange) hedgeDue() bool {
	at := x.hedgeAt()
	return !at.IsZero() && !time.Now().Before(at)
}

// startRival asks the plan's next offer that may be asked and is not too dear, in a goroutine of its own. The rival has copies of all
// that it needs, since it may outlast the request by the time that a dial takes.
func (x *exchange) startRival() {
	x.hedged = true // once a request, whatever comes of it
	now := time.Now()
	h := x.snap.Config.Routing.Hedge
	offer := x.second(now, h)
	if offer == nil || !x.h.hedges.Take(now, h.Budget) {
		return
	}
	r := newExchange(x.h)
	r.snap, r.client, r.slot, r.op, r.who = x.snap, x.client, 1, x.op, x.who
	r.start, r.end = x.start, x.end
	r.id = append(r.idText[:0], x.id...)
	r.headers.forward = bytes.Clone(x.headers.forward)
	r.body = bytes.Clone(x.body)
	r.ask, r.edits, r.trace = x.ask, x.edits, x.trace
	r.ask.Model, r.ask.Models, r.ask.SessionID, r.ask.Prefer = x.plan.Model, nil, "", nil
	r.out.hold, r.out.keepText = x.out.hold, x.out.keepText
	r.plan.Model, r.plan.Offers = x.plan.Model, []*market.Offer{offer}
	r.repeated = true // a rival has one try
	x.rival = &rival{x: r, done: make(chan struct{})}
	r.alerted = x.rival
	x.h.rivals.Add(1)
	go x.rival.run(x.client)
}

// second is the offer that a rival asks.
func (x *exchange) second(now time.Time, h *config.Hedge) *market.Offer {
	for i := x.cursor; i < len(x.plan.Offers); i++ {
		offer := x.plan.Offers[i]
		if h.MaxPrice != nil && (offer.Price == nil || offer.Price.Input > *h.MaxPrice || offer.Price.Output > *h.MaxPrice) {
			continue
		}
		if x.longer > 0 && offer.Context <= x.longer || !x.snap.Targets.Of(offer).Breaker.Closed() || offer == x.target.Offer {
			continue
		}
		return offer
	}
	return nil
}

func (r *rival) run(c *client) {
	defer r.x.h.rivals.Done()
	defer close(r.done)
	defer func() {
		if p := recover(); p != nil {
			r.x.h.panicked(p)
			r.progress = failed
		}
	}()
	r.progress = r.x.attempt(time.Time{})
	if r.progress == failed {
		return
	}
	if !r.won.CompareAndSwap(false, true) {
		r.lose() // the main attempt was first
		return
	}
	c.with(0, func(main *upstream.Conn) { main.Interrupt() })
}

// lose ends the rival's attempt as one that was too late.
func (r *rival) lose() {
	r.x.lose(loss{reason: upstream.Hedged})
	r.x.drop()
}

// rivalWon tells that the rival has what the main attempt still waits for.
func (x *exchange) rivalWon() bool { return x.rival != nil && x.rival.won.Load() }

// stopRival ends the hedge: the main attempt has won, or the request is over.
func (x *exchange) stopRival() {
	r := x.rival
	if r == nil {
		return
	}
	x.rival = nil
	r.x.dropped.Store(true)
	if r.won.CompareAndSwap(false, true) {
		// It runs, or has failed: what it waits for ends, and it settles itself.
		x.client.abort(1)
		return
	}
	<-r.done
	r.lose()
}

// awaitRival waits, after a failure, for the attempt that runs already: until it has content or an answer (streaming), has failed, or
// the pause has come (waiting), so that the caller has company meanwhile.
func (x *exchange) awaitRival(pause time.Time) progress {
	r := x.rival
	var paused <-chan time.Time
	if !pause.IsZero() {
		timer := time.NewTimer(time.Until(pause))
		defer timer.Stop()
		paused = timer.C
	}
	select {
	case <-r.done:
	case <-paused:
		return waiting
	}
	if r.progress == failed {
		x.adopt(r)
		x.rival = nil
		return failed
	}
	return streaming
}

// takeOver makes the rival's attempt the exchange's own.
func (x *exchange) takeOver() progress {
	r := x.rival
	<-r.done
	x.rival = nil
	if x.counted {
		x.lose(loss{reason: upstream.Hedged})
		x.drop()
	}
	x.client.attach(1, nil)
	x.adopt(r)
	late := x.out.late
	x.try, x.out = r.x.try, r.x.out
	x.out.late = late
	x.answer, x.fields = r.x.answer, r.x.fields
	x.body, x.edits = r.x.body, r.x.edits
	x.client.attach(0, x.conn)
	return r.progress
}

// adopt lists a rival's ended attempts among the exchange's own, and keeps their offers from being asked again.
func (x *exchange) adopt(r *rival) {
	for _, a := range r.x.record.Attempts() {
		x.record.AddAttempt(a)
	}
	x.waited += r.x.waited
	for i := x.cursor; i < len(x.plan.Offers); i++ {
		if x.plan.Offers[i] == r.x.plan.Offers[0] {
			x.plan.Offers[x.cursor], x.plan.Offers[i] = x.plan.Offers[i], x.plan.Offers[x.cursor]
			x.cursor++
			return
		}
	}
}
