package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/soukproxy/souk/e2etest"
)

// providerKey is what the simulated providers ask for, and what only souk may know of them.
const providerKey = "pk-e2e-3f9a6c51d2b84e07"

// provider is a simulated provider in a process of its own, which comes back on the same port after it was killed.
type provider struct {
	name string
	port int
	args []string
	proc *e2etest.Process
	http *http.Client
}

func startProvider(t testing.TB, name string, args ...string) *provider {
	t.Helper()
	p := &provider{name: name, port: e2etest.Port(t), args: args, http: httpClient(t)}
	p.start(t)
	return p
}

func (p *provider) start(t testing.TB) {
	t.Helper()
	p.proc, _ = e2etest.Provider(t, p.name, p.port, append([]string{"--model", "*", "--seed", "7", "--api-key", providerKey}, p.args...)...)
}

func (p *provider) origin() string { return fmt.Sprintf("http://127.0.0.1:%d", p.port) }

// stats are the counters that the tests look at.
type stats struct {
	Requests, Completed, Aborted, Active int64
}

func (p *provider) stats(t testing.TB) stats {
	t.Helper()
	var s stats
	res, err := p.http.Get(p.origin() + "/sim/stats")
	if err != nil {
		t.Error(err)
		return s
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&s); err != nil {
		t.Error(err)
	}
	return s
}

// until asks for the counters again and again until they satisfy cond, and tells how long that took.
func (p *provider) until(t testing.TB, what string, cond func(stats) bool) time.Duration {
	t.Helper()
	begin := time.Now()
	for {
		s := p.stats(t)
		took := time.Since(begin)
		if cond(s) {
			return took
		}
		if took > e2etest.Patience {
			t.Errorf("%s: not %s within %v: %+v", p.name, what, e2etest.Patience, s)
			return took
		}
		<-time.After(time.Millisecond) // the processor is for those whom it asks about
	}
}

// ask sends one chat message to the provider itself, past souk, and returns the whole answer's text. It is always the same: a
// simulated text follows from the provider's name and seed, the model and the messages.
func (p *provider) ask(t testing.TB, model, prompt string) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"model": model, "messages": []any{map[string]any{"role": "user", "content": prompt}}})
	if err != nil {
		t.Error(err)
		return ""
	}
	ctx, cancel := context.WithTimeout(t.Context(), e2etest.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.origin()+"/v1/chat/completions", bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return ""
	}
	for name, value := range map[string]string{"Authorization": "Bearer " + providerKey, "X-Souk-Sim-Rate": "0", "X-Souk-Sim-First-Token": "0s"} {
		req.Header.Set(name, value)
	}
	res, err := p.http.Do(req)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer res.Body.Close()
	var answer struct {
		Choices []struct {
			Message struct{ Content string }
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || len(answer.Choices) != 1 {
		t.Errorf("%s answered %d: %v %+v", p.name, res.StatusCode, err, answer)
		return ""
	}
	return answer.Choices[0].Message.Content
}

var mark = regexp.MustCompile(`^\[simulated by ([a-z]+)\]`)

// author is the name of the provider that wrote a text; empty when the text does not say.
func author(text string) string {
	if m := mark.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// httpClient is a client whose connections end with the test.
func httpClient(t testing.TB) *http.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}
