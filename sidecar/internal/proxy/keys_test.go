package proxy_test

import (
	"strings"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

func TestARefusedKeyIsQuarantinedAndTheOtherKeyOfItsProviderUsed(t *testing.T) {
	t.Parallel()
	for _, refusal := range []proxytest.Step{
		proxytest.Error(401, "invalid_api_key", "bad"), proxytest.Error(402, "", "pay"), proxytest.Error(403, "", "no"), proxytest.Error(429, "insufficient_quota", "quota"),
	} {
		alpha, bravo := proxytest.NewFake(t, "alpha", refusal, proxytest.Good), proxytest.NewFake(t, "bravo", proxytest.Good)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: func(c *config.Config) {
			c.Providers[0].Keys = []config.Secret{config.NewSecret("key-one"), config.NewSecret("key-two")}
		}})
		checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "alpha", 2, false)
		refused, _ := alpha.Requests()[0].Get("Authorization")
		for range 4 {
			checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "alpha", 1, false)
			if used, _ := alpha.Last().Get("Authorization"); used == refused || !strings.HasPrefix(used, "Bearer key-") {
				t.Errorf("the key %q was used after %q was refused", used, refused)
			}
		}
		if line := s.Log().Wait(t, 0, "quarantined"); !strings.Contains(line, `"level":"ERROR"`) || !strings.Contains(line, `"provider":"alpha"`) || strings.Contains(line, "key-one") || strings.Contains(line, "key-two") {
			t.Errorf("the quarantine is logged as %s", line)
		}
		if s.State("alpha") != proxytest.Up {
			t.Error("an offer whose provider has another key rests")
		}
	}
}

func TestAnOfferAllOfWhoseKeysAreRefusedIsPassedOver(t *testing.T) {
	t.Parallel()
	alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Error(401, "", "bad")), proxytest.NewFake(t, "bravo", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: func(c *config.Config) {
		c.Providers[0].Keys = []config.Secret{config.NewSecret("key-one"), config.NewSecret("key-two")}
	}})
	for i := range 5 {
		checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "bravo", []int{3, 1, 1, 1, 1}[i], false)
	}
	if alpha.Asked() != 2 {
		t.Errorf("the provider was asked %d times with two keys that it refuses", alpha.Asked())
	}
}
