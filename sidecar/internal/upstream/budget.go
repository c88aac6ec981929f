package upstream

import (
	"sync"
	"time"
)

// Budget bounds extra tries: a share of the requests of the last 10 s, and some free ones each second.
type Budget struct {
	free  int // a second
	mu    sync.Mutex
	slots [windowSlots]spending
}

type spending struct {
	second          int64
	requests, tries int
}

// What failovers may cost, so that an outage of everything does not become a storm.
const (
	FailoverShare = 0.20
	failoverFree  = 10 // a second
)

// NewBudget has free tries a second.
func NewBudget(free int) *Budget { return &Budget{free: free} }

// Request counts a request.
func (b *Budget) Request(now time.Time) {
	b.mu.Lock()
	b.at(now).requests++
	b.mu.Unlock()
}

// Take asks for one more try; it is false when the free ones and share, 0 to 1, of the requests are spent.
func (b *Budget) Take(now time.Time, share float64) bool {
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
	if at.tries >= b.free && float64(spent) >= share*float64(requests) {
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
