package proxy

import (
	"errors"
	"time"
)

// The throughput floor: an attempt that generates, but fewer tokens per second than its offer's floor, is replaced as if a timer had ended,
// as long as the caller has nothing of it. A stream that is passed on goes on; what it does counts in the offer's statistics, by which
// the offer is then ranked behind faster ones.

var errTooSlow = errors.New("fewer tokens per second than the floor")

// meter measures an attempt's rate, one window after the other.
type meter struct {
	from   time.Time // when the window began; zero: nothing has been generated yet
	tokens int64     // that had come by then
	lag    time.Duration
}

// pause leaves out of the window a time in which nobody listened to the provider.
func (m *meter) pause(d time.Duration) {
	if !m.from.IsZero() {
		m.from = m.from.Add(d)
	}
}

// bytesPerToken is how many bytes of text are taken for a token: few, so that an estimate errs in the provider's favour.
const bytesPerToken = 3

// metered is when the running window ends; the zero time where there is no floor, or nothing to measure yet.
func (x *exchange) metered() time.Time {
	if x.target.Offer.Floor.TokensPerSecond <= 0 || x.meter.from.IsZero() {
		return time.Time{}
	}
	return x.meter.from.Add(x.target.Offer.Floor.Window)
}

// tooSlow tells, once at the end of each window, that fewer tokens have come in it than the floor asks for. tokens is how many have come
// in all.
func (x *exchange) tooSlow(now time.Time, tokens int64) bool {
	floor, m := &x.target.Offer.Floor, &x.meter
	if floor.TokensPerSecond <= 0 {
		return false
	}
	if m.from.IsZero() {
		*m = meter{now, tokens, x.h.overload.lag()}
		return false
	}
	took := now.Sub(m.from)
	if took < floor.Window {
		return false
	}
	rate := float64(tokens-m.tokens) / took.Seconds()
	slept := x.h.overload.slept(m.lag, took)
	*m = meter{now, tokens, x.h.overload.lag()}
	if rate >= floor.TokensPerSecond || slept {
		return false
	}
	x.target.Offer.Stats.Trickle(now, rate)
	return true
}

// streamedTokens is how many tokens a stream has brought, rather too many than too few.
func (x *exchange) streamedTokens() int64 {
	return max(int64(x.out.contents), x.out.spoken/bytesPerToken)
}
