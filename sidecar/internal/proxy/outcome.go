package proxy

import (
	"time"

	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/money"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
)

// kindOf says whose doing a failure was.
func kindOf(r upstream.Reason) market.Kind {
	switch r {
	case upstream.Cancelled, upstream.Hedged, upstream.Drained, upstream.TotalTimeout:
		return market.Cancelled
	case upstream.RateLimited:
		return market.RateLimited
	case upstream.KeyRefused:
		return market.KeyRefused
	case upstream.ContextLength, upstream.Invalid:
		return market.CallerFault
	}
	return market.ProviderFault
}

// kindOfLoss is kindOf, but for a timer that ended while souk itself slept: that is nobody's doing.
func (x *exchange) kindOfLoss(l *loss, now time.Time) market.Kind {
	switch l.reason {
	case upstream.ConnectTimeout, upstream.FirstTokenTimeout, upstream.AnswerTimeout, upstream.IdleTimeout:
		if x.h.overload.slept(x.lag, now.Sub(x.began)) {
			return market.Cancelled
		}
	}
	return kindOf(l.reason)
}

// defaultRest is how long an offer rests after a 429 that names no time.
const defaultRest = 2 * time.Second

// lose ends the running attempt with a failure, tells the breakers, and says whether another attempt may follow.
func (x *exchange) lose(l loss) bool {
	now := time.Now()
	l.refusal.Message = string(x.target.Mask([]byte(l.refusal.Message)))
	x.out.refusal.Message = l.refusal.Message
	kind := x.kindOfLoss(&l, now)
	x.settle(now, kind, l)
	t := x.target
	keyNeutral := true
	switch kind {
	case market.ProviderFault:
		if l.reason == upstream.ModelGone {
			t.Breaker.Bar(now)
		} else {
			t.Breaker.Failure(now)
		}
	case market.RateLimited:
		rest := l.rest
		if rest <= 0 {
			rest = defaultRest
		}
		t.Breaker.Rest(now, now.Add(rest))
	case market.KeyRefused:
		t.Breaker.Neutral(now)
		if x.key != nil {
			x.key.Breaker.Bar(now)
			keyNeutral = false
			if t.HasOtherKey() && x.cursor > 0 && x.plan.Offers[x.cursor-1] == t.Offer {
				x.cursor-- // the key was refused, not the offer: its next key is tried
			}
		} else {
			t.Breaker.Bar(now)
		}
	default:
		t.Breaker.Neutral(now)
	}
	if x.key != nil && keyNeutral {
		x.key.Breaker.Neutral(now)
	}
	x.words.hear(l)
	if l.reason == upstream.Invalid || l.reason == upstream.ContextLength {
		x.pass.keep(x, l)
	}
	// An offer that refuses to go on from another's words says nothing of the caller's request.
	again := (l.reason != upstream.Invalid || x.resumed) && l.reason != upstream.Cancelled && l.reason != upstream.Drained && l.reason != upstream.TotalTimeout
	if l.reason == upstream.ContextLength {
		x.longer = max(x.longer, t.Offer.Context)
	}
	x.giveBack(l, now)
	if l.reason == upstream.Cancelled && x.client.isGone() && x.slot == 0 {
		x.h.metrics.CallerGone()
	}
	if !again {
		x.fault = x.planFailed()
	}
	return again
}

// giveBack keeps the connection of an error answer that was read to its end, and closes any other.
func (x *exchange) giveBack(l loss, now time.Time) {
	if x.conn == nil {
		return
	}
	x.client.attach(x.slot, nil)
	if l.status != 0 {
		x.conn.Release(now)
	} else {
		x.conn.Close()
	}
	x.conn = nil
}

// settle counts a finished attempt, exactly once: statistics, metrics, and the list that the caller and the log see.
func (x *exchange) settle(now time.Time, kind market.Kind, l loss) {
	if !x.counted {
		return
	}
	x.counted = false
	took := now.Sub(x.began)
	o := market.Outcome{Kind: kind, FirstToken: x.firstToken, Duration: took, At: now}
	if l.reason == upstream.FirstTokenTimeout && kind == market.ProviderFault {
		o.FirstTokenAfter = took
	}
	usage := x.usage()
	if kind == market.Success || usage.Known || x.out.contents > 0 {
		o.InputTokens, o.OutputTokens = usage.Input, usage.Output
		o.Cost, _ = x.cost(&usage)
	}
	offer := x.target.Offer
	offer.Stats.Record(o)
	m := x.served.Metrics
	m.Attempt(kind)
	m.Tokens(o.InputTokens, o.OutputTokens)
	m.Cost(o.Cost)
	if x.firstToken > 0 {
		m.FirstToken(x.firstToken)
	}
	x.waited += took
	reason := string(l.reason)
	if kind == market.Success {
		reason = "success"
	}
	x.record.AddAttempt(fault.Attempt{Offer: offer.ID, Status: l.status, Reason: reason, Duration: took})
	x.record.InputTokens += o.InputTokens
	x.record.OutputTokens += o.OutputTokens
	x.record.Cost += o.Cost
}

// succeed ends the running attempt with a good answer.
func (x *exchange) succeed() {
	now := time.Now()
	x.settle(now, market.Success, loss{status: x.try.answer.Status})
	x.target.Breaker.Success(x.began, now)
	x.rememberSession(x.target, now)
	if x.key != nil {
		x.key.Breaker.Success(x.began, now)
	}
	x.client.attach(x.slot, nil)
	if x.conn != nil {
		x.conn.Release(now)
		x.conn = nil
	}
}

// usage is what the running attempt's answer says it used, or an estimate.
func (x *exchange) usage() dialect.Usage {
	u := x.whole.Usage
	if x.ask.Stream {
		u = x.out.usage
	}
	if u.Known {
		x.record.TokensEstimated = false
		return u
	}
	x.record.TokensEstimated = true
	output := int64(x.out.contents)
	if !x.ask.Stream {
		output = int64(len(x.answer)+3) / 4
	}
	if x.op.String() == "embeddings" {
		output = 0
	}
	return dialect.Usage{Input: int64(x.ask.InputTokens()), Output: output}
}

// cost prices a usage at the offer's terms; false: it names no price.
func (x *exchange) cost(u *dialect.Usage) (money.Nano, bool) {
	p := x.target.Offer.Price
	if p == nil {
		return 0, false
	}
	return u.Cost(p.Input, p.Output, p.CacheRead, p.CacheWrite), true
}
