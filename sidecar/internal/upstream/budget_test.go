package upstream

import (
	"testing"
	"time"
)

func TestTheBudgetBoundsSecondTries(t *testing.T) {
	take := func(b *Budget, c *clock) (n int) {
		for range 1000 {
			if b.Take(c.now, FailoverShare) {
				n++
			}
		}
		return n
	}
	t.Run("ten a second are free", func(t *testing.T) {
		c, b := newClock(), NewBudget(failoverFree)
		for range 3 {
			if n := take(b, c); n != 10 {
				t.Errorf("%d tries without a request; expected 10", n)
			}
			c.pass(time.Second)
		}
	})
	t.Run("a try that can wait leaves half of a second's free ones", func(t *testing.T) {
		c, b := newClock(), NewBudget(failoverFree)
		n := 0
		for range 1000 {
			if b.TakeSpare(c.now, FailoverShare) {
				n++
			}
		}
		if left := take(b, c); n != 5 || left != 5 {
			t.Errorf("%d spare tries, then %d; expected 5 and 5", n, left)
		}
	})
	t.Run("a fifth of the requests of ten seconds", func(t *testing.T) {
		c, b := newClock(), NewBudget(failoverFree)
		for range 5 {
			for range 80 {
				b.Request(c.now)
			}
			c.pass(time.Second)
		}
		if n := take(b, c); n != 80 {
			t.Errorf("%d tries after 400 requests; expected 80", n)
		}
		c.pass(time.Second)
		if n := take(b, c); n != 10 {
			t.Errorf("%d tries a second later; expected the free 10", n)
		}
		c.pass(20 * time.Second)
		if n := take(b, c); n != 10 {
			t.Errorf("%d tries when all requests are long past; expected the free 10", n)
		}
	})
	t.Run("an outage of any length is no storm", func(t *testing.T) {
		for _, seconds := range []int{10, 11, 15, 25, 60} {
			c, b := newClock(), NewBudget(failoverFree)
			tries, requests := 0, 0
			for i := range 20 + seconds {
				for range 500 {
					b.Request(c.now)
					if i >= 20 {
						requests++
						if b.Take(c.now, FailoverShare) {
							tries++
						}
					}
				}
				c.pass(time.Second)
			}
			if most := requests/5 + 10*seconds; tries > most || tries < requests/5-10 {
				t.Errorf("%d s: %d tries for %d requests; expected about %d, and %d at most", seconds, tries, requests, requests/5, most)
			}
		}
	})
}
