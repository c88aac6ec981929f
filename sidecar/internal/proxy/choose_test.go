package proxy_test

import (
	"strings"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// herd is how many requests meet the end of the only offer that serves in one moment: more than the retry budget has tries for.
const herd = 40

// rests trips a provider with its own word before a herd comes.
var rests = proxytest.Error(429, "", "slow", "Retry-After: 60")

func TestAHerdWaitsForTheProbeOfAnOfferThatRests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		probe proxytest.Step // what the resting offer does when the herd comes
		want  int
	}{
		{"and all are served when it is back", proxytest.Good, 200},
		{"and none asks for more than the budget allows when it is out", proxytest.Error(503, "", "out"), 502},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fall := make(chan struct{})
			alpha := proxytest.NewFake(t, "alpha", rests, c.probe)
			bravo := proxytest.NewFake(t, "bravo", proxytest.Good, proxytest.Then(proxytest.Until(fall), proxytest.Reset))
			s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo)})
			checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "bravo", 2, false)

			clients := make([]*proxytest.Client, herd)
			for i := range clients {
				clients[i] = s.Dial(t)
				clients[i].Chat(proxytest.Ask(false))
			}
			bravo.WaitAsked(1 + herd)
			close(fall)
			for _, client := range clients {
				if a := client.Answer(); a.StatusCode != c.want {
					t.Errorf("the answer is %d: %s", a.StatusCode, strings.TrimSpace(a.Text))
				}
			}
			// The free tries of two seconds at most, and the tenth of the requests.
			if most := 1 + 2*10 + (1+herd)/10; c.want != 200 && alpha.Asked() > most {
				t.Errorf("an offer that is out was asked %d times; expected %d at most", alpha.Asked(), most)
			}
		})
	}
}

func TestAHerdThatLosesTwoOffersWaitsForTheBudget(t *testing.T) {
	t.Parallel()
	const herd = 50 // beyond the free tries of two seconds and a fifth of the requests, within those of four
	fall := make(chan struct{})
	falls := proxytest.Then(proxytest.Until(fall), proxytest.Reset)
	alpha, bravo := proxytest.NewFake(t, "alpha", falls), proxytest.NewFake(t, "bravo", proxytest.Error(503, "", "out"))
	charlie := proxytest.NewFake(t, "charlie", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo, charlie)})
	clients := make([]*proxytest.Client, herd)
	for i := range clients {
		clients[i] = s.Dial(t)
		clients[i].Chat(proxytest.Ask(false, `"provider":{"order":["alpha","bravo","charlie"]}`))
	}
	alpha.WaitAsked(herd)
	close(fall)
	for _, client := range clients {
		if a := client.Answer(); a.StatusCode != 200 {
			t.Errorf("the answer is %d: %s", a.StatusCode, strings.TrimSpace(a.Text))
		}
	}
}
