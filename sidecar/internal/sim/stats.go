package sim

import (
	"context"
	"maps"
	"net/http"
	"sync"
)

// Stats is what a provider has seen since New; restarts do not reset it.
type Stats struct {
	Requests  int64            // requests under /v1
	Streams   int64            // those of them that asked for a stream
	Completed int64            // answers sent to their end, errors and intended faults included
	Aborted   int64            // answers whose caller hung up before the end
	Active    int64            // requests being answered now
	Accepted  int64            // connections so far
	Open      int64            // connections now
	Redirects int64            // requests that followed the fault redirect
	Faults    map[string]int64 // faults that struck, by kind

	Last Received // the latest request under /v1
}

// Received is a request as it arrived. It holds keys and prompts: it is for tests, not for logs.
type Received struct {
	Method, Path string
	Header       http.Header // with Host; repeated fields in their order
	Body         []byte
}

// Stats is the state of the counters now.
func (p *Provider) Stats() Stats { return p.counters.snapshot() }

// Wait returns nil as soon as the statistics satisfy cond, which is asked again after every change.
func (p *Provider) Wait(ctx context.Context, cond func(Stats) bool) error {
	for {
		s, changed := p.counters.watch()
		if cond(s) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

type counters struct {
	mu      sync.Mutex
	stats   Stats
	changed chan struct{} // closed at the next change; nil while nobody waits
}

func (c *counters) init() { c.stats.Faults = make(map[string]int64) }

func (c *counters) snapshot() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.copy()
}

func (c *counters) watch() (Stats, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changed == nil {
		c.changed = make(chan struct{})
	}
	return c.copy(), c.changed
}

func (c *counters) copy() Stats {
	s := c.stats
	s.Faults = maps.Clone(s.Faults)
	return s
}

func (c *counters) update(change func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.stats)
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

func (c *counters) opened() {
	c.update(func(s *Stats) { s.Accepted++; s.Open++ })
}

func (c *counters) closed() {
	c.update(func(s *Stats) { s.Open-- })
}

func (c *counters) struck(faults ...Fault) {
	if len(faults) == 0 {
		return
	}
	c.update(func(s *Stats) {
		for _, f := range faults {
			s.Faults[f.Kind]++
		}
	})
}

func (c *counters) begun(r Received, stream bool) {
	c.update(func(s *Stats) {
		s.Requests++
		s.Active++
		if stream {
			s.Streams++
		}
		s.Last = r
	})
}

func (c *counters) ended(how ending) {
	c.update(func(s *Stats) {
		s.Active--
		switch how {
		case completed:
			s.Completed++
		case aborted:
			s.Aborted++
		}
	})
}

// ending is how an answer ended.
type ending uint8

const (
	completed ending = iota
	aborted          // by its caller
	stopped          // by Close or Kill
)

func (e ending) String() string { return [...]string{"completed", "aborted", "stopped"}[e] }
