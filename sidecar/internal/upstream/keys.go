package upstream

import (
	"crypto/sha256"
	"sync/atomic"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
)

// Key is one of a provider's keys with the breaker that quarantines it when the provider refuses it. It belongs to
// its provider's origin and is sent nowhere else.
type Key struct {
	Breaker *Breaker
	secret  config.Secret
	id      [sha256.Size]byte // so that a reload finds it again without keeping the text twice
}

// keyRing takes turns between a provider's keys.
type keyRing struct {
	keys []*Key
	turn atomic.Uint32
}

// pick gives a key that may be used now. With force it gives the one that may be used soonest instead of none.
func (r *keyRing) pick(now time.Time, force bool) *Key {
	n := len(r.keys)
	if n == 1 && r.keys[0].Breaker.Closed() {
		return r.keys[0]
	}
	start := int(r.turn.Add(1))
	var soonest *Key
	var at time.Time
	for i := range n {
		k := r.keys[(start+i)%n]
		if k.Breaker.Allow(now) {
			return k
		}
		if usable := k.Breaker.UsableAt(); soonest == nil || usable.Before(at) {
			soonest, at = k, usable
		}
	}
	if force && soonest != nil {
		soonest.Breaker.Force(now)
		return soonest
	}
	return nil
}

// usableAt is when the first key may be used again.
func (r *keyRing) usableAt() time.Time {
	var first time.Time
	for i, k := range r.keys {
		if at := k.Breaker.UsableAt(); i == 0 || at.Before(first) {
			first = at
		}
	}
	return first
}
