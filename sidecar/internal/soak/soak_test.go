package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// inProcess starts souk in the test's own process, so that the race detector sees it.
func inProcess(t *testing.T) starter {
	return func(_ context.Context, file string, at place, lines func([]byte)) (*sidecar, error) {
		s, err := proxytest.Start(t, proxytest.Options{Load: func() (*config.Config, error) { return config.Load(file, config.SystemEnv()) }})
		if err != nil {
			return nil, err
		}
		return &sidecar{data: s.Addr().String(), admin: s.AdminAddr(), stop: func() (string, error) {
			s.Stop()
			text, err := os.ReadFile(at.access)
			for line := range strings.Lines(string(text)) {
				lines([]byte(line))
			}
			return s.Log().String(), err
		}}, nil
	}
}

// brief is the matrix of the long form in a few seconds: every fault in every form at least once.
func brief(t *testing.T, seed uint64) options {
	o := usual()
	o.seed, o.lasts, o.streams, o.strict, o.thorough, o.outage = seed, 10*time.Second, 50, false, true, 0
	o.load = load{rate: 40, minTokens: 8, maxTokens: 24, faults: 0.16, leavers: 0.05, slow: 0.005, slowTokens: 2000}
	o.timers = timers{connect: time.Second, firstToken: 800 * time.Millisecond, answer: time.Second, idle: 600 * time.Millisecond, total: 15 * time.Second, keepalive: 500 * time.Millisecond}
	o.flap, o.reload = 2*time.Second, 1500*time.Millisecond
	o.start = inProcess(t)
	o.listen = func() (place, error) {
		return place{listen: "127.0.0.1:0", admin: "127.0.0.1:0", access: filepath.Join(t.TempDir(), "access.log")}, nil
	}
	return o
}

func TestEveryFaultUnderLoadEndsInACompleteAnswerOrAnHonestError(t *testing.T) {
	o := brief(t, 1)
	r, err := run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range r.Words {
		t.Error(word)
	}
	if r.Faulty < int64(newDeck(1).size()) {
		t.Errorf("%d requests had a fault; the deck has %d", r.Faulty, newDeck(1).size())
	}
	seen, all := map[outcome]int{}, 0
	for _, row := range r.Rows {
		if row.Form != "" {
			continue
		}
		if row.Fault == together {
			if row.Injected == 0 || row.AddedP50 == nil {
				t.Errorf("no fault that is told at once is in the table: %+v", row)
			}
			continue
		}
		for o, n := range row.Outcomes {
			seen[o] += n
			all += n
		}
	}
	if int64(all) != r.Requests {
		t.Errorf("%d requests were sent, and %d are in the table", r.Requests, all)
	}
	// What the run was for has happened.
	for _, o := range []outcome{complete, continued, refused, broken, left} {
		if seen[o] == 0 {
			t.Errorf("no answer was %s: %v", o, seen)
		}
	}
	if r.Flaps == 0 || r.Reloads[0] == 0 || r.Reloads[1] == 0 {
		t.Errorf("%d flaps, %v reloads", r.Flaps, r.Reloads)
	}
	t.Logf("%d requests, %d with a fault, %d attempts: %v", r.Requests, r.Faulty, r.Attempts, seen)
}
