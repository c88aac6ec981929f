package upstream

import (
	"sync"
	"time"
)

// Budget bounds second tries over all offers, so that an outage of everything does not become a storm: 20 % of the
// requests of the last 10 s, and 10 a second free.
type Budget struct {
	mu    sync.Mutex
	slots [windowSlots]spending
}

type spending struct {
	second          int64
	requests, tries int
}

const (
	budgetShare = 0.20
	budgetFree  = 10 // a second
)

// Request counts a request.
func (b *Budget) Request(now time.Time) {
	b.mu.Lock()
	b.at(now).requests++
	b.mu.Unlock()
}

// Take asks for one more try; it is false when the budget is spent.
func (b *Budget) Take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	requests, spent := 0, 0
	for _, s := range b.slots {
		if now.Unix()-s.second < windowSlots {
			requests += s.requests
			spent += s.tries
		}
	}
	at := b.at(now)
	if at.tries >= budgetFree && float64(spent) >= budgetShare*float64(requests) {
		return false
	}
	at.tries++
	return true
}

func (b *Budget) at(now time.Time) *spending {
	second := now.Unix()
	s := &b.slots[second%windowSlots]
	if s.second != second {
		*s = spending{second: second}
	}
	return s
}
