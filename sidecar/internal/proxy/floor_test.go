package proxy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// floorWindow is the window of the floor in these tests.
const floorWindow = 300 * time.Millisecond

// floored sets a floor of 200 tokens per second.
func floored(c *config.Config) {
	c.Routing.Floor = &config.Floor{TokensPerSecond: 200, Window: floorWindow}
	c.Routing.Timeouts.Idle = 5 * time.Second
}

func TestAnAttemptThatTricklesIsReplacedWhileTheCallerHasNothingOfIt(t *testing.T) {
	t.Parallel()
	head := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
	one := proxytest.Chunk(proxytest.Delta("word "))
	cases := []struct {
		name   string
		stream bool
		step   proxytest.Step
	}{
		{"a stream that is held", true, proxytest.Then(part(proxytest.Role), proxytest.Every(20*time.Millisecond, one))},
		{"a stream that is held, with gaps longer than the window", true, proxytest.Then(part(proxytest.Role), proxytest.Every(2*time.Second, one))},
		{"a whole answer's body", false, proxytest.Every(20*time.Millisecond, proxytest.Chunk("x")).After(head + proxytest.Chunk(`{"choices":[`))},
		{"a whole answer's body with gaps longer than the window", false, proxytest.Every(2*time.Second, proxytest.Chunk("x")).After(head + proxytest.Chunk(`{"choices":[`))},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			alpha, bravo := proxytest.NewFake(t, "alpha", c.step), proxytest.NewFake(t, "bravo", proxytest.Good)
			s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: floored})
			start := time.Now()
			a := ask(t, s, proxytest.Ask(c.stream), "x-souk-deliver: whole")
			took := bravo.Last().At.Sub(start)
			checkGoodAnswer(t, a, "bravo", 2, c.stream)
			if took < floorWindow*7/10 || took > 2*time.Second {
				t.Errorf("it was replaced after %v; expected it after the window of %v", took, floorWindow)
			}
			if s.Outcomes("alpha", "provider_fault") != 1 {
				t.Error("it does not count against the offer")
			}
			if r := s.AccessLog(); r[0].Attempts[0].Reason != "too_slow" {
				t.Errorf("the attempt is listed as %+v", r[0].Attempts[0])
			}
		})
	}
}

func TestAStreamThatIsPassedOnMayTrickleAndItsOfferIsDemoted(t *testing.T) {
	t.Parallel()
	enough := make(chan struct{})
	var trickle []string
	for range 60 {
		trickle = append(trickle, proxytest.Chunk(proxytest.Delta("w ")))
	}
	alpha := proxytest.NewFake(t, "alpha", proxytest.Then(part(proxytest.Role), proxytest.Beat(20*time.Millisecond, trickle...),
		proxytest.Until(enough), proxytest.Chunks(proxytest.Finish("stop"), proxytest.Done), proxytest.LastChunk))
	bravo := proxytest.NewFake(t, "bravo", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: floored})
	c := s.Dial(t)
	c.Chat(proxytest.Ask(true))
	a := c.Head()
	var plan string
	for end := time.Now().Add(10 * time.Second); !strings.Contains(plan, "below the floor of 200"); {
		if time.Now().After(end) {
			t.Fatalf("the offer is not demoted: %s", plan)
		}
		r := s.Dial(t)
		r.Post("/v1/route", proxytest.Ask(false))
		plan = r.Answer().Text
		r.Close()
	}
	if first, second := strings.Index(plan, `"offer":"bravo/`), strings.Index(plan, `"offer":"alpha/`); first < 0 || second < first {
		t.Errorf("the faster offer does not come first: %s", plan)
	}
	checkGoodAnswer(t, ask(t, s, proxytest.Ask(true)), "bravo", 1, true)
	close(enough)
	if got := proxytest.ParseStream(t, a.Rest()); got.Text != strings.Repeat("w ", 60) || !got.Done || got.Error != nil {
		t.Errorf("the stream is %+v", got)
	}
	if n := s.Outcomes("alpha", "provider_fault"); n != 0 {
		t.Error("a stream that was passed on to its end counts as a fault")
	}
}

func TestACallerThatReadsSlowlyDoesNotMakeItsOfferSlow(t *testing.T) {
	t.Parallel()
	var texts []string
	for range 256 {
		texts = append(texts, proxytest.Delta(strings.Repeat("x", 32<<10)))
	}
	alpha := proxytest.NewFake(t, "alpha", proxytest.Then(part(texts...), proxytest.Chunks(proxytest.Finish("stop"), proxytest.Done), proxytest.LastChunk))
	bravo := proxytest.NewFake(t, "bravo", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: floored})
	c := s.Dial(t)
	c.Chat(proxytest.Ask(true))
	a := c.Head()
	<-time.After(4 * floorWindow)
	if got := proxytest.ParseStream(t, a.Rest()); !got.Done {
		t.Errorf("the stream ends with %+v", got.Error)
	}
	r := s.Dial(t)
	r.Post("/v1/route", proxytest.Ask(false))
	if plan := r.Answer().Text; strings.Contains(plan, "below the floor") {
		t.Errorf("the offer is demoted: %s", plan)
	}
}

func TestWhiteSpaceBeforeAnAnswerKeepsAConnectionAndPutsOffNoTimer(t *testing.T) {
	t.Parallel()
	head := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
	space := proxytest.Chunk(" \n")
	t.Run("an answer that comes in time is good", func(t *testing.T) {
		t.Parallel()
		alpha := proxytest.NewFake(t, "alpha", proxytest.Then(proxytest.Raw(head), proxytest.Beat(idleTimer/3, space, space, space, space), proxytest.Raw(proxytest.Chunk(proxytest.GoodAnswer("alpha"))+"0\r\n\r\n")))
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: shortIdle})
		checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "alpha", 1, false)
	})
	t.Run("an answer that does not come ends with the answer's timer", func(t *testing.T) {
		t.Parallel()
		alpha := proxytest.NewFake(t, "alpha", proxytest.Every(20*time.Millisecond, space).After(head))
		bravo := proxytest.NewFake(t, "bravo", proxytest.Good)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: shortTimers})
		start := time.Now()
		checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "bravo", 2, false)
		if took := bravo.Last().At.Sub(start); took < answerTimer*7/10 {
			t.Errorf("the next offer was asked after %v; expected it after %v", took, answerTimer)
		}
		if r := s.AccessLog(); r[0].Attempts[0].Reason != "answer_timeout" {
			t.Errorf("the attempt is listed as %+v", r[0].Attempts[0])
		}
	})
}
