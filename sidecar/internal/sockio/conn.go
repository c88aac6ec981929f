//go:build linux

package sockio

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// socket is what a connection of package net has in common, over TCP and unix sockets.
type socket interface {
	net.Conn
	syscall.Conn
	CloseRead() error
	CloseWrite() error
}

// conn is a socket with calls of its own.
type conn struct {
	socket
	raw     syscall.RawConn
	stalled time.Duration // see Bound; 0: unbounded

	in, out half
	bounded bool // there is a write deadline, for a peer that does not read
}

// half is a read or a write that is under way.
type half struct {
	due   due
	mu    sync.Mutex
	ready func(fd uintptr) bool // made once
	left  []byte
	n     int
	err   error
}

// Wrap returns c, a connection of package net, with cheaper calls; c itself where there are none for it.
func Wrap(c net.Conn) net.Conn {
	s, ok := c.(socket)
	if !ok {
		return c
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return c
	}
	w := &conn{socket: s, raw: raw}
	w.in.ready, w.out.ready = w.read, w.write
	w.in.due.arm, w.out.due.arm = s.SetReadDeadline, s.SetWriteDeadline
	return w
}

// Writev writes buffers that are too large to be worth a copy; it takes them away as net.Buffers does.
func Writev(c net.Conn, b net.Buffers) error {
	w, ok := c.(*conn)
	if !ok {
		_, err := b.WriteTo(c)
		return err
	}
	_, err := b.WriteTo(w.socket)
	for w.out.due.early(err) {
		_, err = b.WriteTo(w.socket)
	}
	return err
}

// Bound sets how long the peer may take to read on when the socket takes no more; a write then ends with os.ErrDeadlineExceeded. The
// write deadline is no longer the caller's. It is false for a connection that Wrap left as it was.
func Bound(c net.Conn, stalled time.Duration) bool {
	w, ok := c.(*conn)
	if ok {
		w.stalled = stalled
	}
	return ok
}

// SetDeadline, SetReadDeadline and SetWriteDeadline are those of net.Conn.
func (c *conn) SetDeadline(t time.Time) error {
	return errors.Join(c.in.due.set(t), c.out.due.set(t))
}

func (c *conn) SetReadDeadline(t time.Time) error { return c.in.due.set(t) }

func (c *conn) SetWriteDeadline(t time.Time) error { return c.out.due.set(t) }

// SetNearReadDeadline is SetReadDeadline for one that is milliseconds away, or takes the place of such a one.
func (c *conn) SetNearReadDeadline(t time.Time) error { return c.in.due.now(t) }

func (c *conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	h := &c.in
	h.mu.Lock()
	defer h.mu.Unlock()
	h.left, h.n, h.err = p, 0, nil
	err := c.RawRead(h.ready)
	if err == nil {
		err = h.err
	}
	h.left = nil
	return h.n, err
}

// RawRead is that of syscall.RawConn, under the connection's read deadline.
func (c *conn) RawRead(ready func(fd uintptr) bool) error {
	err := c.raw.Read(ready)
	for c.in.due.early(err) {
		err = c.raw.Read(ready)
	}
	return err
}

// read is false while there is nothing to read.
func (c *conn) read(fd uintptr) bool {
	h := &c.in
	for {
		n, err := Read(int(fd), h.left)
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			return false
		case err != nil:
			h.err = c.failed("read", err)
		case n == 0:
			h.err = io.EOF
		default:
			h.n = n
		}
		return true
	}
}

// Write writes all of p.
func (c *conn) Write(p []byte) (int, error) {
	h := &c.out
	h.mu.Lock()
	defer h.mu.Unlock()
	h.left, h.err = p, nil
	err := c.raw.Write(h.ready)
	for h.due.early(err) {
		err = c.raw.Write(h.ready)
	}
	if err == nil {
		err = h.err
	}
	n := len(p) - len(h.left)
	h.left = nil
	if c.bounded && err == nil {
		c.bounded = false
		err = c.SetWriteDeadline(time.Time{})
	}
	return n, err
}

// write is false when the socket takes no more.
func (c *conn) write(fd uintptr) bool {
	h := &c.out
	for len(h.left) > 0 {
		n, err := Write(int(fd), h.left)
		switch {
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			if c.stalled > 0 {
				c.bounded = true
				h.err = c.SetWriteDeadline(time.Now().Add(c.stalled))
			}
			return h.err != nil
		case err != nil:
			h.err = c.failed("write", err)
			return true
		default:
			h.left = h.left[n:]
		}
	}
	return true
}

func (c *conn) failed(op string, err error) error {
	return &net.OpError{Op: op, Net: c.LocalAddr().Network(), Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: os.NewSyscallError(op, err)}
}
