package main

import (
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// probeFailures in a row make the sidecar down; one success makes it up.
	probeFailures = 2
	probeTimeout  = time.Second
)

// target is what a probe asks, and how often.
type target struct {
	url      string
	interval time.Duration
}

// probe asks a sidecar now and then whether it is ready, so that no request has to.
type probe struct {
	target
	client   *http.Client
	failures atomic.Int64 // in a row
	cancel   context.CancelFunc
	ended    chan struct{} // closed when it has
	users    int           // instances; under probes.mu
}

// probes are the running probes. Instances that probe the same share one: each of Kong's workers has an instance of each
// configuration.
type probes struct {
	mu  sync.Mutex
	all map[target]*probe
}

// take starts a probe, or joins one.
func (ps *probes) take(t target) *probe {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p := ps.all[t]
	if p == nil {
		ctx, cancel := context.WithCancel(context.Background())
		p = &probe{target: t, cancel: cancel, ended: make(chan struct{}), client: &http.Client{
			Timeout:   probeTimeout,
			Transport: &http.Transport{DisableKeepAlives: true}, // a connection that stands tells nothing of a new one
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse // and is not 200
			},
		}}
		ps.all[t] = p
		go p.run(ctx)
	}
	p.users++
	return p
}

// give leaves a probe; the last to leave stops it.
func (ps *probes) give(p *probe) {
	ps.mu.Lock()
	p.users--
	last := p.users == 0
	if last {
		delete(ps.all, p.target)
	}
	ps.mu.Unlock()
	if last {
		p.cancel()
		<-p.ended
	}
}

// down tells whether the sidecar is out. Until the first probes have said so, it is not.
func (p *probe) down() bool { return p.failures.Load() >= probeFailures }

// run probes at once and then at every interval.
func (p *probe) run(ctx context.Context) {
	defer close(p.ended)
	tick := time.NewTicker(p.interval)
	defer tick.Stop()
	for {
		if p.ready(ctx) {
			p.failures.Store(0)
		} else if ctx.Err() == nil {
			p.failures.Add(1)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (p *probe) ready(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url, nil)
	if err != nil {
		return false
	}
	response, err := p.client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, 4096)
	return response.StatusCode == http.StatusOK
}
