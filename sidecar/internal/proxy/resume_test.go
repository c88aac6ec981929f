package proxy_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// continuing lets every offer support prefill, and broken streams go on.
func continuing(c *config.Config) {
	c.Routing.Resume = true
	for i := range c.Providers {
		for j := range c.Providers[i].Models {
			c.Providers[i].Models[j].Supports = []string{"prefill", "tools"}
		}
	}
}

// rest is what an offer that goes on sends.
var rest = proxytest.Then(proxytest.EventsHead, proxytest.Chunks(proxytest.Role, proxytest.Delta("an answer"), proxytest.Finish("stop"), proxytest.Usage(30, 2), proxytest.Done), proxytest.LastChunk)

func TestABrokenStreamGoesOnAtAnotherOffer(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]proxytest.Step{"closed": proxytest.Close, "reset": proxytest.Reset, "stalled": proxytest.Hang} {
		alpha, bravo := proxytest.NewFake(t, "alpha", broken(end)), proxytest.NewFake(t, "bravo", rest)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: func(c *config.Config) {
			continuing(c)
			if name == "stalled" {
				c.Routing.Timeouts.Idle = 500 * time.Millisecond
			}
		}})
		c := s.Dial(t)
		c.Chat(proxytest.Ask(true, `"max_tokens":10`, `"stream_options":{"include_usage":true}`))
		a := c.Answer()
		c.Close()
		got := proxytest.ParseStream(t, a.Text)
		if got.Text != "half of an answer" || !got.Done || got.Error != nil || strings.Count(a.Text, `"finish_reason":"stop"`) != 1 {
			t.Errorf("%s: the stream is %q", name, a.Text)
		}
		if !strings.Contains(a.Text, ": souk resumed offer=bravo/"+proxytest.Model+" after=alpha/"+proxytest.Model) {
			t.Errorf("%s: no seam in %q", name, a.Text)
		}
		var asked struct {
			MaxTokens int `json:"max_tokens"`
			Messages  []struct{ Role, Content string }
		}
		if err := json.Unmarshal([]byte(bravo.Last().Body), &asked); err != nil {
			t.Fatal(err)
		}
		if n := len(asked.Messages); n != 2 || asked.Messages[1].Role != "assistant" || asked.Messages[1].Content != "half of " || asked.MaxTokens != 9 {
			t.Errorf("%s: bravo was asked %s", name, bravo.Last().Body)
		}
		usage := a.Text[strings.LastIndex(a.Text, `"usage":`)+len(`"usage":`):]
		usage = usage[:strings.Index(usage, "\n\n")-1]
		var u struct {
			Completion int `json:"completion_tokens"`
			Attempts   []struct {
				Offer      string
				Completion int `json:"completion_tokens"`
			}
		}
		if err := json.Unmarshal([]byte(usage), &u); err != nil {
			t.Fatalf("%s: %v in %s", name, err, usage)
		}
		if u.Completion != 3 || len(u.Attempts) != 2 || u.Attempts[0].Completion != 1 || u.Attempts[1].Completion != 2 {
			t.Errorf("%s: the usage is %s", name, usage)
		}
	}
}

func TestWhatCannotBeContinuedEndsWithItsError(t *testing.T) {
	t.Parallel()
	call := `data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","function":{"name":"f","arguments":"{"}}]},"finish_reason":null}]}` + "\n\n"
	cut := broken(proxytest.Close)
	for _, c := range []struct {
		name   string
		alpha  proxytest.Step
		ask    string
		change func(*config.Config)
		bravo  proxytest.Step
		asked  int // how often bravo is
	}{
		{"inside a tool call", proxytest.Then(proxytest.EventsHead, proxytest.Chunks(proxytest.Role, proxytest.Delta("I call "), call), proxytest.Close), proxytest.Ask(true), continuing, rest, 0},
		{"an offer without prefill", cut, proxytest.Ask(true), func(c *config.Config) { c.Routing.Resume = true }, rest, 0},
		{"several choices", cut, proxytest.Ask(true, `"n":2`), continuing, rest, 0},
		{"log probabilities", cut, proxytest.Ask(true, `"logprobs":true`), continuing, rest, 0},
		{"a caller's own prefill", cut, `{"model":"` + proxytest.Model + `","stream":true,"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"he"}]}`, continuing, rest, 0},
		{"not asked for", cut, proxytest.Ask(true), func(c *config.Config) { continuing(c); c.Routing.Resume = false }, rest, 0},
		{"a model that refuses prefill", cut, proxytest.Ask(true), continuing, proxytest.Error(400, "", "the last message must be the user's"), 1},
	} {
		alpha, bravo := proxytest.NewFake(t, "alpha", c.alpha), proxytest.NewFake(t, "bravo", c.bravo)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: c.change})
		d := s.Dial(t)
		d.Chat(c.ask)
		a := d.Answer()
		d.Close()
		got := proxytest.ParseStream(t, a.Text)
		if got.Error == nil || got.Done {
			t.Errorf("%s: the stream is %q; expected an error and no end", c.name, a.Text)
		}
		if bravo.Asked() != c.asked {
			t.Errorf("%s: bravo was asked %d times, want %d", c.name, bravo.Asked(), c.asked)
		}
	}
}

func TestAStreamMayBreakTwice(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", broken(proxytest.Reset))
	bravo := proxytest.NewFake(t, "bravo", proxytest.Then(proxytest.EventsHead, proxytest.Chunks(proxytest.Role, proxytest.Delta("half of ")), proxytest.Reset))
	charlie := proxytest.NewFake(t, "charlie", rest)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo, charlie), Change: continuing})
	c := s.Dial(t)
	defer c.Close()
	c.Chat(proxytest.Ask(true))
	a := c.Answer()
	if got := proxytest.ParseStream(t, a.Text); got.Text != "half of half of an answer" || !got.Done || got.Error != nil {
		t.Errorf("the stream is %q", a.Text)
	}
}
