package proxy

import (
	"bytes"
	"context"
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
			if reason := x.open(); reason != "" {
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

// open connects to the offer that was chosen and sends the request. It returns the reason of a failure.
func (x *exchange) open() upstream.Reason {
	t := x.target
	x.served = x.snap.served(t.Offer)
	x.headed, x.reused, x.firstToken, x.lastEvent, x.whole = false, false, 0, time.Time{}, dialect.Answer{}
	x.late, x.lag, x.begun, x.meter = false, x.h.overload.lag(), false, meter{}
	x.limit, x.timer = x.began.Add(t.Offer.Timeouts.Answer), upstream.AnswerTimeout
	if x.ask.Stream {
		x.limit, x.timer = x.began.Add(x.firstTokenTimer(t.Offer)), upstream.FirstTokenTimeout
	}
	if before := x.record.Attempts(); len(before) > 0 {
		x.h.metrics.Failover(before[len(before)-1].Reason)
	}
	t.Offer.Stats.Begin()
	x.counted = true
	x.out.restart()
	return x.dial(x.began, false)
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
func (x *exchange) dial(now time.Time, fresh bool) upstream.Reason {
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
		switch {
		case x.stale():
			return x.redial()
		case !conn.Answered():
			return x.reasonOf(err, connect)
		}
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
	return x.dial(time.Now(), true)
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
