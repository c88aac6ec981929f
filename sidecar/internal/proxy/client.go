package proxy

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/sockio"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
)

// Listen wraps a listener, so that its connections notice a caller who hangs up, bound slow readers, and close
// without cutting off an error that the caller has yet to read.
func Listen(l net.Listener, w *Watcher) net.Listener { return &listener{Listener: l, watcher: w} }

type listener struct {
	net.Listener
	watcher *Watcher
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	client := &client{Conn: sockio.Wrap(c), watcher: l.watcher, accepted: time.Now()}
	client.bounded = sockio.Bound(client.Conn, stalled)
	l.watcher.add(client)
	return client, nil
}

// client is a caller's connection. fasthttp reads and writes it; what is watched is whether the caller is still there.
type client struct {
	net.Conn
	watcher *Watcher
	watched // by platform

	bounded  bool // writes end by themselves when the caller reads nothing
	accepted time.Time
	written  time.Duration // the write deadline that is set, after accepted
	linger   bool          // the caller may still be sending what nobody will read

	spoke atomic.Bool // the caller has sent something

	mu    sync.Mutex
	gone  bool
	busy  [2]*upstream.Conn     // to abort when the caller goes: an exchange's, and its rival's
	dials [2]context.CancelFunc // likewise, before there is a connection
}

// attach makes the caller's hang-up abort a connection; it aborts it now if the caller has gone already.
func (c *client) attach(slot int, up *upstream.Conn) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy[slot] = up
	if c.gone && up != nil {
		up.Abort()
	}
}

// dialling makes the caller's hang-up end a dial; it ends it now if the caller has gone already.
func (c *client) dialling(slot int, end context.CancelFunc) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dials[slot] = end
	if c.gone && end != nil {
		end()
	}
}

// hungUp is called by the watcher.
func (c *client) hungUp() {
	c.mu.Lock()
	c.gone = true
	c.mu.Unlock()
	for slot := range c.busy {
		c.abort(slot)
	}
}

// abort ends an attempt wherever it is.
func (c *client) abort(slot int) {
	if c == nil {
		return
	}
	// Under the lock, so that a connection that is given back meanwhile is not aborted in the pool.
	c.mu.Lock()
	defer c.mu.Unlock()
	if up := c.busy[slot]; up != nil {
		up.Abort()
	}
	if end := c.dials[slot]; end != nil {
		end()
	}
}

// with calls f with the connection that is attached, if one is, and keeps it from being given back meanwhile.
func (c *client) with(slot int, f func(*upstream.Conn)) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if up := c.busy[slot]; up != nil {
		f(up)
	}
}

func (c *client) isGone() bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gone
}

func (c *client) Read(p []byte) (int, error) {
	n, err := c.read(p)
	if n > 0 && !c.spoke.Load() {
		c.spoke.Store(true)
	}
	return n, err
}

// CloseUnused closes the connections on which nothing has come yet, so that a shutdown does not wait for them.
func (w *Watcher) CloseUnused() {
	w.each(func(c *client) {
		if !c.spoke.Load() {
			_ = c.Conn.Close()
		}
	})
}

// stalled is how long a caller may take to read what one write brings.
const stalled = 60 * time.Second

// Write bounds a caller that does not read. Where the connection does not do that itself, a deadline is moved on when half of it is
// used up, and not for every write.
func (c *client) Write(p []byte) (int, error) {
	if c.bounded {
		return c.Conn.Write(p)
	}
	if now := time.Since(c.accepted); c.written-now < stalled/2 {
		c.written = now + stalled
		if err := c.Conn.SetWriteDeadline(c.accepted.Add(c.written)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Write(p)
}

const (
	lingerTime  = 2 * time.Second
	lingerBytes = 256 << 20
)

// Close of a connection whose request was refused half-read first lets the caller read the answer: closing at once would
// reset the connection and take the answer with it (RFC 9112, section 9.6).
func (c *client) Close() error {
	c.watcher.remove(c)
	if c.linger {
		c.drain()
	}
	return c.Conn.Close()
}

func (c *client) drain() {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil || c.Conn.SetReadDeadline(time.Now().Add(lingerTime)) != nil {
		return
	}
	buf := make([]byte, 64<<10)
	for read := 0; read < lingerBytes; {
		n, err := c.Conn.Read(buf)
		if err != nil {
			return
		}
		read += n
	}
}
