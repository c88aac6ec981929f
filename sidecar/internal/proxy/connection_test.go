package proxy_test

import (
	"strings"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/identitytest"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

func TestAConnectionIsUsedAgainOnlyWhenItsAnswerWasReadToItsEnd(t *testing.T) {
	t.Parallel()
	body := proxytest.GoodAnswer("alpha")
	cases := []struct {
		name   string
		step   proxytest.Step
		stream bool
		again  bool
	}{
		{"a whole answer", proxytest.Good, false, true},
		{"a stream", proxytest.Good, true, true},
		{"a stream whose last chunk comes later", proxytest.Then(part(proxytest.GoodEvents("alpha")...), proxytest.WaitRead, proxytest.LastChunk), true, true},
		{"an error", proxytest.Error(500, "", "boom"), false, true},
		{"an answer with Connection: close", proxytest.Then(proxytest.JSON(200, body, "Connection: close"), proxytest.Close), false, false},
		{"an answer of HTTP/1.0", proxytest.Then(proxytest.Raw("HTTP/1.0 200 OK\r\nContent-Length: "+itoa(len(body))+"\r\n\r\n"+body), proxytest.Close), false, false},
		{"an answer that ends with its connection", proxytest.Then(proxytest.Raw("HTTP/1.1 200 OK\r\n\r\n"+body), proxytest.Close), false, false},
		{"an answer with something after it", proxytest.Raw("HTTP/1.1 200 OK\r\nContent-Length: " + itoa(len(body)) + "\r\n\r\n" + body + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			alpha, bravo := proxytest.NewFake(t, "alpha", c.step, proxytest.Good), proxytest.NewFake(t, "bravo", proxytest.Good)
			s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo)})
			if a := ask(t, s, proxytest.Ask(c.stream)); a.StatusCode != 200 {
				t.Fatalf("the answer is %d: %s", a.StatusCode, a.Text)
			}
			checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "alpha", 1, false)
			if r := alpha.Requests(); (r[0].Conn == r[1].Conn) != c.again {
				t.Errorf("the second request came on connection %d after %d", r[1].Conn, r[0].Conn)
			}
		})
	}
}

func TestAStaleKeptConnectionCostsOneFreshDialAndNoFailover(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]proxytest.Step{"closed": proxytest.Close, "reset": proxytest.Reset} {
		for _, size := range []int{10, 300 << 10} {
			alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Good, end, proxytest.Good), proxytest.NewFake(t, "bravo", proxytest.Good)
			s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo)})
			big := proxytest.Ask(false, `"user":"`+strings.Repeat("x", size)+`"`)
			checkGoodAnswer(t, ask(t, s, big), "alpha", 1, false)
			checkGoodAnswer(t, ask(t, s, big), "alpha", 1, false)
			r := alpha.Requests()
			if len(r) != 3 || r[0].Conn != r[1].Conn || r[2].Conn == r[1].Conn || bravo.Asked() != 0 {
				t.Errorf("%s: there were %d requests", name, len(r))
			}
			if s.Outcomes("alpha", "provider_fault") != 0 {
				t.Errorf("%s: a stale connection counts as a fault", name)
			}
		}
	}
}

func TestAFreshConnectionThatFailsLikewiseIsAFault(t *testing.T) {
	t.Parallel()
	alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Good, proxytest.Close, proxytest.Close), proxytest.NewFake(t, "bravo", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo)})
	checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "alpha", 1, false)
	checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "bravo", 2, false)
	if alpha.Asked() != 3 {
		t.Errorf("the provider was asked %d times; expected one dial after the stale connection", alpha.Asked())
	}
}

func TestAKeptConnectionThatBreaksWithinItsAnswerIsNotStale(t *testing.T) {
	t.Parallel()
	alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Good, proxytest.Then(proxytest.Raw("HTTP/1.1"), proxytest.Close)), proxytest.NewFake(t, "bravo", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo)})
	checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "alpha", 1, false)
	checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "bravo", 2, false)
	if alpha.Asked() != 2 {
		t.Errorf("the provider was asked %d times", alpha.Asked())
	}
}

func TestASilentKeptConnectionIsNotAskedAgainWhenItsTimerEnds(t *testing.T) {
	t.Parallel()
	for _, stream := range []bool{false, true} {
		alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Good, proxytest.Hang), proxytest.NewFake(t, "bravo", proxytest.Good)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: shortTimers})
		checkGoodAnswer(t, ask(t, s, proxytest.Ask(stream)), "alpha", 1, stream)
		checkGoodAnswer(t, ask(t, s, proxytest.Ask(stream)), "bravo", 2, stream)
		if alpha.Asked() != 2 || alpha.Accepted() != 1 {
			t.Errorf("stream %v: the provider saw %d requests on %d connections", stream, alpha.Asked(), alpha.Accepted())
		}
		want := map[bool]string{false: "answer_timeout", true: "first_token_timeout"}[stream]
		if r := s.AccessLog(); r[1].Attempts[0].Reason != want {
			t.Errorf("stream %v: the attempt is listed as %+v", stream, r[1].Attempts[0])
		}
	}
}

func TestProvidersBehindTLSAreAskedOverIt(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewSecureFake(t, "alpha", identitytest.New(t, "127.0.0.1"), proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) { c.Providers[0].Keys = []config.Secret{config.NewSecret("k")} }})
	for _, stream := range []bool{false, true} {
		checkGoodAnswer(t, ask(t, s, proxytest.Ask(stream)), "alpha", 1, stream)
	}
	big := strings.Repeat("x", 300<<10)
	checkGoodAnswer(t, ask(t, s, proxytest.Ask(false, `"user":"`+big+`"`)), "alpha", 1, false)
	if r := alpha.Last(); !strings.Contains(r.Body, big) || r.Conn != 0 {
		t.Errorf("a large body arrived with %d bytes on connection %d", len(r.Body), r.Conn)
	}
}
