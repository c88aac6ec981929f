package proxy_test

import (
	"net"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// goneWithin is how soon a provider must see that the caller has left.
const goneWithin = 50 * time.Millisecond

func TestACallerThatHangsUpCancelsItsProviderAndIsNobodysFault(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		step   proxytest.Step
		stream bool
		event  bool // the caller waits for content first
		leave  func(*proxytest.Client)
	}{
		{"before the headers of a whole answer", proxytest.Hang, false, false, hangUp},
		{"before the headers of a stream", proxytest.Hang, true, false, hangUp},
		{"before the headers, with a reset", proxytest.Hang, true, false, (*proxytest.Client).Reset},
		{"within a whole answer", proxytest.Then(proxytest.Raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"), proxytest.Hang), false, false, hangUp},
		{"within a whole answer that only its connection's end ends", proxytest.Then(proxytest.Raw("HTTP/1.1 200 OK\r\n\r\n{"), proxytest.Hang), false, false, hangUp},
		{"before the content of a stream that only its connection's end ends", proxytest.Then(proxytest.Raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: x\n\n"), proxytest.Hang), true, false, hangUp},
		{"before a stream's content", proxytest.Then(part(proxytest.Role), proxytest.Hang), true, false, hangUp},
		{"in the middle of a stream that is silent", proxytest.Then(part(proxytest.Delta("one")), proxytest.Hang), true, true, hangUp},
		{"in the middle of a stream that is silent, with a reset", proxytest.Then(part(proxytest.Delta("one")), proxytest.Hang), true, true, (*proxytest.Client).Reset},
		{"in the middle of a stream that goes on", proxytest.Then(proxytest.EventsHead, proxytest.Every(5*time.Millisecond, proxytest.Chunk(proxytest.Delta("one")))), true, true, hangUp},
		{"in the middle of a flood", proxytest.Then(proxytest.EventsHead, proxytest.Every(0, proxytest.Chunk(proxytest.Delta("one")))), true, true, hangUp},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var took time.Duration
			for range tries {
				if took = leaves(t, c.step, c.stream, c.event, c.leave); took <= goneWithin {
					return
				}
			}
			t.Errorf("the provider saw the end %v after the caller had left", took)
		})
	}
}

func hangUp(c *proxytest.Client) { _ = c.Close() }

// leaves returns how long after the caller had left the provider's connection ended.
func leaves(t *testing.T, step proxytest.Step, stream, event bool, leave func(*proxytest.Client)) time.Duration {
	alpha, bravo := proxytest.NewFake(t, "alpha", step), proxytest.NewFake(t, "bravo", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo)})
	c := s.Dial(t)
	c.Chat(proxytest.Ask(stream))
	if event {
		c.Head().WaitEvent(t, "one")
	} else {
		alpha.WaitAsked(1)
	}
	left := time.Now()
	leave(c)
	took := alpha.WaitGone().Sub(left)

	s.Stop() // waits for the request's end
	if bravo.Asked() != 0 {
		t.Error("another offer was asked for a caller that had left")
	}
	r := s.AccessLog()
	if len(r) != 1 || len(r[0].Attempts) != 1 || r[0].Attempts[0].Reason != "cancelled" || r[0].Offer == "bravo/"+proxytest.Model {
		t.Fatalf("the access log says %+v", r)
	}
	if event && r[0].Status != 200 || !event && r[0].Status != 0 {
		t.Errorf("the access log says that the status was %d", r[0].Status)
	}
	return took
}

func TestACallerThatLeftDoesNotCountAgainstTheOffer(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Hang, proxytest.Hang, proxytest.Hang, proxytest.Hang, proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
	for i := range 4 {
		c := s.Dial(t)
		c.Chat(proxytest.Ask(i%2 == 0))
		alpha.WaitAsked(i + 1)
		c.Close()
	}
	alpha.WaitClosed()
	checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "alpha", 1, false)
	for end := time.Now().Add(5 * time.Second); s.Outcomes("alpha", "cancelled") < 4 && time.Now().Before(end); {
		// The provider sees a connection close before its attempt is counted.
	}
	if n := s.Outcomes("alpha", "cancelled"); n != 4 {
		t.Errorf("%d attempts count as cancelled; expected 4", n)
	}
	if n := s.Outcomes("alpha", "provider_fault"); n != 0 || s.State("alpha") != proxytest.Up {
		t.Errorf("%d attempts count against the offer", n)
	}
	if n := s.Metric("souk_caller_gone_total"); n != 4 {
		t.Errorf("%v callers count as gone; expected 4", n)
	}
}

func TestAConnectionOfACallerThatLeftIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good, proxytest.Then(part(proxytest.Delta("one")), proxytest.Hang), proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
	checkGoodAnswer(t, ask(t, s, proxytest.Ask(true)), "alpha", 1, true)
	c := s.Dial(t)
	c.Chat(proxytest.Ask(true))
	c.Head().WaitEvent(t, "one")
	c.Close()
	alpha.WaitGone()
	checkGoodAnswer(t, ask(t, s, proxytest.Ask(true)), "alpha", 1, true)
	if r := alpha.Requests(); r[0].Conn != r[1].Conn || r[1].Conn == r[2].Conn {
		t.Errorf("the requests came on the connections %d, %d and %d", r[0].Conn, r[1].Conn, r[2].Conn)
	}
}

func TestACallerThatClosesOnlyItsOwnSideDoesNotGetAnEmptySuccess(t *testing.T) {
	t.Parallel()
	for _, stream := range []bool{false, true} {
		alpha := proxytest.NewFake(t, "alpha", proxytest.Hang)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
		c := s.Dial(t)
		c.Chat(proxytest.Ask(stream))
		alpha.WaitAsked(1)
		if err := c.Conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if a := c.Answer(); a.StatusCode != 499 || a.Failure(t).Message == "" || !a.Close {
			t.Errorf("stream %v: the answer is %d: %q", stream, a.StatusCode, a.Text)
		}
	}
}

// TestACallerThatHangsUpCancelsEveryAttemptInEveryPhase has the phases in which more than one provider is asked, or none is reached yet.
func TestACallerThatHangsUpCancelsEveryAttemptInEveryPhase(t *testing.T) {
	t.Parallel()
	half := proxytest.Then(part(proxytest.Role, proxytest.Delta("half of ")), proxytest.Hang)
	cases := []struct {
		name        string
		first, then proxytest.Step // then: nil, the next offer must not be asked
		change      func(*config.Config)
		fields      []string
		event       string // that the caller waits for before it leaves
		both        bool   // both providers are asked when it leaves; otherwise the last that was
	}{
		{"while a stream is held", half, nil, func(*config.Config) {}, []string{"x-souk-deliver: whole"}, "", false},
		{"while a stream is held and comments keep it company", half, nil, func(c *config.Config) { c.Routing.Keepalive = 50 * time.Millisecond }, []string{"x-souk-deliver: whole"}, ": souk", false},
		{"while another offer is to go on", broken(proxytest.Close), proxytest.Hang, continuing, nil, "half of ", false},
		{"while another offer goes on", broken(proxytest.Close), half, continuing, nil, ": souk resumed", false},
		{"while two offers are asked at once", proxytest.Hang, proxytest.Hang, hedging, nil, "", true},
		{"after a failover", proxytest.Error(500, "", "boom"), proxytest.Hang, func(*config.Config) {}, nil, "", false},
		{"after a failover, within a held stream", proxytest.Error(500, "", "boom"), half, func(*config.Config) {}, []string{"x-souk-deliver: whole"}, "", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var took time.Duration
			for range tries {
				alpha, bravo := proxytest.NewFake(t, "alpha", c.first), proxytest.NewFake(t, "bravo", c.then)
				s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: c.change})
				caller := s.Dial(t)
				caller.Chat(proxytest.Ask(true), c.fields...)
				if c.event != "" {
					caller.Head().WaitEvent(t, c.event)
				}
				last := alpha
				if c.then != nil {
					last = bravo
				}
				last.WaitAsked(1)
				left := time.Now()
				_ = caller.Close()
				took = last.WaitGone().Sub(left)
				if c.both {
					took = max(took, alpha.WaitGone().Sub(left))
				}
				s.Stop()
				if c.then == nil && bravo.Asked() != 0 {
					t.Fatal("another offer was asked for a caller that had left")
				}
				r := s.AccessLog()[0]
				for _, a := range r.Attempts {
					if a.Reason == "success" || a.Reason == "idle_timeout" {
						t.Errorf("an attempt is listed as %+v", a)
					}
				}
				if took <= goneWithin {
					return
				}
			}
			t.Errorf("the provider saw the end %v after the caller had left", took)
		})
	}
}

func TestACallerThatHangsUpEndsADial(t *testing.T) {
	t.Parallel()
	const timer = 10 * time.Second
	cases := []struct {
		name     string
		provider func(t *testing.T, reached chan<- struct{}) config.Provider
	}{
		{"to an address that does not answer", func(t *testing.T, reached chan<- struct{}) config.Provider {
			close(reached) // nobody can tell when
			return proxytest.Blackhole(t, "alpha")
		}},
		{"in the TLS handshake", func(t *testing.T, reached chan<- struct{}) config.Provider {
			return proxytest.NewRawFake(t, "alpha", true, func(c net.Conn, _ int) {
				_, _ = c.Read(make([]byte, 1))
				close(reached)
				proxytest.Drain(c)
			}).Provider()
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var late float64
			for range tries {
				reached := make(chan struct{})
				p := c.provider(t, reached)
				bravo := proxytest.NewFake(t, "bravo", proxytest.Good)
				s := proxytest.New(t, proxytest.Options{Providers: proxytest.InOrder(p, bravo.Provider()), Change: func(c *config.Config) { c.Routing.Timeouts.Connect = timer }})
				caller := s.Dial(t)
				start := time.Now()
				caller.Chat(proxytest.Ask(true))
				<-reached
				for s.Metric("souk_in_flight") == 0 {
					// The request is being read.
				}
				_ = caller.Close()
				left := time.Since(start)
				s.Stop()
				r := s.AccessLog()
				if len(r) != 1 || len(r[0].Attempts) != 1 || r[0].Attempts[0].Reason != "cancelled" || bravo.Asked() != 0 {
					t.Fatalf("the access log says %+v", r)
				}
				if late = r[0].Duration - float64(left.Microseconds())/1000; late <= float64(goneWithin.Milliseconds()) {
					return
				}
			}
			t.Errorf("the request ended %.0f ms after the caller had left", late)
		})
	}
}
