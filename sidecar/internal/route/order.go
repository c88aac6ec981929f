package route

import (
	"cmp"
	"math"
	"slices"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/market"
)

// sortKind is an order in a form that indexes.
type sortKind uint8

const (
	balanced sortKind = iota
	byPrice
	byLatency
	byThroughput
	byUptime
	sortKinds
)

// sortNames are the orders as configuration and requests name them, indexed by sortKind.
var sortNames = [sortKinds]string{config.SortBalanced, config.SortPrice, config.SortLatency, config.SortThroughput, config.SortUptime}

// sortOf finds an order by name.
func sortOf(name string) (sortKind, bool) {
	for i, known := range sortNames {
		if name == known {
			return sortKind(i), true
		}
	}
	return balanced, false
}

// place is one offer's place in an order. The offers of [lo, hi) are its equals.
type place struct {
	offer  *market.Offer
	lo, hi int32
}

// ordering is all offers of one model in one order: the usable ones best first, then those below their floor, then the others, the
// soonest usable first.
type ordering struct {
	places []place
	usable int

	pools [2]pool // balanced only: the priced offers, then the unpriced
}

// key is what a strict order compares, lower first; offers without the figure come after those with it.
func (t *terms) key(by sortKind) float64 {
	switch by {
	case byPrice:
		if t.priced {
			return float64(t.blended)
		}
	case byLatency:
		return t.slow
	case byThroughput:
		if t.tokens > 0 {
			return -t.tokens
		}
	case byUptime:
		if t.uptime >= 0 {
			return -t.uptime
		}
	default: // balanced: the heaviest first
		return -t.weight
	}
	return math.Inf(1)
}

// arrange orders the offers of one model by one sort.
func arrange(all []terms, by sortKind) ordering {
	type sorted struct {
		t   *terms
		key float64
	}
	entries := make([]sorted, len(all))
	for i := range all {
		entries[i] = sorted{&all[i], all[i].key(by)}
	}
	slices.SortFunc(entries, func(a, b sorted) int {
		if c := cmp.Compare(a.t.class, b.t.class); c != 0 {
			return c
		}
		if c := cmp.Compare(a.t.rests, b.t.rests); c != 0 {
			return c
		}
		if by == balanced && a.t.priced != b.t.priced {
			return cmp.Compare(a.t.pool(), b.t.pool())
		}
		if c := cmp.Compare(a.key, b.key); c != 0 {
			return c
		}
		if by == balanced && a.t.slow != b.t.slow {
			return cmp.Compare(a.t.slow, b.t.slow)
		}
		return cmp.Compare(a.t.offer.Index, b.t.offer.Index)
	})
	o := ordering{places: make([]place, len(entries))}
	for i, e := range entries {
		o.places[i].offer = e.t.offer
		if e.t.class == usable {
			o.usable = i + 1
		}
	}
	if by == balanced {
		priced := 0
		weights := make([]float64, o.usable)
		for i := range weights {
			weights[i] = entries[i].t.weight
			if entries[i].t.priced {
				priced = i + 1
			}
		}
		o.pools[0] = newPool(0, weights[:priced])
		o.pools[1] = newPool(priced, weights[priced:])
		// Latency is in the weight: were offers of unequal latency equals, it would count twice.
		o.group(func(i int) bool {
			return i != priced && o.weight(i) == o.weight(i-1) && entries[i].t.slow == entries[i-1].t.slow
		})
		return o
	}
	o.group(func(i int) bool { return entries[i].key == entries[i-1].key })
	return o
}

// pool is the index of the pool that the offer is drawn from.
func (t *terms) pool() int {
	if t.priced {
		return 0
	}
	return 1
}

// weight is the weight of a usable place in the balanced draw from its pool.
func (o *ordering) weight(at int) uint64 {
	if at < o.pools[0].len() {
		return o.pools[0].weight(at)
	}
	return o.pools[1].weight(at)
}

// group marks the runs of usable offers that equal their predecessor.
func (o *ordering) group(equalsPrevious func(i int) bool) {
	for lo := 0; lo < o.usable; {
		hi := lo + 1
		for hi < o.usable && equalsPrevious(hi) {
			hi++
		}
		for i := lo; i < hi; i++ {
			o.places[i].lo, o.places[i].hi = int32(lo), int32(hi)
		}
		lo = hi
	}
}
