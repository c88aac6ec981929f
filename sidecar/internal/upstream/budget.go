package upstream

import (
	"sync"
	"time"
)

// Budget bounds extra tries: a share of the requests of the last 10 s, and some free ones each second. What is saved up is never
// more than the free ones of 9 s, and free ones use it up too, so that over any stretch of 10 s or longer there are no more tries
// than the share of its requests and the free ones: two full bursts, 10 s apart, would be more.
type Budget struct {
	free    int // a second
	mu      sync.Mutex
	slots   [windowSlots]spending
	unspent float64 // requests whose share no try has used up; negative after free tries, by a second's at most
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
	b.unspent++
	b.mu.Unlock()
}

// Take asks for one more try; it is false when the free ones and share, 0 to 1, of the requests are spent.
func (b *Budget) Take(now time.Time, share float64) bool { return b.take(now, share, 0) }

// TakeSpare is Take for a try that can wait: it leaves half of a second's free ones to others.
func (b *Budget) TakeSpare(now time.Time, share float64) bool { return b.take(now, share, b.free/2) }

func (b *Budget) take(now time.Time, share float64, keep int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	requests := 0
	for _, s := range b.slots {
		if now.Unix()-s.second < windowSlots {
			requests += s.requests
		}
	}
	b.unspent = min(b.unspent, float64(requests))
	at, price := b.at(now), 0.0 // of a try, in requests
	if share > 0 {
		price = 1 / share
		b.unspent = min(b.unspent, price*float64(b.free*(windowSlots-1)))
	}
	if affordable := share > 0 && b.unspent >= price; !affordable && at.tries >= b.free-keep {
		return false
	}
	at.tries++
	b.unspent = max(b.unspent-price, -price*float64(b.free))
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
