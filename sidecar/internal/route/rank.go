package route

import (
	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/market"
)

const (
	// MaxAttempts is the most attempts that a policy may have.
	MaxAttempts = 16
	// MaxModels is the most models that one request may fall back over, the first included.
	MaxModels = 16

	defaultAttempts = 4

	// spares are offers beyond the attempts, for those whose breaker has opened since the figures were taken.
	spares  = 4
	maxPlan = MaxAttempts + spares
)

// Policy is how offers are chosen when the request does not say otherwise, and what its caller may use.
type Policy struct {
	Sort     string // balanced when empty
	Attempts int    // 1 to MaxAttempts; 4 when 0
	Constraints
}

// Plan is the offers for one ask, the one to try first at the front. The caller keeps and reuses it; it must
// not be copied, since Offers is a part of it.
type Plan struct {
	Model  string // canonical id of the model that was asked for
	Sort   string // the order that was applied to it
	Offers []*market.Offer

	picks picks
}

// picks are offers in the order in which they were picked, in a room that needs no heap.
type picks struct {
	n    int
	room [maxPlan]*market.Offer
}

func (p *picks) add(o *market.Offer) {
	p.room[p.n] = o
	p.n++
}

func (p *picks) has(o *market.Offer) bool {
	for _, have := range p.room[:p.n] {
		if have == o {
			return true
		}
	}
	return false
}

// addUpTo adds offers that are not there yet until there are limit.
func (p *picks) addUpTo(limit int, offers []*market.Offer) {
	for _, o := range offers {
		if p.n >= limit {
			return
		}
		if !p.has(o) {
			p.add(o)
		}
	}
}

func (p *picks) serve(model string) bool {
	for _, o := range p.room[:p.n] {
		if o.Model == model {
			return true
		}
	}
	return false
}

// query is one ask with everything that is the same for all offers worked out.
type query struct {
	book    *Book
	ask     *Ask
	prefs   Preferences // values, so that the query of a request needs no heap
	allowed Constraints

	limited bool // the caller has constraints on offers
	picky   bool // the request has constraints of its own
	tiered  bool // offers that pass may still come after others regardless of the sort
	alone   bool // allow_fallbacks is false
	context int  // tokens of context that an offer must have, see contextNeeded

	required market.Features // without them an offer is left out, when it is known to lack them
	attempts int
}

// target is one of the models that an ask falls back over.
type target struct {
	listing *listing
	by      sortKind
}

func newQuery(b *Book, ask *Ask, policy *Policy) query {
	q := query{book: b, ask: ask, allowed: policy.Constraints}
	if ask.Prefer != nil {
		q.prefs = *ask.Prefer
	}
	p, c := &q.prefs, &q.allowed
	q.limited = len(c.Regions) > 0 || len(c.Types) > 0 || c.MaxPrice != nil
	q.alone = p.AllowFallbacks != nil && !*p.AllowFallbacks
	q.picky = len(p.Only) > 0 || len(p.Ignore) > 0 || len(p.Order) > 0 || len(p.Regions) > 0 || len(p.Types) > 0 ||
		p.ZDR || p.DataCollection == Deny || len(p.Quantizations) > 0 || p.MaxPrice != nil || p.MinUptime > 0
	q.tiered = len(p.Order) > 0 || ask.Needs != 0 || p.MinThroughput > 0 || p.MaxLatency > 0
	q.required = ask.Needs
	if p.RequireParameters {
		q.required |= ask.Wants
	}
	q.context = contextNeeded(ask)
	q.attempts = policy.Attempts
	if q.attempts <= 0 {
		q.attempts = defaultAttempts
	}
	q.attempts = min(q.attempts, MaxAttempts)
	return q
}

// contextNeeded is how many tokens of context a request surely needs. The prompt's tokens are an estimate that
// may be half too high (Ask.InputTokens), and leaving an offer out by mistake is worse than one refusal, after
// which only offers with more context are tried; so an offer is left out only when two thirds of the estimate
// and the whole of max_tokens exceed its context.
func contextNeeded(ask *Ask) int { return ask.InputTokens()*2/3 + ask.MaxTokens }

// checks tells whether the offers of a listing have to be looked at one by one.
func (q *query) checks(l *listing) bool {
	if q.limited || q.picky || q.prefs.MinThroughput > 0 || q.prefs.MaxLatency > 0 {
		return true
	}
	if len(q.allowed.Models) > 0 && !matchesAny(q.allowed.Models, l.model) {
		return true
	}
	// A need of which every offer, or none, is known to support it makes no difference between offers.
	if q.ask.Op != Embeddings && l.embeds {
		return true
	}
	if missing := q.required &^ l.common; missing&l.known != 0 || missing != 0 && q.prefs.RequireParameters {
		return true
	}
	return l.minContext > 0 && q.context > l.minContext || l.minMaxOutput > 0 && q.ask.MaxTokens > l.minMaxOutput
}

// Rank fills plan with the offers for one ask: at most the policy's attempts and a few spares, best first. The
// seed decides the draws. It allocates nothing unless it fails, and takes the same time however many offers
// there are, unless the request's constraints leave few of them.
//
// Offers below their floor come after those that are not; offers that rest or are barred after all others, the soonest usable first. Further
// models come after the first one's offers, but each of them is kept one of the attempts. With
// allow_fallbacks false the plan has one offer for each model, or the offers that order names.
//
// Errors: 400 for too many models, 404 for a model that is not on the market, 503 when every offer is excluded
// (with Excluded filled in), 403 when the caller's own constraints excluded them all.
func (b *Book) Rank(ask *Ask, policy Policy, seed uint64, plan *Plan) *fault.Error {
	plan.Model, plan.Sort, plan.Offers, plan.picks.n = "", "", nil, 0
	q := newQuery(b, ask, &policy)
	var targets [MaxModels]target
	n, err := b.targets(ask, policy.Sort, &targets)
	if err != nil {
		return err
	}
	plan.Model, plan.Sort = targets[0].listing.model, sortNames[targets[0].by]
	if n == 1 {
		q.one(targets[0], seed, &plan.picks)
	} else {
		q.several(targets[:n], seed, &plan.picks)
	}
	if plan.picks.n == 0 {
		return q.refuse(targets[:n])
	}
	plan.Offers = plan.picks.room[:plan.picks.n]
	return nil
}

// targets resolves the models of an ask, each once.
func (b *Book) targets(ask *Ask, policySort string, targets *[MaxModels]target) (int, *fault.Error) {
	if len(ask.Models) > MaxModels-1 {
		return 0, fault.Invalid("models", "models lists %d models; list at most %d", len(ask.Models), MaxModels-1)
	}
	n := 0
	for i := -1; i < len(ask.Models); i++ {
		name, param := ask.Model, "model"
		if i >= 0 {
			name, param = ask.Models[i], "models"
		} else if name == "" && len(ask.Models) > 0 {
			continue
		}
		model, suffix, err := b.market.Resolve(name)
		if err != nil {
			return 0, unresolved(param, err)
		}
		l := b.market.Listing(model)
		t := target{b.listings[l.Index], sortFor(ask.Prefer, suffix, policySort)}
		if !known(targets[:n], t.listing) {
			targets[n] = t
			n++
		}
	}
	return n, nil
}

func known(targets []target, l *listing) bool {
	for i := range targets {
		if targets[i].listing == l {
			return true
		}
	}
	return false
}

// sortFor decides the order: the request's sort, then the model's suffix, then the policy's.
func sortFor(p *Preferences, suffix, policy string) sortKind {
	if p != nil && p.Sort != "" {
		by, _ := sortOf(p.Sort)
		return by
	}
	switch suffix {
	case market.SuffixFloor:
		return byPrice
	case market.SuffixNitro:
		return byThroughput
	}
	by, _ := sortOf(policy)
	return by
}

// one plans a single model.
func (q *query) one(t target, seed uint64, plan *picks) {
	limit := q.limit()
	r := rng(seed)
	q.fill(t, &r, plan, limit)
	if plan.n < limit {
		q.unusable(t, plan, limit)
	}
}

// limit is how many offers of one model a plan may have.
func (q *query) limit() int {
	if q.alone && len(q.prefs.Order) == 0 {
		return 1
	}
	return q.attempts + spares
}

// several plans a model and those to fall back to. The first pass gives every model its part of the attempts,
// the second what room is left, the third comes to the offers that cannot be used now.
func (q *query) several(targets []target, seed uint64, plan *picks) {
	limit, each := q.attempts+spares, q.limit()
	part := max(q.attempts-len(targets)+1, 1)
	for pass := range 2 {
		for i, t := range targets {
			var own picks
			r := rng(seed + uint64(i)) // the same draw in both passes
			q.fill(t, &r, &own, each)
			offers := own.room[:own.n]
			if pass == 0 {
				offers = offers[:min(part, len(offers))]
				part = 1
			} else if each == 1 && len(offers) > 0 {
				continue // a draw may differ when load changes between the passes; one offer is enough
			}
			plan.addUpTo(limit, offers)
		}
		part = 1
	}
	for _, t := range targets {
		if each > 1 || !plan.serve(t.listing.model) {
			q.unusable(t, plan, min(limit, plan.n+each))
		}
	}
}

// unusable appends the offers that pass but are below their floor, rest or are barred, the soonest usable first.
func (q *query) unusable(t target, plan *picks, limit int) {
	o := &t.listing.orders[t.by]
	for i := o.usable; i < len(o.places) && plan.n < limit; i++ {
		if offer := o.places[i].offer; q.verdict(offer) == passes && !plan.has(offer) {
			plan.add(offer)
		}
	}
}
