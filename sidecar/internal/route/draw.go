package route

import (
	"math"

	"github.com/soukproxy/souk/sidecar/internal/market"
)

// smallListing is how many offers are cheaper to look at one by one than to sample.
const smallListing = 64

// fill appends usable offers of a model that pass, until the plan has limit or there are no more.
func (q *query) fill(t target, r *rng, plan *picks, limit int) {
	o := &t.listing.orders[t.by]
	switch {
	case o.usable == 0:
	case q.checks(t.listing):
		if t.by == balanced && len(q.prefs.Order) == 0 && o.usable > smallListing {
			q.sample(o, r, plan, limit)
		}
		q.scan(o, t.by, r, plan, limit)
	case t.by == balanced:
		q.draw(o, r, plan, limit)
	default:
		q.walk(o, r, plan, limit)
	}
}

// draw makes the balanced draw, without replacement, when every offer passes.
func (q *query) draw(o *ordering, r *rng, plan *picks, limit int) {
	for i := range o.pools {
		p := &o.pools[i]
		var drawn [maxPlan]int32
		for n := 0; n < p.len() && plan.n < limit; n++ {
			at := drawFresh(p, r, drawn[:n])
			if plan.n == 0 {
				at = q.calmer(o, at, r)
			}
			plan.add(o.places[at].offer)
			j := n
			for ; j > 0 && drawn[j-1] > int32(at); j-- {
				drawn[j] = drawn[j-1]
			}
			drawn[j] = int32(at)
		}
	}
}

// drawFresh draws a place that was not drawn before. A draw from all that hits an old one is repeated, which
// leaves the odds among the new ones as they are; where the old ones have most of the weight, the search that
// leaves them out is cheaper.
func drawFresh(p *pool, r *rng, drawn []int32) int {
	for range 3 {
		if at := p.draw(r); !holds(drawn, int32(at)) {
			return at
		}
	}
	return p.drawOther(r, drawn)
}

func holds(drawn []int32, at int32) bool {
	for _, d := range drawn {
		if d == at {
			return true
		}
	}
	return false
}

// walk takes the places of a strict order from the front, and equals in an order that is drawn, when every
// offer passes.
func (q *query) walk(o *ordering, r *rng, plan *picks, limit int) {
	for at := 0; at < o.usable && plan.n < limit; {
		lo, hi := int(o.places[at].lo), int(o.places[at].hi)
		want := min(hi-lo, limit-plan.n)
		for want > 0 {
			pick := lo
			if hi-lo > 1 {
				pick += int(r.below(uint64(hi - lo)))
			}
			if plan.n == 0 {
				pick = q.calmer(o, pick, r)
			}
			if plan.has(o.places[pick].offer) {
				continue
			}
			plan.add(o.places[pick].offer)
			want--
		}
		at = hi
	}
}

// sample makes the balanced draw when offers have to be looked at: one that fails, or that belongs behind
// others, is put back. It gives up after some draws, and scan finds the rest.
func (q *query) sample(o *ordering, r *rng, plan *picks, limit int) {
	p := &o.pools[0]
	if p.len() == 0 {
		return
	}
	for tries := 8 * limit; tries > 0 && plan.n < limit; tries-- {
		at := p.draw(r)
		if !q.first(o.places[at].offer) || plan.has(o.places[at].offer) {
			continue
		}
		if plan.n == 0 {
			if other := q.calmer(o, at, r); q.first(o.places[other].offer) {
				at = other
			}
		}
		plan.add(o.places[at].offer)
	}
}

// first tells whether an offer passes and no other comes before it but by the sort.
func (q *query) first(o *market.Offer) bool { return q.verdict(o) == passes && q.lead(o) == 0 }

// candidate is an offer that passes, with what decides its place: tier, then key, then tie, lower first.
type candidate struct {
	lead     uint32
	at       int32
	key, tie float64
}

func (c *candidate) before(d *candidate) bool {
	if c.lead != d.lead {
		return c.lead < d.lead
	}
	if c.key != d.key {
		return c.key < d.key
	}
	return c.tie < d.tie
}

// candidate is the candidate at a place. The key of a balanced draw is exponentially distributed with the
// weight as its rate: the smallest keys of a set are then a weighted draw without replacement from it
// (Efraimidis and Spirakis 2006), in one pass and with no memory of the set.
func (q *query) candidate(o *ordering, by sortKind, at int, salt uint64) candidate {
	p := &o.places[at]
	c := candidate{lead: q.lead(p.offer), at: int32(at)}
	u := unit(mix(salt + uint64(at+1)*0x9e3779b97f4a7c15))
	if by != balanced {
		c.key, c.tie = float64(p.lo), u
		return c
	}
	if at >= o.pools[0].len() {
		c.lead |= 1
	}
	c.key = -math.Log(u) / float64(o.weight(at))
	return c
}

// scan looks at every usable offer and appends the best of those that pass and are not planned yet.
func (q *query) scan(o *ordering, by sortKind, r *rng, plan *picks, limit int) {
	have := plan.n
	room := limit - have
	if room <= 0 {
		return
	}
	var best [maxPlan]candidate
	keep, n := max(room, 2), 0 // two, for the choice between equals
	salt := r.next()
	for at := range o.usable {
		if n == keep && by != balanced && !q.tiered && float64(o.places[at].lo) > best[n-1].key {
			break // nothing further down a strict order can be better
		}
		offer := o.places[at].offer
		if q.verdict(offer) != passes || have > 0 && plan.has(offer) {
			continue
		}
		c := q.candidate(o, by, at, salt)
		if n == keep {
			if !c.before(&best[n-1]) {
				continue
			}
			n--
		}
		j := n
		for ; j > 0 && c.before(&best[j-1]); j-- {
			best[j] = best[j-1]
		}
		best[j] = c
		n++
	}
	if have == 0 {
		q.calmerFirst(o, best[:n])
	}
	for i := range min(n, room) {
		plan.add(o.places[best[i].at].offer)
	}
}

// calmerFirst applies calmer to the candidates of a scan: the next equal of the first one is a random one.
func (q *query) calmerFirst(o *ordering, best []candidate) {
	for i := 1; i < len(best); i++ {
		if best[i].lead != best[0].lead || o.places[best[i].at].lo != o.places[best[0].at].lo {
			continue
		}
		if q.sooner(o.places[best[i].at].offer, o.places[best[0].at].offer) {
			best[0], best[i] = best[i], best[0]
		}
		return
	}
}

// calmer is the power of two choices (Mitzenmacher 2001): of the drawn place and another one drawn from its
// equals, the one that promises to answer sooner.
func (q *query) calmer(o *ordering, at int, r *rng) int {
	p := &o.places[at]
	if p.hi-p.lo < 2 {
		return at
	}
	other := int(p.lo) + int(r.below(uint64(p.hi-p.lo-1)))
	if other >= at {
		other++
	}
	if q.sooner(o.places[other].offer, p.offer) {
		return other
	}
	return at
}

// sooner tells whether a promises to answer sooner than b: its p50 times the requests in flight and this one.
// Where the two have no comparable latency, only the requests in flight count.
func (q *query) sooner(a, b *market.Offer) bool {
	x, y := inFlight(a), inFlight(b)
	fa, fb := &q.book.figures[a.Index], &q.book.figures[b.Index]
	switch {
	case fa.FirstToken.P50 > 0 && fb.FirstToken.P50 > 0:
		return float64(fa.FirstToken.P50)*(1+x) < float64(fb.FirstToken.P50)*(1+y)
	case fa.Latency.P50 > 0 && fb.Latency.P50 > 0:
		return float64(fa.Latency.P50)*(1+x) < float64(fb.Latency.P50)*(1+y)
	}
	return x < y
}

// inFlight is read live: between two books thousands of requests may have begun.
func inFlight(o *market.Offer) float64 {
	if o.Stats == nil {
		return 0
	}
	return float64(o.Stats.InFlight())
}
