package proxy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
	"github.com/soukproxy/souk/sidecar/internal/sim"
)

const simulated = "souk/sim-model"

// whole is the text of an answer that a caller must take for complete; false: the answer says that it is none.
func whole(t *testing.T, a *proxytest.Answer, stream bool) (text string, complete bool) {
	t.Helper()
	if a.StatusCode != 200 {
		a.Failure(t)
		return "", false
	}
	if a.Err != nil {
		return "", false
	}
	if stream {
		s := proxytest.ParseStream(t, a.Text)
		if s.Error == nil && !s.Done {
			t.Errorf("a stream ends with neither an error nor an end marker: %q", a.Text)
		}
		return s.Text, s.Done && s.Error == nil
	}
	var v struct {
		Choices []struct{ Message struct{ Content string } }
	}
	if err := json.Unmarshal([]byte(a.Text), &v); err != nil || len(v.Choices) != 1 {
		t.Fatalf("this is no answer: %v: %q", err, a.Text)
	}
	return v.Choices[0].Message.Content, true
}

func TestNoSimulatedFaultMakesAShortAnswerLookComplete(t *testing.T) {
	t.Parallel()
	for _, kind := range sim.Kinds() {
		for _, stream := range []bool{false, true} {
			name := kind.Name + " to a whole answer"
			if stream {
				name = kind.Name + " to a stream"
			}
			t.Run(name, func(t *testing.T) { t.Parallel(); fails(t, kind.Name, stream) })
		}
	}
}

func fails(t *testing.T, kind string, stream bool) {
	var providers []config.Provider
	var sims []*sim.Provider
	for _, name := range []string{"alpha", "bravo"} {
		p, c := proxytest.Simulated(t, sim.Options{Name: name, Seed: 1, Tokens: 12, Models: []sim.Model{{ID: simulated, Input: "1", Output: "2", Context: 1000}}})
		providers, sims = append(providers, c), append(sims, p)
	}
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.InOrder(providers...), Change: func(c *config.Config) {
		shortTimers(c)
		c.Limits.Answer, c.Limits.Event = 1<<20, 256<<10
	}})
	body := strings.Replace(proxytest.Ask(stream), proxytest.Model, simulated, 1)
	full := map[string]string{}
	for _, name := range []string{"alpha", "bravo"} {
		text, ok := whole(t, ask(t, s, strings.Replace(body, "{", `{"provider":{"only":["`+name+`"]},`, 1)), stream)
		if !ok || len(text) < 20 {
			t.Fatalf("without a fault %s says %q", name, text)
		}
		full[name] = text
	}
	spec := kind
	if kind == "trickle" {
		spec = "trickle=100us"
	}
	if err := sims[0].SetFaults(spec); err != nil {
		t.Fatal(err)
	}
	a := ask(t, s, body)
	text, complete := whole(t, a, stream)
	name := a.Header.Get("x-souk-provider")
	if complete && text != full[name] {
		t.Errorf("%s's answer looks complete and is %q of %q", name, text, full[name])
	}
	if complete && a.Header.Get("x-souk-simulated") != "true" {
		t.Error("a simulated answer is not marked as one")
	}
	if !complete && name == "bravo" {
		t.Errorf("the next offer's answer is not complete: %d %s", a.StatusCode, a.Text)
	}
	if !complete && !stream && kind != "content-filter" && kind != "context-length" {
		t.Errorf("a whole answer failed: %d %s", a.StatusCode, a.Text)
	}
	if n := sims[0].Stats().Redirects; n != 0 {
		t.Errorf("%d redirects were followed", n)
	}
}
