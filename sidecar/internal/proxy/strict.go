package proxy

import (
	"crypto/tls"
	"net"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/proxy/framing"
)

// Strict wraps a listener of Listen, over TLS perhaps, so that its requests are framed as RFC 9112 has it before fasthttp reads them:
// it is lenient where a reader in front of souk may not be. limit is that of a request's head, in bytes.
func Strict(l net.Listener, limit int) net.Listener { return &strictListener{l, limit} }

type strictListener struct {
	net.Listener
	limit int
}

func (l *strictListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if secure, ok := c.(*tls.Conn); ok {
		return &strictTLS{Conn: secure, strict: strict{read: secure.Read, Checker: framing.Checker{Limit: l.limit}}}, nil
	}
	return &strictPlain{Conn: c, strict: strict{read: c.Read, Checker: framing.Checker{Limit: l.limit}}}, nil
}

// strict reads what the checker lets pass.
type strict struct {
	framing.Checker
	read   func([]byte) (int, error)
	broken *framing.Error // the request that was refused

	arrived time.Time   // when the head of the request that is served was there
	ahead   []time.Time // likewise of those behind it that have been read
}

func (s *strict) next(p []byte) (int, error) {
	if s.broken != nil {
		return 0, s.broken
	}
	n, err := s.read(p)
	if n <= 0 {
		return n, err
	}
	heads := s.Heads
	good, broken := s.Check(p[:n])
	if s.Heads > heads {
		for now := time.Now(); heads < s.Heads; heads++ {
			s.ahead = append(s.ahead, now)
		}
	}
	if broken == nil {
		return n, err
	}
	s.broken = broken
	if good == 0 {
		return 0, broken
	}
	return good, nil
}

// serve begins with the next request that was read.
func (s *strict) serve() {
	s.arrived = time.Time{}
	if len(s.ahead) > 0 {
		s.arrived = s.ahead[0]
		s.ahead = append(s.ahead[:0], s.ahead[1:]...)
	}
}

type strictPlain struct {
	net.Conn
	strict
}

func (c *strictPlain) Read(p []byte) (int, error) { return c.next(p) }

// strictTLS is a tls.Conn to fasthttp too.
type strictTLS struct {
	*tls.Conn
	strict
}

func (c *strictTLS) Read(p []byte) (int, error) { return c.next(p) }

// strictOf finds what reads a caller's connection; nil: nothing that is strict.
func strictOf(c net.Conn) *strict {
	switch s := c.(type) {
	case *strictPlain:
		return &s.strict
	case *strictTLS:
		return &s.strict
	}
	return nil
}

// clientOf finds the caller's connection below what wraps it.
func clientOf(c net.Conn) *client {
	switch s := c.(type) {
	case *strictPlain:
		c = s.Conn
	case *strictTLS:
		c = s.NetConn()
	case *tls.Conn:
		c = s.NetConn()
	}
	if c, ok := c.(*client); ok {
		return c
	}
	return nil
}

// refusedFraming is the error of a request that the checker refused; nil: it refused none.
func refusedFraming(c net.Conn) *fault.Error {
	s := strictOf(c)
	if s == nil || s.broken == nil {
		return nil
	}
	broken := s.broken
	code := map[int]string{431: "headers_too_large", 414: "uri_too_long", 417: "expectation_failed", 501: "not_implemented", 505: "http_version"}[broken.Status]
	if code == "" {
		code = "bad_request"
	}
	return fault.New(broken.Status, fault.TypeInvalid, code, "%s", broken.Rule)
}
