package wire

import (
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// ConnectTimeout bounds a dial on loopback.
const ConnectTimeout = 5 * time.Second

// AnswerTimeout bounds one whole answer.
const AnswerTimeout = 30 * time.Second

// Conn is one connection with the parser of its answers. One goroutine at a time may send, and one receive.
type Conn struct {
	Parser Parser
	net    net.Conn
	buf    []byte
}

// Dial connects to a host:port.
func Dial(addr string) (*Conn, error) {
	c, err := net.DialTimeout("tcp", addr, ConnectTimeout)
	if err != nil {
		return nil, err
	}
	return &Conn{net: c, buf: make([]byte, 32<<10)}, nil
}

// Close closes the connection.
func (c *Conn) Close() error { return c.net.Close() }

// Send writes a whole request and starts the clock of AnswerTimeout.
func (c *Conn) Send(request []byte) error {
	if err := c.net.SetDeadline(time.Now().Add(AnswerTimeout)); err != nil {
		return err
	}
	_, err := c.net.Write(request)
	return err
}

// Receive reads one whole answer; trace may be nil.
func (c *Conn) Receive(trace *Trace) (Answer, error) {
	return c.ReceiveUntil(trace, nil)
}

// ReceiveUntil reads one answer to its end, or until enough says so after some read; enough may be nil.
func (c *Conn) ReceiveUntil(trace *Trace, enough func(*Answer) bool) (Answer, error) {
	c.Parser.Reset(trace)
	for {
		n, readErr := c.net.Read(c.buf)
		done, err := c.Parser.Feed(c.buf[:n], time.Now().UnixNano())
		switch {
		case err != nil:
			return c.Parser.Answer, err
		case done, readErr == io.EOF && c.Parser.Closed():
			return c.Parser.Answer, nil
		case readErr != nil:
			return c.Parser.Answer, readErr
		case enough != nil && enough(&c.Parser.Answer):
			return c.Parser.Answer, nil
		}
	}
}

// Ask sends a request and receives its answer, which must be a good one.
func (c *Conn) Ask(request []byte) (Answer, error) {
	if err := c.Send(request); err != nil {
		return Answer{}, err
	}
	answer, err := c.Receive(nil)
	if err == nil && answer.Status != 200 {
		err = fmt.Errorf("status %d", answer.Status)
	}
	return answer, err
}

// Request is a chat request as bytes, ready to send. The key is made up, as some proxies ask for one.
func Request(addr, path string, body []byte) []byte {
	var b strings.Builder
	b.WriteString("POST " + path + " HTTP/1.1\r\nHost: " + addr +
		"\r\nUser-Agent: souk-bench\r\nAccept: application/json\r\nContent-Type: application/json" +
		"\r\nAuthorization: Bearer sk-test-0123456789abcdef0123456789abcdef" +
		"\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n")
	b.Write(body)
	return []byte(b.String())
}
