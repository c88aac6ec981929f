package proxy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// part is the first part of a stream.
func part(texts ...string) proxytest.Step {
	return proxytest.Then(proxytest.EventsHead, proxytest.Chunks(texts...))
}

// breach is what breaks a stream after its first content.
type breach struct {
	name   string
	step   proxytest.Step
	text   string // that came before
	reason string
	timer  time.Duration // that must pass before the error event; 0: none
}

func TestAStreamThatBreaksAfterContentEndsInAnErrorEvent(t *testing.T) {
	t.Parallel()
	role, one, two := proxytest.Role, proxytest.Delta("one "), proxytest.Delta("two")
	cases := []breach{
		{"a close", proxytest.Then(part(role, one), proxytest.Close), "one ", "truncated", 0},
		{"a reset", proxytest.Then(part(role, one), proxytest.Reset), "one ", "truncated", 0},
		{"a proper end of the body without a finish reason", proxytest.Then(part(role, one), proxytest.LastChunk), "one ", "truncated", 0},
		{"a chunk that is cut", proxytest.Then(part(role, one), proxytest.Raw("ff\r\n"+two[:40]), proxytest.Close), "one ", "truncated", 0},
		{"an event that is cut", proxytest.Then(part(role, one, two[:60]), proxytest.LastChunk), "one ", "truncated", 0},
		{"a body without length that is closed", proxytest.Then(proxytest.Raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"+one), proxytest.Close), "one ", "truncated", 0},
		{"broken framing", proxytest.Then(part(role, one), proxytest.Beat(50*time.Millisecond, "what is this\r\n"), proxytest.Hang), "one ", "malformed", 50 * time.Millisecond},
		{"an error event", proxytest.Then(part(role, one, "data: {\"error\":{\"message\":\"overloaded\"}}\n\n", two, proxytest.Done), proxytest.LastChunk), "one ", "error_event", 0},
		{"an error event in the same chunk as content", proxytest.Then(part(role, one+"data: {\"error\":{\"message\":\"overloaded\"}}\n\n"+two), proxytest.LastChunk), "one ", "error_event", 0},
		{"an event that never ends", proxytest.Then(part(role, one), proxytest.Every(0, proxytest.Chunk("data: "+strings.Repeat("x", 32<<10)))), "one ", "oversize", 0},
		{"a stall", proxytest.Then(part(role, one), proxytest.Hang), "one ", "idle_timeout", idleTimer},
		{"a stall with comments", proxytest.Then(part(role, one), proxytest.Every(20*time.Millisecond, proxytest.Chunk(": keep-alive\n\n"))), "one ", "idle_timeout", idleTimer},
		{"a stall with comments that come without a pause", proxytest.Then(part(role, one), proxytest.Every(0, proxytest.Chunk(": keep-alive\n\n"))), "one ", "idle_timeout", idleTimer},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var took time.Duration
			for range tries { // a busy machine may be late, but not every time
				if took = c.endsInAnErrorEvent(t); took <= c.timer*13/10+prompt {
					return
				}
			}
			t.Errorf("the error event came after %v; expected it after %v", took, c.timer)
		})
	}
}

// endsInAnErrorEvent returns how long after the first content the error event came.
func (c breach) endsInAnErrorEvent(t *testing.T) time.Duration {
	alpha := proxytest.NewFake(t, "alpha", c.step)
	bravo := proxytest.NewFake(t, "bravo", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: func(c *config.Config) { shortIdle(c); c.Limits.Event = 256 << 10 }})
	caller := s.Dial(t)
	defer caller.Close()
	caller.Chat(proxytest.Ask(true))
	a := caller.Head()
	first := a.WaitEvent(t, "one ")
	start := time.Now()
	body := first + a.Rest()
	took := time.Since(start)
	if a.Err != nil {
		t.Errorf("the stream does not end properly: %v", a.Err)
	}
	checkBroken(t, proxytest.ParseStream(t, body), c.text, c.reason, "alpha")
	if c.timer >= idleTimer && took < c.timer*7/10 {
		t.Errorf("the error event came after %v already; expected it after %v", took, c.timer)
	}
	if bravo.Asked() != 0 {
		t.Error("another offer was asked for a stream that had content")
	}
	if s.Outcomes("alpha", "provider_fault") != 1 {
		t.Error("the fault does not count against the uptime")
	}
	if n := s.Metric("souk_offer_in_flight", `provider="alpha"`) + s.Metric("souk_in_flight"); n != 0 {
		t.Errorf("%v attempts and requests still count as running", n)
	}
	r := s.AccessLog()
	if len(r) != 1 || r[0].Status != 200 || r[0].ErrorCode != "stream_broken" || r[0].Offer != "alpha/"+proxytest.Model || r[0].Attempts[0].Reason != c.reason {
		t.Errorf("the access log says %+v", r)
	}
	return took
}

func TestAStallAfterTheFirstTokensTimeIsAGapAndNoLateFirstToken(t *testing.T) {
	t.Parallel()
	one := proxytest.Chunk(proxytest.Delta("one "))
	alpha := proxytest.NewFake(t, "alpha", proxytest.Then(part(proxytest.Delta("one ")), proxytest.Beat(150*time.Millisecond, one, one), proxytest.Hang))
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) {
		c.Routing.Timeouts.FirstToken, c.Routing.Timeouts.Idle = 200*time.Millisecond, time.Second
	}})
	checkBroken(t, proxytest.ParseStream(t, ask(t, s, proxytest.Ask(true)).Text), "one one one ", "idle_timeout", "alpha")
}

func TestAFloodThatNeverEndsMeetsTheTotalTimer(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Then(part(proxytest.Role), proxytest.Every(0, proxytest.Chunk(proxytest.Delta(strings.Repeat("x", 16<<10))))))
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) { c.Routing.Timeouts.Total = 500 * time.Millisecond }})
	start := time.Now()
	a := ask(t, s, proxytest.Ask(true))
	took := time.Since(start)
	// There is too much of it to read it all again.
	_, end, _ := strings.Cut(a.Text[max(0, len(a.Text)-20<<10):], "\n\n")
	got := proxytest.ParseStream(t, end)
	if took > 5*time.Second || got.Done || got.Error == nil || got.Error.Reasons()[0] != "total_timeout" {
		t.Errorf("after %v the stream ended with done %v and %+v", took, got.Done, got.Error)
	}
}

func TestACallerThatReadsNothingForLongerThanTheIdleTimerGetsTheWholeStream(t *testing.T) {
	t.Parallel()
	const events = 256
	long := proxytest.Delta(strings.Repeat("x", 32<<10))
	alpha := proxytest.NewFake(t, "alpha", proxytest.Then(proxytest.EventsHead, func(x *proxytest.Exchange) {
		for range events {
			proxytest.Chunks(long)(x)
		}
	}, proxytest.Chunks(proxytest.Finish("stop"), proxytest.Done), proxytest.LastChunk))
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: shortIdle})
	c := s.Dial(t)
	defer c.Close()
	c.Chat(proxytest.Ask(true))
	a := c.Head()
	<-time.After(3 * idleTimer) // souk waits to write, and what the provider sends meanwhile waits to be read
	if got := proxytest.ParseStream(t, a.Rest()); len(got.Text) != events*32<<10 || !got.Done || got.Error != nil {
		t.Errorf("%d bytes came, done %v, error %+v", len(got.Text), got.Done, got.Error)
	}
	if n := s.Outcomes("alpha", "provider_fault"); n != 0 {
		t.Error("the caller's pause counts against the provider")
	}
}

// checkBroken holds that a stream ended with an error event after the text, and does not look complete.
func checkBroken(t *testing.T, got *proxytest.Stream, text, reason, name string) {
	t.Helper()
	if got.Text != text || got.Done || got.Finish != "error" || got.Error == nil {
		t.Fatalf("the stream is %+v; expected the text %q and an error event", got, text)
	}
	if r := got.Error.Reasons(); len(r) != 1 || r[0] != reason || got.Error.Metadata.Attempts[0].Offer != name+"/"+proxytest.Model {
		t.Errorf("the error event lists %+v; expected %s", got.Error.Metadata.Attempts, reason)
	}
	if !strings.Contains(got.Error.Message, name) || got.Error.Type != "upstream_error" {
		t.Errorf("the error is %+v", got.Error)
	}
	if reason == "error_event" && !strings.Contains(got.Error.Message, "overloaded") {
		t.Errorf("the provider's words are missing in %q", got.Error.Message)
	}
}

func TestAStreamThatIsFinishedIsWholeHoweverItsConnectionEnds(t *testing.T) {
	t.Parallel()
	content := proxytest.Role + proxytest.Delta("one ") + proxytest.Delta("two")
	finished := content + proxytest.Finish("stop")
	withUsage := finished + proxytest.Usage(10, 20)
	head := "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
	cases := []struct {
		name string
		step proxytest.Step
		body string
		ask  []string
	}{
		{"with its end marker", proxytest.Then(part(withUsage+proxytest.Done), proxytest.LastChunk), finished, nil},
		{"without an end marker", proxytest.Then(part(finished), proxytest.LastChunk), finished, nil},
		{"without an end marker but with usage", proxytest.Then(part(withUsage), proxytest.LastChunk), finished, nil},
		{"by a close within the framing", proxytest.Then(part(finished), proxytest.Close), finished, nil},
		{"by a close within the framing after the end marker", proxytest.Then(part(content, proxytest.Finish("stop")+proxytest.Done), proxytest.Close), finished, nil},
		{"by a reset", proxytest.Then(part(content, proxytest.Finish("stop")), proxytest.WaitRead, proxytest.Reset), finished, nil},
		{"by a stall", proxytest.Then(part(content, proxytest.Finish("stop")), proxytest.Hang), finished, nil},
		{"by a close, with no length or chunks", proxytest.Then(proxytest.Raw(head+finished), proxytest.Close), finished, nil},
		{"with its last event lacking the empty line", proxytest.Then(part(content, strings.TrimSuffix(proxytest.Finish("stop"), "\n\n")), proxytest.LastChunk), finished, nil},
		{"with its last event lacking half of the empty line", proxytest.Then(part(content, strings.TrimSuffix(proxytest.Finish("stop"), "\n")), proxytest.LastChunk), finished, nil},
		{"with its end marker lacking the empty line", proxytest.Then(part(finished, "data: [DONE]"), proxytest.LastChunk), finished, nil},
		{"with a finish reason and no content", proxytest.Then(part(proxytest.Role, proxytest.Finish("content_filter")), proxytest.LastChunk), proxytest.Role + proxytest.Finish("content_filter"), nil},
		{"with a finish reason for every choice", proxytest.Then(part(content, proxytest.ChoiceDelta(1, "x"), proxytest.ChoiceFinish(1, "stop"), proxytest.Finish("stop")), proxytest.LastChunk),
			content + proxytest.ChoiceDelta(1, "x") + proxytest.ChoiceFinish(1, "stop") + proxytest.Finish("stop"), []string{`"n":2`}},
		{"with something after the end marker", proxytest.Then(part(finished, proxytest.Done, proxytest.Delta("ghost")), proxytest.LastChunk), finished, nil},
		{"with an event of broken JSON in between", proxytest.Then(part(content, "data: {\"choices\":[{\"del\n\n", proxytest.Finish("stop")), proxytest.LastChunk), finished, nil},
		{"with lines that end in CR LF", proxytest.Then(part(strings.ReplaceAll(finished+proxytest.Done, "\n", "\r\n")), proxytest.LastChunk), strings.ReplaceAll(finished, "\n", "\r\n"), nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			alpha := proxytest.NewFake(t, "alpha", c.step)
			s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: shortIdle})
			caller := s.Dial(t)
			defer caller.Close()
			caller.Chat(proxytest.Ask(true, c.ask...))
			a := caller.Answer()
			if a.Err != nil || a.StatusCode != 200 {
				t.Fatalf("the answer is %d (%v)", a.StatusCode, a.Err)
			}
			if want := c.body + proxytest.Done; a.Text != want {
				t.Errorf("the caller got\n%q\nexpected\n%q", a.Text, want)
			}
			if s.Outcomes("alpha", "success") != 1 {
				t.Error("the attempt does not count as a success")
			}
			if r := s.AccessLog(); len(r) != 1 || len(r[0].Attempts) != 1 || r[0].ErrorCode != "" {
				t.Errorf("the access log says %+v", r)
			}
		})
	}
}

func TestAStreamWithAnUnfinishedChoiceDoesNotLookComplete(t *testing.T) {
	t.Parallel()
	chat := part(proxytest.ChoiceDelta(0, "x"), proxytest.ChoiceDelta(1, "y"), proxytest.ChoiceFinish(0, "stop"))
	text := `data: {"choices":[{"index":%d,"text":"t","finish_reason":%s}]}` + "\n\n"
	completions := part(fmt.Sprintf(text, 0, "null"), fmt.Sprintf(text, 1, "null"), fmt.Sprintf(text, 0, `"stop"`))
	cases := []struct {
		name, path, body string
		step             proxytest.Step
	}{
		{"of a chat with n", proxytest.ChatPath, proxytest.Ask(true, `"n":2`), chat},
		{"of a completion with n", "/v1/completions", `{"model":"test/model","stream":true,"n":2,"prompt":"a"}`, completions},
		{"of a completion with two prompts", "/v1/completions", `{"model":"test/model","stream":true,"prompt":["a","b"]}`, completions},
		{"of a completion with two prompts before n", "/v1/completions", `{"model":"test/model","stream":true,"prompt":[[1,2],[3]],"n":1}`, completions},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			alpha := proxytest.NewFake(t, "alpha", proxytest.Then(c.step, proxytest.LastChunk))
			s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: shortIdle})
			caller := s.Dial(t)
			defer caller.Close()
			caller.Post(c.path, c.body)
			got := proxytest.ParseStream(t, caller.Answer().Text)
			if got.Done || got.Error == nil {
				t.Errorf("the stream looks complete: %+v", got)
			}
		})
	}
}

func TestTheEndMarkerDoesNotWaitForTheEndOfTheConnection(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Then(part(proxytest.GoodEvents("alpha")...), proxytest.Hang))
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)}) // an idle timer of 10 s
	caller := s.Dial(t)
	caller.Chat(proxytest.Ask(true))
	start := time.Now()
	checkGoodAnswer(t, caller.Answer(), "alpha", 1, true)
	if took := time.Since(start); took > time.Second {
		t.Errorf("the stream's end took %v after its end marker had come", took)
	}
}
