//go:build linux

// Package sockio reads and writes sockets without telling Go's scheduler of the system call.
//
// The sockets of package net do not block, so that such a call returns at once and nobody else needs its processor meanwhile. Telling the
// scheduler costs little by itself, but it wakes the runtime's monitor (sysmon), which then looks after the call every 20 us: where many
// streams of small events keep a core half busy, that is a tenth of the work.
package sockio

import (
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// Writer writes to a connection.
type Writer struct {
	conn    net.Conn
	raw     syscall.RawConn
	stalled time.Duration

	mu      sync.Mutex
	ready   func(fd uintptr) bool // w.write, made once
	rest    []byte
	bounded bool // there is a write deadline
	err     error
}

// NewWriter is for a connection of package net; nil for one without a descriptor. stalled is how long the peer may take to read on when
// the socket takes no more: such a write ends with os.ErrDeadlineExceeded. The connection's write deadline is the writer's own.
func NewWriter(c net.Conn, stalled time.Duration) *Writer {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	w := &Writer{conn: c, raw: raw, stalled: stalled}
	w.ready = w.write
	return w
}

// Write writes all of p.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest, w.err = p, nil
	err := w.raw.Write(w.ready)
	if err == nil {
		err = w.err
	}
	n := len(p) - len(w.rest)
	w.rest = nil
	if w.bounded && err == nil {
		w.bounded = false
		err = w.conn.SetWriteDeadline(time.Time{})
	}
	return n, err
}

// write is called when the socket takes something; it is false when it takes no more.
func (w *Writer) write(fd uintptr) bool {
	for len(w.rest) > 0 {
		n, err := Write(int(fd), w.rest)
		switch {
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			w.bounded = true
			w.err = w.conn.SetWriteDeadline(time.Now().Add(w.stalled))
			return w.err != nil
		case err != nil:
			w.err = &net.OpError{Op: "write", Net: w.conn.LocalAddr().Network(), Err: os.NewSyscallError("write", err)}
			return true
		default:
			w.rest = w.rest[n:]
		}
	}
	return true
}
