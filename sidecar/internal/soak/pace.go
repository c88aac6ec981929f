package main

import (
	"context"
	"sync/atomic"
	"time"
)

// pace is how many streams are asked for. It finds out what the machine carries: while the run warms up it asks for more and more, as
// long as nobody is woken late; afterwards it only gives way, so that the gauges of souk have a steady load to be judged by.
type pace struct {
	fixed     bool
	now       atomic.Int64
	low, high int64 // since it has settled, and at all
	gaveWay   int   // how often the machine could not carry it
}

const (
	mostStreams  = 2000
	firstStreams = 200
	leastStreams = 100
	settling     = 5 * time.Minute // at most, and a third of the run
	paceEvery    = 5 * time.Second
	strained     = 150 * time.Millisecond // a lateness from which on there is too much of it
)

// newPace asks for so many streams; 0: for as many as the machine carries.
func newPace(streams int) *pace {
	p := &pace{fixed: streams > 0}
	if !p.fixed {
		streams = firstStreams
	}
	p.now.Store(int64(streams))
	p.low, p.high = int64(streams), int64(streams)
	return p
}

func (p *pace) streams() int64 { return p.now.Load() }

// keep adjusts the pace until ctx ends. strain is how late somebody was woken since it was last asked.
func (p *pace) keep(ctx context.Context, settles time.Duration, strain func() time.Duration) {
	start := time.Now()
	for pause(ctx, paceEvery) {
		p.step(strain(), time.Since(start) < settles)
	}
}

// step is one adjustment.
func (p *pace) step(strain time.Duration, settling bool) {
	if p.fixed {
		return
	}
	n := p.now.Load()
	switch {
	case strain > strained:
		p.gaveWay++
		n = max(n*3/4, leastStreams)
	case settling && p.gaveWay == 0:
		n = min(n*3/2, mostStreams)
	}
	p.now.Store(n)
	p.high = max(p.high, n)
	if p.low = min(p.low, n); settling {
		p.low = n
	}
}
