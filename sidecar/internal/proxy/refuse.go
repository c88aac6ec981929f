package proxy

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
)

// refuse ends an exchange with an error: a provider's own words where the request was at fault, souk's otherwise.
func (x *exchange) refuse(e *fault.Error) {
	x.ctx.Response.ResetBody()
	if x.gone() {
		x.status = 0
		x.note(e)
		// One that closed only its own side still reads: it must not see an empty 200.
		x.h.writeError(x.ctx, fault.New(499, fault.TypeInvalid, "caller_gone", "the connection was closed from the caller's side before there was an answer"), x.idString())
		x.ctx.SetConnectionClose()
		x.finish()
		return
	}
	x.soukHeaders()
	if e == x.pass.fault && e != nil {
		x.status = x.pass.status
		x.ctx.SetStatusCode(x.status)
		x.ctx.Response.Header.SetContentTypeBytes(x.pass.contentType)
		x.ctx.SetBody(x.restored(x.pass.body))
	} else {
		x.status = e.Status
		x.h.writeError(x.ctx, e, x.idString())
	}
	x.note(e)
	x.finishAnswer()
}

// refuse answers a request that is no exchange with an error.
func (h *Handler) refuse(ctx *fasthttp.RequestCtx, e *fault.Error) {
	h.writeError(ctx, e, "")
}

// writeError is the one place where an error becomes a response.
func (h *Handler) writeError(ctx *fasthttp.RequestCtx, e *fault.Error, requestID string) {
	r := &ctx.Response
	r.SetStatusCode(e.Status)
	r.Header.SetContentType("application/json")
	if e.RetryAfter > 0 {
		seconds := int64((e.RetryAfter + time.Second - 1) / time.Second)
		r.Header.Set("retry-after", strconv.FormatInt(seconds, 10))
	}
	r.SetBody(h.dialect.AppendError(nil, e, requestID))
}

// ServerError answers what fasthttp itself refuses: framing, sizes, timeouts.
func (h *Handler) ServerError(ctx *fasthttp.RequestCtx, err error) {
	snap := h.snapshot.Load()
	if c := clientOf(ctx.Conn()); c != nil {
		c.linger = true
	}
	e := fault.New(400, fault.TypeInvalid, "bad_request", "this is not a valid HTTP/1.1 request (RFC 9112)")
	broken := refusedFraming(ctx.Conn())
	switch {
	case broken != nil:
		e = broken
	case err == fasthttp.ErrBodyTooLarge:
		e = tooLarge(snap.Config.Limits.Body)
	case isSmallBuffer(err):
		e = fault.New(431, fault.TypeInvalid, "headers_too_large",
			"the headers are larger than %d bytes (limits.headers); send fewer or shorter ones", snap.Config.Limits.Headers)
	case upstream.TimedOut(err):
		e = fault.New(408, fault.TypeInvalid, "request_timeout", "the request did not arrive in time")
	}
	ctx.Response.Reset()
	h.refuse(ctx, e)
}

func isSmallBuffer(err error) bool {
	_, ok := err.(*fasthttp.ErrSmallBuffer)
	return ok || err == fasthttp.ErrSmallReadBuffer
}

// passed is a provider's error answer that is the caller's own.
type passed struct {
	fault       *fault.Error
	status      int
	contentType []byte
	body        []byte
}

func (p *passed) keep(x *exchange, l loss) {
	body := x.target.Mask(x.answer)
	if l.cut || len(body) == 0 || body[0] != '{' {
		body = nil
	}
	*p = passed{status: l.status, body: bytes.Clone(body), contentType: []byte("application/json")}
	p.fault = &fault.Error{Status: l.status, Type: fault.TypeInvalid, Code: l.refusal.Code, Message: l.refusal.Message, Attempts: x.attemptsCopy()}
	if p.body == nil {
		if p.fault.Message == "" {
			p.fault.Message = fmt.Sprintf("%s refused the request with status %d", x.target.Offer.ID, l.status)
		}
		p.body = x.h.dialect.AppendError(nil, p.fault, x.idString())
	}
}

// telling keeps the provider's words that say most of why a plan failed: an error message before none.
type telling struct {
	message string
	status  int
}

func (t *telling) hear(l loss) {
	if l.refusal.Message != "" && (t.message == "" || l.status >= t.status) {
		t.message, t.status = l.refusal.Message, l.status
	}
}

// planFailed says why no offer of the plan served: DESIGN's last row but one of the failover table.
func (x *exchange) planFailed() *fault.Error {
	attempts := x.record.Attempts()
	limited, timed, own := 0, 0, 0
	for _, a := range attempts {
		switch upstream.Reason(a.Reason) {
		case upstream.RateLimited:
			limited++
		case upstream.ConnectTimeout, upstream.AnswerTimeout, upstream.FirstTokenTimeout, upstream.IdleTimeout, upstream.TotalTimeout, upstream.TooSlow:
			timed++
		case upstream.Invalid, upstream.ContextLength:
			own++
		}
	}
	model := x.plan.Model
	var e *fault.Error
	switch n := len(attempts); {
	case x.h.stopping.Load():
		e = fault.New(503, fault.TypeUnavailable, "draining", "souk is shutting down and its time to finish requests is over; send the request again")
	case n > 0 && (own == n || upstream.Reason(attempts[n-1].Reason) == upstream.Invalid):
		return x.pass.fault
	case n == 0 && !time.Now().Before(x.end):
		e = fault.New(504, fault.TypeTimeout, "total_timeout", "no offer of %s could be asked within routing.timeouts.total", model)
	case n == 0:
		e = fault.New(503, fault.TypeUnavailable, "no_offer_available", "no offer of %s can be asked now: all of them rest", model)
		e.RetryAfter = x.usableIn()
	case limited == n:
		e = fault.New(429, fault.TypeRateLimit, "rate_limited", "every offer of %s is over its rate limit", model)
		e.RetryAfter = x.usableIn()
	case timed == n:
		e = fault.New(504, fault.TypeTimeout, "all_offers_timed_out", "no offer of %s answered in time", model)
	default:
		e = fault.New(502, fault.TypeUpstream, "all_offers_failed", "every offer of %s that was tried failed", model)
	}
	if x.words.message != "" && e.Status != 504 {
		e.Message += "; the last to say why: " + x.words.message
	}
	e.Attempts = x.attemptsCopy()
	return e
}

// usableIn is when the first offer of the plan may be asked again, at least a second.
func (x *exchange) usableIn() time.Duration {
	now := time.Now()
	var first time.Duration
	for i, offer := range x.plan.Offers {
		if wait := x.snap.Targets.Of(offer).UsableAt().Sub(now); i == 0 || wait < first {
			first = wait
		}
	}
	return max(first, time.Second)
}

// attemptsCopy outlives the exchange.
func (x *exchange) attemptsCopy() []fault.Attempt {
	return append([]fault.Attempt(nil), x.record.Attempts()...)
}

func (x *exchange) idString() string { return string(x.id) }
