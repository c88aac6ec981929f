package upstream

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"
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
	sc, ok := c.raw.(syscall.Conn)
	if !ok {
		return c.eachNext(take)
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return err
	}
	if done, err := c.eachBuffered(take); done {
		return err
	}
	e := eacher{conn: c, take: take}
	for {
		if err := raw.Read(e.read); err == nil || !e.lulled(err) {
			return e.result(err)
		}
	}
}

// lull is how long an end that came right behind the last data can go unseen.
const lull = 50 * time.Millisecond

type eacher struct {
	conn  *Conn
	take  func([]byte) bool
	err   error
	brief bool // the read deadline is the lull's
}

// read takes all that the socket has. It is false when there is no more, and is called again when there is.
func (e *eacher) read(fd uintptr) bool {
	c := e.conn
	for {
		if e.err = c.makeRoom(bufferSize); e.err != nil {
			return true
		}
		n, err := syscall.Read(int(fd), c.buf[c.w:])
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			e.wait(false)
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
			e.wait(true)
			return false
		}
	}
}

// wait sets how long to wait for the poller: for a lull, or as long as the reader allows.
func (e *eacher) wait(brief bool) {
	if brief == e.brief {
		return
	}
	e.brief = brief
	until := e.conn.deadline
	if end := time.Now().Add(lull); brief && (until.IsZero() || end.Before(until)) {
		until = end
	}
	_ = e.conn.raw.SetReadDeadline(until)
}

// lulled tells that a wait ended with the lull and not with the reader's own deadline: the socket is to be asked.
func (e *eacher) lulled(err error) bool {
	if !e.brief || !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	e.wait(false)
	return e.conn.deadline.IsZero() || time.Now().Before(e.conn.deadline)
}

// result restores the reader's deadline for whoever reads next.
func (e *eacher) result(err error) error {
	e.wait(false)
	if err != nil {
		return err
	}
	return e.err
}
