package proxytest

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/identitytest"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

// Model is what every fake serves, under the upstream name "up-" and its own.
const (
	Model    = "test/model"
	ChatPath = "/v1/chat/completions"
)

// Step acts out what a provider does with one request.
type Step func(*Exchange)

// Fake is a provider that follows a script on plain connections, one step a request; the last step stands for all further ones.
type Fake struct {
	Name string

	t       testing.TB
	ln      net.Listener
	secure  bool
	caFile  string
	handle  func(net.Conn, int)
	wg      sync.WaitGroup
	mu      sync.Mutex
	script  []Step
	got     []Received
	accepts int
	gone    []time.Time
	conns   map[net.Conn]bool
	closed  bool
	changed chan struct{}
}

// Received is a request as it arrived.
type Received struct {
	Line   string   // the request line
	Fields []string // header lines in order
	Body   string
	At     time.Time // when its last byte arrived
	Conn   int       // on which connection, counted from 0
}

// Get is the value of a header field, and whether it is there; the name counts whatever its case.
func (r Received) Get(name string) (string, bool) {
	for _, f := range r.Fields {
		n, v, _ := strings.Cut(f, ":")
		if strings.EqualFold(n, name) {
			return strings.TrimSpace(v), true
		}
	}
	return "", false
}

// Names are the names of all header fields in lower case.
func (r Received) Names() []string {
	var names []string
	for _, f := range r.Fields {
		n, _, _ := strings.Cut(f, ":")
		names = append(names, strings.ToLower(n))
	}
	return names
}

// Exchange is one request and the connection to answer it on.
type Exchange struct {
	net.Conn
	Fake *Fake
	Received
	over bool // the connection is not used again
}

// NewFake starts a fake that is closed with the test.
func NewFake(t testing.TB, name string, script ...Step) *Fake {
	t.Helper()
	f := newFake(t, name, script)
	f.listen(nil)
	return f
}

// NewSecureFake is NewFake behind TLS.
func NewSecureFake(t testing.TB, name string, id *identitytest.Identity, script ...Step) *Fake {
	t.Helper()
	f := newFake(t, name, script)
	f.secure, f.caFile = true, id.CAFile
	f.listen(&tls.Config{Certificates: []tls.Certificate{id.Cert}, NextProtos: []string{"http/1.1"}})
	return f
}

// NewRawFake treats each connection as handle does, with its number counted from 0. secure says that souk speaks TLS to it.
func NewRawFake(t testing.TB, name string, secure bool, handle func(c net.Conn, n int)) *Fake {
	t.Helper()
	f := newFake(t, name, nil)
	f.secure, f.handle = secure, handle
	f.listen(nil)
	return f
}

// NewClosedFake is a provider at an address where nobody listens.
func NewClosedFake(t testing.TB, name string) *Fake {
	t.Helper()
	f := newFake(t, name, nil)
	f.listen(nil)
	_ = f.ln.Close()
	return f
}

func newFake(t testing.TB, name string, script []Step) *Fake {
	return &Fake{Name: name, t: t, script: script, conns: map[net.Conn]bool{}, changed: make(chan struct{})}
}

func (f *Fake) listen(secure *tls.Config) {
	f.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.t.Fatal(err)
	}
	f.ln = ln
	f.t.Cleanup(f.Close)
	f.wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			f.adopt(c, secure)
		}
	})
}

func (f *Fake) adopt(c net.Conn, secure *tls.Config) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		_ = c.Close()
		return
	}
	n := f.accepts
	f.accepts++
	f.conns[c] = true
	f.note()
	f.wg.Go(func() {
		defer func() {
			_ = c.Close()
			f.mu.Lock()
			delete(f.conns, c)
			f.note()
			f.mu.Unlock()
		}()
		switch {
		case f.handle != nil:
			f.handle(c, n)
		case secure != nil:
			f.serve(tls.Server(c, secure), n)
		default:
			f.serve(c, n)
		}
	})
}

// note wakes who waits; the lock is held.
func (f *Fake) note() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// Close ends the fake and every connection to it.
func (f *Fake) Close() {
	_ = f.ln.Close()
	f.mu.Lock()
	f.closed = true
	for c := range f.conns {
		_ = c.Close()
	}
	f.mu.Unlock()
	f.wg.Wait()
}

func (f *Fake) serve(c net.Conn, n int) {
	r := bufio.NewReader(c)
	for {
		req, err := read(r)
		if err != nil {
			return
		}
		req.At, req.Conn = time.Now(), n
		f.mu.Lock()
		step := Step(Hang)
		if len(f.script) > 0 {
			step = f.script[min(len(f.got), len(f.script)-1)]
		}
		f.got = append(f.got, req)
		f.note()
		f.mu.Unlock()
		x := &Exchange{Conn: c, Fake: f, Received: req}
		step(x)
		if x.over {
			return
		}
	}
}

// read takes a request with a Content-Length, as souk sends them.
func read(r *bufio.Reader) (Received, error) {
	var req Received
	length := -1
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return req, err
		}
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		switch {
		case line == "":
			if length < 0 {
				return req, fmt.Errorf("no length in %q", req.Fields)
			}
			body := make([]byte, length)
			_, err := io.ReadFull(r, body)
			req.Body = string(body)
			return req, err
		case req.Line == "":
			req.Line = line
		default:
			req.Fields = append(req.Fields, line)
			name, value, _ := strings.Cut(line, ":")
			if strings.EqualFold(name, "content-length") {
				if length >= 0 {
					return req, fmt.Errorf("two lengths in %q", req.Fields)
				}
				length, err = strconv.Atoi(strings.TrimSpace(value))
				if err != nil {
					return req, err
				}
			}
		}
	}
}

// Requests are all requests so far.
func (f *Fake) Requests() []Received {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Received(nil), f.got...)
}

// Asked is how many requests there were.
func (f *Fake) Asked() int { return len(f.Requests()) }

// Accepted is how many connections there were.
func (f *Fake) Accepted() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.accepts
}

// Last is the latest request.
func (f *Fake) Last() Received {
	f.t.Helper()
	all := f.Requests()
	if len(all) == 0 {
		f.t.Fatalf("%s was not asked", f.Name)
	}
	return all[len(all)-1]
}

// Script replaces what is left of the script; its first step is for the next request.
func (f *Fake) Script(script ...Step) {
	f.mu.Lock()
	defer f.mu.Unlock()
	done := make([]Step, len(f.got))
	f.script = append(done, script...)
}

// WaitAsked waits until there were n requests.
func (f *Fake) WaitAsked(n int) {
	f.t.Helper()
	f.wait(fmt.Sprintf("%d requests", n), func() bool { return len(f.got) >= n })
}

// WaitGone waits until a step has seen souk end its connection, and tells when that was.
func (f *Fake) WaitGone() time.Time {
	f.t.Helper()
	f.wait("an end of the connection", func() bool { return len(f.gone) > 0 })
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.gone[0]
}

// WaitClosed waits until no connection is open.
func (f *Fake) WaitClosed() {
	f.t.Helper()
	f.wait("all connections closed", func() bool { return len(f.conns) == 0 })
}

func (f *Fake) wait(what string, cond func() bool) {
	f.t.Helper()
	late := time.After(patience)
	for {
		f.mu.Lock()
		ok, changed := cond(), f.changed
		f.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-late:
			f.t.Fatalf("%s: waited in vain for %s", f.Name, what)
		}
	}
}

// Addr is host:port.
func (f *Fake) Addr() string { return f.ln.Addr().String() }

// Provider is the fake as a configuration names it: one offer of Model at a dollar a million tokens in and two out.
func (f *Fake) Provider() config.Provider {
	scheme := "http"
	if f.secure {
		scheme = "https"
	}
	return provider(f.Name, &url.URL{Scheme: scheme, Host: f.Addr(), Path: "/v1"}, f.caFile)
}

func provider(name string, base *url.URL, caFile string) config.Provider {
	price := &config.Price{Input: money.PerMillion(money.USD), Output: 2 * money.PerMillion(money.USD), CacheRead: money.PerMillion(money.USD) / 2, CacheWrite: money.PerMillion(money.USD)}
	return config.Provider{Name: name, Type: config.TypeCompany, API: "openai", BaseURL: base, StreamUsage: true, TLSCA: caFile,
		Models: []config.Model{{ID: Model, Upstream: "up-" + name, Price: price}}}
}

// Market makes providers of fakes, in strict order under sort: price.
func Market(fakes ...*Fake) []config.Provider {
	var all []config.Provider
	for _, f := range fakes {
		all = append(all, f.Provider())
	}
	return InOrder(all...)
}

// InOrder gives providers rising prices, so that sort: price tries them in this order. The first keeps its own.
func InOrder(all ...config.Provider) []config.Provider {
	for i := range all {
		price := *all[i].Models[0].Price
		price.Input += money.PerMillion(i) * money.PerMillion(money.USD)
		price.Output += money.PerMillion(i) * money.PerMillion(money.USD)
		all[i].Models[0].Price = &price
	}
	return all
}
