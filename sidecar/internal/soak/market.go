package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/sim"
)

// keyMark is in every key of the soak, so that one in the wrong place is recognised.
const keyMark = "sk-soak-"

// callerKey is what the callers show souk. No provider may ever see it.
const callerKey = keyMark + "caller-3f1c"

const (
	firstToken = 40 * time.Millisecond // of every provider, so that what a failover adds can be told

	// alias stands for the first model.
	alias, aliased = "quick", "soak/small"
)

// seller is one simulated provider of the soak.
type seller struct {
	*sim.Provider
	name, key string
	context   int
	prefill   bool
	victim    bool // it is there for the faults that take a key or an offer out for minutes
	models    map[string]terms
}

// terms are prices in nano-USD a token, so that every cost is a whole number of them.
type terms struct{ input, output, cached int64 }

// bazaar is all simulated providers.
type bazaar struct {
	sellers []*seller
	byName  map[string]*seller
	models  []string
}

// openBazaar starts the providers; close ends them.
func openBazaar(seed uint64) (*bazaar, error) {
	b := &bazaar{byName: map[string]*seller{}, models: []string{"soak/small", "soak/medium", "soak/large", "soak/code"}}
	list := []struct {
		name    string
		context int
		prefill bool
		victim  bool
		models  string // letters: the first of each model's name
	}{
		{"alpha", 8192, true, false, "sl"}, {"bravo", 16384, true, false, "slc"}, {"charlie", 32768, false, false, "sm"},
		{"delta", 65536, true, false, "smc"}, {"echo", 131072, false, false, "ml"}, {"foxtrot", 131072, true, false, "mlc"},
		{"golf", 131072, false, true, "s"}, {"hotel", 131072, true, true, "m"},
	}
	for i, l := range list {
		s := &seller{name: l.name, key: keyMark + l.name + "-7d2a", context: l.context, prefill: l.prefill, victim: l.victim, models: map[string]terms{}}
		options := sim.Options{Name: l.name, Seed: seed, APIKey: s.key, FirstToken: firstToken}
		for _, model := range b.models {
			if !strings.Contains(l.models, model[len("soak/"):][:1]) {
				continue
			}
			t := terms{input: int64(100 + 20*i), output: int64(300 + 30*i)}
			if t.cached = t.input; model == "soak/code" {
				t.cached /= 2 // so that sessions stick
			}
			if s.victim { // seldom chosen unless asked for
				t.input, t.output, t.cached = 10*t.input, 10*t.output, 10*t.input
			}
			s.models[model] = t
			options.Models = append(options.Models, sim.Model{ID: model, Context: l.context, Supports: s.supports()})
		}
		var err error
		if s.Provider, err = sim.New(options); err == nil {
			err = s.Start()
		}
		if err != nil {
			b.close()
			return nil, err
		}
		b.sellers = append(b.sellers, s)
		b.byName[s.name] = s
	}
	return b, nil
}

func (b *bazaar) close() {
	for _, s := range b.sellers {
		s.Close()
	}
}

func (s *seller) supports() []string {
	if s.prefill {
		return []string{"tools", "prefill"}
	}
	return []string{"tools"}
}

// offering lists the sellers of a model in order of name.
func (b *bazaar) offering(model string, victims bool) []*seller {
	var list []*seller
	for _, s := range b.sellers {
		if _, ok := s.models[model]; ok && (victims || !s.victim) {
			list = append(list, s)
		}
	}
	return list
}

// victimOf is the model's provider for faults that take it out for minutes; nil: it has none.
func (b *bazaar) victimOf(model string) *seller {
	for _, s := range b.sellers {
		if _, ok := s.models[model]; ok && s.victim {
			return s
		}
	}
	return nil
}

// price is what tokens of an offer cost, in nano-USD.
func (t terms) price(prompt, cached, completion int) int64 {
	return int64(prompt-cached)*t.input + int64(cached)*t.cached + int64(completion)*t.output
}

// place is where souk listens and writes its access log.
type place struct{ listen, admin, access string }

// variant is one configuration that a reload brings.
type variant struct {
	name string
	bad  bool // souk must refuse it and go on
	text string
}

// timers are those of every configuration of the soak.
type timers struct{ connect, firstToken, answer, idle, total, keepalive time.Duration }

func (b *bazaar) variants(at place, t timers) []variant {
	usual := b.config(at, t, "balanced", "", nil)
	return []variant{
		{name: "balanced", text: usual},
		{name: "an unknown key", bad: true, text: usual + "nonsense: true\n"},
		{name: "hedging", text: b.config(at, t, "balanced", ", hedge: {after: p95, budget: 5%}", nil)},
		{name: "by price", text: b.config(at, t, "price", "", nil)},
		{name: "not YAML", bad: true, text: "listen: [\n"},
		{name: "without golf", text: b.config(at, t, "latency", "", []string{"golf"})},
		{name: "an alias that leads nowhere", bad: true, text: strings.Replace(usual, aliased+"}", "no/such-model}", 1)},
		{name: "resume for all, by uptime", text: b.config(at, t, "uptime", ", resume: true", nil)},
	}
}

func (b *bazaar) config(at place, t timers, order, more string, without []string) string {
	var c strings.Builder
	fmt.Fprintf(&c, "listen: %q\nadmin: {listen: %q}\nauth: keys\nkeys: [{name: soak, sha256: %q}]\n", at.listen, at.admin, hashOf(callerKey))
	fmt.Fprintf(&c, "limits: {body: 4MiB, answer: 2MiB, event: 256KiB, headers: 64KiB}\nlog: {access: %q, level: info}\ndrain: 20s\n", at.access)
	fmt.Fprintf(&c, "routing: {sort: %s, attempts: 4, keepalive: %v, timeouts: {connect: %v, first_token: %v, answer: %v, idle: %v, total: %v}%s}\n",
		order, t.keepalive, t.connect, t.firstToken, t.answer, t.idle, t.total, more)
	fmt.Fprintf(&c, "providers:\n")
	for _, s := range b.sellers {
		if slices.Contains(without, s.name) {
			continue
		}
		fmt.Fprintf(&c, "  - name: %s\n    base_url: %s\n    api_key: %s\n    simulated: true\n    models:\n", s.name, s.URL(), s.key)
		for _, model := range b.models {
			if p, ok := s.models[model]; ok {
				fmt.Fprintf(&c, "      - {id: %s, context: %d, supports: [%s], price: {input: %s, output: %s, cache_read: %s}}\n",
					model, s.context, strings.Join(s.supports(), ", "), perMillion(p.input), perMillion(p.output), perMillion(p.cached))
			}
		}
	}
	fmt.Fprintf(&c, "aliases: {%s: %s}\n", alias, aliased)
	return c.String()
}

// perMillion writes nano-USD a token as USD per million tokens.
func perMillion(nano int64) string { return fmt.Sprintf("%d.%03d", nano/1000, nano%1000) }

// foreign looks in what a provider was sent last for what it must never see.
func (s *seller) foreign() error {
	last := s.Stats().Last
	for name, values := range last.Header {
		for _, v := range values {
			if own := "Bearer " + s.key; strings.Contains(v, keyMark) && !(name == "Authorization" && v == own) {
				return fmt.Errorf("%s was sent a key that is not its own, in %s", s.name, name)
			}
		}
		if name == "Cookie" || strings.HasPrefix(name, "X-Forwarded") || strings.HasPrefix(name, "X-Souk") {
			return fmt.Errorf("%s was sent the caller's %s", s.name, name)
		}
	}
	if strings.Contains(string(last.Body), keyMark) {
		return errors.New(s.name + " was sent a key in a body")
	}
	return nil
}

// hashOf is how a configuration holds a caller's key.
func hashOf(key string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(key))) }

// waitIdle waits until no request is being answered.
func (s *seller) waitIdle(ctx context.Context) error {
	return s.Wait(ctx, func(now sim.Stats) bool { return now.Active == 0 })
}
