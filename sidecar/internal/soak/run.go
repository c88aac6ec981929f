package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// options are what a soak is told.
type options struct {
	seed     uint64
	lasts    time.Duration
	streams  int // that run at a time, as long as all goes well; 0: as many as the machine carries
	load     load
	timers   timers
	flap     time.Duration // about this often, a provider fails
	reload   time.Duration // this often, a configuration is written
	outage   time.Duration // of all providers, in the middle; 0: none
	thorough bool          // go on until every fault was dealt once
	strict   bool          // hold slopes and the state after the load against their bounds
	start    starter
	listen   func() (place, error)
	out      io.Writer // the progress; nil: none
}

// soak is one run.
type soak struct {
	options
	bazaar  *bazaar
	weather *weather
	books   *books
	chaos   *chaos
	gauges  *gauges
	caller  *caller
	judge   *judge
	deck    *deck
	pace    *pace

	sent, running, unsent atomic.Int64
	faults                atomic.Int64
	stormy                storm   // its counts are the books'
	lateBefore            float64 // seconds; see strain

	mu         sync.Mutex
	violations map[string]int
	words      []string
	notes      []string
	lost       map[int64]int // requests without a fault that failed with the outage, by the second of their start
}

// storm is what an outage of everything made of the upstream traffic.
type storm struct {
	Seconds  float64 `json:"seconds"`
	Requests int64   `json:"requests"` // that met it: sent during it, or running when it began
	Sent     int64   `json:"sent"`     // of these, those that were sent during it
	Attempts int64   `json:"attempts"` // of all that met it: one each, and those that came on top during it
	Limit    float64 `json:"limit"`
	Recovery float64 `json:"recovery_seconds"` // from its end to the start of the last request that failed for it

	Lost     map[int]int `json:"lost_by_second"` // requests without a fault that failed, by the second of their start after the outage's begin
	from, to time.Time
}

// maxWords bounds the violations of a kind that are told in words.
const maxWords = 20

func (s *soak) violate(kind, format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.violations[kind]++
	if s.violations[kind] > maxWords {
		return
	}
	words := kind + ": " + fmt.Sprintf(format, args...)
	s.words = append(s.words, words)
	if s.out != nil { // whoever watches need not wait for the end
		fmt.Fprintln(s.out, words)
	}
}

// note keeps words about what is no violation but worth a look.
func (s *soak) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.notes) < 5*maxWords {
		s.notes = append(s.notes, fmt.Sprintf(format, args...))
	}
}

// run soaks souk and reports. The error is of the soak itself, not of what it found.
func run(ctx context.Context, o options) (*report, error) {
	dir, err := os.MkdirTemp("", "souk-soak-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	at, err := o.listen()
	if err != nil {
		return nil, err
	}
	b, err := openBazaar(o.seed)
	if err != nil {
		return nil, err
	}
	defer b.close()
	s := &soak{options: o, bazaar: b, weather: newWeather(), deck: newDeck(o.seed), violations: map[string]int{}, lost: map[int64]int{}}
	s.books = newBooks(s.violate)
	s.pace = newPace(o.streams)
	s.judge = &judge{bazaar: b, weather: s.weather, report: s.violate, idle: o.timers.idle, silence: max(o.timers.keepalive, o.timers.idle) + 6*time.Second}
	s.chaos = &chaos{bazaar: b, weather: s.weather, rng: rand.New(rand.NewPCG(o.seed, 0xc4a05)), file: filepath.Join(dir, "souk.yaml"), variants: b.variants(at, o.timers), report: s.violate}
	if err := s.chaos.write(s.chaos.variants[0].text); err != nil {
		return nil, err
	}
	souk, err := o.start(ctx, s.chaos.file, at, s.books.line)
	if err != nil {
		return nil, err
	}
	s.gauges, s.caller = newGauges(souk.admin), newCaller(souk.data, o.timers.total+10*time.Second)
	first, err := s.gauges.look()
	if err == nil {
		err = s.storms(ctx)
	}
	last := s.calm(ctx, first)
	log, stopErr := souk.stop()
	if err == nil && ctx.Err() != nil {
		err = errors.New("interrupted: what was found so far is no verdict")
	}
	if err != nil {
		return nil, err
	}
	s.inspect(log, stopErr)
	return s.report(first, last), nil
}

// storms runs the load and everything that goes wrong, until the time is over and every request has ended.
func (s *soak) storms(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var around sync.WaitGroup
	around.Go(func() { s.clock(ctx); cancel() })
	var reloadErr error
	around.Go(func() { s.chaos.flap(ctx, s.flap) })
	around.Go(func() { reloadErr = s.chaos.reload(ctx, s.reload) })
	around.Go(func() { s.chaos.watch(ctx, 200*time.Millisecond) })
	around.Go(func() { s.gauges.keep(ctx, time.Second) })
	around.Go(func() { s.progress(ctx) })
	around.Go(func() { s.weather.pulse(ctx) })
	around.Go(func() { s.pace.keep(ctx, min(s.lasts/3, settling), s.strain) })
	if s.outage > 0 {
		around.Go(func() { s.allOut(ctx) })
	}
	s.generate(ctx)
	around.Wait()
	return reloadErr
}

// clock returns when the run is long enough.
func (s *soak) clock(ctx context.Context) {
	start := time.Now()
	pause(ctx, s.lasts)
	for s.thorough && s.faults.Load() < int64(s.deck.size()) && time.Since(start) < 6*s.lasts && pause(ctx, 100*time.Millisecond) {
		// A busy machine takes longer to deal every fault once.
	}
}

// generate sends requests at a constant rate, whatever becomes of them, and waits for the last one.
func (s *soak) generate(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	due := time.Now()
	for number := uint64(0); ; number++ {
		due = due.Add(time.Duration(float64(time.Second) / s.arrivals()))
		if wait := time.Until(due); wait > 0 && !pause(ctx, wait) || ctx.Err() != nil {
			return
		}
		if s.running.Load() >= s.pace.streams()*5/4+50 {
			s.unsent.Add(1)
			continue
		}
		a := compose(s.seed, number, s.load, s.bazaar, s.deck)
		s.running.Add(1)
		all.Go(func() {
			defer s.running.Add(-1)
			s.one(a)
		})
	}
}

// arrivals is how many requests a second keep as many streams running as are asked for.
func (s *soak) arrivals() float64 {
	mean := float64(s.load.minTokens+s.load.maxTokens) / 2 / s.load.rate
	const streamed = 0.78
	return float64(s.pace.streams()) / mean / streamed
}

// strain is how late this process was woken at worst, and souk all together, since the last call.
func (s *soak) strain() time.Duration {
	late := 0.0
	if now, ok := s.gauges.last(); ok {
		late = now.values[lateFor] - s.lateBefore
		s.lateBefore = now.values[lateFor]
	}
	return max(s.weather.worst(), time.Duration(late*float64(time.Second)))
}

// one sends a request and judges its answer.
func (s *soak) one(a *ask) {
	s.sent.Add(1)
	if a.fault != nil {
		s.faults.Add(1)
	}
	if a.fault != nil && a.fault.kind == "refuse" {
		for _, provider := range a.targets { // others meet the closed listener too
			end := s.weather.begin(provider)
			defer time.AfterFunc(1200*time.Millisecond, end)
		}
	}
	r := s.caller.ask(a)
	v := verdict{started: r.started, ended: r.ended, fault: a.fault, targets: a.targets, form: a.form, model: a.model, number: a.number, status: r.status, outcome: s.judge.judge(a, r)}
	if v.outcome == complete && !a.slow {
		v.excess, v.timed = excess(a, r), true
	}
	if v.outcome == complete && a.form == whole && r.usage != nil && r.usage.Cost != nil {
		v.cost = r.usage.Cost.String()
	}
	if after := s.weather.sinceOutage(r.started); after > 2*time.Second && (v.outcome == failed || v.outcome == broken) && a.fault == nil {
		s.note("%.1f s after the outage, request %d (%s, %s) began and met %d %s %+v", after.Seconds(), a.number+1, a.model, a.form, r.status, r.refusal.Message, r.refusal.Metadata.Attempts)
	}
	s.mu.Lock()
	if a.fault == nil && v.outcome == failed && s.weather.out(r.started, r.started) && !s.weather.starves(r.started, r.ended) {
		s.lost[r.started.Unix()]++
	}
	s.mu.Unlock()
	s.books.judged(a.trace(), v)
}

// allOut is the outage, and what it does to the upstream traffic.
func (s *soak) allOut(ctx context.Context) {
	if !pause(ctx, max(s.lasts/2-s.outage, s.lasts/3)) {
		return
	}
	s.stormy.from = time.Now()
	s.books.watch(&s.stormy)
	s.chaos.outage(ctx, s.outage)
	s.books.mu.Lock()
	s.stormy.to = time.Now()
	s.books.mu.Unlock()
	s.stormy.Seconds = s.stormy.to.Sub(s.stormy.from).Seconds()
}

// calm waits after the load for souk to come back to what it was, and returns the last look.
func (s *soak) calm(ctx context.Context, first sample) sample {
	s.caller.close()
	for _, p := range s.bazaar.sellers {
		quiet, cancel := context.WithTimeout(ctx, 10*time.Second)
		if p.waitIdle(quiet) != nil {
			s.violate(aLeak, "%s still answers %d requests that nobody waits for", p.name, p.Stats().Active)
		}
		cancel()
	}
	within := 10 * time.Second
	if s.strict {
		within = 2 * time.Minute // kept connections go after 90 s
	}
	s.gauges.await(ctx, within, func(now sample) bool {
		for _, name := range []string{goroutines, descriptors} {
			if s.strict && now.values[name] > endLimit(name, first) {
				return false
			}
		}
		return now.values[inFlight] == 0
	})
	if s.strict {
		s.gauges.collect(3)
	}
	last, err := s.gauges.look()
	if err != nil {
		s.violate(aLog, "souk does not answer after the load: %v", err)
	}
	return last
}

// inspect looks at what souk left behind.
func (s *soak) inspect(log string, err error) {
	if err != nil {
		s.violate(aLog, "souk's end: %v", err)
	}
	if strings.Contains(log, keyMark) {
		s.violate(aKey, "souk's log shows a key")
	}
	for _, word := range []string{"panic in a request", "goroutine 1 ["} {
		if i := strings.Index(log, word); i >= 0 {
			s.violate(aLog, "souk's log has %q", clip(log[i:]))
		}
	}
	answers, lines := s.books.unmatched()
	if answers > 0 || lines > 0 {
		s.violate(aLog, "%d answers have no line in the access log, and %d lines belong to no answer", answers, lines)
	}
	s.books.settle()
}

// progress tells now and then how it goes.
func (s *soak) progress(ctx context.Context) {
	if s.out == nil {
		return
	}
	start := time.Now()
	for pause(ctx, 10*time.Second) {
		now, _ := s.gauges.last()
		s.mu.Lock()
		found := 0
		for _, n := range s.violations {
			found += n
		}
		s.mu.Unlock()
		fmt.Fprintf(s.out, "%7v  %d requests, %d running of about %d, %d faults, %d violations; souk: %.0f goroutines, %.0f descriptors, %.0f MB resident, collecting at %.0f MB\n",
			time.Since(start).Round(time.Second), s.sent.Load(), s.running.Load(), s.pace.streams(), s.faults.Load(), found,
			now.values[goroutines], now.values[descriptors], now.values[resident]/1e6, now.values[heap]/1e6)
	}
}
