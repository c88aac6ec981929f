package market

import "time"

// Figures are an offer's live statistics at one moment, as routing and people read them.
type Figures struct {
	State    State
	RestsFor time.Duration // until a resting or barred offer may be tried again; 0: not known
	InFlight int

	FirstToken Percentiles   // streams only
	Slowest    time.Duration // p99.9 of the first token over the last 25 to 30 min; 0: too few were seen to tell
	Latency    Percentiles   // whole answers
	Throughput float64       // output tokens per second while generating, p50 of the last 5 min; 0: unknown
	Rates      int64         // how many rates it is the p50 of

	Uptime5, Uptime30 float64 // share of attempts in the last 5 and 30 min that were not the provider's fault, 0 to 1; -1: no attempts
	Attempts30        int64   // attempts in the last 30 min that count towards uptime
}

// Percentiles of a duration over the last 5 min; all zero when nothing was seen.
type Percentiles struct {
	P50, P90, P95, P99 time.Duration
	Count              int64
}

// Figures reads the statistics as they are now.
func (s *Stats) Figures(now time.Time) Figures {
	f, _ := s.read(now)
	return f
}

// read is Figures, and whether the passing of time alone will change them.
func (s *Stats) read(now time.Time) (f Figures, live bool) {
	f.State, f.RestsFor = s.stateAt(now)
	f.InFlight = s.InFlight()
	minute := s.minute(now)

	good, bad := s.uptime.sum(minute, len(s.uptime))
	f.Attempts30 = good + bad
	f.Uptime5, f.Uptime30 = -1, share(good, bad)
	if f.Attempts30 > 0 {
		f.Uptime5 = share(s.uptime.sum(minute, len(s.recent)))
	}

	var firstToken, total, rate counts
	seen := ring(s.recent[:]).each(minute, func(slot *slot) {
		slot.firstToken.addTo(&firstToken)
		slot.total.addTo(&total)
		slot.rate.addTo(&rate)
	})
	if seen {
		f.FirstToken, f.Latency = percentiles(&firstToken), percentiles(&total)
		f.Rates = rate.total()
		f.Throughput = rate.quantile(0.5, f.Rates) / rateUnit
	}
	var waits counts
	kept := ring(s.past[:]).each(minute/pastMinutes, func(slot *slot) { slot.firstToken.addTo(&waits) })
	if n := waits.total(); n >= enoughForSlowest {
		f.Slowest = time.Duration(waits.quantile(0.999, n) * float64(time.Microsecond))
	}
	return f, seen || kept || f.Attempts30 > 0
}

// enoughForSlowest is how many first tokens have to be seen before the slowest of a thousand means something.
const enoughForSlowest = 500

func share(good, bad int64) float64 {
	if good+bad == 0 {
		return -1
	}
	return float64(good) / float64(good+bad)
}

func percentiles(c *counts) Percentiles {
	n := c.total()
	at := func(q float64) time.Duration { return time.Duration(c.quantile(q, n) * float64(time.Microsecond)) }
	return Percentiles{P50: at(0.5), P90: at(0.9), P95: at(0.95), P99: at(0.99), Count: n}
}

// last30 sums the last 25 to 30 min of first tokens and rates, for views; routing goes by the last 5.
func (s *Stats) last30(now time.Time) (firstToken, rate counts) {
	ring(s.past[:]).each(s.minute(now)/pastMinutes, func(slot *slot) {
		slot.firstToken.addTo(&firstToken)
		slot.rate.addTo(&rate)
	})
	return firstToken, rate
}

// Figures reads the statistics of all offers, by Offer.Index. What needs them again and again keeps a Gauge.
func (m *Market) Figures(now time.Time) []Figures {
	all := make([]Figures, len(m.Offers))
	for i, o := range m.Offers {
		all[i] = o.Stats.Figures(now)
	}
	return all
}

// Gauge keeps the figures of a market current at little cost: it reads anew only the offers that ended an attempt
// or that time has moved on. It belongs to one goroutine; the slices that it hands out are never written again
// and may go to any.
type Gauge struct {
	offers  []*Offer
	marks   []mark
	figures []Figures
}

// mark is when an offer's figures were last read.
type mark struct {
	changed uint64
	minute  int64 // windows move by minutes: nothing decays between
	live    bool
}

// NewGauge makes a gauge that has read nothing yet.
func NewGauge(m *Market) *Gauge { return &Gauge{offers: m.Offers} }

// Refresh is the figures as of now, by Offer.Index, and the indices of those that differ from the last Refresh;
// at first, all of them. When none does, it is the same slice as before.
func (g *Gauge) Refresh(now time.Time) (figures []Figures, changed []int) {
	if g.marks == nil {
		return g.readAll(now)
	}
	next := g.figures
	for i, o := range g.offers {
		f := g.figures[i]
		mark, stats := &g.marks[i], o.Stats
		if c, minute := stats.Changed(), stats.minute(now); c != mark.changed || mark.live && minute != mark.minute {
			mark.changed, mark.minute = c, minute
			f, mark.live = stats.read(now)
		} else {
			f.State, f.RestsFor = stats.stateAt(now)
			f.InFlight = stats.InFlight()
		}
		if f == g.figures[i] {
			continue
		}
		if changed == nil {
			next = append([]Figures(nil), g.figures...)
		}
		next[i] = f
		changed = append(changed, i)
	}
	g.figures = next
	return next, changed
}

func (g *Gauge) readAll(now time.Time) ([]Figures, []int) {
	g.marks = make([]mark, len(g.offers))
	g.figures = make([]Figures, len(g.offers))
	changed := make([]int, len(g.offers))
	for i, o := range g.offers {
		changed[i] = i
		g.marks[i] = mark{changed: o.Stats.Changed(), minute: o.Stats.minute(now)}
		g.figures[i], g.marks[i].live = o.Stats.read(now)
	}
	return g.figures, changed
}
