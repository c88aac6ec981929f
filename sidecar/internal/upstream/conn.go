package upstream

import (
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/sockio"
)

// Conn is one connection to a provider. One request at a time owns it; only Abort may be called from elsewhere.
type Conn struct {
	Reused bool // it has waited in the pool

	net    net.Conn // TLS when the origin speaks it
	raw    net.Conn // the socket below
	origin *Origin

	buf  []byte // nil: there is nothing unread, and nobody reads
	r, w int    // unread bytes are buf[r:w]
	got  bool   // a byte of this answer has arrived

	body     body
	unsent   bool      // of the request something was not taken
	deadline time.Time // of reads
	idle     time.Time // since when it waits in the pool
	aborted  atomic.Bool
}

// Abort ends the connection at once, from any goroutine: a read or write that is under way returns. The socket is shut down rather
// than closed, since closing would wait for Each, and Each for whoever takes what it brings. The owner closes it.
func (c *Conn) Abort() {
	c.aborted.Store(true)
	half, ok := c.raw.(interface {
		CloseRead() error
		CloseWrite() error
	})
	if !ok {
		_ = c.raw.Close()
		return
	}
	_ = half.CloseWrite()
	_ = half.CloseRead()
}

// Aborted tells whether Abort was called.
func (c *Conn) Aborted() bool { return c.aborted.Load() }

// Untouched tells that a kept connection failed before any byte of an answer: the provider closed it while it was
// idle, and the request may be sent again on a fresh one (RFC 9112, section 9.3.1).
func (c *Conn) Untouched() bool { return c.Reused && !c.got && !c.Aborted() }

// SetReadDeadline bounds the reads that follow.
func (c *Conn) SetReadDeadline(t time.Time) {
	c.deadline = t
	_ = c.net.SetReadDeadline(t)
}

// Pending tells that something has arrived which was not read yet, whatever the deadline.
func (c *Conn) Pending() bool { return c.r < c.w || pending(c.raw) }

// Answered tells that a provider which did not take the whole request has answered it: it need not read what it refuses (RFC 9112,
// section 9.5).
func (c *Conn) Answered() bool { return c.unsent && !c.Aborted() && c.Pending() }

// Interrupt makes a read that is under way time out, from any goroutine.
func (c *Conn) Interrupt() { _ = c.net.SetReadDeadline(time.Unix(1, 0)) }

// coalesce is the size up to which copying a body costs less than a second buffer in the system call.
const coalesce = 32 << 10

// Send writes a request: its head, then the pieces of its body, which are not copied when they are large. It returns
// head, grown perhaps, for the next request. After an error the provider may have answered all the same: see Answered.
func (c *Conn) Send(head []byte, pieces [][]byte, deadline time.Time) ([]byte, error) {
	c.got = false
	head, err := c.send(head, pieces, deadline)
	c.unsent = err != nil
	return head, err
}

func (c *Conn) send(head []byte, pieces [][]byte, deadline time.Time) ([]byte, error) {
	if err := c.net.SetWriteDeadline(deadline); err != nil {
		return head, err
	}
	size := 0
	for _, p := range pieces {
		size += len(p)
	}
	if size <= coalesce {
		for _, p := range pieces {
			head = append(head, p...)
		}
		_, err := c.net.Write(head)
		return head, err
	}
	if c.net != c.raw {
		return head, c.sendTLS(head, pieces)
	}
	all := make(net.Buffers, 0, len(pieces)+1)
	all = append(all, head)
	all = append(all, pieces...)
	return head, sockio.Writev(c.net, all)
}

// sendTLS fills whole records, since every Write of a tls.Conn becomes one at least.
func (c *Conn) sendTLS(head []byte, pieces [][]byte) error {
	const record = 16 << 10
	for _, p := range pieces {
		if len(head)+len(p) <= record {
			head = append(head, p...)
			continue
		}
		if _, err := c.net.Write(head); err != nil {
			return err
		}
		if len(p) > record {
			if _, err := c.net.Write(p); err != nil {
				return err
			}
			p = nil
		}
		head = append(head[:0], p...)
	}
	if len(head) == 0 {
		return nil
	}
	_, err := c.net.Write(head)
	return err
}

// makeRoom sees to it that the buffer can take something. It returns ErrOversize when the unread bytes reach limit.
func (c *Conn) makeRoom(limit int) error {
	c.lend()
	switch {
	case c.r == c.w:
		c.r, c.w = 0, 0
	case c.w < len(c.buf):
	case c.r > 0:
		c.w = copy(c.buf, c.buf[c.r:c.w])
		c.r = 0
	case len(c.buf) >= limit:
		return ErrOversize
	default:
		grown := make([]byte, min(2*len(c.buf), limit))
		copy(grown, c.buf)
		c.buf = grown
	}
	return nil
}

// fill reads once into the buffer.
func (c *Conn) fill(limit int) error {
	if err := c.makeRoom(limit); err != nil {
		return err
	}
	n, err := c.net.Read(c.buf[c.w:])
	c.w += n
	if n > 0 {
		c.got = true
		return nil
	}
	if err == nil {
		return io.ErrNoProgress
	}
	return err
}

// Release gives the connection back: into the pool when its answer was read to the end and the provider keeps it
// open, otherwise closed, since what is left of an answer would poison the next.
func (c *Conn) Release(now time.Time) {
	if !c.body.done || c.body.closes || c.unsent || c.r != c.w || c.Aborted() {
		_ = c.raw.Close() // without TLS's farewell, which could wait for a provider that does not read
		return
	}
	c.giveBack()
	c.Reused, c.idle = true, now
	c.origin.put(c)
}

// Close closes the connection without a look at its state.
func (c *Conn) Close() { _ = c.raw.Close() }
