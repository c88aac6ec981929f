package proxy

import (
	"strconv"
	"sync"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/route"
	"github.com/soukproxy/souk/sidecar/internal/telemetry"
)

// Prober asks the offers that the configuration names for it, now and then, so that a breaker closes and statistics stay current without
// callers. A probe is an attempt like any other: it costs money, its cost is counted, and the access log has a line of it (op probe).
// An offer that has ended attempts since the last look is not probed: its callers have told already. Nor is one that rests.
type Prober struct {
	h *Handler

	// Of the one goroutine that calls Tick.
	looks map[string]look // by offer

	mu      sync.Mutex
	running map[*client]struct{}
	stopped bool
	wg      sync.WaitGroup
}

// look is when an offer was last due, and how many attempts it had ended by then.
type look struct {
	at    time.Time
	ended int64
}

// NewProber probes nothing until Tick is called. Stop ends it.
func NewProber(h *Handler) *Prober {
	return &Prober{h: h, looks: map[string]look{}, running: map[*client]struct{}{}}
}

// Tick starts the probes that are due. It is called about every second, by one goroutine.
func (p *Prober) Tick(now time.Time) {
	snap := p.h.Snapshot()
	looks := make(map[string]look, len(p.looks))
	for _, offer := range snap.Market.Offers {
		probe := offer.Provider.Config.Probe
		if probe == nil || probe.Model != offer.Model {
			continue
		}
		last, known := p.looks[offer.ID]
		ended := attemptsEnded(offer)
		if known && now.Sub(last.at) < probe.Every {
			looks[offer.ID] = last
			continue
		}
		looks[offer.ID] = look{now, ended}
		if known && ended == last.ended {
			p.start(snap, offer, now)
		}
	}
	p.looks = looks
}

func attemptsEnded(o *market.Offer) (n int64) {
	totals := o.Stats.Totals()
	for _, ended := range totals.Attempts {
		n += ended
	}
	return n
}

// Stop ends the probes that run, and waits for them.
func (p *Prober) Stop() {
	p.mu.Lock()
	p.stopped = true
	for c := range p.running {
		c.hungUp()
	}
	p.mu.Unlock()
	p.wg.Wait()
}

// start probes an offer in a goroutine of its own, unless it is being asked already or may not be asked.
func (p *Prober) start(snap *Snapshot, offer *market.Offer, now time.Time) {
	if offer.Stats.InFlight() > 0 || snap.Targets.Of(offer).UsableAt().After(now) {
		return
	}
	c := &client{} // nobody's connection: what Stop ends
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return
	}
	p.running[c] = struct{}{}
	p.wg.Go(func() {
		defer func() {
			if v := recover(); v != nil {
				p.h.panicked(v)
			}
			p.mu.Lock()
			delete(p.running, c)
			p.mu.Unlock()
		}()
		p.h.probe(snap, offer, c, now)
	})
}

// probeSlot is the slot of a probe's connection: a probe that is stopped is no caller that left.
const probeSlot = 1

// probe asks an offer for as little as it can be asked for.
func (h *Handler) probe(snap *Snapshot, offer *market.Offer, c *client, now time.Time) {
	x := newExchange(h)
	x.snap, x.client, x.slot = snap, c, probeSlot
	x.start, x.end = now, now.Add(snap.total())
	x.id = telemetry.AppendRequestID(x.idText[:0], now)
	x.trace = x.headers.trace()
	x.op, x.body = probeBody(offer)
	x.ask.Reset(nil)
	x.edits.Reset()
	if err := h.dialect.ReadAsk(x.op, x.body, &x.ask, &x.edits); err != nil {
		h.log.Error("a probe could not be made", "offer", offer.ID, "error", err.Message)
		return
	}
	x.out.hold = true // it is good when it is whole
	x.repeated = true // one try
	x.plan.Model, x.plan.Offers = offer.Model, []*market.Offer{offer}
	r := &x.record
	r.Start, r.RequestID, r.Op, r.Caller, r.Stream = now, alias(x.id), "probe", "souk", x.ask.Stream
	r.AskedModel, r.Model = offer.Model, offer.Model
	r.BytesIn = int64(len(x.body))

	switch x.attempt(time.Time{}) {
	case answered, streaming:
		r.Status = x.try.answer.Status
		x.noteAnswer()
		x.succeed()
	default:
		if x.target == nil {
			return // its breaker did not allow it after all
		}
		r.Status = x.fault.Status
		x.note(x.fault)
		x.noteAnswer()
		h.log.Warn("a probe failed", "offer", offer.ID, "reason", lastReason(r))
	}
	x.drop()
	r.Duration = time.Since(now)
	r.Overhead = max(r.Duration-x.waited, 0)
	if h.access != nil {
		h.access.Put(r)
	}
}

func lastReason(r *telemetry.Record) string {
	attempts := r.Attempts()
	if len(attempts) == 0 {
		return ""
	}
	return attempts[len(attempts)-1].Reason
}

// probeBody is a request that costs next to nothing: a word, and an answer of one token. What reasons needs room to get to an answer,
// and calls the limit by another name.
func probeBody(o *market.Offer) (route.Op, []byte) {
	model := strconv.Quote(o.Model) // a word of the configuration: plain ASCII
	switch {
	case o.Supports&market.Embeddings != 0:
		return route.Embeddings, []byte(`{"model":` + model + `,"input":"hi"}`)
	case o.Supports&market.Reasoning != 0:
		return route.Chat, []byte(`{"model":` + model + `,"messages":[{"role":"user","content":"hi"}],"max_completion_tokens":16,"stream":true}`)
	}
	return route.Chat, []byte(`{"model":` + model + `,"messages":[{"role":"user","content":"hi"}],"max_tokens":1,"stream":true}`)
}
