package traefik

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// sidecar is where souk listens, and whether it can be reached.
type sidecar struct {
	name    string   // the middleware's, for the log
	url     string   // as configured
	target  *url.URL // of requests, without a path
	path    string   // of a unix socket; empty: TCP
	local   bool     // what is sent there does not leave the machine
	timeout time.Duration
	tls     *tls.Config // nil: without

	down int32 // 1: the last connection could not be made
	past int64 // requests that went past it since
}

func (c *Config) sidecar(name string) (*sidecar, error) {
	const form = "it is http://HOST:PORT, https://HOST:PORT or unix:///PATH, where souk listens"
	u, err := url.Parse(c.Sidecar)
	if err != nil || c.Sidecar == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, invalid("sidecar", form) // without the error: it holds the text, and with it what may be a password
	}
	timeout, err := time.ParseDuration(c.ConnectTimeout)
	if err != nil || timeout <= 0 {
		return nil, invalid("connectTimeout", "it is a duration such as 1s")
	}
	s := &sidecar{name: name, url: c.Sidecar, target: &url.URL{Scheme: "http"}, timeout: timeout}
	if u.Scheme == "https" {
		s.target.Scheme = "https"
		if s.tls, err = c.TLS.config(u.Hostname()); err != nil {
			return nil, err
		}
	} else if c.TLS.CAFile+c.TLS.ServerName+c.TLS.CertFile+c.TLS.KeyFile != "" {
		return nil, invalid("tls", "it is for a sidecar of https://")
	}
	if u.Scheme == "unix" && u.Host == "" && strings.HasPrefix(u.Path, "/") {
		s.target.Host, s.path, s.local = "localhost", u.Path, true
		return s, nil
	}
	if u.Scheme != s.target.Scheme || u.Hostname() == "" || u.Path != "" && u.Path != "/" {
		return nil, invalid("sidecar", form+"; without a path")
	}
	ip := net.ParseIP(u.Hostname())
	s.target.Host, s.local = u.Host, u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	return s, nil
}

// transport is the connections to the sidecar. It has timers for connecting only: how long an answer may take is the
// sidecar's to say.
func (s *sidecar) transport() *http.Transport {
	return &http.Transport{
		DialContext:         s.dial,
		DialTLSContext:      s.dialTLS,
		DisableCompression:  true, // or an answer that the caller wants compressed would be unpacked here
		MaxIdleConnsPerHost: 256,
		IdleConnTimeout:     30 * time.Second,
	}
}

// dial connects to a sidecar without TLS.
func (s *sidecar) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := s.connect(ctx, network, addr)
	if err == nil {
		s.reached()
	}
	return conn, err
}

func (s *sidecar) connect(ctx context.Context, network, addr string) (net.Conn, error) {
	if s.path != "" {
		network, addr = "unix", s.path
	}
	dialer := net.Dialer{Timeout: s.timeout}
	return dialer.DialContext(ctx, network, addr)
}

// reached says that the sidecar is back, if it was lost.
func (s *sidecar) reached() {
	if atomic.CompareAndSwapInt32(&s.down, 1, 0) {
		log.Printf("souk: %s: %s is reached again; %d requests went past it", s.name, s.url, atomic.SwapInt64(&s.past, 0))
	}
}

// lost says once that the sidecar cannot be reached.
func (s *sidecar) lost(err error, open bool) {
	if !atomic.CompareAndSwapInt32(&s.down, 0, 1) {
		return
	}
	meanwhile := "requests are refused"
	if open {
		meanwhile = "requests go past it to the service, since failOpen is set"
	}
	log.Printf("souk: %s: %s cannot be reached: %v; %s", s.name, s.url, err, meanwhile)
}

// passed counts a request that goes past the sidecar.
func (s *sidecar) passed() { atomic.AddInt64(&s.past, 1) }

// dialling tells whether no connection could be made, so that nothing was sent.
func dialling(err error) bool {
	op, ok := err.(*net.OpError) // as http.Transport returns it: not wrapped
	return ok && op.Op == "dial"
}

// signsBodies tells whether the signature covers bodies.
func (c *Config) signsBodies(local bool) (bool, error) {
	if c.MaxBody <= 0 {
		return false, invalid("maxBody", "it is a number of bytes, more than 0")
	}
	switch c.Body {
	case "auto":
		return !local, nil
	case "required", "off":
		return c.Body == "required", nil
	}
	return false, invalid("body", "auto, required and off are known")
}

// smallBody is how long a body may be, in bytes, for memory to be taken for all of it before it has come.
const smallBody = 64 << 10

// hold reads a request's body, and puts what it read in its place. All bodies are held until they are complete: when http.Transport
// has sent all of a body of known length that it does not know to be in memory, it reads once more behind its end. An answer that
// comes before that makes the server of net/http close the body, so that the read fails and the answer is cut. And a signature
// lives for seconds, which a caller may need for its body.
// False: the request is refused.
func hold(m *middleware, p *httputil.ProxyRequest) ([]byte, bool) {
	r := p.Out
	body, err := io.ReadAll(io.LimitReader(r.Body, m.maxBody+1))
	if err != nil {
		unreadable(p)
		return nil, false
	}
	if int64(len(body)) > m.maxBody {
		refuse(p, tooLarge(m.maxBody))
		return nil, false
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	r.TransferEncoding = nil
	return body, true
}

func unreadable(p *httputil.ProxyRequest) {
	refuse(p, badRequest("invalid_body", "The body could not be read."))
}

// buffers are what answers are copied through. Without them each answer would take 32 KiB anew.
type buffers struct{ free *sync.Pool }

func newBuffers() *buffers {
	return &buffers{free: &sync.Pool{New: func() any { return make([]byte, 32<<10) }}}
}

// Get is a buffer that nobody uses.
func (b *buffers) Get() []byte { return b.free.Get().([]byte) }

// Put takes a buffer back.
func (b *buffers) Put(used []byte) {
	b.free.Put(used) //lint:ignore SA6002 interpreted, a pointer to the slice costs more than what it spares
}
