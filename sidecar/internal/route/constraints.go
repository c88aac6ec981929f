package route

import (
	"slices"
	"strings"

	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

// Constraints are what a caller's identity or hand-off allows. They only ever narrow: an empty field allows
// what the rest allows.
type Constraints struct {
	Regions  []string
	Types    []string
	Models   []string          // canonical ids; * stands at the end only, for anything
	MaxPrice *money.PerMillion // for input and for output alike; an offer without a price fails it
}

// reason is why an offer is left out. Reasons are codes here and become words in why, so that leaving an offer
// out costs nothing where nobody reads it.
type reason uint8

const (
	passes reason = iota

	callerModel
	callerRegion
	callerType
	callerPrice // the last of the caller's constraints

	notOnly
	ignored
	notOrdered
	wrongRegion
	wrongType
	retains
	trains
	wrongQuantization
	priceUnknown
	promptPrice
	completionPrice
	lowUptime
	featureMissing
	featureUnknown
	embedsOnly
	contextTooSmall
	outputTooSmall
	oneOnly // passes, but allow_fallbacks is false and another comes first
)

// verdict tells whether an offer satisfies the caller's constraints and the request's, or which it fails first.
func (q *query) verdict(o *market.Offer) reason {
	if q.limited || len(q.allowed.Models) > 0 {
		if r := q.callerVerdict(o); r != passes {
			return r
		}
	}
	if q.picky {
		if r := q.preferenceVerdict(o); r != passes {
			return r
		}
	}
	if q.ask.Op != Embeddings && o.Supports&market.Embeddings != 0 {
		return embedsOnly
	}
	if q.required != 0 {
		switch {
		case o.Lacks(q.required) != 0:
			return featureMissing
		case q.prefs.RequireParameters && q.required&^o.Known != 0:
			return featureUnknown
		}
	}
	if o.Context > 0 && q.context > o.Context {
		return contextTooSmall
	}
	if o.MaxOutput > 0 && q.ask.MaxTokens > o.MaxOutput {
		return outputTooSmall
	}
	return passes
}

func (q *query) callerVerdict(o *market.Offer) reason {
	c := &q.allowed
	switch {
	case len(c.Models) > 0 && !matchesAny(c.Models, o.Model):
		return callerModel
	case len(c.Regions) > 0 && !within(o.Regions, c.Regions):
		return callerRegion
	case len(c.Types) > 0 && !slices.Contains(c.Types, o.Provider.Type):
		return callerType
	case c.MaxPrice != nil && (o.Price == nil || o.Price.Input > *c.MaxPrice || o.Price.Output > *c.MaxPrice):
		return callerPrice
	}
	return passes
}

func (q *query) preferenceVerdict(o *market.Offer) reason {
	p := &q.prefs
	switch {
	case len(p.Only) > 0 && named(p.Only, o) < 0:
		return notOnly
	case named(p.Ignore, o) >= 0:
		return ignored
	case q.alone && len(p.Order) > 0 && named(p.Order, o) < 0:
		return notOrdered
	case len(p.Regions) > 0 && !within(o.Regions, p.Regions):
		return wrongRegion
	case len(p.Types) > 0 && !slices.Contains(p.Types, o.Provider.Type):
		return wrongType
	case p.ZDR && (o.Provider.Data.RetentionDays == nil || *o.Provider.Data.RetentionDays != 0):
		return retains
	case p.DataCollection == Deny && (o.Provider.Data.Trains == nil || *o.Provider.Data.Trains):
		return trains
	case len(p.Quantizations) > 0 && !containsFold(p.Quantizations, quantization(o)):
		return wrongQuantization
	}
	if m := p.MaxPrice; m != nil && (m.Prompt != nil || m.Completion != nil) {
		switch {
		case o.Price == nil:
			return priceUnknown
		case m.Prompt != nil && o.Price.Input > *m.Prompt:
			return promptPrice
		case m.Completion != nil && o.Price.Output > *m.Completion:
			return completionPrice
		}
	}
	if p.MinUptime > 0 {
		if up := q.book.figures[o.Index].Uptime30; up >= 0 && up*100 < p.MinUptime {
			return lowUptime
		}
	}
	return passes
}

// lead puts offers that pass into tiers, lower first: the place of the offer in order, then whether it is
// known to support what the request needs, then whether it is known to be too slow. Within a tier the sort
// decides.
func (q *query) lead(o *market.Offer) uint32 {
	var lead uint32
	if len(q.prefs.Order) > 0 {
		at := named(q.prefs.Order, o)
		if at < 0 {
			at = len(q.prefs.Order)
		}
		lead = uint32(at) << 3
	}
	if q.ask.Needs&^o.Known != 0 {
		lead |= 1 << 2
	}
	if q.tooSlow(o) {
		lead |= 1 << 1
	}
	return lead
}

// tooSlow tells whether an offer is known to miss preferred_min_throughput or preferred_max_latency.
func (q *query) tooSlow(o *market.Offer) bool {
	f := &q.book.figures[o.Index]
	return q.prefs.MinThroughput > 0 && f.Throughput > 0 && f.Throughput < q.prefs.MinThroughput ||
		q.prefs.MaxLatency > 0 && f.FirstToken.P50.Seconds() > q.prefs.MaxLatency
}

// named is the first entry that names the offer or its provider; -1: none.
func named(entries []string, o *market.Offer) int {
	for i, e := range entries {
		if sameName(e, o.Provider.Name) || sameName(e, o.ID) {
			return i
		}
	}
	return -1
}

// within tells whether every region that an offer may serve from is allowed. An offer in two regions may
// serve a request from either, so one allowed region is not enough, and an unknown region never is.
func within(regions, allowed []string) bool {
	for _, r := range regions {
		if !containsFold(allowed, r) {
			return false
		}
	}
	return len(regions) > 0
}

// sameName compares names whatever their case. The length comes first because nearly all names differ in it.
func sameName(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

func containsFold(list []string, s string) bool {
	for _, e := range list {
		if sameName(e, s) {
			return true
		}
	}
	return false
}

// matchesAny tells whether a pattern matches; * stands at the end of a pattern only, for anything.
func matchesAny(patterns []string, model string) bool {
	for _, p := range patterns {
		if prefix, ok := strings.CutSuffix(p, "*"); ok && strings.HasPrefix(model, prefix) || p == model {
			return true
		}
	}
	return false
}

// quantization is the offer's, as a request names it.
func quantization(o *market.Offer) string {
	if o.Quantization == "" {
		return "unknown"
	}
	return o.Quantization
}
