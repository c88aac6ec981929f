package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"time"
)

// chaos is what goes wrong around the requests: providers that flap, configurations that are replaced, and an outage of
// everything.
type chaos struct {
	bazaar   *bazaar
	weather  *weather
	rng      *rand.Rand
	file     string // the configuration
	variants []variant
	report   func(kind, format string, args ...any)

	flaps               int
	goodWrites, badOnes int
	mu                  sync.Mutex // held by what makes providers fail, so that an outage is one of all of them
}

// pause waits; it is false when the context ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// flap makes one provider after the other fail for a moment, until ctx ends; every provider runs when it returns.
func (c *chaos) flap(ctx context.Context, every time.Duration) {
	for pause(ctx, every/2+time.Duration(c.rng.Int64N(int64(every)))) {
		c.fail(ctx, c.bazaar.sellers[c.rng.IntN(len(c.bazaar.sellers))], 100*time.Millisecond+time.Duration(c.rng.Int64N(int64(every))))
	}
}

// fail makes a provider fail for a while, in one of four ways.
func (c *chaos) fail(ctx context.Context, s *seller, away time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.weather.begin(s.name)()
	c.flaps++
	switch c.rng.IntN(4) {
	case 0: // its process ends
		s.Close()
		pause(ctx, away)
		c.start(s)
	case 1: // its machine restarts
		s.Kill()
		pause(ctx, away)
		c.start(s)
	case 2: // it refuses connections for a second
		c.set(s, "refuse=1s")
		pause(ctx, time.Second)
	case 3: // it is overloaded
		c.set(s, "status=503")
		pause(ctx, away)
		c.set(s)
	}
	pause(ctx, 50*time.Millisecond) // a connection that broke is noticed a moment later
}

func (c *chaos) start(s *seller) {
	if err := s.Start(); err != nil {
		c.report(aLog, "%s does not start again, which is no fault of souk: %v", s.name, err)
	}
}

func (c *chaos) set(s *seller, specs ...string) {
	if err := s.SetFaults(specs...); err != nil {
		panic(err) // they are written above
	}
}

// reload writes one configuration after the other, good ones and bad ones, until ctx ends; the first one is the last.
func (c *chaos) reload(ctx context.Context, every time.Duration) error {
	for i := 1; pause(ctx, every); i++ {
		v := c.variants[i%len(c.variants)]
		if err := c.write(v.text); err != nil {
			return err
		}
		if v.bad {
			c.badOnes++
		} else {
			c.goodWrites++
		}
	}
	return c.write(c.variants[0].text)
}

// write replaces the configuration as an operator's tools do.
func (c *chaos) write(text string) error {
	next := c.file + ".new"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		return fmt.Errorf("the configuration: %w", err)
	}
	return os.Rename(next, c.file)
}

// outage makes all providers fail for a while, half of them by refusing connections and half with 503.
func (c *chaos) outage(ctx context.Context, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.weather.allOut(true)
	for i, s := range c.bazaar.sellers {
		if i%2 == 0 {
			s.Kill()
		} else {
			c.set(s, "status=503")
		}
	}
	pause(ctx, d)
	for i, s := range c.bazaar.sellers {
		if i%2 == 0 {
			c.start(s)
		} else {
			c.set(s)
		}
	}
	c.weather.allOut(false)
}

// watch looks again and again whether a provider was sent what it must not see, until ctx ends. It returns how often it
// looked.
func (c *chaos) watch(ctx context.Context, every time.Duration) (looks int) {
	for ; pause(ctx, every); looks++ {
		for _, s := range c.bazaar.sellers {
			if err := s.foreign(); err != nil {
				c.report(aKey, "%v", err)
			}
		}
	}
	return looks
}
