package proxy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// lively sets a keepalive that comes before the timers.
func lively(c *config.Config) {
	shortTimers(c)
	c.Routing.Keepalive = 100 * time.Millisecond
}

func TestAStreamWithoutContentGetsItsStatusAndCommentsAfterTheKeepalive(t *testing.T) {
	t.Parallel()
	ready := make(chan struct{})
	alpha := proxytest.NewFake(t, "alpha", proxytest.Then(proxytest.Until(ready), proxytest.Good))
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) { c.Routing.Keepalive = 100 * time.Millisecond }})
	c := s.Dial(t)
	defer c.Close()
	start := time.Now()
	c.Chat(proxytest.Ask(true))
	a := c.Head()
	if took := time.Since(start); took < 70*time.Millisecond || took > 100*time.Millisecond+leeway {
		t.Errorf("the status came after %v; expected it after 100 ms", took)
	}
	if a.StatusCode != 200 || a.Header.Get("x-souk-request-id") == "" || a.Header.Get("x-souk-offer") != "" || a.Header.Get("x-souk-attempts") != "" {
		t.Errorf("the headers are %d %v", a.StatusCode, a.Header)
	}
	for i := range 3 {
		if e, err := a.Event(); err != nil || e[0] != ':' {
			t.Fatalf("event %d is %q (%v); expected a comment", i, e, err)
		}
	}
	close(ready)
	got := proxytest.ParseStream(t, a.Rest())
	if got.Text != "hello from alpha" || !got.Done || !strings.Contains(a.Text, ": souk offer=alpha/"+proxytest.Model+" attempts=1\n\n") {
		t.Errorf("the stream is %q", a.Text)
	}
	if r := s.AccessLog(); r[0].Offer != "alpha/"+proxytest.Model || r[0].Status != 200 || r[0].First < 100 {
		t.Errorf("the access log says %+v", r)
	}
}

func TestAWaitingStreamFailsOver(t *testing.T) {
	t.Parallel()
	var took time.Duration
	for range tries {
		alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Hang), proxytest.NewFake(t, "bravo", proxytest.Good)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: lively})
		c := s.Dial(t)
		start := time.Now()
		c.Chat(proxytest.Ask(true))
		a := c.Answer()
		got := proxytest.ParseStream(t, a.Text)
		if got.Text != "hello from bravo" || !got.Done || got.Error != nil || got.Comments < 3 || !strings.Contains(a.Text, "offer=bravo/"+proxytest.Model+" attempts=2") {
			t.Errorf("the stream is %q", a.Text)
		}
		_ = c.Close()
		if took = bravo.Last().At.Sub(start); took < firstToken*7/10 {
			t.Errorf("the next offer was asked after %v; expected it after %v", took, firstToken)
		}
		if took <= firstToken*13/10+prompt {
			return
		}
	}
	// The comments that souk sends must not move the provider's timer.
	t.Errorf("the next offer was asked after %v; expected it after %v", took, firstToken)
}

func TestAWaitingStreamWhosePlanFailsEndsInAnErrorEvent(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name        string
		first, then proxytest.Step
		code        string
	}{
		{"by its timers", proxytest.Hang, proxytest.Hang, "all_offers_timed_out"},
		{"by a fault", proxytest.Hang, proxytest.Error(500, "", "boom"), "all_offers_failed"},
		{"by the caller's own error", proxytest.Hang, proxytest.Error(400, "", "you are wrong"), ""},
		{"by headers that are no HTTP", proxytest.Hang, proxytest.Raw("\n\r\n\r\n"), "all_offers_failed"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			alpha, bravo := proxytest.NewFake(t, "alpha", c.first), proxytest.NewFake(t, "bravo", c.then)
			s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: lively})
			a := ask(t, s, proxytest.Ask(true))
			got := proxytest.ParseStream(t, a.Text)
			if a.StatusCode != 200 || a.Err != nil || got.Done || got.Error == nil || got.Finish != "error" {
				t.Fatalf("the answer is %d (%v): %q", a.StatusCode, a.Err, a.Text)
			}
			if len(got.Error.Metadata.Attempts) != 2 || c.code != "" && (got.Error.Code == nil || *got.Error.Code != c.code) || got.Error.Message == "" {
				t.Errorf("the error is %+v", got.Error)
			}
		})
	}
}

func TestAWholeAnswerWaitsWithoutKeepalive(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Then(proxytest.Beat(300*time.Millisecond, ""), proxytest.Good))
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: lively})
	checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "alpha", 1, false)
}

func TestAWaitingStreamEndsCleanWhenItsCallerLeaves(t *testing.T) {
	t.Parallel()
	// A busy machine may hold up one cancellation, but not every one.
	var took time.Duration
	for range tries {
		if took = waitingStreamEnds(t); took <= goneWithin {
			return
		}
	}
	t.Errorf("the provider's connection ended %v after the caller left", took)
}

// waitingStreamEnds returns how long after its caller the provider's connection ended.
func waitingStreamEnds(t *testing.T) time.Duration {
	alpha := proxytest.NewFake(t, "alpha", proxytest.Hang)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) { c.Routing.Keepalive = 50 * time.Millisecond }})
	c := s.Dial(t)
	c.Chat(proxytest.Ask(true))
	a := c.Head()
	if _, err := a.Event(); err != nil {
		t.Fatal(err)
	}
	left := time.Now()
	c.Close()
	took := alpha.WaitGone().Sub(left)
	r := s.AccessLog()
	if len(r) != 1 || len(r[0].Attempts) != 1 || r[0].Attempts[0].Reason != "cancelled" {
		t.Errorf("the access log says %+v", r)
	}
	return took
}
