package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/ssestream"

	"github.com/soukproxy/souk/e2etest"
)

// TestKill: while one provider is killed and restarted again and again, no whole call fails, and no stream that had not yet
// delivered content; the others raise the SDK's own error, and never end as a short answer that looks complete.
func TestKill(t *testing.T) {
	for _, c := range []struct {
		name    string
		routing string
		lasting time.Duration
		apart   time.Duration
		models  int // how many the calls are for
		victim  func(m *market, round int) *provider
	}{
		// All calls go to the cheapest provider whenever it is there.
		{"the preferred provider", "sort: price", 20 * time.Second, 0, spareModels, func(m *market, _ int) *provider { return m.providers[0] }},
		// Never two at once, but souk's memory of one is fresh when the next one goes. An answer takes at most 350 ms, so that no
		// call can meet three kills.
		{"each provider in turn", "sort: balanced", 16 * time.Second, 800 * time.Millisecond, 1, func(m *market, round int) *provider { return m.providers[round%len(m.providers)] }},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := open(t, terms{auth: "keys", routing: c.routing, args: []string{"--first-token", "20ms", "--rate", "200"}})
			known := m.prompts(t, c.models)
			begin := time.Now()
			stopGo, goTally := loadFromGo(t, m, known)
			stopNode, nodeTallies := loadFromNode(t, m, known)
			kills := killing(t, c.lasting, c.apart, func(round int) *provider { return c.victim(m, round) })
			stopGo()
			stopNode()
			all := nodeTallies()
			all["go openai-go"] = goTally()
			report(t, c.name, kills, time.Since(begin), all)
		})
	}
}

// tally is what one SDK's clients met. The Node program prints the same.
type tally struct {
	Calls     int      `json:"calls"`     // whole answers
	Streams   int      `json:"streams"`   // streams, broken ones included
	Failovers int      `json:"failovers"` // of both, those that took more than one attempt
	Broken    int      `json:"broken"`    // streams that raised the SDK's error after content
	Wrong     int      `json:"wrong"`     // everything that must not happen
	Why       []string `json:"why"`       // the first of these
}

func (a *tally) add(b tally) {
	a.Calls, a.Streams, a.Failovers = a.Calls+b.Calls, a.Streams+b.Streams, a.Failovers+b.Failovers
	a.Broken, a.Wrong, a.Why = a.Broken+b.Broken, a.Wrong+b.Wrong, append(a.Why, b.Why...)
}

func (a *tally) wrong(format string, args ...any) {
	a.Wrong++
	if len(a.Why) < 5 {
		a.Why = append(a.Why, fmt.Sprintf(format, args...))
	}
}

func report(t *testing.T, name string, kills int, took time.Duration, all map[string]tally) {
	t.Helper()
	var sum tally
	for _, sdk := range slices.Sorted(maps.Keys(all)) {
		one := all[sdk]
		fmt.Printf("killing %s: %-24s calls %d, streams %d, failovers %d, broken after content %d, wrong: %d\n",
			name, sdk, one.Calls, one.Streams, one.Failovers, one.Broken, one.Wrong)
		if one.Wrong > 0 {
			t.Errorf("%s: %d wrong, such as:\n  %s", sdk, one.Wrong, strings.Join(one.Why, "\n  "))
		}
		if one.Calls < 50 || one.Streams < 50 {
			t.Errorf("%s: %d calls and %d streams prove nothing", sdk, one.Calls, one.Streams)
		}
		sum.add(one)
	}
	fmt.Printf("killing %s: %d kills in %v: calls %d, streams %d, failovers %d, broken after content %d, wrong: %d\n",
		name, kills, took.Round(time.Second/10), sum.Calls, sum.Streams, sum.Failovers, sum.Broken, sum.Wrong)
	if sum.Failovers == 0 || sum.Broken == 0 || kills < 10 {
		t.Errorf("%d kills met %d failovers and %d streams with content: that proves nothing", kills, sum.Failovers, sum.Broken)
	}
}

// killing ends a provider in the middle of its work and starts it again, over and over, and returns how often. apart is the least
// time from one kill to the next.
func killing(t *testing.T, lasting, apart time.Duration, victim func(round int) *provider) int {
	t.Helper()
	until := time.Now().Add(lasting)
	kills := 0
	for next := time.Now(); next.Before(until); kills++ {
		<-time.After(time.Until(next))
		p := victim(kills)
		p.awaitBusy(t, 400*time.Millisecond)
		p.proc.Kill()
		next = time.Now().Add(apart)
		<-time.After(100*time.Millisecond + rand.N(200*time.Millisecond)) // it is down for this long
		p.start(t)
	}
	return kills
}

// awaitBusy returns when the provider is asked by somebody, or nobody has asked it for a while.
func (p *provider) awaitBusy(t testing.TB, most time.Duration) {
	busy := rand.IntN(4) // in the middle of so many answers
	for begin := time.Now(); time.Since(begin) < most; {
		if p.stats(t).Active > int64(busy) {
			return
		}
	}
}

// prompt is a message and what each provider answers to it, word for word.
type prompt struct {
	Model  string            `json:"model"`
	Text   string            `json:"text"`
	Tokens int               `json:"tokens"`
	Of     map[string]string `json:"of"`
}

// right tells whether a text is the whole answer of its author.
func (p *prompt) right(got string) bool { return got != "" && p.Of[author(got)] == got }

func (m *market) prompts(t *testing.T, models int) []prompt {
	t.Helper()
	var list []prompt
	for i := range 4 * spareModels {
		p := prompt{Model: spareModel(i % models), Tokens: 8 + 5*(i%12), Of: map[string]string{}}
		p.Text = fmt.Sprintf("%skilled %d [[sim:tokens=%d]]", said, i, p.Tokens)
		for _, by := range m.providers {
			p.Of[by.name] = by.ask(t, chatUpstream, p.Text)
		}
		list = append(list, p)
	}
	return list
}

// loadFromGo calls with one client of the Go SDK from several goroutines, until it is stopped.
func loadFromGo(t *testing.T, m *market, known []prompt) (stop func(), result func() tally) {
	t.Helper()
	client := m.client(t, "/v1")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	stopped := make(chan struct{})
	var mu sync.Mutex
	var sum tally
	var workers sync.WaitGroup
	for w := range 6 {
		workers.Go(func() {
			var own tally
			for n := 7 * w; ; n++ {
				select {
				case <-stopped:
					mu.Lock()
					sum.add(own)
					mu.Unlock()
					return
				default:
				}
				p := &known[n%len(known)]
				if w%2 == 0 {
					own.call(ctx, client, p)
				} else {
					own.stream(ctx, client, p, n%3 == 0)
				}
			}
		})
	}
	var once sync.Once
	stop = func() { once.Do(func() { close(stopped); workers.Wait(); cancel() }) }
	t.Cleanup(stop)
	return stop, func() tally { return sum }
}

func (a *tally) call(ctx context.Context, client openai.Client, p *prompt) {
	a.Calls++
	var res *http.Response
	params := openai.ChatCompletionNewParams{Model: p.Model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(p.Text)}}
	answer, err := client.Chat.Completions.New(ctx, params, option.WithResponseInto(&res))
	a.countFailover(res)
	if err != nil {
		a.wrong("a whole call failed: %s", explain(err))
		return
	}
	if got := answer.Choices[0]; !p.right(got.Message.Content) || got.FinishReason != "stop" || answer.Usage.CompletionTokens != int64(p.Tokens) {
		a.wrong("a whole answer is %s", answer.RawJSON())
	}
}

func (a *tally) stream(ctx context.Context, client openai.Client, p *prompt, usage bool) {
	a.Streams++
	var res *http.Response
	params := openai.ChatCompletionNewParams{Model: p.Model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(p.Text)}}
	if usage {
		params.StreamOptions.IncludeUsage = openai.Bool(true)
	}
	s, err := read(client.Chat.Completions.NewStreaming(ctx, params, option.WithResponseInto(&res)))
	a.countFailover(res)
	var broken *ssestream.StreamError
	switch {
	case err != nil && s.contents == 0:
		a.wrong("a stream failed before its content: %s", explain(err))
	case err != nil && !errors.As(err, &broken):
		a.wrong("a broken stream raised %T: %v", err, err)
	case err != nil:
		a.Broken++
	case !p.right(s.Choices[0].Message.Content) || s.Choices[0].FinishReason != "stop":
		a.wrong("a stream that looks whole: finish reason %q after %d of %d tokens: %s", s.Choices[0].FinishReason, s.contents, p.Tokens, s.Choices[0].Message.Content)
	case usage && s.Usage.CompletionTokens != int64(p.Tokens), !usage && s.usages != 0:
		a.wrong("usage of %d tokens in %d events; asked: %v, given: %d", s.Usage.CompletionTokens, s.usages, usage, p.Tokens)
	}
}

func (a *tally) countFailover(res *http.Response) {
	if res == nil {
		return
	}
	if n := res.Header.Get("x-souk-attempts"); n != "" && n != "1" {
		a.Failovers++
	}
}

// explain says what the SDK's error keeps from its text.
func explain(err error) string {
	var e *openai.Error
	if errors.As(err, &e) {
		return fmt.Sprintf("%d %s", e.StatusCode, e.RawJSON())
	}
	return err.Error()
}

var nodeReport = regexp.MustCompile(`(?m)^report (\{.*\})$`)

// loadFromNode calls with the Node SDKs, in one process, until it is stopped.
func loadFromNode(t *testing.T, m *market, known []prompt) (stop func(), result func() map[string]tally) {
	t.Helper()
	dir := nodeFolder(t)
	table, err := json.Marshal(known)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "prompts.json"), table, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	run := e2etest.Start(t, dir, m.nodeEnv(), node(t), "kill.mjs")
	if _, err := run.Await(regexp.MustCompile(`(?m)^calling$`), 0); err != nil {
		t.Fatalf("kill.mjs: %v", err)
	}
	stop = func() {
		// The end of its input asks it to stop.
		if err := run.CloseInput(); err != nil && !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("kill.mjs: %v", err)
		}
	}
	return stop, func() map[string]tally {
		all := map[string]tally{}
		code := run.Exit(t, time.Minute)
		text := nodeReport.FindStringSubmatch(run.Output())
		if code != 0 || text == nil {
			t.Fatalf("kill.mjs ended with %d and without a report:\n%s", code, run.Output())
		}
		if err := json.Unmarshal([]byte(text[1]), &all); err != nil {
			t.Fatal(err)
		}
		return all
	}
}
