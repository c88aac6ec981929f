package upstream

import (
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/market"
)

// clock is the time that a test hands to a breaker, which reads none itself.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{time.Unix(1_800_000_000, 0)} }

func (c *clock) pass(d time.Duration) time.Time { c.now = c.now.Add(d); return c.now }

// tracked is a breaker that keeps what it told of itself.
type tracked struct {
	*Breaker
	moves []market.State
	until time.Time
}

func newTracked() *tracked {
	t := &tracked{}
	t.Breaker = NewBreaker(func(s market.State, until time.Time) { t.moves, t.until = append(t.moves, s), until })
	return t
}

func (t *tracked) state() market.State {
	if len(t.moves) == 0 {
		return market.Up
	}
	return t.moves[len(t.moves)-1]
}

func (t *tracked) trip(c *clock) {
	for range tripStrikes {
		t.Failure(c.now)
	}
}

func TestThreeFailuresInARowTripABreaker(t *testing.T) {
	c, b := newClock(), newTracked()
	b.Failure(c.now)
	b.Failure(c.pass(time.Minute))
	c.pass(time.Minute)
	b.Success(c.now, c.now)
	b.Failure(c.pass(time.Second))
	b.Failure(c.pass(time.Second))
	if !b.Closed() || !b.Allow(c.now) {
		t.Fatal("two failures after a success tripped it")
	}
	b.Failure(c.pass(time.Second))
	if b.Closed() || b.Allow(c.now) || b.state() != market.Resting {
		t.Fatalf("three failures in a row left it %v", b.state())
	}
}

func TestOldStreamsThatEndWellDoNotHideThatNothingNewIsTaken(t *testing.T) {
	c, b := newClock(), newTracked()
	old := c.now
	for range 40 { // streams that began long ago
		b.Success(old, c.pass(200*time.Millisecond))
	}
	for range tripStrikes {
		b.Success(old, c.pass(time.Millisecond))
		b.Failure(c.pass(time.Millisecond))
	}
	if b.Closed() {
		t.Fatal("three new requests in a row failed, and the end of old streams kept it closed")
	}
}

func TestTheFirstContentOfAnAnswerEndsARowOfFailures(t *testing.T) {
	c, b := newClock(), newTracked()
	for range 10 {
		b.Failure(c.now)
		b.Failure(c.pass(15 * time.Second))
		began := c.pass(time.Millisecond)
		b.Answers(began, c.pass(time.Millisecond)) // of a stream that goes on for long
	}
	if !b.Closed() {
		t.Error("two failures at a time tripped it, though the provider answered between them")
	}
}

func TestHalfOfTenFailuresWithinTenSecondsTripABreaker(t *testing.T) {
	cases := []struct {
		name    string
		results string // g good, f failed, one every so often
		every   time.Duration
		trips   bool
	}{
		{"half of ten", "gfgfgfgfgf", 500 * time.Millisecond, true},
		{"half of nine is too few to tell", "fgfgfgfgf", 500 * time.Millisecond, false},
		{"four of ten", "gfgfgfgfgg", 500 * time.Millisecond, false},
		{"half of ten over twenty seconds", "gfgfgfgfgf", 2 * time.Second, false},
		{"two thirds of fifteen", "ffgffgffgffgffg", 500 * time.Millisecond, true},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c, b := newClock(), newTracked()
			for _, r := range tc.results {
				c.pass(tc.every)
				if r == 'g' {
					b.Success(c.now, c.now)
				} else {
					b.Failure(c.now)
				}
			}
			if tripped := !b.Closed(); tripped != tc.trips {
				t.Errorf("tripped: %v; expected %v", tripped, tc.trips)
			}
		})
	}
}

func TestABreakerOpensForASecondAndDoubles(t *testing.T) {
	c, b := newClock(), newTracked()
	b.trip(c)
	for i, full := range []time.Duration{1, 2, 4, 8, 16, 20, 20} {
		full *= time.Second
		open := b.until.Sub(c.now)
		if open > full || open < full*8/10 {
			t.Fatalf("rest %d lasts %v; expected %v less up to a fifth", i, open, full)
		}
		if !b.UsableAt().Equal(b.until) {
			t.Errorf("rest %d ends at %v by UsableAt and at %v by what it told", i, b.UsableAt(), b.until)
		}
		if b.Allow(c.pass(open - time.Nanosecond)) {
			t.Fatalf("rest %d ended early", i)
		}
		if !b.Allow(c.pass(time.Nanosecond)) || b.state() != market.Probing {
			t.Fatalf("after rest %d there was no probe", i)
		}
		b.Failure(c.pass(time.Millisecond))
	}
}

func TestJitterSpreadsTheEndsOfRests(t *testing.T) {
	ends := map[time.Time]bool{}
	for range 20 {
		c, b := newClock(), newTracked()
		b.trip(c)
		ends[b.until] = true
	}
	if len(ends) < 10 {
		t.Errorf("20 breakers that tripped at once have %d different ends", len(ends))
	}
}

func TestARestIsOverWithOneProbeAtATime(t *testing.T) {
	c, b := newClock(), newTracked()
	b.trip(c)
	c.pass(time.Second)
	if !b.Allow(c.now) || b.Allow(c.now) || b.Allow(c.pass(10*time.Second)) {
		t.Fatal("a second request went through while the probe ran")
	}
	if !b.Allow(c.pass(probeLife)) {
		t.Error("a probe that never ends blocks the next one for ever")
	}
}

func TestAProbeThatSaysNothingLetsTheNextRequestProbe(t *testing.T) {
	c, b := newClock(), newTracked()
	b.trip(c)
	b.Allow(c.pass(time.Second))
	b.Neutral(c.now)
	if !b.Allow(c.now) || b.state() != market.Probing {
		t.Error("after a probe whose caller left nobody may probe")
	}
}

func TestAGoodProbeStartsSlowly(t *testing.T) {
	c, b := newClock(), newTracked()
	b.trip(c)
	b.Allow(c.pass(time.Second))
	b.Success(c.now, c.now)
	if b.state() != market.Warming {
		t.Fatalf("after a good probe it is %v", b.state())
	}
	share := func() float64 {
		n := 0
		for range 2000 {
			if b.Allow(c.now) {
				n++
			}
		}
		return float64(n) / 2000
	}
	for _, step := range []struct {
		after time.Duration
		want  float64
	}{{0, 0.1}, {5 * time.Second, 0.55}, {4 * time.Second, 0.91}} {
		c.pass(step.after)
		if got := share(); got < step.want-0.08 || got > step.want+0.08 {
			t.Errorf("%.0f %% pass; expected about %.0f %%", got*100, step.want*100)
		}
	}
	if c.pass(time.Second); share() != 1 || !b.Closed() || b.state() != market.Up {
		t.Error("after the slow start it is not up")
	}
}

func TestARelapseRestsLongerAndALongGoodTimeForgets(t *testing.T) {
	c, b := newClock(), newTracked()
	recover := func() {
		b.Allow(c.pass(b.until.Sub(c.now)))
		b.Success(c.now, c.now)
		b.Allow(c.pass(slowStart))
	}
	b.trip(c)
	recover()
	b.trip(c)
	if open := b.until.Sub(c.now); open < 1600*time.Millisecond {
		t.Errorf("a relapse rests for %v; expected about 2 s", open)
	}
	recover()
	c.pass(2 * maxCooldown)
	b.Success(c.now, c.now)
	b.trip(c)
	if open := b.until.Sub(c.now); open > time.Second {
		t.Errorf("after two good minutes it rests for %v; expected at most 1 s", open)
	}
}

func TestAnOutageIsOverForCallersSoonAfterItsEnd(t *testing.T) {
	const within = 30 * time.Second
	for _, c := range []struct {
		outage, between time.Duration
	}{
		{10 * time.Second, 100 * time.Millisecond}, {time.Minute, 4 * time.Second}, {time.Minute, 100 * time.Millisecond},
		{10 * time.Minute, time.Second}, {time.Hour, 4 * time.Second},
	} {
		clock, b := newClock(), newTracked()
		end := clock.now.Add(c.outage)
		for clock.now.Before(end) {
			if b.Allow(clock.now) {
				b.Failure(clock.now)
			}
			clock.pass(c.between)
		}
		for !b.Allow(clock.now) {
			clock.pass(c.between)
		}
		if late := clock.now.Sub(end); late > within {
			t.Errorf("%v after an outage of %v, with a request every %v, it is tried again; expected within %v", late, c.outage, c.between, within)
		}
	}
}

func TestAProbeThatKeepsItsCallerWaitingIsRarer(t *testing.T) {
	for _, c := range []struct{ takes, rests time.Duration }{
		{0, quickCooldown}, {time.Second, quickCooldown}, {4 * time.Second, 40 * time.Second}, {20 * time.Second, maxCooldown},
	} {
		clock, b := newClock(), newTracked()
		b.trip(clock)
		for range 10 {
			if !b.Allow(clock.pass(b.until.Sub(clock.now))) {
				t.Fatal("its rest is over, and no probe passes")
			}
			b.Failure(clock.pass(c.takes))
		}
		if rest := b.until.Sub(clock.now); rest > c.rests || rest < c.rests*4/5 {
			t.Errorf("with probes of %v it rests for %v; expected %v less a fifth at most", c.takes, rest, c.rests)
		}
	}
}

func TestAFailureThatWasUnderWayDoesNotLengthenARest(t *testing.T) {
	c, b := newClock(), newTracked()
	b.trip(c)
	until := b.until
	b.Failure(c.pass(100 * time.Millisecond))
	b.Failure(c.now)
	b.Failure(c.now)
	if !b.UsableAt().Equal(until) {
		t.Error("late failures moved the end of the rest")
	}
}

func TestARestThatTheProviderNamedHoldsExactly(t *testing.T) {
	c, b := newClock(), newTracked()
	b.Rest(c.now, c.now.Add(7*time.Second))
	b.Rest(c.now, c.now.Add(3*time.Second))
	if b.Allow(c.pass(7*time.Second-1)) || !b.Allow(c.pass(1)) {
		t.Error("the longer of two rests does not hold exactly")
	}
}

func TestABarLastsAMinuteAndGrows(t *testing.T) {
	c, b := newClock(), newTracked()
	for _, want := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 16 * time.Minute} {
		b.Bar(c.now)
		b.Bar(c.now) // a second attempt that was under way
		if got := b.until.Sub(c.now); got != want || b.state() != market.Barred {
			t.Errorf("it is %v for %v; expected barred for %v", b.state(), got, want)
		}
		if b.Allow(c.pass(want-1)) || !b.Allow(c.pass(1)) {
			t.Errorf("a bar of %v does not hold exactly", want)
		}
	}
}

func TestAForcedBreakerProbes(t *testing.T) {
	c, b := newClock(), newTracked()
	b.trip(c)
	b.Force(c.now)
	if b.state() != market.Probing || b.Allow(c.now) {
		t.Fatalf("a forced breaker is %v", b.state())
	}
	b.Success(c.now, c.now)
	if b.state() != market.Warming {
		t.Errorf("a forced attempt that was good left it %v", b.state())
	}
}

func TestAnOutageWithCallersDoesNotLengthenTheRests(t *testing.T) {
	c, b := newClock(), newTracked()
	b.trip(c)
	for range 1000 { // requests that find every offer resting, a hundred a second
		b.Force(c.pass(10 * time.Millisecond))
		b.Failure(c.now)
	}
	if left := b.until.Sub(c.now); left > minCooldown {
		t.Errorf("after ten seconds of an outage it rests for another %v; expected at most %v", left, minCooldown)
	}
	if !b.Allow(c.pass(minCooldown)) {
		t.Fatal("its rest is over, and no probe passes")
	}
	b.Failure(c.now)
	if left := b.until.Sub(c.now); left < minCooldown {
		t.Errorf("after a probe in its time that failed it rests for %v; expected twice as long as before", left)
	}
}

func TestABarIsNotLengthenedByTriesBeforeItsEnd(t *testing.T) {
	c, b := newClock(), newTracked()
	b.Bar(c.now)
	for range 10 {
		b.Force(c.pass(time.Second))
		b.Bar(c.now)
	}
	if left := b.until.Sub(c.now); left != time.Minute {
		t.Errorf("it is barred for another %v; expected a minute", left)
	}
}

func TestTheFirstContentOfAProbeEndsIt(t *testing.T) {
	c, b := newClock(), newTracked()
	b.trip(c)
	before := c.now
	b.Allow(c.pass(time.Second))
	b.Answers(before, c.now)
	if b.state() != market.Probing {
		t.Fatalf("content of an attempt that began before the probe left it %v", b.state())
	}
	b.Answers(c.now, c.pass(time.Second))
	if b.state() != market.Warming || !b.Serves() {
		t.Fatalf("after the probe's first content it is %v", b.state())
	}
	b.trip(c)
	if open := b.until.Sub(c.now); b.state() != market.Resting || open < 1600*time.Millisecond {
		t.Errorf("answers that begin and do not end leave it %v for %v; expected a longer rest", b.state(), open)
	}
}

func TestAnAnswerThatBeganBeforeTheProbeIsNoProbe(t *testing.T) {
	c := newClock()
	b := NewBreaker(nil)
	old := c.now // a stream that begins now goes on while its provider stops taking requests
	for range tripStrikes {
		b.Failure(c.now)
	}
	c.pass(2 * minCooldown)
	if !b.Allow(c.now) {
		t.Fatal("no probe passes")
	}
	b.Success(old, c.now)
	if b.Serves() || b.Allow(c.now) {
		t.Error("the end of an old stream ended the probe")
	}
	b.Success(c.now, c.now)
	if !b.Serves() {
		t.Error("the probe's own answer did not end it")
	}
}

func TestTheVerdictOfAProbeIsToldHoweverItEnds(t *testing.T) {
	for name, end := range map[string]func(b *tracked, c *clock){
		"good":    func(b *tracked, c *clock) { b.Answers(c.now, c.now) },
		"bad":     func(b *tracked, c *clock) { b.Failure(c.now) },
		"neutral": func(b *tracked, c *clock) { b.Neutral(c.now) },
		"barred":  func(b *tracked, c *clock) { b.Bar(c.now) },
		"limited": func(b *tracked, c *clock) { b.Rest(c.now, c.now.Add(time.Minute)) },
	} {
		t.Run(name, func(t *testing.T) {
			c, b := newClock(), newTracked()
			b.trip(c)
			if b.Verdict() != nil {
				t.Fatal("a verdict to come without a probe")
			}
			b.Force(c.now)
			verdict := b.Verdict()
			select {
			case <-verdict:
				t.Fatal("a verdict while the probe runs")
			default:
			}
			end(b, c)
			select {
			case <-verdict:
			default:
				t.Error("the probe has ended without a verdict")
			}
		})
	}
}
