package proxy

import (
	"bytes"
	"io"
	"os"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
)

// loss is how an attempt failed.
type loss struct {
	reason  upstream.Reason
	status  int
	refusal dialect.Refusal
	rest    time.Duration // Retry-After
	cut     bool          // its body did not come whole
}

// await reads the running attempt's answer until it is a whole good one, or a stream's first content, or a failure, or the pause.
func (x *exchange) await(pause time.Time) (progress, loss) {
	if !x.headed {
		switch waits, err := x.awaitHead(pause); {
		case waits:
			return waiting, loss{}
		case err != nil && x.stale():
			if reason := x.redial(); reason != "" {
				return failed, loss{reason: reason}
			}
			return x.await(pause)
		case err != nil:
			return failed, loss{reason: x.reasonOf(err, time.Time{})}
		}
		x.headed = true
		x.noteHead()
		x.fields = x.try.answer.Keep(x.fields)
	}
	status := x.try.answer.Status
	if status < 200 || status > 299 {
		return failed, x.readRefusal()
	}
	if x.ask.Stream && x.isEvents && len(x.encoding) == 0 {
		if x.out.content {
			return x.awaitWhole(pause)
		}
		return x.awaitContent(pause)
	}
	return x.awaitAnswer()
}

// deadline sets the connection's read deadline to the first of the attempt's limit, the end of all attempts, and the pause.
func (x *exchange) deadline(limit, pause time.Time) {
	x.conn.SetReadDeadline(earliest(limit, x.end, pause))
	if x.rivalWon() {
		x.conn.Interrupt() // its call may have come before the deadline was set
	}
}

// paused tells that a read ended because of the pause, not of a timer.
func (x *exchange) paused(err error, limit, pause time.Time) bool {
	if !upstream.TimedOut(err) {
		return false
	}
	if x.rivalWon() {
		return true
	}
	if pause.IsZero() {
		return false
	}
	return pause.Before(earliest(limit, x.end))
}

func (x *exchange) awaitHead(pause time.Time) (waits bool, err error) {
	x.deadline(x.limit, pause)
	for {
		err = x.conn.ReadHead(&x.try.answer, int(x.snap.Config.Limits.Headers), time.Now)
		switch {
		case err == nil:
			return false, nil
		case x.paused(err, x.limit, pause):
			return true, err
		case !x.cameLate(err):
			return false, err
		}
	}
}

// awaitContent reads a stream up to its first content. Comments and role-only events do not count and do not move the timer.
func (x *exchange) awaitContent(pause time.Time) (progress, loss) {
	x.deadline(x.limit, pause)
	for {
		p, err := x.conn.Next()
		if len(p) > 0 {
			x.out.feed(x, p)
		}
		if x.out.content {
			x.noteContent(time.Now())
			if x.out.hold {
				return x.awaitWhole(pause)
			}
			return streaming, loss{}
		}
		switch {
		case x.out.reason != "":
			return failed, loss{reason: x.out.reason, status: x.try.answer.Status, refusal: x.out.refusal}
		case err == io.EOF && x.out.finish(x):
			// A finish reason for every choice, and no content: an empty answer is an answer.
			return streaming, loss{}
		case err == io.EOF:
			return failed, loss{reason: upstream.Truncated, status: x.try.answer.Status}
		case err != nil && x.paused(err, x.limit, pause):
			return waiting, loss{}
		case err != nil && !x.cameLate(err):
			return failed, loss{reason: x.cutReason(err), status: x.try.answer.Status}
		}
	}
}

// noteContent takes the time of a stream's first content, and tells the breakers that the provider answers.
func (x *exchange) noteContent(now time.Time) {
	x.firstToken = now.Sub(x.began)
	x.target.Breaker.Answers(x.began, now)
	if x.key != nil {
		x.key.Breaker.Answers(x.began, now)
	}
}

// cameLate tells that a timer ended a read although more had arrived: souk itself was late, and what is there is read first. It is true
// once in an attempt, and again after a live event, so that comments without end do not put a timer off.
func (x *exchange) cameLate(err error) bool {
	if x.late || !upstream.TimedOut(err) || x.gone() || x.h.stopping.Load() || !x.conn.Pending() {
		return false
	}
	now := time.Now()
	if !now.Before(x.end) {
		return false // the time of all attempts is over, whoever was late
	}
	x.late = true
	x.conn.SetReadDeadline(now.Add(glance))
	return true
}

// cutReason names the error of a read within a body: an end before its time is a truncation.
func (x *exchange) cutReason(err error) upstream.Reason {
	if err == errTooSlow {
		return upstream.TooSlow
	}
	r := x.reasonOf(err, time.Time{})
	if r == upstream.Reset {
		return upstream.Truncated
	}
	return r
}

// awaitAnswer reads a whole answer and judges it.
func (x *exchange) awaitAnswer() (progress, loss) {
	status := x.try.answer.Status
	limits := &x.snap.Config.Limits
	body, err := x.readWhole(x.answer[:0], limits.Answer)
	x.answer = body
	if err != nil && upstream.TimedOut(err) && x.rivalWon() {
		return waiting, loss{}
	}
	if err != nil {
		return failed, loss{reason: x.cutReason(err), status: status}
	}
	if encoding := x.encoding; len(encoding) > 0 {
		if x.answer, err = decompress(encoding, body, limits.Answer); err != nil {
			reason := upstream.Malformed
			if err == errTooLarge {
				reason = upstream.Oversize
			}
			return failed, loss{reason: reason, status: status}
		}
	}
	if x.ask.Stream && x.isEvents {
		return x.unpackedStream()
	}
	x.served.Dialect.ReadAnswer(x.op, x.answer, &x.whole)
	switch {
	case x.whole.Error != nil:
		return failed, loss{reason: upstream.ErrorBody, status: status, refusal: x.served.Dialect.ReadRefusal(status, x.answer)}
	case x.whole.Broken != "" || x.ask.Stream:
		// A whole answer to a request for a stream is not what the caller can read.
		return failed, loss{reason: upstream.Malformed, status: status, refusal: dialect.Refusal{Message: x.whole.Broken}}
	}
	return answered, loss{}
}

// unpackedStream is a stream that came compressed although identity was asked for: it was read to its end to be decoded, and is
// judged at once.
func (x *exchange) unpackedStream() (progress, loss) {
	x.answer = append(x.answer, "\n\n"...) // which the last event may lack
	x.out.feed(x, x.answer)
	if x.out.reason == "" && x.out.whole(x) && (x.out.open() || x.out.finish(x)) {
		x.firstToken = time.Since(x.began)
		return streaming, loss{}
	}
	reason := x.out.reason
	if reason == "" {
		reason = upstream.Truncated
	}
	return failed, loss{reason: reason, status: x.try.answer.Status, refusal: x.out.refusal}
}

// readWhole reads a whole answer's body, up to limit bytes. It begins with its first byte that is no white space, which some servers send
// to keep a connection open: until then the answer is still waited for.
func (x *exchange) readWhole(dst []byte, limit int64) ([]byte, error) {
	if p, ok := x.conn.Rest(); ok && int64(len(p)) <= limit { // as short answers mostly come, in one piece with their head
		x.begun = true
		return append(dst, bytes.TrimLeft(p, " \t\r\n")...), nil
	}
	idle := x.target.Offer.Timeouts.Idle
	last, size := time.Now(), int64(0)
	for {
		if until := last.Add(idle); !x.late && x.begun {
			x.deadline(earliest(until, x.metered()), time.Time{})
		} else if !x.late {
			x.deadline(earliest(until, x.limit), time.Time{})
		}
		p, err := x.conn.Next()
		now := time.Now()
		if size += int64(len(p)); size > limit {
			return dst, upstream.ErrOversize
		}
		if len(p) > 0 {
			last, x.late = now, false
		}
		if !x.begun {
			p = bytes.TrimLeft(p, " \t\r\n")
			x.begun = len(p) > 0
		}
		dst = append(dst, p...)
		inTime := now.Before(earliest(last.Add(idle), x.end)) && (x.begun || now.Before(x.limit))
		switch {
		case err == io.EOF:
			return dst, nil
		case x.begun && x.tooSlow(now, size/bytesPerToken):
			return dst, errTooSlow
		case upstream.TimedOut(err) && x.rivalWon():
			return dst, err
		case inTime && (err == nil || upstream.TimedOut(err)): // at the end of a window, and fast enough
		case err == nil:
			return dst, os.ErrDeadlineExceeded
		case !x.cameLate(err):
			return dst, err
		}
	}
}

// readBody appends the body to dst, up to limit bytes. deadline gives the read deadline of each read.
func (x *exchange) readBody(dst []byte, limit int64, deadline func() time.Time) ([]byte, error) {
	for {
		x.deadline(deadline(), time.Time{})
		p, err := x.conn.Next()
		if int64(len(dst)+len(p)) > limit {
			return dst, upstream.ErrOversize
		}
		dst = append(dst, p...)
		if err == io.EOF {
			return dst, nil
		}
		if err != nil {
			return dst, err
		}
	}
}

const (
	maxRefusal = 64 << 10
	// glance is how long a failover waits for the words of an error whose status says enough.
	glance = 5 * time.Millisecond
)

// readRefusal reads an error answer and says what it means. Only an error that may be the caller's own is worth waiting for.
func (x *exchange) readRefusal() loss {
	status := x.try.answer.Status
	until, limit := time.Now().Add(glance), int64(maxRefusal)
	wait := func() time.Time { return until }
	if mayBeCallers(status) {
		idle := x.target.Offer.Timeouts.Idle
		wait = func() time.Time { return time.Now().Add(idle) }
		limit = x.snap.Config.Limits.Answer
	}
	body, err := x.readBody(x.answer[:0], limit, wait)
	x.answer = body
	if len(x.encoding) > 0 && err == nil {
		var plain []byte
		if plain, err = decompress(x.encoding, body, limit); err == nil {
			x.answer = plain
		}
	}
	r := x.served.Dialect.ReadRefusal(status, x.answer)
	l := loss{status: status, refusal: r, rest: x.try.answer.RetryAfter, cut: err != nil}
	switch r.Kind {
	case dialect.RefusedByFault:
		l.reason = upstream.Status
	case dialect.RefusedByLimit:
		l.reason = upstream.RateLimited
	case dialect.RefusedKey:
		l.reason = upstream.KeyRefused
	case dialect.RefusedModel:
		l.reason = upstream.ModelGone
	case dialect.RefusedLength:
		l.reason = upstream.ContextLength
	case dialect.RefusedRequest:
		l.reason = upstream.Invalid
	}
	if err != nil && x.gone() {
		l.reason = upstream.Cancelled
	}
	return l
}

// mayBeCallers tells that only an error's words show whose fault it is, and that the caller gets them when it is its own.
func mayBeCallers(status int) bool {
	switch status {
	case 401, 402, 403, 404, 408, 410, 429:
		return false
	}
	return status >= 400 && status < 500
}

// noteHead keeps what the head says of the body, before reading on overwrites it.
func (t *try) noteHead() {
	kind := t.answer.ContentType
	if i := bytes.IndexByte(kind, ';'); i >= 0 {
		kind = kind[:i]
	}
	t.isEvents = bytes.EqualFold(bytes.TrimSpace(kind), []byte("text/event-stream"))
	t.encoding = t.encoding[:0]
	if e := t.answer.Encoding; len(e) > 0 && !bytes.EqualFold(e, []byte("identity")) {
		t.encoding = append(t.encoding, e...)
	}
}
