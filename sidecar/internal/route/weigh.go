package route

import (
	"math"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/market"
)

// The constants of the balanced order; see terms.weight for the formula that they belong to.
const (
	inputShare = 3 // a token of output is taken to come with three of input

	priorAttempts = 5    // how many attempts the prior is worth
	priorSuccess  = 0.98 // the success of an offer that nothing is known of
	mostEvidence  = 50   // attempts; more do not make an uptime more certain than this

	freeShare     = 0.1  // of the cheapest positive price: what a free offer is taken to cost
	slowestFactor = 0.25 // the latency factor's lower bound
	warmingFactor = 0.25 // of its weight for an offer in slow start or due for a probe
)

// terms are what one offer is ranked by, worked out once for each change of its figures.
type terms struct {
	offer *market.Offer

	class uint8         // 0: usable; else how bad it is, see classOf
	rests time.Duration // until it may be tried again; 0 when usable, the longest when nobody knows

	priced  bool
	blended int64   // (3 x input + output), nano-USD for a million tokens x 4
	success float64 // expected share of attempts that succeed
	cost    float64 // expected USD per million tokens, retries included; unpriced offers: 1/success
	slow    float64 // p50 relative to the listing's best, at least 1; +Inf: unknown
	tokens  float64 // output tokens per second; 0: unknown
	uptime  float64 // of the last 30 min, 0 to 1; -1: unknown
	factor  float64 // latency factor
	start   float64 // slow-start factor
	weight  float64 // of the balanced draw; comparable only among priced, or among unpriced offers
}

// The classes of offers. All but usable ones come after every usable one, in this order.
const (
	usable  = iota // up, warming, or due for a probe
	slow           // below its floor, where another offer of the model is not
	resting        // for a time that is known or not
	barred
)

// enoughForFloor is how many rates must have been measured before an offer is called slow.
const enoughForFloor = 3

// belowFloor tells whether an offer generates fewer tokens per second than its floor.
func belowFloor(o *market.Offer, f *market.Figures) bool {
	return f.Rates >= enoughForFloor && f.Throughput < o.Floor.TokensPerSecond
}

// demote moves the usable offers below their floor behind the others, unless there are no others.
func demote(all []terms, figures []market.Figures) {
	faster := false
	for i := range all {
		t := &all[i]
		faster = faster || t.class == usable && !belowFloor(t.offer, &figures[t.offer.Index])
	}
	for i := range all {
		if t := &all[i]; faster && t.class == usable && belowFloor(t.offer, &figures[t.offer.Index]) {
			t.class = slow
		}
	}
}

// classOf tells how usable an offer is, and how long it rests. An offer that is due for a probe counts as
// usable, or nothing would ever find out that it has recovered; its breaker lets one request through and
// shows the others on to the next offer.
func classOf(f *market.Figures) (class uint8, rests time.Duration) {
	switch f.State {
	case market.Resting:
		class = resting
	case market.Barred:
		class = barred
	default:
		return usable, 0
	}
	if f.RestsFor <= 0 {
		return class, math.MaxInt64 // no end is known
	}
	return class, f.RestsFor
}

// termsOf works out the terms of all offers of one model. The weight of an offer in the balanced draw is
//
//	weight  = latency x start / cost^2
//	cost    = max(price, floor) / success
//	price   = (3 x input + output) / 4                 USD per million tokens
//	floor   = 1/10 of the cheapest positive price among the model's offers (1 when none has one)
//	success = (n x uptime + 5 x 0.98) / (n + 5)        n = attempts in the last 30 min, at most 50;
//	                                                   uptime of the last 5 min, else of the last 30
//	latency = best p50 / own p50, within [0.25, 1]     first token; whole answers where no stream was seen;
//	                                                   1 where nothing is known
//	start   = 1/4 in slow start and when due for a probe, else 1
//
// Cost is what a million tokens cost when failed attempts are paid again, so an offer that is cheap but fails
// every other time competes at twice its price. Offers without a price are weighed with price 1 among
// themselves, and are drawn only when no priced one is left. A first-token time is compared with the best
// first-token time and a whole answer's with the best whole answer's, never one with the other.
func termsOf(offers []*market.Offer, figures []market.Figures) []terms {
	all := make([]terms, len(offers))
	cheapest := int64(math.MaxInt64)
	var bestFirst, bestWhole time.Duration
	for i, o := range offers {
		f := &figures[o.Index]
		t := &all[i]
		t.offer = o
		t.class, t.rests = classOf(f)
		if o.Price != nil {
			t.priced = true
			t.blended = inputShare*int64(o.Price.Input) + int64(o.Price.Output)
			if t.blended > 0 {
				cheapest = min(cheapest, t.blended)
			}
		}
		bestFirst = shorter(bestFirst, f.FirstToken.P50)
		bestWhole = shorter(bestWhole, f.Latency.P50)
	}
	demote(all, figures)
	floor := 1.0
	if cheapest != math.MaxInt64 {
		floor = freeShare * blendedUSD(cheapest)
	}
	for i := range all {
		t := &all[i]
		f := &figures[t.offer.Index]
		t.slow = slowness(f, bestFirst, bestWhole)
		t.tokens, t.uptime = max(f.Throughput, 0), f.Uptime30
		t.success = success(f)
		t.weigh(floor, f.State)
	}
	return all
}

// weigh completes the terms with cost, factors and weight.
func (t *terms) weigh(floor float64, state market.State) {
	price := 1.0
	if t.priced {
		price = max(blendedUSD(t.blended), floor)
	}
	t.cost = price / t.success
	t.factor = 1
	if !math.IsInf(t.slow, 1) {
		t.factor = max(1/t.slow, slowestFactor)
	}
	t.start = 1
	if state == market.Warming || state == market.Probing {
		t.start = warmingFactor
	}
	t.weight = t.factor * t.start / (t.cost * t.cost)
}

// blendedUSD is a blended price in USD per million tokens.
func blendedUSD(blended int64) float64 { return float64(blended) / (inputShare + 1) / 1e9 }

// success is the expected share of attempts that succeed. The prior keeps one early failure from shutting an
// offer out, and the cap on the evidence keeps an old record from hiding what happens now.
func success(f *market.Figures) float64 {
	uptime := f.Uptime5
	if uptime < 0 {
		uptime = f.Uptime30
	}
	if uptime < 0 {
		return priorSuccess
	}
	n := float64(min(max(f.Attempts30, 1), mostEvidence))
	return (n*min(uptime, 1) + priorAttempts*priorSuccess) / (n + priorAttempts)
}

// slowness is an offer's p50 relative to the best of its kind.
func slowness(f *market.Figures, bestFirst, bestWhole time.Duration) float64 {
	switch {
	case f.FirstToken.P50 > 0:
		return float64(f.FirstToken.P50) / float64(bestFirst)
	case f.Latency.P50 > 0:
		return float64(f.Latency.P50) / float64(bestWhole)
	}
	return math.Inf(1)
}

// shorter is the smaller of two durations that are known, which is to say positive.
func shorter(a, b time.Duration) time.Duration {
	if a <= 0 || b > 0 && b < a {
		return b
	}
	return a
}
