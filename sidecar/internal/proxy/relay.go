package proxy

import (
	"io"
	"strconv"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
)

// relayAnswer sends a whole answer: the provider's bytes, with the cost in its usage.
func (x *exchange) relayAnswer() {
	x.succeed()
	r := &x.ctx.Response
	x.status = x.try.answer.Status
	r.SetStatusCode(x.status)
	x.answerHeaders()
	if len(r.Header.ContentType()) == 0 {
		r.Header.SetContentType("application/json") // it was read as that, and SDKs go by it
	}
	if usage := &x.whole.Usage; usage.Known {
		if cost, priced := x.cost(usage); priced {
			r.Header.SetBytesV("x-souk-cost-usd", x.record.Cost.Append(x.head[:0]))
			body := usage.AppendCost(r.Body()[:0], x.answer, cost)
			r.SetBody(x.restored(body))
			x.finishAnswer()
			return
		}
	}
	r.SetBody(x.restored(x.answer))
	x.finishAnswer()
}

func (x *exchange) finishAnswer() {
	x.record.BytesOut = int64(len(x.ctx.Response.Body()))
	x.finish()
}

// relayStream hands the stream to fasthttp, which calls WriteTo when the headers are written. Without content so far it has only
// the request id in its headers.
func (x *exchange) relayStream() {
	r := &x.ctx.Response
	x.status = 200
	r.SetStatusCode(200)
	if x.out.open() {
		x.answerHeaders()
	} else {
		x.out.late = true
		r.Header.SetBytesV("x-souk-request-id", x.id)
	}
	r.Header.SetContentType("text/event-stream; charset=utf-8")
	r.Header.Set("cache-control", "no-cache")
	r.Header.Set("x-accel-buffering", "no")
	if !x.ctx.Request.Header.IsHTTP11() {
		x.relayAtOnce()
		return
	}
	r.SetBodyStream(&body{x}, -1)
}

// relayAtOnce sends a stream in one piece to a caller of HTTP/1.0, which knows no chunks (RFC 9112, section 6.1).
func (x *exchange) relayAtOnce() {
	ctx, limit := x.ctx, x.snap.Config.Limits.Answer
	b, whole := &body{x}, &capped{left: limit}
	_, err := b.WriteTo(whole)
	_ = b.Close()
	if err != nil {
		ctx.SetConnectionClose()
	}
	ctx.Response.SetBodyRaw(whole.text)
}

// capped keeps what is written to it, up to a limit.
type capped struct {
	text []byte
	left int64
}

func (c *capped) Write(p []byte) (int, error) {
	if c.left -= int64(len(p)); c.left < 0 {
		return 0, errTooLarge
	}
	c.text = append(c.text, p...)
	return len(p), nil
}

// body is the exchange as fasthttp's body stream. fasthttp closes it exactly once, whatever happens.
type body struct{ x *exchange }

// Read is there for io.Reader; fasthttp calls WriteTo.
func (b *body) Read([]byte) (int, error) { return 0, errStreamOver }

// SupportsBodyWriteTo makes fasthttp call WriteTo: each write becomes one chunk, flushed at once.
func (b *body) SupportsBodyWriteTo() bool { return true }

// WriteTo writes the stream to its end, good or bad. It returns an error only when the caller cannot be written to.
func (b *body) WriteTo(w io.Writer) (n int64, err error) {
	x := b.x
	defer x.rescue(&err)
	if !x.out.open() {
		if err := x.writeWaiting(w); err != nil || !x.out.open() {
			return x.record.BytesOut, err
		}
	}
	return x.record.BytesOut, x.writeStream(w)
}

// Close ends the exchange.
func (b *body) Close() error {
	x := b.x
	if x == nil {
		return nil
	}
	b.x = nil
	if x.counted {
		// The caller could not be written to.
		x.lose(loss{reason: upstream.Cancelled})
	}
	x.drop()
	x.finish()
	return nil
}

func (x *exchange) write(w io.Writer, p []byte) error {
	if len(p) == 0 {
		return nil
	}
	n, err := w.Write(p)
	x.record.BytesOut += int64(n)
	return err
}

// writeReady writes the events that may go to the caller, once.
func (x *exchange) writeReady(w io.Writer) error {
	p := x.out.ready
	x.out.ready = nil
	if len(p) == 0 {
		return nil
	}
	return x.write(w, x.restoreStream(p))
}

// writeWaiting keeps the caller company with comment lines until an attempt has content, or the plan has failed. Souk's own
// comments do not move the provider's timers.
func (x *exchange) writeWaiting(w io.Writer) error {
	for {
		if err := x.write(w, []byte(": souk is waiting for a provider\n\n")); err != nil {
			return err
		}
		switch x.attempt(time.Now().Add(x.snap.Config.Routing.Keepalive)) {
		case streaming:
			return nil
		case failed:
			x.note(x.fault)
			return x.write(w, x.h.dialect.AppendErrorEvent(nil, x.fault, x.idString(), x.plan.Model))
		}
	}
}

// writeStream passes events on as they come, one write for each read, and watches the gaps between them.
func (x *exchange) writeStream(w io.Writer) error {
	if !x.resumed {
		x.record.FirstToken = time.Since(x.start)
	}
	if err := x.writeReady(w); err != nil {
		return err
	}
	idle := x.target.Offer.Timeouts.Idle
	slowable, lasts := x.target.Offer.Floor.TokensPerSecond > 0, x.end.Sub(x.start)
	last, ending := time.Since(x.start), false
	var werr error
	pass := func(p []byte) bool {
		x.out.feed(x, p)
		fed := last
		if slowable {
			fed = time.Since(x.start)
		}
		werr = x.writeReady(w)
		now := time.Since(x.start) // after the write, which waits for a slow caller
		if x.out.live {
			last, x.late = now, false
		}
		if slowable {
			x.meter.pause(now - fed)
			x.tooSlow(x.start.Add(now), x.streamedTokens())
		}
		// A flood of comments must meet its timer.
		return werr == nil && x.out.reason == "" && x.out.done == ending && now-last < idle && now < lasts
	}
	silent := func() time.Time { return earliest(x.start.Add(last+idle), x.end) }
	x.conn.SetReadDeadline(silent())
	for x.out.reason == "" {
		if x.out.done && !ending {
			// Only the end of the body should follow: the caller does not wait for a provider that keeps it back.
			ending = true
			x.conn.SetReadDeadline(time.Now().Add(glance))
		}
		err := x.conn.Each(pass)
		switch {
		case werr != nil:
			return werr
		case err == nil:
		case !ending && upstream.TimedOut(err) && time.Now().Before(silent()):
			// The deadline is left where it was while events come: moving it for each costs more than this.
			x.conn.SetReadDeadline(silent())
		case !ending && x.cameLate(err):
		case err == io.EOF && x.out.finish(x), x.out.whole(x):
			return x.writeEnd(w)
		case x.out.reason == "":
			x.out.reason = x.cutReason(err)
			if err == io.EOF {
				x.out.reason = upstream.Truncated
			}
		}
	}
	return x.writeBroken(w)
}

// writeEnd ends a good stream.
func (x *exchange) writeEnd(w io.Writer) error {
	if err := x.writeReady(w); err != nil {
		return err
	}
	if err := x.write(w, x.restoreRest()); err != nil {
		return err
	}
	x.succeed()
	tail := x.head[:0]
	if x.out.late {
		tail = append(tail, ": souk offer="...)
		tail = append(tail, x.target.Offer.ID...)
		tail = append(tail, " attempts="...)
		tail = strconv.AppendInt(tail, int64(len(x.record.Attempts())), 10)
		tail = append(tail, "\n\n"...)
	}
	tail = append(tail, x.h.dialect.Done...)
	x.head = tail
	x.noteAnswer()
	return x.write(w, tail)
}

// writeBroken ends a stream that broke after its content: an error event, and never an end that looks like one.
func (x *exchange) writeBroken(w io.Writer) error {
	reason := x.out.reason
	if x.gone() {
		reason = upstream.Cancelled
	}
	offer := x.target.Offer
	resumable := x.resumable(reason)
	x.lose(loss{reason: reason, status: x.try.answer.Status, refusal: x.out.refusal})
	x.noteAnswer()
	if reason == upstream.Cancelled {
		return errStreamOver
	}
	if resumable {
		if err, ok := x.resume(w, offer.ID, reason); ok {
			return err
		}
	}
	if err := x.write(w, x.restoreRest()); err != nil {
		return err
	}
	e := fault.New(502, fault.TypeUpstream, "stream_broken", "the stream from %s broke off (%s) after a part of the answer", offer.ID, reason)
	if words := x.out.refusal.Message; words != "" {
		e.Message += ": " + words
	}
	e.Attempts = x.attemptsCopy()
	x.note(e)
	return x.write(w, x.h.dialect.AppendErrorEvent(nil, e, x.idString(), x.plan.Model))
}

// rescue ends a stream whose relay panicked: the caller sees it cut, and the process goes on.
func (x *exchange) rescue(err *error) {
	if p := recover(); p != nil {
		x.h.panicked(p)
		*err = errStreamOver
	}
}

// noteAnswer tells the log whose answer the caller got.
func (x *exchange) noteAnswer() {
	offer := x.target.Offer
	x.record.Offer, x.record.Provider, x.record.Model = offer.ID, offer.Provider.Name, offer.Model
	x.record.Simulated = offer.Provider.Simulated
	x.record.CostKnown = offer.Price != nil
}

// note tells the log of an error.
func (x *exchange) note(e *fault.Error) {
	x.record.ErrorType, x.record.ErrorCode = e.Type, e.Code
}
