package sim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Provider is one simulated provider. Its methods may be called at any time from any goroutine.
type Provider struct {
	opts     Options
	schedule schedule
	counters counters

	mu   sync.Mutex
	run  *run   // nil while it is down
	addr string // where it listens, or listened; the next Start takes the same
	held func() // lets go of addr, which is held while it is down for a while; nil: it is not
}

// run is one life of a provider, from Start to Close. Its fields are guarded by Provider.mu.
type run struct {
	stop     chan struct{} // closed by Close
	stopped  bool
	listener net.Listener // nil while it refuses
	conns    map[*conn]struct{}
	wg       sync.WaitGroup // every goroutine of this life
}

// New checks the options; it does not listen yet.
func New(o Options) (*Provider, error) {
	o, err := o.complete()
	if err != nil {
		return nil, fmt.Errorf("simulated %w", err)
	}
	faults, err := parseFaults(o.Faults)
	if err != nil {
		return nil, fmt.Errorf("simulated provider %s: %w", o.Name, err)
	}
	p := &Provider{opts: o, addr: o.Listen}
	p.schedule.seed = digest(o.Seed, o.Name)
	p.schedule.base = faults
	p.counters.init()
	return p, nil
}

// Options are the provider's options, completed with their defaults.
func (p *Provider) Options() Options { return p.opts }

// Start listens and serves until Close. After Close or Kill it serves again, on the same address.
func (p *Provider) Start() error {
	p.mu.Lock()
	if p.run != nil {
		p.mu.Unlock()
		return fmt.Errorf("simulated provider %s: already started on %s", p.opts.Name, p.addr)
	}
	ln, err := net.Listen("tcp", p.addr)
	if err != nil {
		p.mu.Unlock()
		return fmt.Errorf("simulated provider %s: %w", p.opts.Name, err)
	}
	r := &run{stop: make(chan struct{}), listener: ln, conns: make(map[*conn]struct{})}
	p.run, p.addr = r, ln.Addr().String()
	p.letGo()
	r.wg.Go(func() { p.accept(r, ln) })
	p.mu.Unlock()

	standing := p.schedule.takeRefusal()
	if standing != nil {
		p.counters.struck(*standing)
		p.refuse(standing.duration)
	}
	return nil
}

// Serve is Start, and Close when the context ends.
func (p *Provider) Serve(ctx context.Context) error {
	if err := p.Start(); err != nil {
		return err
	}
	<-ctx.Done()
	p.Close()
	return nil
}

// Addr is host:port where it listens; before the first Start it is Options.Listen.
func (p *Provider) Addr() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.addr
}

// URL is the base URL of its OpenAI-compatible API, which ends in /v1.
func (p *Provider) URL() string { return "http://" + p.Addr() + "/v1" }

// Close stops listening and closes every connection at once, as the end of its process would: running answers end
// where they are. It returns when nothing of the provider runs any more. Closing twice is fine.
func (p *Provider) Close() { p.end(false) }

// Kill is Close with every connection reset, as a machine does that comes back up and knows none of them. The address
// stays taken until Start or Close, though nobody listens there; so what was killed must be closed in the end.
func (p *Provider) Kill() { p.end(true) }

func (p *Provider) end(reset bool) {
	p.mu.Lock()
	r := p.run
	if !reset {
		p.letGo()
	}
	if r == nil {
		p.mu.Unlock()
		return
	}
	p.run = nil
	r.stopped = true
	close(r.stop)
	if r.listener != nil {
		r.listener.Close()
		if reset {
			p.held = hold(p.addr)
		}
	}
	for c := range r.conns {
		if reset {
			c.linger()
		}
		c.nc.Close()
	}
	p.mu.Unlock()
	r.wg.Wait()
}

// letGo ends the hold on the address.
func (p *Provider) letGo() {
	if p.held != nil {
		p.held()
		p.held = nil
	}
}

func (p *Provider) accept(r *run, ln net.Listener) {
	for {
		nc, err := ln.Accept()
		switch {
		case err == nil:
			p.adopt(r, nc)
		case errors.Is(err, net.ErrClosed):
			return
		default: // out of file descriptors, mostly: wait for some to come back
			p.opts.Log.Warn("a connection was not accepted", "provider", p.opts.Name, "error", err)
			select {
			case <-r.stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
}

func (p *Provider) adopt(r *run, nc net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.stopped || r.listener == nil {
		nc.Close()
		return
	}
	c := newConn(p, r, nc)
	r.conns[c] = struct{}{}
	p.counters.opened()
	r.wg.Go(c.serve)
}

func (p *Provider) drop(c *conn) {
	c.nc.Close()
	p.mu.Lock()
	delete(c.run.conns, c)
	p.mu.Unlock()
	p.counters.closed()
}

// begin marks a connection as busy with a request; it is false when the provider refuses, and the connection ends.
func (p *Provider) begin(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.busy = c.run.listener != nil
	return c.busy
}

// finish marks a connection as idle; it is false when the provider refuses, and the connection ends.
func (p *Provider) finish(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.busy = false
	return c.run.listener != nil
}

// refuse closes the listener and the idle connections, and listens again after d. Running answers go on.
func (p *Provider) refuse(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.run
	if r == nil || r.listener == nil {
		return
	}
	r.listener.Close()
	r.listener = nil
	p.held = hold(p.addr)
	for c := range r.conns {
		if !c.busy {
			c.nc.Close()
		}
	}
	r.wg.Go(func() { p.reopen(r, d) })
}

func (p *Provider) reopen(r *run, wait time.Duration) {
	for {
		select {
		case <-r.stop:
			return
		case <-time.After(wait):
		}
		ln, err := net.Listen("tcp", p.Addr())
		if err != nil { // taken by someone else meanwhile: it may come free
			p.opts.Log.Warn("the address is not free to listen again", "provider", p.opts.Name, "error", err)
			wait = 50 * time.Millisecond
			continue
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if r.stopped {
			ln.Close()
			return
		}
		p.letGo()
		r.listener = ln
		r.wg.Go(func() { p.accept(r, ln) })
		return
	}
}
