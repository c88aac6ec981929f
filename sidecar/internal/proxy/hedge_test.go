package proxy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/money"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// hedging asks a second offer after 100 ms, for every request.
func hedging(c *config.Config) {
	c.Routing.Hedge = &config.Hedge{After: 100 * time.Millisecond, Budget: 1}
}

func TestALateFirstTokenIsHedgedAndTheFirstContentWins(t *testing.T) {
	t.Parallel()
	for _, stream := range []bool{true, false} {
		alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Hang), proxytest.NewFake(t, "bravo", proxytest.Good)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.InOrder(alpha.Provider(), bravo.Provider()), Change: hedging})
		c := s.Dial(t)
		start := time.Now()
		c.Chat(proxytest.Ask(stream))
		a := c.Answer()
		if took := time.Since(start); took < 90*time.Millisecond || took > 2*time.Second {
			t.Errorf("stream %v: the answer came after %v; expected it soon after 100 ms", stream, took)
		}
		if a.StatusCode != 200 || !strings.Contains(a.Text, "bravo") || a.Header.Get("x-souk-provider") != "bravo" || a.Header.Get("x-souk-attempts") != "2" {
			t.Errorf("stream %v: %d %v %q", stream, a.StatusCode, a.Header, a.Text)
		}
		alpha.WaitGone()
		c.Close()
		if n := s.Outcomes("alpha", "cancelled"); n != 1 {
			t.Errorf("stream %v: alpha has %d cancelled attempts, want 1", stream, n)
		}
		if n := s.Outcomes("bravo", "success"); n != 1 {
			t.Errorf("stream %v: bravo has %d good attempts, want 1", stream, n)
		}
	}
}

func TestTheFirstOfferMayStillWinAHedge(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	alpha := proxytest.NewFake(t, "alpha", proxytest.Then(proxytest.Until(asked), proxytest.Good))
	bravo := proxytest.NewFake(t, "bravo", proxytest.Hang)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.InOrder(alpha.Provider(), bravo.Provider()), Change: hedging})
	c := s.Dial(t)
	defer c.Close()
	c.Chat(proxytest.Ask(true))
	bravo.WaitAsked(1)
	close(asked)
	got := proxytest.ParseStream(t, c.Answer().Text)
	if got.Text != "hello from alpha" || !got.Done {
		t.Errorf("the stream is %+v", got)
	}
	bravo.WaitGone()
	// Nothing of the hedge is held against bravo.
	if n := s.Outcomes("bravo", "provider_fault"); n != 0 {
		t.Errorf("bravo has %d faults", n)
	}
}

func TestAnErrorNeverWinsAHedge(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	alpha := proxytest.NewFake(t, "alpha", proxytest.Then(proxytest.Until(asked), proxytest.Good))
	bravo := proxytest.NewFake(t, "bravo", proxytest.Error(500, "broken", "bravo is broken"))
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.InOrder(alpha.Provider(), bravo.Provider()), Change: hedging})
	c := s.Dial(t)
	defer c.Close()
	c.Chat(proxytest.Ask(true))
	bravo.WaitAsked(1)
	close(asked)
	if got := proxytest.ParseStream(t, c.Answer().Text); got.Text != "hello from alpha" || !got.Done {
		t.Errorf("the stream is %+v", got)
	}
}

func TestAFailureWaitsForTheRivalThatRunsAlready(t *testing.T) {
	t.Parallel()
	asked, failed := make(chan struct{}), make(chan struct{})
	alpha := proxytest.NewFake(t, "alpha", proxytest.Then(proxytest.Until(asked), proxytest.Error(503, "down", "alpha is down")))
	bravo := proxytest.NewFake(t, "bravo", proxytest.Then(proxytest.Until(failed), proxytest.Good))
	charlie := proxytest.NewFake(t, "charlie", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.InOrder(alpha.Provider(), bravo.Provider(), charlie.Provider()), Change: hedging})
	c := s.Dial(t)
	defer c.Close()
	c.Chat(proxytest.Ask(true))
	bravo.WaitAsked(1)
	close(asked)
	close(failed)
	if got := proxytest.ParseStream(t, c.Answer().Text); got.Text != "hello from bravo" || !got.Done {
		t.Errorf("the stream is %+v", got)
	}
	if charlie.Asked() != 0 {
		t.Error("charlie was asked although bravo was under way")
	}
}

func TestACallerHasCompanyWhileOnlyTheRivalRuns(t *testing.T) {
	t.Parallel()
	asked, ready := make(chan struct{}), make(chan struct{})
	alpha := proxytest.NewFake(t, "alpha", proxytest.Then(proxytest.Until(asked), proxytest.Error(503, "down", "alpha is down")))
	bravo := proxytest.NewFake(t, "bravo", proxytest.Then(proxytest.Until(ready), proxytest.Good))
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.InOrder(alpha.Provider(), bravo.Provider()), Change: func(c *config.Config) {
		hedging(c)
		c.Routing.Keepalive = 50 * time.Millisecond
	}})
	c := s.Dial(t)
	defer c.Close()
	c.Chat(proxytest.Ask(true))
	a := c.Head()
	bravo.WaitAsked(1)
	close(asked)
	for range 6 { // more than can have come before alpha failed
		a.WaitEvent(t, ": souk is waiting")
	}
	close(ready)
	if got := proxytest.ParseStream(t, a.Rest()); got.Text != "hello from bravo" || !got.Done {
		t.Errorf("the stream is %+v", got)
	}
}

func TestAHedgeKeepsToItsPriceAndBudget(t *testing.T) {
	t.Parallel()
	dear := money.PerMillion(1)
	for name, change := range map[string]func(*config.Config){
		"a second offer above max_price is not asked": func(c *config.Config) { hedging(c); c.Routing.Hedge.MaxPrice = &dear },
		"no hedge is configured":                      func(*config.Config) {},
		"a percentile without enough figures":         func(c *config.Config) { c.Routing.Hedge = &config.Hedge{Percentile: 95, Budget: 1} },
	} {
		ready := make(chan struct{})
		alpha := proxytest.NewFake(t, "alpha", proxytest.Then(proxytest.Until(ready), proxytest.Good))
		bravo := proxytest.NewFake(t, "bravo", proxytest.Good)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.InOrder(alpha.Provider(), bravo.Provider()), Change: change})
		c := s.Dial(t)
		c.Chat(proxytest.Ask(true))
		alpha.WaitAsked(1)
		timer := time.AfterFunc(300*time.Millisecond, func() { close(ready) })
		got := proxytest.ParseStream(t, c.Answer().Text)
		timer.Stop()
		c.Close()
		if got.Text != "hello from alpha" || bravo.Asked() != 0 {
			t.Errorf("%s: the stream is %+v, bravo was asked %d times", name, got, bravo.Asked())
		}
	}
}
