package route

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

// Explanation is a whole plan with its reasons: the answer of POST /v1/route.
type Explanation struct {
	Model    string     `json:"model"` // canonical id of the model that was asked for
	Sort     string     `json:"sort"`
	Plan     []Planned  `json:"plan"`     // the offer to try first at the front
	Excluded []Excluded `json:"excluded"` // by model, then in the market's order
}

// Planned is one offer of a plan with its terms and live figures. What is unknown is null.
type Planned struct {
	Offer      string   `json:"offer"`
	Provider   string   `json:"provider"`
	Type       string   `json:"type"`
	Region     string   `json:"region"` // several with commas between; empty: unknown
	Price      *Price   `json:"price"`
	Latency    *Latency `json:"latency"`
	Throughput *float64 `json:"throughput"` // output tokens per second, p50 of the last 5 min
	Uptime     *float64 `json:"uptime"`     // percent of the last 30 min
	State      string   `json:"state"`
	RestsForMS int64    `json:"rests_for_ms,omitempty"` // until a resting or barred offer may be tried; absent: not known
	InFlight   int      `json:"in_flight"`
	Simulated  bool     `json:"simulated"` // its figures are a simulation's
	Share      float64  `json:"share"`     // probability of being tried first, 0 to 1
	Why        string   `json:"why"`
}

// Price is in USD per million tokens.
type Price struct {
	Input  money.Nano `json:"input"`
	Output money.Nano `json:"output"`
}

// Latency is percentiles of the last 5 min in milliseconds.
type Latency struct {
	Of  string  `json:"of"` // first_token, or answer where no stream was seen
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
}

// Excluded is an offer that was left out, and why.
type Excluded struct {
	Offer string `json:"offer"`
	Why   string `json:"why"`
}

// Explain is the plan that Rank makes of the same ask and seed, continued to the last offer, with the reason
// for every place and every exclusion. A share is the exact probability that a draw puts the offer first; among
// equals, load then moves it. An ask that every offer is excluded from has an empty plan and no error; the
// errors are Rank's others.
func (b *Book) Explain(ask *Ask, policy Policy, seed uint64) (*Explanation, *fault.Error) {
	var plan Plan
	if err := b.Rank(ask, policy, seed, &plan); err != nil && len(err.Excluded) == 0 {
		return nil, err
	}
	x := explainer{q: newQuery(b, ask, &policy), e: &Explanation{Model: plan.Model, Sort: plan.Sort, Plan: []Planned{}, Excluded: []Excluded{}}}
	var room [MaxModels]target
	n, err := b.targets(ask, policy.Sort, &room)
	if err != nil {
		return nil, err
	}
	x.targets = room[:n]
	x.offers = append(x.offers, plan.Offers...)
	x.complete(seed)
	x.describe()
	return x.e, nil
}

// explainer is one explanation in the making.
type explainer struct {
	q       query
	targets []target
	offers  []*market.Offer // the plan
	e       *Explanation
}

// complete continues the plan to the last offer that passes, and notes the others.
func (x *explainer) complete(seed uint64) {
	planned := make(map[*market.Offer]bool, len(x.offers))
	for _, o := range x.offers {
		planned[o] = true
	}
	oneEach := x.q.limit() == 1
	var later []*market.Offer // cannot be used now
	for _, t := range x.targets {
		for _, o := range t.listing.offers {
			switch r := x.q.verdict(o); {
			case r != passes:
				x.exclude(o, r)
			case oneEach && !planned[o]:
				x.exclude(o, oneOnly)
			}
		}
		if oneEach {
			continue
		}
		o := &t.listing.orders[t.by]
		for _, c := range x.candidates(t, seed) {
			if offer := o.places[c.at].offer; !planned[offer] {
				x.offers = append(x.offers, offer)
			}
		}
		for _, p := range o.places[o.usable:] {
			if !planned[p.offer] && x.q.verdict(p.offer) == passes {
				later = append(later, p.offer)
			}
		}
	}
	x.offers = append(x.offers, later...)
}

func (x *explainer) exclude(o *market.Offer, r reason) {
	x.e.Excluded = append(x.e.Excluded, Excluded{Offer: o.ID, Why: x.q.why(r, o)})
}

// candidates are the usable offers of a model that pass, best first.
func (x *explainer) candidates(t target, seed uint64) []candidate {
	o := &t.listing.orders[t.by]
	var all []candidate
	for at := range o.usable {
		if x.q.verdict(o.places[at].offer) == passes {
			all = append(all, x.q.candidate(o, t.by, at, mix(seed)))
		}
	}
	slices.SortFunc(all, func(a, b candidate) int {
		switch {
		case a.before(&b):
			return -1
		case b.before(&a):
			return 1
		}
		return 0
	})
	return all
}

// shares are the probabilities of being tried first. Only offers of the first model that has a usable one can
// be; of these, only those of the best tier, and in a strict order only the first and its equals.
func (x *explainer) shares() map[*market.Offer]float64 {
	shares := make(map[*market.Offer]float64)
	for _, t := range x.targets {
		all := x.candidates(t, 0)
		if len(all) == 0 {
			continue
		}
		o := &t.listing.orders[t.by]
		sum := 0.0
		for _, c := range all {
			if c.lead != all[0].lead || t.by != balanced && c.key != all[0].key {
				break
			}
			w := 1.0
			if t.by == balanced {
				w = float64(o.weight(int(c.at)))
			}
			shares[o.places[c.at].offer] = w
			sum += w
		}
		for offer := range shares {
			shares[offer] /= sum
		}
		return shares
	}
	if len(x.offers) > 0 {
		shares[x.offers[0]] = 1
	}
	return shares
}

// describe turns the plan into words and figures.
func (x *explainer) describe() {
	shares := x.shares()
	type context struct {
		terms *terms
		by    sortKind
	}
	contexts := make(map[*market.Offer]context)
	for _, t := range x.targets {
		all := termsOf(t.listing.offers, x.q.book.figures)
		for i := range all {
			contexts[all[i].offer] = context{&all[i], t.by}
		}
	}
	for _, o := range x.offers {
		p := x.planned(o)
		p.Share = shares[o]
		c := contexts[o]
		p.Why = x.place(c.terms, c.by)
		x.e.Plan = append(x.e.Plan, p)
	}
}

func (x *explainer) planned(o *market.Offer) Planned {
	f := x.q.book.Figures(o)
	p := Planned{
		Offer: o.ID, Provider: o.Provider.Name, Type: o.Provider.Type, Region: strings.Join(o.Regions, ","),
		State: f.State.String(), InFlight: int(inFlight(o)), Simulated: o.Provider.Simulated,
		Latency: latency(f),
	}
	if f.RestsFor > 0 {
		p.RestsForMS = f.RestsFor.Milliseconds()
	}
	if o.Price != nil {
		p.Price = &Price{Input: money.Nano(o.Price.Input), Output: money.Nano(o.Price.Output)}
	}
	if f.Throughput > 0 {
		rounded := math.Round(f.Throughput*10) / 10
		p.Throughput = &rounded
	}
	if f.Uptime30 >= 0 {
		percent := math.Floor(f.Uptime30*1e4+1e-6) / 100
		p.Uptime = &percent
	}
	return p
}

func latency(f *market.Figures) *Latency {
	of, l := "first_token", f.FirstToken
	if l.P50 <= 0 {
		of, l = "answer", f.Latency
	}
	if l.P50 <= 0 {
		return nil
	}
	return &Latency{Of: of, P50: milliseconds(l.P50), P90: milliseconds(l.P90), P99: milliseconds(l.P99)}
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond)) / float64(time.Millisecond)
}

// place says why an offer has its place.
func (x *explainer) place(t *terms, by sortKind) string {
	var notes []string
	note := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	f := x.q.book.Figures(t.offer)
	rests := "with no end known"
	if f.RestsFor > 0 {
		rests = "for " + f.RestsFor.Round(time.Millisecond).String()
	}
	switch t.class {
	case slow:
		note("%s tokens per second, below the floor of %s: after the faster offers", number(round(f.Throughput)), number(t.offer.Floor.TokensPerSecond))
	case resting:
		note("rests %s: after all usable offers", rests)
	case barred:
		note("barred %s: after all usable offers", rests)
	}
	if len(x.q.prefs.Order) > 0 {
		if at := named(x.q.prefs.Order, t.offer); at >= 0 {
			note("number %d in order", at+1)
		} else {
			note("not in order, so after those that are")
		}
	}
	if unknown := x.q.ask.Needs &^ t.offer.Known; unknown != 0 {
		note("not known to support %s: after those that are", strings.Join(unknown.Names(), ", "))
	}
	if x.q.tooSlow(t.offer) {
		note("slower than preferred: after those that are not")
	}
	note("%s", t.reading(by, f))
	return strings.Join(notes, "; ")
}

// reading is the figure that the order goes by.
func (t *terms) reading(by sortKind, f *market.Figures) string {
	switch {
	case by == byPrice && t.priced:
		return "price " + number(round(blendedUSD(t.blended))) + " per million tokens, three of input to one of output"
	case by == byPrice:
		return "price unknown: after those that are known"
	case by == byLatency && f.FirstToken.P50 > 0:
		return fmt.Sprintf("first token in %s, %s times the best", f.FirstToken.P50.Round(time.Microsecond), number(round(t.slow)))
	case by == byLatency && f.Latency.P50 > 0:
		return fmt.Sprintf("answer in %s, %s times the best", f.Latency.P50.Round(time.Microsecond), number(round(t.slow)))
	case by == byLatency:
		return "latency unknown: after those that are known"
	case by == byThroughput && t.tokens > 0:
		return number(round(t.tokens)) + " tokens per second"
	case by == byThroughput:
		return "throughput unknown: after those that are known"
	case by == byUptime && t.uptime >= 0:
		return "uptime " + percent(t.uptime) + " % over 30 min"
	case by == byUptime:
		return "uptime unknown: after those that are known"
	}
	s := fmt.Sprintf("expected cost %s per million tokens, latency factor %s", number(round(t.cost)), number(round(t.factor)))
	if !t.priced {
		s = fmt.Sprintf("price unknown: after the priced offers; success %s %%, latency factor %s", percent(t.success), number(round(t.factor)))
	}
	switch f.State {
	case market.Warming:
		s += ", a quarter of its weight in slow start"
	case market.Probing:
		s += ", a quarter of its weight while it is probed"
	}
	return s
}

// round keeps three significant digits and at least two decimals' worth of them above 1.
func round(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return v
	}
	scale := math.Pow(10, max(2-math.Floor(math.Log10(math.Abs(v))), 2))
	return math.Round(v*scale) / scale
}
