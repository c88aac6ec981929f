package market

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestPercentilesAreWithinFivePercent(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	s := NewStats(dawn)
	var all []time.Duration
	for range 5000 { // log-uniform from 1 ms to 10 min
		d := time.Duration(float64(time.Millisecond) * math.Exp(rng.Float64()*math.Log(600_000)))
		all = append(all, d)
		s.Begin()
		s.Record(Outcome{FirstToken: d, Duration: d, At: dawn.Add(time.Duration(rng.IntN(240)) * time.Second)})
	}
	slices.Sort(all)
	f := s.Figures(dawn.Add(4 * time.Minute))
	if f.FirstToken.Count != 5000 || f.Latency.Count != 5000 {
		t.Fatalf("counts are %d and %d, want 5000", f.FirstToken.Count, f.Latency.Count)
	}
	for q, got := range map[float64]time.Duration{0.5: f.Latency.P50, 0.9: f.Latency.P90, 0.99: f.Latency.P99} {
		want := all[int(math.Ceil(q*5000))-1]
		if off := math.Abs(float64(got)/float64(want) - 1); off > 0.05 {
			t.Errorf("p%v is %v, want %v: off by %.1f %%", 100*q, got, want, 100*off)
		}
	}
	if f.FirstToken != f.Latency {
		t.Errorf("first token %v and latency %v saw the same durations", f.FirstToken, f.Latency)
	}
}

func TestEveryDurationFallsIntoABucketThatStandsForIt(t *testing.T) {
	for v := uint64(1 << firstOctave); v < 600_000_000; v += 1 + v/1000 {
		if off := math.Abs(valueOf(bucketOf(v))/float64(v) - 1); off > 0.05 {
			t.Fatalf("%d µs reads as %v: off by %.2f %%", v, valueOf(bucketOf(v)), 100*off)
		}
	}
	for _, v := range []uint64{0, 1, 255, 1 << 30, math.MaxUint64} {
		if b := bucketOf(v); b != 0 && b != buckets-1 {
			t.Errorf("%d falls into bucket %d, want the first or the last", v, b)
		}
	}
}

func TestOnlyTheProvidersFaultsCountAgainstUptime(t *testing.T) {
	s := NewStats(dawn)
	record := func(kind Kind, n int, at time.Duration) {
		for range n {
			s.Begin()
			s.Record(Outcome{Kind: kind, At: dawn.Add(at)})
		}
	}
	if f := s.Figures(dawn); f.Uptime5 != -1 || f.Uptime30 != -1 {
		t.Fatalf("without attempts uptime is %v and %v, want -1", f.Uptime5, f.Uptime30)
	}
	for _, kind := range []Kind{RateLimited, CallerFault, Cancelled, KeyRefused} {
		record(kind, 5, time.Minute)
	}
	if f := s.Figures(dawn.Add(time.Minute)); f.Uptime5 != -1 || f.Attempts30 != 0 {
		t.Fatalf("what is not the provider's doing counts: %+v", f)
	}
	record(Success, 3, time.Minute)
	record(ProviderFault, 1, time.Minute)
	record(Success, 1, 20*time.Minute)
	for _, c := range []struct {
		name         string
		at           time.Duration
		five, thirty float64
	}{
		{"both windows reach back to the start", 4 * time.Minute, 0.75, 0.75},
		{"the short window has moved past the first minute", 6 * time.Minute, -1, 0.75},
		{"the short window sees the late success", 20 * time.Minute, 1, 0.8},
		{"the long window has moved past the first minute", 31 * time.Minute, -1, 1},
		{"both have moved past everything", 50 * time.Minute, -1, -1},
	} {
		if f := s.Figures(dawn.Add(c.at)); f.Uptime5 != c.five || f.Uptime30 != c.thirty {
			t.Errorf("%s: uptime is %v and %v, want %v and %v", c.name, f.Uptime5, f.Uptime30, c.five, c.thirty)
		}
	}
}

func TestAWaitGivenUpCountsAsLaterThanTheWait(t *testing.T) {
	s := NewStats(dawn)
	for _, wait := range []time.Duration{time.Second, 10 * time.Second, 2 * time.Minute} {
		s.Begin()
		s.Record(Outcome{Kind: ProviderFault, FirstTokenAfter: wait, Duration: wait, At: dawn})
		if f := s.Figures(dawn); f.FirstToken.P99 <= wait || f.FirstToken.P99 > wait*5/4 {
			t.Errorf("after a vain wait of %v, p99 is %v", wait, f.FirstToken.P99)
		}
	}
	if f := s.Figures(dawn); f.FirstToken.Count != 3 || f.Latency.Count != 0 {
		t.Errorf("first tokens %d, whole answers %d; want 3 and 0", f.FirstToken.Count, f.Latency.Count)
	}
}

func TestAnAttemptThatTricklesCountsBeforeItEnds(t *testing.T) {
	s := NewStats(dawn)
	s.Begin()
	before := s.Changed()
	for range 3 {
		s.Trickle(dawn, 1.5)
	}
	f := s.Figures(dawn)
	if f.Rates != 3 || math.Abs(f.Throughput-1.5) > 0.1 || f.InFlight != 1 || s.Changed() == before {
		t.Errorf("the figures are %+v", f)
	}
	if f := s.Figures(dawn.Add(6 * time.Minute)); f.Rates != 0 || f.Throughput != 0 {
		t.Errorf("six minutes later they are %+v", f)
	}
}

func TestThroughputIsOfTheTimeSpentGenerating(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Outcome
		want float64
	}{
		{"a stream", Outcome{FirstToken: 2 * time.Second, Duration: 4 * time.Second, OutputTokens: 101}, 50},
		{"a slow stream", Outcome{FirstToken: time.Second, Duration: 11 * time.Second, OutputTokens: 21}, 2},
		{"an answer that was not streamed", Outcome{Duration: 4 * time.Second, OutputTokens: 100}, 0},
		{"a stream of one token", Outcome{FirstToken: time.Second, Duration: 2 * time.Second, OutputTokens: 1}, 0},
		{"a stream that came in one piece", Outcome{FirstToken: time.Second, Duration: time.Second + time.Millisecond, OutputTokens: 100}, 0},
		{"a stream that broke", Outcome{Kind: ProviderFault, FirstToken: time.Second, Duration: 2 * time.Second, OutputTokens: 100}, 0},
	} {
		s := NewStats(dawn)
		c.o.At = dawn
		s.Begin()
		s.Record(c.o)
		if got := s.Figures(dawn).Throughput; math.Abs(got-c.want) > 0.05*c.want {
			t.Errorf("%s: %v tokens/s, want %v", c.name, got, c.want)
		}
	}
}

func TestWindowsForgetAndLetGoOfTheirMemory(t *testing.T) {
	s := NewStats(dawn)
	s.Begin()
	s.Record(Outcome{FirstToken: time.Second, Duration: 2 * time.Second, OutputTokens: 11, At: dawn})
	for _, c := range []struct {
		after           time.Duration
		recent, last30m int64
	}{{0, 1, 1}, {4 * time.Minute, 1, 1}, {5 * time.Minute, 0, 1}, {29 * time.Minute, 0, 1}, {30 * time.Minute, 0, 0}} {
		now := dawn.Add(c.after)
		f := s.Figures(now)
		past, _ := s.last30(now)
		if f.FirstToken.Count != c.recent || past.total() != c.last30m {
			t.Errorf("after %v the windows hold %d and %d, want %d and %d", c.after, f.FirstToken.Count, past.total(), c.recent, c.last30m)
		}
	}
	for i := range s.recent {
		if s.recent[i].Load() != nil {
			t.Error("a slot of the last 5 min is still held")
		}
	}
	for i := range s.past {
		if s.past[i].Load() != nil {
			t.Error("a slot of the last 30 min is still held")
		}
	}
}

func TestALateOutcomeDoesNotDisturbANewerMinute(t *testing.T) {
	s := NewStats(dawn)
	s.Begin()
	s.Record(Outcome{FirstToken: time.Second, At: dawn.Add(30 * time.Minute)})
	s.Begin()
	s.Record(Outcome{Kind: ProviderFault, FirstToken: time.Second, At: dawn}) // falls on the same place of every ring
	f := s.Figures(dawn.Add(30 * time.Minute))
	if f.FirstToken.Count != 1 || f.Uptime30 != 1 || f.Attempts30 != 1 {
		t.Errorf("figures are %+v, want those of the newer outcome alone", f)
	}
	if n := s.Totals().Attempts[ProviderFault]; n != 1 {
		t.Errorf("totals have %d faults, want 1", n)
	}
}

func TestStatesEndWithTheirTime(t *testing.T) {
	const long = 5 * time.Second
	for _, c := range []struct {
		name  string
		set   State
		until time.Duration // 0: no end
		at    time.Duration
		want  State
		rests time.Duration
	}{
		{"up stays up", Up, 0, time.Hour, Up, 0},
		{"a rest is under way", Resting, long, 2 * time.Second, Resting, 3 * time.Second},
		{"a rest is over: it may be probed", Resting, long, long, Probing, 0},
		{"barred for a time", Barred, long, time.Second, Barred, 4 * time.Second},
		{"barred no longer", Barred, long, 6 * time.Second, Probing, 0},
		{"barred without end", Barred, 0, time.Hour, Barred, 0},
		{"a slow start is under way", Warming, long, time.Second, Warming, 0},
		{"a slow start is over", Warming, long, long, Up, 0},
		{"a probe lasts until its breaker says otherwise", Probing, long, time.Hour, Probing, 0},
	} {
		s := NewStats(dawn)
		var until time.Time
		if c.until > 0 {
			until = dawn.Add(c.until)
		}
		s.SetState(c.set, until)
		f := s.Figures(dawn.Add(c.at))
		if f.State != c.want || f.RestsFor != c.rests || s.State(dawn.Add(c.at)) != c.want {
			t.Errorf("%s: %v for %v, want %v for %v", c.name, f.State, f.RestsFor, c.want, c.rests)
		}
	}
}

func TestChangedMovesWithAttemptsAndStates(t *testing.T) {
	s := NewStats(dawn)
	steps := []struct {
		name  string
		do    func()
		moves bool
	}{
		{"beginning an attempt", s.Begin, false},
		{"ending it", func() { s.Record(Outcome{At: dawn}) }, true},
		{"resting", func() { s.SetState(Resting, dawn.Add(time.Second)) }, true},
		{"resting all the same", func() { s.SetState(Resting, dawn.Add(time.Second)) }, false},
		{"up", func() { s.SetState(Up, time.Time{}) }, true},
	}
	for _, step := range steps {
		before := s.Changed()
		if step.do(); (s.Changed() != before) != step.moves {
			t.Errorf("%s: moved %v, want %v", step.name, !step.moves, step.moves)
		}
	}
	if s.InFlight() != 0 {
		t.Errorf("%d in flight, want 0", s.InFlight())
	}
}

func TestStatsMadeWithoutAClockGoByTheWallClock(t *testing.T) {
	var s Stats
	s.Begin()
	s.Record(Outcome{Kind: ProviderFault, FirstTokenAfter: time.Second, At: dawn})
	s.SetState(Resting, dawn.Add(time.Minute))
	if f := s.Figures(dawn.Add(time.Second)); f.Uptime5 != 0 || f.FirstToken.Count != 1 || f.RestsFor != 59*time.Second {
		t.Errorf("figures are %+v", f)
	}
}

func TestNothingIsLostWhenManyRecordAtOnceAcrossMinutes(t *testing.T) {
	s := NewStats(dawn)
	const workers, each = 8, 4000
	var clock atomic.Int64 // shared, so that all cross into a new minute at about the same time
	var wg sync.WaitGroup
	stop := make(chan struct{})
	reader := make(chan struct{})
	go func() {
		defer close(reader)
		for {
			select {
			case <-stop:
				return
			default:
				f := s.Figures(dawn.Add(time.Duration(clock.Load())))
				if f.Uptime30 > 1 || f.FirstToken.P50 > f.FirstToken.P99 {
					t.Errorf("figures contradict themselves: %+v", f)
					return
				}
			}
		}
	}()
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				s.Begin()
				// All of it takes 4 min of the tests' time, less than the shortest window.
				at := time.Duration(clock.Add(int64(4*time.Minute) / (workers * each)))
				s.Record(Outcome{Kind: Kind((w + i) % 2), FirstToken: time.Second, Duration: 2 * time.Second,
					OutputTokens: 11, InputTokens: 3, Cost: 7, At: dawn.Add(at - 1)})
			}
		})
	}
	wg.Wait()
	close(stop)
	<-reader

	const n = workers * each
	totals := s.Totals()
	if totals.Attempts[Success] != n/2 || totals.Attempts[ProviderFault] != n/2 || totals.OutputTokens != 11*n ||
		totals.InputTokens != 3*n || totals.Cost != 7*n {
		t.Errorf("totals are %+v", totals)
	}
	f := s.Figures(dawn.Add(4*time.Minute - 1))
	if f.Attempts30 != n || f.Uptime5 != 0.5 || f.FirstToken.Count != n || f.Latency.Count != n/2 || f.InFlight != 0 {
		t.Errorf("figures are %+v, want all %d attempts", f, n)
	}
}

func TestAnAttemptAllocatesNothing(t *testing.T) {
	s := NewStats(dawn)
	o := Outcome{FirstToken: time.Second, Duration: 2 * time.Second, OutputTokens: 50, InputTokens: 3, Cost: 1, At: dawn}
	s.Begin()
	s.Record(o)
	if n := testing.AllocsPerRun(1000, func() { s.Begin(); s.Record(o) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkAttempt(b *testing.B) {
	s := NewStats(dawn)
	o := Outcome{FirstToken: time.Second, Duration: 2 * time.Second, OutputTokens: 50, InputTokens: 3, Cost: 1, At: dawn}
	b.ReportAllocs()
	for b.Loop() {
		s.Begin()
		s.Record(o)
	}
}

func BenchmarkAttemptParallel(b *testing.B) {
	s := NewStats(dawn)
	o := Outcome{FirstToken: time.Second, Duration: 2 * time.Second, OutputTokens: 50, InputTokens: 3, Cost: 1, At: dawn}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s.Begin()
			s.Record(o)
		}
	})
}
