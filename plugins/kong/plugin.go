package main

import (
	"fmt"
	"io"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
)

// environment is what the plugin takes from its process.
type environment struct {
	now    func() time.Time
	random io.Reader
}

// plugin is one instance: one configuration in one of Kong's workers.
type plugin struct {
	route *route // nil: the configuration cannot be used
	fault error  // why
	used  atomic.Int64
}

// route is a configuration, compiled.
type route struct {
	config   *Config
	signer   *handoff.Signer
	template *handoff.Template
	probe    *probe // nil: nobody knows whether the sidecar is down
}

// newPlugin takes the configuration that Kong starts an instance with. One that cannot be used is no error here: Kong would log that
// the socket closed and nothing else. It makes every request end with a 500 and a line in Kong's log that says what to do.
func newPlugin(data []byte, env environment, probes *probes) *plugin {
	p := &plugin{}
	p.route, p.fault = compile(data, env)
	if p.fault == nil {
		if t, ok := p.route.config.probed(); ok {
			p.route.probe = probes.take(t)
		}
	}
	return p
}

// close gives up what an instance holds.
func (p *plugin) close(probes *probes) {
	if p.route != nil && p.route.probe != nil {
		probes.give(p.route.probe)
	}
}

func compile(data []byte, env environment) (*route, error) {
	c, err := parse(data)
	if err != nil {
		return nil, err
	}
	template, err := handoff.NewTemplate(c.applied(), c.constraints())
	if err != nil {
		return nil, fmt.Errorf("region, type, models or max_price: %w", err)
	}
	signer, err := handoff.NewSigner(handoff.SignerOptions{
		Key:      handoff.Key{ID: c.KeyID, Secret: []byte(c.Secret)},
		Lifetime: time.Duration(c.Lifetime) * time.Second,
		Now:      env.now,
		Random:   env.random,
	})
	if err != nil {
		return nil, fmt.Errorf("key_id or secret: %w", err)
	}
	return &route{config: c, signer: signer, template: template}, nil
}

// phase is what an instance does in one of Kong's phases; nil: the plugin has no such phase.
func (p *plugin) phase(name string) func(bridge) {
	switch name {
	case "access":
		return p.access
	case "log":
		return p.log
	}
	return nil
}

// access hands a request off: it is checked, signed and sent to the sidecar, or answered here.
func (p *plugin) access(k bridge) {
	defer func() {
		// A panic would end the process, and with it every request in it; a bridge that closes without Exit makes Kong try again for
		// ever. What the panic says may be the client's text, so only its place is logged.
		if recover() != nil {
			k.log(levelErr, "panic while handing off: "+place())
			k.exit(refusal{503, "api_error", "gateway_panic", "the gateway could not hand the request off"})
		}
	}()
	if p.route == nil {
		k.log(levelErr, fmt.Sprintf("the configuration cannot be used: %v", p.fault))
		k.exit(refusal{500, "api_error", "gateway_configuration",
			"the gateway's souk-handoff plugin has a configuration that cannot be used; Kong's log says why"})
		return
	}
	if err := p.route.access(k); err != nil {
		k.refuse(err)
	}
}

// log writes what the sidecar says of the request into Kong's log.
func (p *plugin) log(k bridge) {
	defer func() {
		// Kong's response is under way: there is nothing to exit from.
		if recover() != nil {
			k.log(levelErr, "panic while logging: "+place())
		}
	}()
	if p.route != nil && p.route.config.Log {
		p.route.log(k)
	}
}

// place is where a panic happened: the stack, cut to what a log line holds.
func place() string {
	stack := debug.Stack()
	if len(stack) > 2048 {
		stack = stack[:2048]
	}
	return string(stack)
}
