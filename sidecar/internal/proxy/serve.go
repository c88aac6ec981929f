// Package proxy is the request path. Serve names its stages in order; each is a function that can be read alone.
package proxy

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/soukproxy/souk/sidecar/internal/caller"
	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/route"
	"github.com/soukproxy/souk/sidecar/internal/telemetry"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
)

// Handler answers the data plane.
type Handler struct {
	snapshot atomic.Pointer[Snapshot]
	draining atomic.Bool
	stopping atomic.Bool // the time to drain is over

	dialect  *dialect.Dialect // that callers speak
	registry *upstream.Registry
	metrics  *telemetry.Metrics
	ops      [3]*telemetry.OpMetrics // by route.Op
	access   *telemetry.AccessLog
	log      *slog.Logger
	hedges   *upstream.Budget
	sessions *sessions
	overload overload
	rivals   sync.WaitGroup // hedged attempts that run
	pool     sync.Pool      // of *exchange
}

// Options are what a handler works with; all of them are needed.
type Options struct {
	Dialect  *dialect.Dialect
	Registry *upstream.Registry
	Metrics  *telemetry.Metrics
	Access   *telemetry.AccessLog
	Log      *slog.Logger
}

// NewHandler has no snapshot yet: Swap gives it one before it serves.
func NewHandler(o Options) *Handler {
	h := &Handler{dialect: o.Dialect, registry: o.Registry, metrics: o.Metrics, access: o.Access, log: o.Log, hedges: upstream.NewBudget(1), sessions: newSessions()}
	h.overload.born = time.Now()
	for op := range h.ops {
		h.ops[op] = o.Metrics.Op(route.Op(op).String())
	}
	h.pool.New = func() any { return newExchange(h) }
	return h
}

// Swap makes a snapshot the one that new requests see.
func (h *Handler) Swap(s *Snapshot) { h.snapshot.Store(s) }

// Snapshot is the current one.
func (h *Handler) Snapshot() *Snapshot { return h.snapshot.Load() }

// Wait returns when no hedged attempt runs any more.
func (h *Handler) Wait() { h.rivals.Wait() }

// Drain makes the handler tell its health checks, and callers on kept connections, that it is going away.
func (h *Handler) Drain() { h.draining.Store(true) }

// Stop ends the requests that still run: they get an error, and their attempts count against nobody.
func (h *Handler) Stop(w *Watcher) {
	h.stopping.Store(true)
	w.each(func(c *client) {
		for slot := range c.busy {
			c.abort(slot)
		}
	})
}

// Serve is the fasthttp handler. A panic becomes a 500 for its request alone.
func (h *Handler) Serve(ctx *fasthttp.RequestCtx) {
	defer h.recover(ctx)
	if s := strictOf(ctx.Conn()); s != nil {
		s.serve()
	}
	snap := h.snapshot.Load()
	if h.draining.Load() {
		ctx.SetConnectionClose()
	}
	path := apiPath(ctx.Path())
	if op, ok := operation(path); ok && ctx.IsPost() {
		x := h.pool.Get().(*exchange)
		x.begin(ctx, snap, op)
		h.exchange(x)
		return
	}
	h.read(ctx, snap, path)
}

// exchange is a model request, stage by stage. An error on the way becomes the answer; a stream's relay goes on after this
// returns, when fasthttp writes the body.
func (h *Handler) exchange(x *exchange) {
	defer x.abandon()
	err := x.snap.screen(x.ctx, x.headers.origin)
	if err == nil {
		err = x.identify()
	}
	if err == nil {
		err = x.readAsk()
	}
	if err == nil {
		err = x.admit()
	}
	if err == nil {
		err = x.guard()
	}
	if err == nil {
		err = x.rank()
	}
	if err != nil {
		x.refuse(err)
		return
	}
	switch x.attempt(x.keepaliveAt()) {
	case answered:
		x.relayAnswer()
	case streaming, waiting:
		x.relayStream()
	case failed:
		x.refuse(x.fault)
	}
}

// abandon ends an exchange that panicked: what it took is given back, and its caller gets a 500.
func (x *exchange) abandon() {
	p := recover()
	if p == nil {
		return
	}
	x.h.panicked(p)
	x.ctx.Response.Reset()
	x.ctx.SetConnectionClose()
	if x.counted {
		x.counted = false
		x.target.Offer.Stats.Record(market.Outcome{Kind: market.Cancelled, At: time.Now()})
		x.target.Breaker.Neutral(time.Now())
	}
	x.drop()
	x.refuse(internalError())
}

// readAsk finds in the body what routing needs.
func (x *exchange) readAsk() *fault.Error {
	body, err := plainBody(x.ctx, x.headers.encoding, x.snap.Config.Limits.Body)
	if err != nil {
		return err
	}
	x.body = body
	x.record.BytesIn = int64(len(body))
	if err := x.h.dialect.ReadAsk(x.op, body, &x.ask, &x.edits); err != nil {
		return err
	}
	x.record.AskedModel, x.record.Stream = x.ask.Model, x.ask.Stream
	return x.readDelivery()
}

// admit checks what the caller may do; limits and budgets will take their place here.
func (x *exchange) admit() *fault.Error {
	if err := x.h.admits(); err != nil {
		return err
	}
	return x.who.AllowsOp(x.op.String())
}

// rank makes the plan.
func (x *exchange) rank() *fault.Error {
	policy := x.snap.Policy
	policy.Constraints = Constraints(x.who)
	if err := x.snap.Book.Rank(&x.ask, policy, rand.Uint64(), &x.plan); err != nil {
		return err
	}
	x.record.Model = x.plan.Model
	x.stick()
	return nil
}

// Constraints are what a caller narrows its plans to.
func Constraints(who *caller.Caller) route.Constraints {
	c := &who.Constraints
	return route.Constraints{Regions: c.Regions, Types: c.Types, Models: who.Models, MaxPrice: c.MaxPrice}
}

func (h *Handler) recover(ctx *fasthttp.RequestCtx) {
	p := recover()
	if p == nil {
		return
	}
	h.panicked(p)
	ctx.Response.Reset()
	ctx.SetConnectionClose()
	h.refuse(ctx, internalError())
}

// panicked counts a panic and logs where it was. Its value may hold a part of a request: the type is enough to find the fault.
func (h *Handler) panicked(p any) {
	h.metrics.Panic()
	h.log.Error("panic in a request", "type", typeName(p), "stack", string(debug.Stack()))
}

func internalError() *fault.Error {
	return fault.New(500, fault.TypeInternal, "internal", "souk made an error of its own; its log has the details")
}

// operation finds what a path asks for.
func operation(path string) (route.Op, bool) {
	switch path {
	case "/v1/chat/completions":
		return route.Chat, true
	case "/v1/completions":
		return route.Completions, true
	case "/v1/embeddings":
		return route.Embeddings, true
	}
	return 0, false
}

var errStreamOver = errors.New("the stream is over")

// keepaliveAt is when a stream that has no content yet gets its 200; the zero time: never.
func (x *exchange) keepaliveAt() time.Time {
	if every := x.snap.Config.Routing.Keepalive; x.ask.Stream && every > 0 {
		return x.start.Add(every)
	}
	return time.Time{}
}
