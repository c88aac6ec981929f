//go:build linux

package sockio

import (
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
	return w
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

// Unwrap returns the connection that was wrapped, for package net's own ways to write several buffers at once.
func Unwrap(c net.Conn) net.Conn {
	if w, ok := c.(*conn); ok {
		return w.socket
	}
	return c
}

func (c *conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	h := &c.in
	h.mu.Lock()
	defer h.mu.Unlock()
	h.left, h.n, h.err = p, 0, nil
	err := c.raw.Read(h.ready)
	if err == nil {
		err = h.err
	}
	h.left = nil
	return h.n, err
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
