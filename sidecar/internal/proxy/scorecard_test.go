package proxy_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// The sixteen scenarios of failoverbench (github.com/failoverbench/failoverbench, methodology v0.1), acted out anew with shorter waits: one
// provider with a model that fails in one way and one that answers, a streamed request for the first that names the second to fall back
// to, and delivery whole. Each must end in the complete answer, but for a refusal by a content filter, which is the caller's.

const (
	failing  = "bench/failing"
	fallback = "bench/fallback"
)

// benchWords is how many tokens the complete answer has.
const benchWords = 60

func benchAnswer() string {
	var b strings.Builder
	for k := range benchWords {
		fmt.Fprintf(&b, "w%d ", k)
	}
	return b.String()
}

// tokens sends tokens [from,to) of the complete answer, an event each, in the name of the model that was asked for.
func tokens(from, to int) proxytest.Step {
	return func(x *proxytest.Exchange) {
		model := "up-fallback"
		if strings.Contains(x.Body, `"up-failing"`) {
			model = "up-failing"
		}
		for k := from; k < to; k++ {
			proxytest.Chunks(strings.Replace(proxytest.Delta(fmt.Sprintf("w%d ", k)), "{", `{"model":"`+model+`",`, 1))(x)
		}
	}
}

var (
	// begun is a stream's head and its first event, ended a good stream's last events.
	begun = proxytest.Then(proxytest.EventsHead, proxytest.Chunks(proxytest.Role))
	ended = proxytest.Then(proxytest.Chunks(proxytest.Finish("stop"), proxytest.Usage(21, benchWords), proxytest.Done), proxytest.LastChunk)
	fine  = proxytest.Then(begun, tokens(0, benchWords), ended)
)

// scenario is what the provider does with the requests for the failing model, one after the other, the last with all further ones.
type scenario struct {
	name      string
	does      []proxytest.Step
	most      int           // requests for the failing model that it may take
	served    string        // the model that answers; empty: the error is the caller's
	within    time.Duration // that the answer may take
	noPrefill bool          // the fallback refuses to go on from another's words
}

func scenarios() []scenario {
	failed := func(status int, fields ...string) proxytest.Step {
		return proxytest.Error(status, "", "not now", fields...)
	}
	return []scenario{
		{name: "S01 429 with Retry-After, once", does: []proxytest.Step{failed(429, "Retry-After: 2"), fine}, most: 2, served: fallback},
		{name: "S02 429 without Retry-After, always", does: []proxytest.Step{failed(429)}, most: 2, served: fallback},
		{name: "S03 500 once", does: []proxytest.Step{failed(500), fine}, most: 2, served: fallback},
		{name: "S04 503 always", does: []proxytest.Step{failed(503)}, most: 2, served: fallback},
		{name: "S05 a reset before the headers, once", does: []proxytest.Step{proxytest.Reset, fine}, most: 2, served: fallback},
		{name: "S06 no response at all", does: []proxytest.Step{proxytest.Hang}, most: 1, served: fallback, within: firstToken},
		{name: "S07 a slow first token", does: []proxytest.Step{proxytest.Then(begun, proxytest.Hang)}, most: 1, served: fallback, within: firstToken},
		{name: "S08 a stream cut in the middle", does: []proxytest.Step{proxytest.Then(begun, tokens(0, 40), proxytest.Close)}, most: 1, served: fallback},
		{name: "S09 a stream that stalls", does: []proxytest.Step{proxytest.Then(begun, tokens(0, 20), proxytest.Hang)}, most: 1, served: fallback, within: idleTimer},
		{name: "S10 a malformed event", does: []proxytest.Step{proxytest.Then(begun, tokens(0, 10), proxytest.Chunks("data: {\"choices\":[{\"del\n\n"), tokens(10, benchWords), ended)}, most: 1, served: failing},
		{name: "S11 no end marker", does: []proxytest.Step{proxytest.Then(begun, tokens(0, benchWords), proxytest.Chunks(proxytest.Finish("stop"), proxytest.Usage(21, benchWords)), proxytest.LastChunk)}, most: 1, served: failing},
		{name: "S12 the context is too short", does: []proxytest.Step{proxytest.Error(400, "context_length_exceeded", "too long")}, most: 1, served: fallback},
		{name: "S13 a content filter refuses", does: []proxytest.Step{proxytest.Error(400, "content_policy_violation", "refused")}, most: 1},
		{name: "S14 a cut stream, and a fallback that refuses prefill", does: []proxytest.Step{proxytest.Then(begun, tokens(0, 40), proxytest.Close)}, most: 1, served: fallback, noPrefill: true},
		{name: "S16 503 always, and the accounts", does: []proxytest.Step{failed(503)}, most: 2, served: fallback},
	}
}

// benchMarket is the provider with both models; asked counts the requests for the failing one.
func benchMarket(t *testing.T, noPrefill bool, does func(n int) proxytest.Step, asked *atomic.Int32) []config.Provider {
	t.Helper()
	wall := proxytest.NewFake(t, "wall", func(x *proxytest.Exchange) {
		switch {
		case strings.Contains(x.Body, `"up-failing"`):
			does(int(asked.Add(1)) - 1)(x)
		case noPrefill && strings.Contains(x.Body, `"assistant"`):
			proxytest.Error(400, "invalid_request_error", "no prefill here")(x)
		default:
			fine(x)
		}
	})
	p := wall.Provider()
	bad, good := p.Models[0], p.Models[0]
	bad.ID, bad.Upstream, bad.Context = failing, "up-failing", 8000
	good.ID, good.Upstream, good.Context = fallback, "up-fallback", 128000
	p.Models = []config.Model{bad, good}
	return []config.Provider{p}
}

const benchAsk = `{"model":"` + failing + `","models":["` + failing + `","` + fallback + `"],"stream":true,"stream_options":{"include_usage":true},` +
	`"messages":[{"role":"user","content":"Why?"}]}`

func TestEveryScenarioOfFailoverbenchEndsInTheCompleteAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range scenarios() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			s := proxytest.New(t, proxytest.Options{
				Providers: benchMarket(t, c.noPrefill, func(n int) proxytest.Step { return c.does[min(n, len(c.does)-1)] }, &asked),
				Change:    shortTimers,
			})
			caller := s.Dial(t)
			defer caller.Close()
			start := time.Now()
			caller.Chat(benchAsk, "x-souk-deliver: whole")
			a := caller.Answer()
			if took := time.Since(start); took > c.within+leeway {
				t.Errorf("the answer took %v; expected at most %v", took, c.within)
			}
			if n := int(asked.Load()); n > c.most {
				t.Errorf("the failing model was asked %d times; expected at most %d", n, c.most)
			}
			if c.served == "" {
				if f := a.Failure(t); a.StatusCode != 400 || f.Code == nil || *f.Code != "content_policy_violation" {
					t.Errorf("the caller got %d %s; expected the provider's refusal", a.StatusCode, a.Text)
				}
				return
			}
			got := proxytest.ParseStream(t, a.Text)
			if a.StatusCode != 200 || got.Text != benchAnswer() || got.Finish != "stop" || !got.Done || got.Error != nil {
				t.Fatalf("the answer is %d %q", a.StatusCode, a.Text)
			}
			if offer := a.Header.Get("x-souk-offer"); offer != "wall/"+c.served {
				t.Errorf("%s answered; expected %s", offer, c.served)
			}
			if got.Usage["completion_tokens"].String() != fmt.Sprint(benchWords) || !strings.Contains(a.Text, `"model":"up-`+strings.TrimPrefix(c.served, "bench/")+`"`) {
				t.Errorf("the stream does not tell the usage and the model that answered: %v", got.Usage)
			}
		})
	}
}

// S15: the failing model is down for a while and then healthy, and requests come one after the other.
func TestAModelThatWasDownIsServedAroundAndComesBack(t *testing.T) {
	t.Parallel()
	const down, pause, back = 4 * time.Second, 200 * time.Millisecond, 30 * time.Second
	var asked atomic.Int32
	start := time.Now()
	s := proxytest.New(t, proxytest.Options{Providers: benchMarket(t, false, func(int) proxytest.Step {
		if time.Since(start) < down {
			return proxytest.Error(503, "", "down")
		}
		return fine
	}, &asked)})
	requests, during := 0, 0
	for tick := time.NewTicker(pause); ; <-tick.C {
		c := s.Dial(t)
		c.Chat(benchAsk)
		a := c.Answer()
		c.Close()
		requests++
		if got := proxytest.ParseStream(t, a.Text); got.Text != benchAnswer() || !got.Done {
			t.Fatalf("request %d got %d %q", requests, a.StatusCode, a.Text)
		}
		since := time.Since(start)
		if since < down {
			during = int(asked.Load())
		} else if a.Header.Get("x-souk-offer") == "wall/"+failing {
			break
		} else if since > down+back {
			t.Fatal("it does not come back")
		}
	}
	if during > requests/2 {
		t.Errorf("while it was down, %d of %d requests were sent to it", during, requests)
	}
}
