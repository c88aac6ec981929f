package market

import "sync/atomic"

// slot is what one period of time saw. It is made by the first attempt that ends in the period and left to the
// garbage collector when the ring comes round, so that nobody ever clears counters under somebody's hands: an
// attempt that found the slot just before still counts in the old one.
type slot struct {
	period     int64
	firstToken histogram
	total      histogram
	rate       histogram
}

// ring holds the slots of the last len(ring) periods, at period modulo len.
type ring []atomic.Pointer[slot]

// at is the slot of a period, made when there is none; nil when the ring has already moved past the period.
func (r ring) at(period int64) *slot {
	place := &r[int(period%int64(len(r)))]
	for {
		s := place.Load()
		if s != nil && s.period == period {
			return s
		}
		if s != nil && s.period > period {
			return nil
		}
		fresh := &slot{period: period}
		if place.CompareAndSwap(s, fresh) {
			return fresh
		}
	}
}

// each calls f for every slot that is still inside the window that ends with the period now, and lets go of
// those that are not. It tells whether any was left.
func (r ring) each(now int64, f func(*slot)) (any bool) {
	oldest := now - int64(len(r)) + 1
	for i := range r {
		s := r[i].Load()
		switch {
		case s == nil:
		case s.period < oldest:
			r[i].CompareAndSwap(s, nil)
		case s.period <= now:
			any = true
			if f != nil {
				f(s)
			}
		}
	}
	return any
}

// uptimeRing counts good and bad attempts per minute. A minute and both its counts share one word, so that
// whoever enters a new minute resets it in the same atomic step that counts.
type uptimeRing [30]atomic.Uint64

const (
	countBits  = 20 // a million attempts a minute; further ones of that minute are not counted
	countMask  = 1<<countBits - 1
	minuteBits = 64 - 2*countBits
	minuteMask = 1<<minuteBits - 1
)

func (u *uptimeRing) add(minute int64, good bool) {
	word := &u[minute%int64(len(u))]
	shift := 0
	if good {
		shift = countBits
	}
	tag := uint64(minute) & minuteMask
	for {
		old := word.Load()
		next := old
		switch ahead := (old>>(2*countBits) - tag) & minuteMask; {
		case ahead == 0:
			if old>>shift&countMask == countMask {
				return
			}
		case ahead < minuteMask/2 && old != 0:
			return // the ring has moved past this minute
		default:
			next = tag << (2 * countBits)
		}
		if word.CompareAndSwap(old, next+1<<shift) {
			return
		}
	}
}

// sum adds up the last n minutes, the running one included.
func (u *uptimeRing) sum(now int64, n int) (good, bad int64) {
	for minute := now; minute > now-int64(n) && minute >= 0; minute-- {
		word := u[minute%int64(len(u))].Load()
		if word>>(2*countBits) == uint64(minute)&minuteMask {
			good += int64(word >> countBits & countMask)
			bad += int64(word & countMask)
		}
	}
	return good, bad
}
