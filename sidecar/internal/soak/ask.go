package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// form is how an answer is asked for.
type form uint8

const (
	plain   form = iota // a stream, passed on as it comes
	resumed             // a stream that may go on at another offer
	held                // a stream that is delivered whole
	whole               // no stream
	forms
)

func (f form) String() string { return [...]string{"stream", "resume", "held", "whole"}[f] }

// ask is one request of the soak, with all that its answer can be judged by. It follows from the seed and its number.
type ask struct {
	number  uint64
	model   string
	called  string // what the request calls it: the model or its alias
	form    form
	tokens  int
	rate    float64 // tokens per second
	usage   bool    // usage is asked for in the stream
	session string
	prompt  string

	fault   *card    // nil: none
	targets []string // the providers whom it befalls
	order   []string // provider.order

	slow       bool          // reads slowly what comes fast
	leaves     bool          // hangs up
	leaveAfter time.Duration // from the start
}

// load is what kind of traffic there is.
type load struct {
	rate                 float64 // tokens per second of a stream
	minTokens, maxTokens int
	faults               float64 // share of requests that get a fault
	leavers, slow        float64 // shares of those without
	slowTokens           int     // of an answer that is read slowly
}

// compose draws a request. Faults are dealt by the deck, everything else follows from the seed and the number.
func compose(seed, number uint64, l load, b *bazaar, d *deck) *ask {
	rng := rand.New(rand.NewPCG(seed, number))
	a := &ask{number: number, model: b.models[rng.IntN(len(b.models))], rate: l.rate, usage: rng.IntN(2) == 0}
	a.tokens = l.minTokens + rng.IntN(l.maxTokens-l.minTokens+1)
	switch n := rng.IntN(100); {
	case n < 48:
		a.form = plain
	case n < 66:
		a.form = resumed
	case n < 78:
		a.form = held
	default:
		a.form = whole
	}
	if rng.Float64() < l.faults {
		a.befall(rng, b, d.deal())
	} else {
		a.behave(rng, l, b)
	}
	if a.form == whole {
		a.rate = max(50, a.rate) // an answer's headers come when it is complete
	}
	if a.model == "soak/code" {
		a.session = fmt.Sprint("session-", rng.IntN(500))
	}
	if a.called = a.model; a.model == aliased && rng.IntN(3) == 0 {
		a.called = alias
	}
	a.prompt = words(rng)
	return a
}

// behave draws what a request without a fault does.
func (a *ask) behave(rng *rand.Rand, l load, b *bazaar) {
	if rng.IntN(5) == 0 {
		for _, s := range b.offering(a.model, false) {
			a.order = append(a.order, s.name)
		}
		rng.Shuffle(len(a.order), func(i, j int) { a.order[i], a.order[j] = a.order[j], a.order[i] })
	}
	switch x := rng.Float64(); {
	case x < l.leavers:
		a.leaves = true
		a.leaveAfter = time.Duration(rng.Float64() * 2 * float64(a.tokens) / a.rate * float64(time.Second))
		if rng.IntN(3) == 0 {
			a.leaveAfter = time.Duration(rng.IntN(int(firstToken))) // before the first byte
		}
	case x < l.leavers+l.slow:
		a.slow, a.form, a.tokens, a.rate = true, plain, l.slowTokens, 0
	}
}

// befall makes a fault strike the first offer, or the first two.
func (a *ask) befall(rng *rand.Rand, b *bazaar, c *card) {
	a.fault, a.form, a.rate = c, c.form, max(20, a.rate)
	if c.bars {
		if a.model = "soak/small"; rng.IntN(2) == 0 {
			a.model = "soak/medium"
		}
		a.targets = []string{b.victimOf(a.model).name}
	} else {
		sellers := b.offering(a.model, false)
		rng.Shuffle(len(sellers), func(i, j int) { sellers[i], sellers[j] = sellers[j], sellers[i] })
		n := 1
		if len(sellers) > 3 && rng.IntN(4) == 0 {
			n = 2
		}
		for _, s := range sellers[:n] {
			a.targets = append(a.targets, s.name)
		}
	}
	a.order = a.targets
}

// words are a prompt: short mostly, and now and then as long as a pasted file.
func words(rng *rand.Rand) string {
	list := strings.Fields("what does a caravan carry past the gate before the market opens and who weighs the silk")
	n := 5 + rng.IntN(40)
	if rng.IntN(100) == 0 {
		n = 4000
	}
	var s strings.Builder
	for range n {
		s.WriteString(list[rng.IntN(len(list))])
		s.WriteByte(' ')
	}
	return s.String()
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type body struct {
	Model    string         `json:"model"`
	Messages []message      `json:"messages"`
	Stream   bool           `json:"stream,omitempty"`
	Options  map[string]any `json:"stream_options,omitempty"`
	Provider map[string]any `json:"provider,omitempty"`
	Session  string         `json:"session_id,omitempty"`
}

// body is the request as it is sent, under a name of the model; said is the beginning of the answer that another offer gave.
func (a *ask) body(model, said string) []byte {
	text := fmt.Sprintf("[[sim:tokens=%d,rate=%g]] ", a.tokens, a.rate)
	if a.fault != nil {
		text += "[[sim@" + strings.Join(a.targets, ",") + ":" + a.fault.spec + "]] "
	}
	b := body{Model: model, Stream: a.form != whole, Session: a.session, Messages: []message{
		{"system", "You answer travellers."}, {"user", text + a.prompt}}}
	if said != "" {
		b.Messages = append(b.Messages, message{"assistant", said})
	}
	if b.Stream && a.usage {
		b.Options = map[string]any{"include_usage": true}
	}
	if len(a.order) > 0 {
		b.Provider = map[string]any{"order": a.order}
	}
	out, err := json.Marshal(b)
	if err != nil {
		panic(err) // strings and numbers
	}
	return out
}

// fields are the headers of its own.
func (a *ask) fields() map[string]string {
	f := map[string]string{
		"Authorization": "Bearer " + callerKey, "Content-Type": "application/json", "Cookie": "caller=1", "X-Forwarded-For": "192.0.2.1",
		"Traceparent": fmt.Sprintf("00-%032x-%016x-01", a.number+1, a.number+1),
	}
	switch a.form {
	case held:
		f["X-Souk-Deliver"] = "whole"
	case resumed:
		f["X-Souk-Resume"] = "true"
	}
	return f
}

// trace is how the access log names it.
func (a *ask) trace() string { return fmt.Sprintf("%032x", a.number+1) }

// lasts is how long the providers take for a whole answer.
func (a *ask) lasts() time.Duration {
	if a.rate == 0 {
		return firstToken
	}
	return firstToken + time.Duration(float64(a.tokens-1)/a.rate*float64(time.Second))
}

// targeted tells whether its fault is for a provider.
func (a *ask) targeted(provider string) bool { return slices.Contains(a.targets, provider) }
