package proxy

import (
	"bytes"
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
)

// progress is how far the attempts have come.
type progress uint8

const (
	failed    progress = iota // the plan is at its end; exchange.fault says why
	waiting                   // the pause has come and there is no content yet: attempt goes on when it is called again
	answered                  // a whole good answer is in exchange.answer
	streaming                 // a stream's first content is there
)

// attempt asks one offer of the plan after the other until one gives a good answer or a stream's first content. Nothing has
// been sent to the caller until then, so that a failure costs it nothing. pause, unless zero, is when to return waiting.
func (x *exchange) attempt(pause time.Time) progress {
	for {
		if x.conn == nil && x.rival != nil {
			// An attempt that runs already comes before one that would have to begin.
			switch x.awaitRival(pause) {
			case waiting:
				return waiting
			case streaming:
				return x.takeOver()
			}
		}
		if x.conn == nil {
			target := x.next(time.Now())
			if target == nil {
				x.fault = x.planFailed()
				return failed
			}
			if x.fault = x.spend(); x.fault != nil {
				x.leave(target)
				return failed
			}
			if reason := x.open(target); reason != "" {
				if x.lose(loss{reason: reason}) {
					continue
				}
				return failed
			}
		}
		p, l := x.await(earliest(pause, x.hedgeAt()))
		switch {
		case p == waiting && x.rivalWon():
			return x.takeOver()
		case p == waiting && x.hedgeDue():
			x.startRival()
		case p != failed:
			if p != waiting {
				x.stopRival()
			}
			return p
		case !x.lose(l):
			x.stopRival()
			return failed
		}
	}
}

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
		if tried > 0 && !x.afford(now, tried, serves) {
			t.Breaker.Neutral(now)
			continue // a later offer may be in good standing, which needs no budget
		}
		x.target, x.key = t, key
		return t
	}
	return x.leastBad(now, tried)
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
	time.Sleep(minSecondTry + rand.N(maxSecondTry-minSecondTry))
	now = time.Now()
	t := x.snap.Targets.Of(x.plan.Offers[0])
	if !t.Breaker.Allow(now) || x.gone() {
		return nil
	}
	key, ok := t.Key(now, true)
	if !ok {
		return nil
	}
	x.target, x.key = t, key
	return t
}

// leastBad chooses among offers that all rest or warm up: those that were not tried yet, one that warms up before the one that is
// usable soonest. Refusing without
// a try would turn a breaker's guess into an outage; the budget keeps an outage from becoming a storm.
func (x *exchange) leastBad(now time.Time, tried int) *upstream.Target {
	var best *upstream.Target
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
	}
	if best == nil || tried > 0 && !x.afford(now, tried, serves) {
		return nil
	}
	best.Breaker.Force(now)
	key, _ := best.Key(now, true)
	x.target, x.key = best, key
	return best
}

// afford tells whether a failover may go. A request's first one to an offer in good standing always does; one to an offer that rests has
// half the share of the others, since it is a probe, and the next request is one too.
func (x *exchange) afford(now time.Time, tried int, serves bool) bool {
	budget := x.h.registry.Budget
	switch {
	case serves && tried <= 1:
		return true
	case serves:
		return budget.Take(now, upstream.FailoverShare)
	}
	return budget.Take(now, upstream.FailoverShare/2)
}

func (x *exchange) wasTried(offer string) bool {
	for _, a := range x.record.Attempts() {
		if a.Offer == offer {
			return true
		}
	}
	return false
}

// open connects and sends the request. It returns the reason of a failure.
func (x *exchange) open(t *upstream.Target) upstream.Reason {
	now := time.Now()
	timeouts := &t.Offer.Timeouts
	x.served = x.snap.served(t.Offer)
	x.began, x.headed, x.reused, x.firstToken, x.lastEvent, x.whole = now, false, false, 0, time.Time{}, dialect.Answer{}
	x.late, x.lag, x.begun, x.meter = false, x.h.overload.lag(), false, meter{}
	x.limit, x.timer = now.Add(timeouts.Answer), upstream.AnswerTimeout
	if x.ask.Stream {
		x.limit, x.timer = now.Add(x.firstTokenTimer(t.Offer)), upstream.FirstTokenTimeout
	}
	if before := x.record.Attempts(); len(before) > 0 {
		x.h.metrics.Failover(before[len(before)-1].Reason)
	}
	t.Offer.Stats.Begin()
	x.counted = true
	x.out.restart()
	return x.dial(false)
}

// patience is how much later than its slowest first token of a thousand an offer may be, and never less than minPatience: a pause
// that is short in itself is no fault.
const (
	patience    = 2
	minPatience = time.Second
)

// firstTokenTimer is how long an offer's first token may take: what the configuration allows, or less where the offer has shown that it
// is faster. An expiry counts as an observation above the timer, so that the timer cannot confirm itself.
func (x *exchange) firstTokenTimer(o *market.Offer) time.Duration {
	configured := o.Timeouts.FirstToken
	if slowest := x.snap.Book.Figures(o).Slowest; slowest > 0 {
		return min(configured, max(patience*slowest, minPatience))
	}
	return configured
}

// dial gets a connection and sends the request on it. With fresh it does not take one from the pool.
func (x *exchange) dial(fresh bool) upstream.Reason {
	now := time.Now()
	t := x.target
	connect := earliest(now.Add(t.Offer.Timeouts.Connect), x.limit, x.end)
	conn, err := t.Origin.Get(now, connect, fresh, x)
	if err != nil {
		return x.reasonOf(err, connect)
	}
	x.conn = conn
	x.client.attach(x.slot, conn)
	if x.dropped.Load() {
		conn.Abort()
	}
	x.compose()
	if x.head, err = conn.Send(x.head, x.pieces, earliest(x.limit, x.end)); err != nil {
		if x.stale() {
			return x.redial()
		}
		return x.reasonOf(err, connect)
	}
	return ""
}

// Dialling lets a caller that goes end the dial of its attempt.
func (x *exchange) Dialling(end context.CancelFunc) {
	x.client.dialling(x.slot, end)
	if end != nil && x.dropped.Load() {
		end()
	}
}

// stale tells that the provider had closed a kept connection before it saw the request, which may then be sent again on a
// fresh one, once.
func (x *exchange) stale() bool {
	return !x.reused && x.conn.Untouched() && !x.gone()
}

func (x *exchange) redial() upstream.Reason {
	x.drop()
	x.reused = true
	return x.dial(true)
}

// drop closes the attempt's connection.
func (x *exchange) drop() {
	x.client.attach(x.slot, nil)
	if x.conn != nil {
		x.conn.Close()
		x.conn = nil
	}
}

// compose writes the request: the provider's own lines and key, what the caller's headers contribute, and the caller's bytes with
// the model replaced.
func (x *exchange) compose() {
	t := x.target
	usage := dialect.Always
	if x.ask.Stream {
		usage = dialect.WithoutUsage
		if t.Offer.Provider.Config.StreamUsage {
			usage = dialect.WithUsage
		}
	}
	x.pieces = x.edits.Pieces(x.pieces[:0], x.body, t.ModelJSON, usage)
	size := 0
	for _, p := range x.pieces {
		size += len(p)
	}
	head := t.AppendHead(x.head[:0], x.served.Dialect.Path(x.op), x.served.Dialect.KeyPrefix, x.key)
	head = append(head, "Content-Type: application/json\r\n"...)
	head = appendUnlessConfigured(head, x.headers.forward, t)
	if t.Offer.Provider.Config.Traceparent {
		head = append(head, "traceparent: "...)
		head = x.trace.Child().AppendTraceparent(head)
		head = append(head, "\r\n"...)
	}
	head = append(head, "Content-Length: "...)
	head = strconv.AppendInt(head, int64(size), 10)
	x.head = append(head, "\r\n\r\n"...)
}

// appendUnlessConfigured appends the caller's header lines but for those that the provider's configuration sets itself.
func appendUnlessConfigured(dst, lines []byte, t *upstream.Target) []byte {
	if len(t.Offer.Provider.Config.Headers) == 0 {
		return append(dst, lines...)
	}
	for l := range bytes.SplitAfterSeq(lines, []byte("\n")) {
		if name, _, _ := bytes.Cut(l, []byte(":")); !t.Configures(name) {
			dst = append(dst, l...)
		}
	}
	return dst
}

// reasonOf names an error; a deadline is named after the timer that set it.
func (x *exchange) reasonOf(err error, connect time.Time) upstream.Reason {
	if x.gone() {
		return upstream.Cancelled
	}
	if x.h.stopping.Load() {
		return upstream.Drained
	}
	if !upstream.TimedOut(err) {
		return upstream.ReasonOf(err)
	}
	now := time.Now()
	switch {
	case !now.Before(x.end):
		return upstream.TotalTimeout
	case !now.Before(x.limit) && !x.limitMet():
		return x.timer
	case x.conn == nil && !connect.IsZero():
		return upstream.ConnectTimeout
	}
	return upstream.IdleTimeout
}

// limitMet tells that what the attempt's limit bounds has come, so that a later silence is a gap.
func (x *exchange) limitMet() bool {
	if x.ask.Stream {
		return x.out.content
	}
	return x.begun
}

func earliest(times ...time.Time) time.Time {
	var first time.Time
	for _, t := range times {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}
