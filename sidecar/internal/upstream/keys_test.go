package upstream

import (
	"testing"
	"time"
)

func TestKeysTakeTurnsAndARefusedOneIsLeftOut(t *testing.T) {
	c := newClock()
	r := &keyRing{keys: []*Key{{Breaker: NewBreaker(nil)}, {Breaker: NewBreaker(nil)}, {Breaker: NewBreaker(nil)}}}
	count := func() map[*Key]int {
		used := map[*Key]int{}
		for range 30 {
			used[r.pick(c.now, false)]++
		}
		return used
	}
	if used := count(); used[r.keys[0]] != 10 || used[r.keys[1]] != 10 || used[r.keys[2]] != 10 {
		t.Errorf("30 picks were %v", used)
	}
	r.keys[1].Breaker.Bar(c.now)
	if used := count(); used[r.keys[1]] != 0 || used[nil] != 0 {
		t.Errorf("a refused key was picked: %v", used)
	}
	r.keys[0].Breaker.Bar(c.pass(time.Second))
	r.keys[2].Breaker.Bar(c.pass(time.Second))
	if k := r.pick(c.now, false); k != nil {
		t.Error("a refused key was picked")
	}
	if k := r.pick(c.now, true); k != r.keys[1] {
		t.Error("the key that is usable soonest was not picked by force")
	}
	if at := r.usableAt(); !at.IsZero() && at.Before(c.now) {
		t.Errorf("the first key is usable at %v", at)
	}
}
