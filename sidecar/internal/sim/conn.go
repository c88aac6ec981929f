package sim

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

const (
	maxHead = 1 << 20  // bytes of a request's line and headers
	maxBody = 64 << 20 // bytes of a request's body
)

// conn is one caller's connection. Requests on it are read and answered one after the other by serve; while an
// answer waits for its pace, one more goroutine watches for the caller to hang up.
type conn struct {
	p    *Provider
	run  *run
	nc   net.Conn
	head io.LimitedReader // bounds what a request's head may take
	br   *bufio.Reader
	bw   *bufio.Writer
	err  error // the first write that did not succeed
	busy bool  // guarded by Provider.mu

	trickle time.Duration // pause after every byte written; negative: none
	timer   *time.Timer
	watched chan struct{} // closed when the watching goroutine has ended; nil: none runs
	gone    chan struct{} // closed when the caller has hung up
	left    bool          // the caller has hung up, as serve knows it
}

func newConn(p *Provider, r *run, nc net.Conn) *conn {
	c := &conn{p: p, run: r, nc: nc, trickle: -1}
	c.head.R = nc
	c.br = bufio.NewReader(&c.head)
	c.bw = bufio.NewWriter(writerFunc(c.transmit))
	return c
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func (c *conn) serve() {
	defer c.p.drop(c)
	for {
		c.head.N = maxHead
		if _, err := c.br.Peek(1); err != nil || !c.p.begin(c) {
			return
		}
		req, body, ok := c.read()
		if !ok {
			return
		}
		keep := c.p.answer(c, req, body)
		c.flush()
		c.unwatch()
		if !c.p.finish(c) || !keep || c.err != nil || c.left {
			return
		}
	}
}

// read takes one request with its body; a request that is not HTTP, or too big, is answered here.
func (c *conn) read() (*http.Request, []byte, bool) {
	req, err := http.ReadRequest(c.br)
	c.head.N = 1<<63 - 1 // from here the body's own bound holds
	if err != nil {
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			c.refuseRequest(http.StatusBadRequest, "the request is not HTTP/1.1 as RFC 9112 has it")
		}
		return nil, nil, false
	}
	if req.Header.Get("Expect") == "100-continue" {
		c.bw.WriteString("HTTP/1.1 100 Continue\r\n\r\n")
		c.flush()
	}
	var body bytes.Buffer
	if n := req.ContentLength; n > 0 && n <= maxBody {
		body.Grow(int(n) + bytes.MinRead)
	}
	n, err := body.ReadFrom(io.LimitReader(req.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, nil, false
	case n > maxBody:
		c.refuseRequest(http.StatusRequestEntityTooLarge, "the body is larger than 64 MiB: send less")
		return nil, nil, false
	}
	return req, body.Bytes(), true
}

// refuseRequest answers a request that cannot be taken, after which the connection ends.
func (c *conn) refuseRequest(status int, message string) {
	x := &exchange{p: c.p, c: c}
	x.fail(&apiError{status: status, typ: "invalid_request_error", message: message})
	c.flush()
}

// flush sends what is buffered; it is false once the caller is known to have gone.
func (c *conn) flush() bool {
	if err := c.bw.Flush(); err != nil && c.err == nil {
		c.err = err
	}
	return c.err == nil && !c.left
}

func (c *conn) transmit(b []byte) (int, error) {
	if c.trickle < 0 {
		return c.nc.Write(b)
	}
	for i := range b {
		if _, err := c.nc.Write(b[i : i+1]); err != nil {
			return i, err
		}
		if !c.pause(c.trickle) {
			return i + 1, net.ErrClosed
		}
	}
	return len(b), nil
}

// until sends what is buffered and waits for the moment t; it is false when the caller or the provider has gone.
func (c *conn) until(t time.Time) bool {
	wait := time.Until(t)
	if wait <= 0 {
		return c.alive()
	}
	return c.flush() && c.pause(wait)
}

// alive looks without waiting whether the caller and the provider are still there.
func (c *conn) alive() bool {
	select {
	case <-c.gone: // nil while nobody watches
		c.left = true
	case <-c.run.stop:
		c.left = true
	default:
	}
	return c.err == nil && !c.left
}

// hang sends what is buffered and waits for the caller or the provider to go.
func (c *conn) hang() {
	if c.flush() {
		c.pause(1<<63 - 1)
	}
}

func (c *conn) pause(d time.Duration) bool {
	c.watch()
	if c.timer == nil {
		c.timer = time.NewTimer(d)
	} else {
		c.timer.Reset(d)
	}
	defer c.timer.Stop()
	select {
	case <-c.timer.C:
		return true
	case <-c.gone:
		c.left = true
	case <-c.run.stop:
		c.left = true
	}
	return false
}

// watch starts to look for the caller's end. Reading is the only portable way to see it; bytes that arrive instead
// are the next request, and stay in the buffer.
func (c *conn) watch() {
	if c.watched != nil {
		return
	}
	watched, gone := make(chan struct{}), make(chan struct{})
	c.watched, c.gone = watched, gone
	c.run.wg.Go(func() {
		defer close(watched)
		if _, err := c.br.Peek(1); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			close(gone)
		}
	})
}

func (c *conn) unwatch() {
	if c.watched == nil {
		return
	}
	c.nc.SetReadDeadline(time.Unix(1, 0))
	<-c.watched
	c.nc.SetReadDeadline(time.Time{})
	select {
	case <-c.gone:
		c.left = true
	default:
	}
	c.watched, c.gone = nil, nil
}

// linger makes the connection's end a reset, and discards what was not sent yet.
func (c *conn) linger() {
	if tcp, ok := c.nc.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
}

// reset ends the connection with a TCP reset, after what was written so far.
func (c *conn) reset() {
	c.flush()
	c.linger()
	c.nc.Close()
}
