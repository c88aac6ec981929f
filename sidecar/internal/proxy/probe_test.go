package proxy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// probed makes souk ask the first provider by itself.
func probed(c *config.Config) {
	c.Providers[0].Probe = &config.Probe{Every: 10 * time.Millisecond, Model: proxytest.Model}
}

func TestAnOfferThatNobodyAsksIsProbed(t *testing.T) {
	t.Parallel()
	alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Good), proxytest.NewFake(t, "bravo", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: func(c *config.Config) {
		probed(c)
		c.Providers[0].Keys = []config.Secret{config.NewSecret("sk-of-alpha")}
		c.Providers[0].Traceparent = true
	}})
	alpha.WaitAsked(1)
	r := alpha.Last()
	for _, want := range []string{`"model":"up-alpha"`, `"max_tokens":1`, `"stream":true`, `"include_usage":true`} {
		if !strings.Contains(r.Body, want) {
			t.Errorf("the probe lacks %s: %s", want, r.Body)
		}
	}
	if key, _ := r.Get("authorization"); key != "Bearer sk-of-alpha" {
		t.Errorf("the probe came with the key %q", key)
	}
	if trace, ok := r.Get("traceparent"); !ok || strings.Contains(trace, "00000000000000000000000000000000") {
		t.Errorf("the probe came with the trace %q", trace)
	}
	for end := time.Now().Add(10 * time.Second); s.Outcomes("alpha", "success") == 0 && time.Now().Before(end); {
		// The provider is done before the attempt is counted.
	}
	if cost := s.Metric("souk_cost_usd_total", `provider="alpha"`); cost <= 0 {
		t.Errorf("the probe costs %v", cost)
	}
	if n := s.Metric("souk_requests_total", `op="chat"`); n != 0 {
		t.Errorf("%v probes count as requests", n)
	}
	log := s.AccessLog()
	if len(log) == 0 || log[0].Op != "probe" || log[0].Caller != "souk" || log[0].Status != 200 || log[0].Cost == nil || log[0].Output != 20 || log[0].Attempts[0].Reason != "success" {
		t.Errorf("the access log says %+v", log)
	}
	if bravo.Asked() != 0 {
		t.Error("a provider without probes was probed")
	}
}

func TestAProbeClosesABreakerThatNoCallerTries(t *testing.T) {
	t.Parallel()
	boom := proxytest.Error(500, "", "boom")
	alpha, bravo := proxytest.NewFake(t, "alpha", boom, boom, boom, proxytest.Good), proxytest.NewFake(t, "bravo", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: probed})
	for range 3 {
		checkGoodAnswer(t, ask(t, s, proxytest.Ask(true)), "bravo", 2, true)
	}
	if s.State("alpha") != proxytest.Resting {
		t.Fatalf("after three faults the offer is in state %d", s.State("alpha"))
	}
	alpha.WaitAsked(4)
	for end := time.Now().Add(10 * time.Second); s.State("alpha") == proxytest.Resting || s.State("alpha") == proxytest.Probing; {
		if time.Now().After(end) {
			t.Fatalf("after a good probe the offer is in state %d", s.State("alpha"))
		}
	}
	if !strings.Contains(alpha.Last().Body, `"max_tokens":1`) {
		t.Errorf("it was no probe that found it well: %s", alpha.Last().Body)
	}
}

func TestAProbeThatHangsDoesNotHoldUpTheEnd(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Hang)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: probed})
	alpha.WaitAsked(1)
	start := time.Now()
	s.Stop()
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("souk ended after %v", took)
	}
	if n := s.AccessLog(); len(n) != 1 || n[0].Attempts[0].Reason != "cancelled" {
		t.Errorf("the access log says %+v", n)
	}
}

func TestAnOfferThatItsCallersAskIsNotProbed(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: probed})
	c := s.Dial(t)
	for end := time.Now().Add(2500 * time.Millisecond); time.Now().Before(end); {
		c.Chat(proxytest.Ask(false))
		checkGoodAnswer(t, c.Answer(), "alpha", 1, false)
	}
	for _, r := range alpha.Requests() {
		if strings.Contains(r.Body, "max_tokens") {
			t.Fatal("it was probed")
		}
	}
}
