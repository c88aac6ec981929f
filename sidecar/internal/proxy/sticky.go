package proxy

import (
	"hash/maphash"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
)

// Stickiness: a provider that has read a conversation's beginning before reads it again at its cached price. So the requests of a
// session go to the offer that served the last one, where that pays. A failover moves the session rather than breaking it.

const (
	maxSessions = 1 << 16          // remembered at a time; the least recently used go
	sessionLife = 10 * time.Minute // without a request; providers forget a prefix after 5 to 10 min
)

// sessions remembers which offer served a session last.
type sessions struct {
	seed maphash.Seed
	last *lru.Cache[uint64, lastServed]
}

type lastServed struct {
	offer string
	at    time.Time
}

func newSessions() *sessions {
	cache, err := lru.New[uint64, lastServed](maxSessions)
	if err != nil {
		panic(err) // only of a size that is not positive
	}
	return &sessions{seed: maphash.MakeSeed(), last: cache}
}

// sessionKey names the session of a request, for its caller and model: what the request says itself (session_id, prompt_cache_key), or else
// the beginning of its conversation, where the order is a draw anyway. It is 0 where a session would save nothing.
func (x *exchange) sessionKey() uint64 {
	text := x.ask.SessionID
	if text == "" {
		if len(x.ask.Opening) == 0 || x.plan.Sort != config.SortBalanced || !cachesPay(x.plan.Offers) {
			return 0
		}
		text = alias(x.ask.Opening)
	}
	var h maphash.Hash
	h.SetSeed(x.h.sessions.seed)
	for _, part := range []string{x.who.Via, x.who.Name, x.plan.Model, text} {
		_, _ = h.WriteString(part)
		_ = h.WriteByte(0)
	}
	return max(h.Sum64(), 1)
}

// cachesPay tells whether an offer reads cached tokens for less.
func cachesPay(offers []*market.Offer) bool {
	for _, o := range offers {
		if p := o.Price; p != nil && p.CacheRead < p.Input {
			return true
		}
	}
	return false
}

// stick puts the offer that served the session last at the front of the plan, if it is in it and in good standing. An explicit
// order is the caller's, and stays.
func (x *exchange) stick() {
	if x.ask.Prefer != nil && (len(x.ask.Prefer.Order) > 0 || x.ask.Prefer.Sort != "") {
		return
	}
	if x.session = x.sessionKey(); x.session == 0 {
		return
	}
	if x.ask.SessionID == "" && x.ask.Turns < 2 {
		return // a first question: whoever is drawn for it has the conversation from here
	}
	last, ok := x.h.sessions.last.Get(x.session)
	if !ok || x.start.Sub(last.at) > sessionLife {
		return
	}
	offers := x.plan.Offers
	for i, o := range offers {
		if o.ID != last.offer {
			continue
		}
		if x.snap.Targets.Of(o).Breaker.Closed() && !x.snap.Book.BelowFloor(o) {
			copy(offers[1:i+1], offers[:i])
			offers[0] = o
		}
		return
	}
}

// rememberSession notes who served it.
func (x *exchange) rememberSession(t *upstream.Target, now time.Time) {
	if x.session != 0 {
		x.h.sessions.last.Add(x.session, lastServed{t.Offer.ID, now})
	}
}
