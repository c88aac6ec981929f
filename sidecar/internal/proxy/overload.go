package proxy

import (
	"sync/atomic"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/fault"
)

// overload sheds requests before they queue into a collapse. What it goes by is how late souk's own timer is woken: a processor that
// has no time for a timer has none for another request. The limit on running requests follows that, down at once and up slowly.
type overload struct {
	limit atomic.Int64 // 0: none has been needed
}

const (
	lateness   = 100 * time.Millisecond // of a timer, from which on requests are shed
	leastLimit = 32                     // requests always run
	noLimit    = 1 << 20
)

// Woken tells how late a timer was. It is called a few times a second, by one goroutine.
func (h *Handler) Woken(late time.Duration) {
	running := h.metrics.InFlight.Load()
	limit := h.overload.limit.Load()
	switch {
	case late >= lateness:
		if limit == 0 || running < limit {
			limit = running
		}
		limit = max(limit*9/10, leastLimit)
	case limit > 0:
		if limit += max(limit/20, 8); limit > noLimit || limit > 4*max(running, leastLimit) {
			limit = 0 // it has not been reached for long
		}
	default:
		return
	}
	h.overload.limit.Store(limit)
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
