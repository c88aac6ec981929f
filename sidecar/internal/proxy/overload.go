package proxy

import (
	"sync/atomic"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/fault"
)

// overload sheds requests before they queue into a collapse. What it goes by is how late souk's own timer is woken: a processor that
// has no time for a timer has none for another request. Only a lateness that lasts counts, since a neighbour's short burst
// of work passes by itself and refused requests do not come back. The limit on running requests follows it down at once,
// and up again a little slower.
type overload struct {
	limit  atomic.Int64 // 0: none has been needed
	late   int          // wakings in a row; of the goroutine that calls Woken
	lagged atomic.Int64 // nanoseconds that wakings were late, all together
	born   time.Time
	woken  atomic.Int64 // nanoseconds from born to the last waking; 0: none yet
}

const (
	lateness   = 500 * time.Millisecond
	lateOften  = 3   // times in a row, from which on requests are shed
	leastLimit = 512 // requests always run
	noLimit    = 1 << 20
)

// Pulse is how often Woken is to be called.
const Pulse = 250 * time.Millisecond

// Woken tells how late a timer was. It is called every Pulse, by one goroutine.
func (h *Handler) Woken(late time.Duration) {
	h.overload.woken.Store(int64(time.Since(h.overload.born)))
	if late >= noticed {
		h.overload.lagged.Add(int64(late))
		h.metrics.Late(late)
	}
	running := h.metrics.InFlight.Load()
	limit := h.overload.limit.Load()
	if late < lateness {
		h.overload.late = 0
	} else {
		h.overload.late++
	}
	switch {
	case h.overload.late >= lateOften:
		if limit == 0 || running < limit {
			limit = running
		}
		limit = max(limit*9/10, leastLimit)
	case limit > 0:
		if limit += max(limit/5, 64); limit > noLimit || limit > 4*max(running, leastLimit) {
			limit = 0 // it has not been reached for long
		}
	default:
		return
	}
	h.overload.limit.Store(limit)
}

// noticed is the least lateness that is kept: less is how timers are.
const noticed = 50 * time.Millisecond

// lag is how late souk's own timer has been altogether, and is now: it may be the last to be woken.
func (o *overload) lag() time.Duration {
	lag := time.Duration(o.lagged.Load())
	if woken := time.Duration(o.woken.Load()); woken > 0 {
		if overdue := time.Since(o.born) - woken - Pulse; overdue >= noticed {
			lag += overdue
		}
	}
	return lag
}

// slept tells that souk itself got no processor time for half of a wait, and not for a moment only: then what it waited for may have been
// there in time, and its end says nothing of a provider. lag is what overload.lag was when the wait began.
func (o *overload) slept(lag, waited time.Duration) bool {
	return o.lag()-lag >= max(waited/2, lateness)
}

// admits tells whether one more request may run.
func (h *Handler) admits() *fault.Error {
	limit := h.overload.limit.Load()
	if limit == 0 || h.metrics.InFlight.Load() <= limit {
		return nil
	}
	e := fault.New(503, fault.TypeUnavailable, "overloaded", "souk has more requests than it has processor time for; try again")
	e.RetryAfter = time.Second
	return e
}
