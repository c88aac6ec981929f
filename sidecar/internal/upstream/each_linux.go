package upstream

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/sockio"
)

// Each calls take with what every read brings, as Next returns it, until take is false (nil), or Next would fail (its error). take
// must not close the connection.
//
// A read that brings less than the buffer holds has emptied the socket, so that the next one is spared until the poller, which is
// edge-triggered, tells of more: on a stream of tokens this is one system call of three. What the poller tells once for both is a
// last piece of data and the end right behind it (epoll(7), on EPOLLRDHUP), so after a lull the socket is asked all the same.
func (c *Conn) Each(take func([]byte) bool) error {
	if c.net != c.raw {
		return c.eachNext(take)
	}
	raw, ok := c.raw.(rawReader)
	if !ok {
		return c.eachNext(take)
	}
	if done, err := c.eachBuffered(take); done {
		return err
	}
	e := eacher{conn: c, raw: raw, take: take}
	for {
		if err := raw.RawRead(e.read); err == nil || !e.lulled(err) {
			return e.result(err)
		}
	}
}

// An end that came right behind the last data is seen after half a lull at least and a whole one at most.
const lull = 50 * time.Millisecond

// rawReader is a connection of package sockio.
type rawReader interface {
	RawRead(ready func(fd uintptr) bool) error
	SetNearReadDeadline(t time.Time) error
}

type eacher struct {
	conn  *Conn
	raw   rawReader
	take  func([]byte) bool
	err   error
	brief time.Time // the read deadline, when it is the lull's; zero: it is the reader's
}

// read takes all that the socket has. It is false when there is no more, and is called again when there is.
func (e *eacher) read(fd uintptr) bool {
	c := e.conn
	for {
		if e.err = c.makeRoom(bufferSize); e.err != nil {
			return true
		}
		n, err := sockio.Read(int(fd), c.buf[c.w:])
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			c.giveBack()
			e.wait()
			return false
		case err != nil:
			e.err = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", err)}
			return true
		case n == 0:
			e.err = c.closed()
			return true
		}
		emptied := n < len(c.buf)-c.w
		c.w += n
		c.got = true
		if done, err := c.eachBuffered(e.take); done {
			e.err = err
			return true
		}
		if emptied {
			c.giveBack()
			e.waitBriefly()
			return false
		}
	}
}

// wait waits for the poller as long as the reader allows.
func (e *eacher) wait() {
	if !e.brief.IsZero() {
		e.brief = time.Time{}
		_ = e.raw.SetNearReadDeadline(e.conn.deadline)
	}
}

// waitBriefly waits for a lull at most. While data keeps coming the deadline is moved on now and then, so that it never ends a wait.
func (e *eacher) waitBriefly() {
	now := time.Now()
	if e.brief.Sub(now) >= lull/2 {
		return
	}
	e.brief = now.Add(lull)
	if end := e.conn.deadline; !end.IsZero() && end.Before(e.brief) {
		e.brief = end
	}
	_ = e.raw.SetNearReadDeadline(e.brief)
}

// lulled tells that a wait ended with the lull and not with the reader's own deadline: the socket is to be asked.
func (e *eacher) lulled(err error) bool {
	if e.brief.IsZero() || !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	e.wait()
	return e.conn.deadline.IsZero() || time.Now().Before(e.conn.deadline)
}

// result restores the reader's deadline for whoever reads next.
func (e *eacher) result(err error) error {
	e.wait()
	if err != nil {
		return err
	}
	return e.err
}
