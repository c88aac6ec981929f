package recogniser

import (
	"sync"
	"time"
)

const (
	breakAfter = 5               // failures in a row
	firstRest  = 2 * time.Second // doubles with each failure of a probe
	lastRest   = time.Minute
)

// breaker spares requests the wait for a recogniser that does not answer: after failures in a row they fail at once for a while, then
// one of them probes.
type breaker struct {
	mu      sync.Mutex
	failed  int // in a row
	rest    time.Duration
	until   time.Time
	probing bool
}

// allow says whether to call now, and whether that is the probe. Who is allowed to must note how it went.
func (b *breaker) allow(now time.Time) (ok, probe bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.failed < breakAfter:
		return true, false
	case b.probing || now.Before(b.until):
		return false, false
	}
	b.probing = true
	return true, true
}

// note counts how a call went.
func (b *breaker) note(ok, probe bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if probe {
		b.probing = false
	}
	if ok {
		b.failed, b.rest = 0, 0
		return
	}
	b.failed++
	switch {
	case b.failed < breakAfter:
		return
	case b.rest == 0:
		b.rest = firstRest
	case probe:
		b.rest = min(2*b.rest, lastRest)
	}
	b.until = now.Add(b.rest)
}
