package telemetry

import (
	"sync/atomic"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

const (
	kinds  = int(market.KeyRefused) + 1
	states = int(market.Barred) + 1
)

// outcomes are the values of the outcome label, by market.Kind.
func outcomes() [kinds]string {
	return [kinds]string{
		market.Success:       "success",
		market.ProviderFault: "provider_fault",
		market.RateLimited:   "rate_limited",
		market.CallerFault:   "caller_fault",
		market.Cancelled:     "cancelled",
		market.KeyRefused:    "key_refused",
	}
}

// firstTokenBuckets are those that OpenTelemetry's semantic conventions for generative AI advise for
// gen_ai.server.time_to_first_token.
func firstTokenBuckets() []time.Duration {
	bounds := []time.Duration{1, 5, 10, 20, 40, 60, 80, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000}
	for i := range bounds {
		bounds[i] *= time.Millisecond
	}
	return bounds
}

// OfferMetrics counts one offer's attempts, tokens and cost. Its series begin with its first attempt: a market of
// thousands of offers shows, and pays for, only those in use.
type OfferMetrics struct {
	begun atomic.Pointer[offerSeries]
}

type offerSeries struct {
	attempts    [kinds]atomic.Uint64
	transitions [states]atomic.Uint64
	input       atomic.Uint64
	output      atomic.Uint64
	cost        atomic.Int64 // nano-USD: exact until it is shown
	firstToken  *durations
}

// offerName tells one offer's series from another's, by the labels that it is shown with.
type offerName struct {
	offer, provider, model string
	simulated              bool
}

func nameOffer(offer, provider, model string, simulated bool) offerName {
	return offerName{labelValue(offer), labelValue(provider), labelValue(model), simulated}
}

// OfferMetrics resolves an offer's metrics; keep the result beside the offer. The same names give the same metrics,
// so counts survive a reload. Figures of a simulated offer carry the label simulated="true".
func (m *Metrics) OfferMetrics(offerID, provider, model string, simulated bool) *OfferMetrics {
	name := nameOffer(offerID, provider, model, simulated)
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.offers[name]
	if o == nil {
		o = &OfferMetrics{}
		m.offers[name] = o
	}
	return o
}

// Attempt counts an attempt that is over.
func (o *OfferMetrics) Attempt(kind market.Kind) {
	if int(kind) < kinds {
		o.series().attempts[kind].Add(1)
	}
}

// FirstToken counts the time to a stream's first content.
func (o *OfferMetrics) FirstToken(d time.Duration) { o.series().firstToken.observe(d) }

// Tokens counts an attempt's tokens; numbers below zero count as nothing.
func (o *OfferMetrics) Tokens(input, output int64) {
	s := o.series()
	s.input.Add(uint64(max(input, 0)))
	s.output.Add(uint64(max(output, 0)))
}

// Cost counts what an attempt cost; amounts below zero count as nothing.
func (o *OfferMetrics) Cost(n money.Nano) { o.series().cost.Add(int64(max(n, 0))) }

// Breaker counts a transition of the offer's breaker.
func (o *OfferMetrics) Breaker(to market.State) {
	if to >= 0 && int(to) < states {
		o.series().transitions[to].Add(1)
	}
}

func (o *OfferMetrics) series() *offerSeries {
	if s := o.begun.Load(); s != nil {
		return s
	}
	o.begun.CompareAndSwap(nil, &offerSeries{firstToken: newDurations(firstTokenBuckets())})
	return o.begun.Load()
}
