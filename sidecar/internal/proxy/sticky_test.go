package proxy_test

import (
	"fmt"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// drawn lets equal offers be drawn, and cached tokens be cheap.
func drawn(c *config.Config) {
	c.Routing.Sort = config.SortBalanced
	for i := range c.Providers {
		for j := range c.Providers[i].Models {
			c.Providers[i].Models[j].Price = &config.Price{Input: 1_000_000_000, Output: 2_000_000_000, CacheRead: 100_000_000, CacheWrite: 1_000_000_000}
		}
	}
}

// turn is a conversation's body after so many answers.
func turn(question string, answers int, members string) string {
	body := `{"model":"` + proxytest.Model + `",` + members + `"messages":[{"role":"system","content":"be kind"},{"role":"user","content":"` + question + `"}`
	for i := range answers {
		body += fmt.Sprintf(`,{"role":"assistant","content":"answer %d"},{"role":"user","content":"and?"}`, i)
	}
	return body + "]}"
}

func TestAConversationStaysWithTheOfferThatReadItsBeginning(t *testing.T) {
	t.Parallel()
	alpha, bravo, charlie := proxytest.NewFake(t, "alpha", proxytest.Good), proxytest.NewFake(t, "bravo", proxytest.Good), proxytest.NewFake(t, "charlie", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo, charlie), Change: drawn})
	for _, members := range []string{"", `"session_id":"s-1",`, `"prompt_cache_key":"k-1",`} {
		for q := range 5 {
			question := fmt.Sprintf("question %d of %s", q, members[:min(len(members), 1)])
			if members != "" {
				question = "any"
			}
			first := ask(t, s, turn(question, 0, members)).Header.Get("x-souk-provider")
			for answers := 1; answers < 6; answers++ {
				if got := ask(t, s, turn(question, answers, members)).Header.Get("x-souk-provider"); got != first {
					t.Errorf("%q: turn %d went to %s, the first to %s", members, answers, got, first)
				}
			}
		}
	}
}

func TestAFailoverMovesASession(t *testing.T) {
	t.Parallel()
	alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Good), proxytest.NewFake(t, "bravo", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: drawn})
	const member = `"session_id":"s-1",`
	fakes := map[string]*proxytest.Fake{"alpha": alpha, "bravo": bravo}
	first := ask(t, s, turn("q", 0, member)).Header.Get("x-souk-provider")
	fakes[first].Script(proxytest.Error(503, "", "down"), proxytest.Good)
	moved := ask(t, s, turn("q", 1, member))
	if moved.StatusCode != 200 || moved.Header.Get("x-souk-provider") == first {
		t.Fatalf("%d by %s", moved.StatusCode, moved.Header.Get("x-souk-provider"))
	}
	for range 6 {
		if got := ask(t, s, turn("q", 2, member)).Header.Get("x-souk-provider"); got == first {
			t.Errorf("the session went back to %s", first)
		}
	}
}

func TestAStrictOrderIsNotBentForAConversation(t *testing.T) {
	t.Parallel()
	alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Error(503, "", "down"), proxytest.Good), proxytest.NewFake(t, "bravo", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo)})
	checkGoodAnswer(t, ask(t, s, turn("q", 0, "")), "bravo", 2, false)
	checkGoodAnswer(t, ask(t, s, turn("q", 1, "")), "alpha", 1, false)
}
