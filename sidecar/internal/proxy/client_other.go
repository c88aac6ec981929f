//go:build !linux

package proxy

import (
	"errors"
	"os"
	"sync"
	"time"
)

// Watcher needs nothing of its own here: while a request is served, a goroutine reads ahead on the caller's connection, as
// net/http does, and a byte that arrives is kept for the next request.
type Watcher struct {
	mu      sync.Mutex
	clients map[*client]bool
}

// watched is the reading ahead of one connection.
type watched struct {
	ahead chan struct{} // closed when the goroutine has ended; nil: none runs
	kept  []byte        // what it read
	fault error         // how it failed
}

// NewWatcher has nothing to start.
func NewWatcher() (*Watcher, error) { return &Watcher{clients: map[*client]bool{}}, nil }

// Close has nothing to end.
func (w *Watcher) Close() {}

func (w *Watcher) add(c *client) {
	w.mu.Lock()
	w.clients[c] = true
	w.mu.Unlock()
}

func (w *Watcher) remove(c *client) {
	w.mu.Lock()
	delete(w.clients, c)
	w.mu.Unlock()
}

// each calls f with every connection that is open.
func (w *Watcher) each(f func(*client)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.clients {
		f(c)
	}
}

// watch begins to read ahead.
func (c *client) watch() {
	if c == nil || len(c.kept) > 0 {
		return // the next request is there already: the caller is
	}
	_ = c.Conn.SetReadDeadline(time.Time{})
	c.ahead = make(chan struct{})
	go func() {
		defer close(c.ahead)
		var b [1]byte
		n, err := c.Conn.Read(b[:])
		c.kept = append(c.kept[:0], b[:n]...)
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			c.fault = err
			c.hungUp()
		}
	}()
}

// unwatch ends the reading ahead.
func (c *client) unwatch() {
	if c == nil || c.ahead == nil {
		return
	}
	_ = c.Conn.SetReadDeadline(time.Unix(1, 0))
	<-c.ahead
	c.ahead = nil
	_ = c.Conn.SetReadDeadline(time.Time{})
}

func (c *client) read(p []byte) (int, error) {
	if len(c.kept) > 0 {
		n := copy(p, c.kept)
		c.kept = c.kept[n:]
		return n, nil
	}
	if c.fault != nil {
		return 0, c.fault
	}
	return c.Conn.Read(p)
}
