package market

import (
	"sync/atomic"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/money"
)

// Stats are one offer's live statistics, kept over changes of configuration. All methods may be called by many
// goroutines at once; none waits for another, and attempts cost no allocation but a new slot a minute. An idle
// offer's statistics take about half a kilobyte, a busy one's 30 KB.
//
// Windows move by whole minutes and count the running one, so that nothing in them is older than they say: "the
// last 5 min" are the last 4 to 5.
type Stats struct {
	born time.Time // minute 0 begins here; zero: at the Unix epoch, by the wall clock

	inFlight atomic.Int64
	state    atomic.Uint64 // microseconds from born until which it lasts (0: no end), then 3 bits of State
	moves    atomic.Uint64 // how often the state was set to another

	attempts     [kinds]atomic.Int64
	inputTokens  atomic.Int64
	outputTokens atomic.Int64
	cost         atomic.Int64 // nano-USD

	uptime uptimeRing
	recent [5]atomic.Pointer[slot] // minutes
	past   [6]atomic.Pointer[slot] // five minutes each
}

// pastMinutes is how long a slot of Stats.past lasts.
const pastMinutes = 5

// NewStats are empty statistics that begin now. With a clock of the operating system they go by its monotonic
// reading, so that a step of the wall clock does not empty the windows.
func NewStats(now time.Time) *Stats { return &Stats{born: now} }

// Begin counts an attempt as in flight until Record ends it.
func (s *Stats) Begin() { s.inFlight.Add(1) }

// InFlight is the number of attempts that have begun and not ended.
func (s *Stats) InFlight() int { return int(max(s.inFlight.Load(), 0)) }

// Record ends an attempt that Begin began. Whole answers count for latency and streams for throughput when they
// succeeded; a first token counts however the attempt ended, and one that was waited for in vain counts as later
// than the wait.
func (s *Stats) Record(o Outcome) {
	minute := s.minute(o.At)
	if o.Kind == Success || o.Kind == ProviderFault {
		s.uptime.add(minute, o.Kind == Success)
	}
	if o.FirstToken > 0 || o.FirstTokenAfter > 0 || o.Kind == Success {
		if recent := ring(s.recent[:]).at(minute); recent != nil {
			recent.record(&o)
		}
		if past := ring(s.past[:]).at(minute / pastMinutes); past != nil {
			past.record(&o)
		}
	}
	if o.InputTokens > 0 {
		s.inputTokens.Add(o.InputTokens)
	}
	if o.OutputTokens > 0 {
		s.outputTokens.Add(o.OutputTokens)
	}
	if o.Cost > 0 {
		s.cost.Add(int64(o.Cost))
	}
	s.inFlight.Add(-1)
	s.attempts[o.Kind].Add(1) // last: who sees Changed move sees the rest too
}

// minGenerating is the shortest time between the first token and the end from which a rate is worth taking: a
// short answer that arrives in one piece says nothing of how fast its tokens were made.
const minGenerating = 5 * time.Millisecond

func (s *slot) record(o *Outcome) {
	switch {
	case o.FirstToken > 0:
		s.firstToken.add(uint64(o.FirstToken / time.Microsecond))
	case o.FirstTokenAfter > 0:
		s.firstToken.addAbove(uint64(o.FirstTokenAfter / time.Microsecond))
	}
	if o.Kind != Success {
		return
	}
	s.total.add(uint64(max(o.Duration, 0) / time.Microsecond))
	generating := o.Duration - o.FirstToken
	if o.FirstToken > 0 && o.OutputTokens > 1 && generating >= minGenerating {
		// The first token ends the wait; the others are what the rest of the time was spent on.
		s.rate.add(uint64(float64(o.OutputTokens-1) / generating.Seconds() * rateUnit))
	}
}

// Trickle counts the rate, in tokens per second, at which a running attempt has been generating for a while, so that one which does not
// end shows all the same.
func (s *Stats) Trickle(now time.Time, rate float64) {
	minute := s.minute(now)
	for _, slot := range []*slot{ring(s.recent[:]).at(minute), ring(s.past[:]).at(minute / pastMinutes)} {
		if slot != nil {
			slot.rate.add(uint64(rate * rateUnit))
		}
	}
	s.moves.Add(1)
}

// rateUnit is how many units of a rate histogram make a token per second.
const rateUnit = 1024

// Changed moves whenever an attempt ends or the state is set to another, and never comes back to an earlier
// value: as long as it stands, only the passing of time changes an offer's figures.
func (s *Stats) Changed() uint64 {
	n := s.moves.Load()
	for i := range s.attempts {
		n += uint64(s.attempts[i].Load())
	}
	return n
}

const (
	stateBits = 3
	stateMask = 1<<stateBits - 1
)

// SetState says what the offer's breaker is in, and until when; a zero until has no end.
func (s *Stats) SetState(state State, until time.Time) {
	word := uint64(state)
	if !until.IsZero() {
		word |= uint64(max(s.elapsed(until)/time.Microsecond, 1)) << stateBits
	}
	if s.state.Swap(word) != word {
		s.moves.Add(1)
	}
}

// State is the state at a moment. What Resting or Barred was set for has ended when its time is over: the offer
// may then be probed, and a slow start that is over is up.
func (s *Stats) State(now time.Time) State {
	state, _ := s.stateAt(now)
	return state
}

// stateAt is the state and, of Resting and Barred, how long it lasts yet; 0: no end is known.
func (s *Stats) stateAt(now time.Time) (State, time.Duration) {
	word := s.state.Load()
	state, until := State(word&stateMask), time.Duration(word>>stateBits)*time.Microsecond
	if until == 0 || state == Up || state == Probing {
		return state, 0
	}
	left := until - s.elapsed(now)
	switch {
	case state == Warming && left <= 0:
		return Up, 0
	case state == Warming:
		return Warming, 0
	case left <= 0:
		return Probing, 0
	}
	return state, left
}

// Totals are what an offer has done since it came on the market.
type Totals struct {
	Attempts                  [kinds]int64 // by Kind
	InputTokens, OutputTokens int64
	Cost                      money.Nano
}

// Totals reads the sums since the statistics began.
func (s *Stats) Totals() Totals {
	t := Totals{InputTokens: s.inputTokens.Load(), OutputTokens: s.outputTokens.Load(), Cost: money.Nano(s.cost.Load())}
	for i := range s.attempts {
		t.Attempts[i] = s.attempts[i].Load()
	}
	return t
}

// elapsed is the time since minute 0, never negative.
func (s *Stats) elapsed(t time.Time) time.Duration {
	if s.born.IsZero() {
		return time.Duration(max(t.UnixNano(), 0))
	}
	return max(t.Sub(s.born), 0)
}

func (s *Stats) minute(t time.Time) int64 { return int64(s.elapsed(t) / time.Minute) }
