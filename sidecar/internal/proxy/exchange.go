package proxy

import (
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/soukproxy/souk/redact"
	"github.com/soukproxy/souk/sidecar/internal/caller"
	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/route"
	"github.com/soukproxy/souk/sidecar/internal/telemetry"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
)

// exchange is one model request on its way. It is pooled: begin sets all of it, finish ends it exactly once.
type exchange struct {
	h      *Handler
	ctx    *fasthttp.RequestCtx
	snap   *Snapshot
	client *client
	start  time.Time
	end    time.Time // of all attempts together
	id     []byte
	idText [requestIDSize]byte

	op      route.Op
	headers headers
	body    []byte
	who     *caller.Caller
	handOff caller.HandOff // to spend; its zero value: there is none, or it is spent
	ask     route.Ask
	edits   dialect.Edits
	plan    route.Plan
	session uint64 // 0: none

	masked   *redact.Scope          // what was masked and is to be restored; nil: nothing
	restorer *redact.StreamRestorer // of a stream; nil: not begun
	unmasked []byte                 // scratch: restored events

	tries              // the attempts so far
	try                // the one that runs
	out   stream       // what the caller gets of a stream
	fault *fault.Error // why the plan failed
	pass  passed       // a provider's own error answer, which is the caller's

	trace  telemetry.Trace
	record telemetry.Record
	status int

	slot    int         // of the client's attached connections: 0, a rival's 1
	rival   *rival      // asks a second offer at the same time; nil: none does
	dropped atomic.Bool // of a rival: the other has won
	alerted *rival      // of a rival: whom it tells when it has won

	head   []byte   // scratch: a request's head
	pieces [][]byte // scratch: a request's body
	fields []byte   // scratch: an answer's header lines
	answer []byte   // scratch: a whole answer
}

const requestIDSize = 40

// What is kept of the scratch buffers between requests.
const (
	keepScratch = 64 << 10
	keepBody    = 4 << 20
)

func newExchange(h *Handler) *exchange { return &exchange{h: h} }

func (x *exchange) begin(ctx *fasthttp.RequestCtx, snap *Snapshot, op route.Op) {
	now := time.Now()
	x.ctx, x.snap, x.op = ctx, snap, op
	x.start, x.end = now, now.Add(snap.total())
	x.client = clientOf(ctx.Conn())
	x.client.watch()
	x.id = telemetry.AppendRequestID(x.idText[:0], now)
	x.headers.read(&ctx.Request.Header)
	x.trace = x.headers.trace()
	x.ask.Reset(x.ask.Models[:0])
	x.edits.Reset()
	x.h.metrics.InFlight.Add(1)
	x.record.Start, x.record.RequestID, x.record.Op = now, alias(x.id), op.String()
	x.record.TraceID = x.trace.ID
}

// finish ends the exchange: log, metrics, and back into the pool. status is what the caller was sent; 0 when it left before.
func (x *exchange) finish() {
	x.stopRival()
	x.client.attach(x.slot, nil)
	x.client.unwatch()
	r := &x.record
	r.Status, r.Duration = x.status, time.Since(x.start)
	r.Overhead = max(r.Duration-x.waited, 0)
	x.h.ops[x.op].Done(r.Status, r.Duration, r.Overhead)
	x.h.metrics.InFlight.Add(-1)
	if x.h.access != nil {
		x.h.access.Put(r)
	}
	x.release()
}

func (x *exchange) release() {
	x.ctx.Request.ReleaseBody(keepBody)
	x.ctx, x.snap, x.client, x.body, x.who, x.fault = nil, nil, nil, nil, nil, nil
	clear(x.headers.handOff)
	x.tries, x.try, x.pass, x.headers = tries{}, try{}, passed{}, headers{forward: x.headers.forward[:0], handOff: x.headers.handOff[:0]}
	x.handOff = caller.HandOff{}
	x.out.reset()
	x.record.Reset()
	x.status, x.slot, x.rival, x.alerted, x.session = 0, 0, nil, nil, 0
	x.masked, x.restorer = nil, nil
	x.dropped.Store(false)
	clear(x.pieces[:cap(x.pieces)])
	if cap(x.answer) > keepScratch {
		x.answer = nil
	}
	if cap(x.head) > keepScratch {
		x.head = nil
	}
	x.h.pool.Put(x)
}

// tries is what is known of the attempts so far.
type tries struct {
	cursor   int           // into the plan
	repeated bool          // a plan of one offer got its second try
	hedged   bool          // a second offer was asked at the same time, or could not be
	resumed  bool          // a stream broke after content, and another offer goes on
	asked    []byte        // the body that was asked for before it was resumed
	sums     []sum         // what each attempt of a resumed stream used
	longer   int           // only offers with more context than this, in tokens
	waited   time.Duration // for providers, all attempts together
	words    telling       // the most telling of the providers' errors
}

// try is the attempt that runs.
type try struct {
	target *upstream.Target
	served *Served
	key    *upstream.Key
	conn   *upstream.Conn
	began  time.Time
	limit  time.Time       // first_token of a stream, answer of a whole answer
	timer  upstream.Reason // what that limit is called
	reused bool            // a fresh connection was dialled after a stale one

	headed     bool // the answer's head has been read
	answer     upstream.Head
	isEvents   bool   // it is a stream of events
	encoding   []byte // of a body that came compressed all the same
	whole      dialect.Answer
	firstToken time.Duration // until a stream's first content; 0: none yet
	lastEvent  time.Time     // of a stream that is held; zero: none yet
	begun      bool          // of a whole answer: its body has begun with more than white space
	meter      meter
	counted    bool          // Stats.Begin has been called, Record has not
	late       bool          // a timer ended though more had arrived; see cameLate
	lag        time.Duration // how late souk's own timer had been altogether when it began
}
