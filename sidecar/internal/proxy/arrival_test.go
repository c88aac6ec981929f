package proxy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// untilStale waits until a hand-off that was signed before is older than a window of a second.
func untilStale() {
	now := time.Now()
	<-time.After(now.Truncate(time.Second).Add(2 * time.Second).Sub(now))
}

// chatHead is a chat request up to its body.
func chatHead(body string, fields []string) string {
	return strings.TrimSuffix(proxytest.Request("POST", proxytest.ChatPath, body, fields...), body)
}

// behindAGateway is a sidecar with one provider that takes hand-offs for a second.
func behindAGateway(t *testing.T) (*proxytest.Fake, *proxytest.Sidecar, *proxytest.Gateway) {
	t.Helper()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) {
		handedOff(c)
		c.Handoff.Window = time.Second
	}})
	return alpha, s, proxytest.NewGateway(t, "kong-1", 0)
}

func TestAHandOffCountsWhenItsHeadArrivesHoweverLongTheBodyTakes(t *testing.T) {
	t.Parallel()
	alpha, s, gateway := behindAGateway(t)
	body := proxytest.Ask(false)
	begin := func(fields []string) *proxytest.Client {
		c := s.Dial(t)
		c.Send(chatHead(body, fields) + body[:5])
		return c
	}
	accepted := func(c *proxytest.Client) {
		t.Helper()
		checkGoodAnswer(t, c.Answer(), "alpha", 1, false)
	}

	slow, swift := gateway.Chat(proxytest.Alice(), nil), gateway.Chat(proxytest.Alice(), []byte(body))
	first, second := begin(slow), begin(slow)
	replay := begin(swift)
	changed := begin(gateway.Chat(proxytest.Alice(), []byte(body)))
	never := gateway.Chat(proxytest.Alice(), nil)
	kept := s.Dial(t)
	kept.Chat(body, swift...)
	accepted(kept)
	wantCode(t, ask(t, s, body, swift...), 401, "handoff_replayed")
	untilStale()

	first.Send(body[5:])
	accepted(first)
	second.Send(body[5:])
	wantCode(t, second.Answer(), 401, "handoff_replayed") // it began to arrive within the window, too
	replay.Send(body[5:])
	wantCode(t, replay.Answer(), 401, "handoff_replayed")
	changed.Send(strings.Repeat("x", len(body)-5))
	wantCode(t, changed.Answer(), 401, "handoff_digest")
	wantCode(t, ask(t, s, body, slow...), 401, "handoff_stale")
	wantCode(t, ask(t, s, body, never...), 401, "handoff_stale")
	kept.Chat(body, never...) // a connection's second request has its own time
	wantCode(t, kept.Answer(), 401, "handoff_stale")
	if alpha.Asked() != 2 {
		t.Errorf("the provider was asked %d times", alpha.Asked())
	}
}

func TestRequestsThatComeTogetherEachHaveTheirTime(t *testing.T) {
	t.Parallel()
	_, s, gateway := behindAGateway(t)
	body := proxytest.Ask(false)
	whole := func() string {
		return proxytest.Request("POST", proxytest.ChatPath, body, gateway.Chat(proxytest.Alice(), nil)...)
	}
	old := whole()
	c := s.Dial(t)
	c.Send(whole() + proxytest.Request("GET", "/healthz", "") + whole()[:40])
	checkGoodAnswer(t, c.Answer(), "alpha", 1, false)
	if a := c.Answer(); a.StatusCode != 200 {
		t.Fatalf("the answer is %d", a.StatusCode)
	}
	untilStale()
	c.Send(old[40:]) // whose head is complete only now
	wantCode(t, c.Answer(), 401, "handoff_stale")
	c.Send(whole() + whole())
	checkGoodAnswer(t, c.Answer(), "alpha", 1, false)
	checkGoodAnswer(t, c.Answer(), "alpha", 1, false)
}
