// Package traefiktest holds the middleware for Traefik to what a gateway and a sidecar see of it, over real sockets. Its cases run
// natively and in the interpreter that Traefik has.
package traefiktest

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
)

// Secret is the key's of every case.
const Secret = "souk-test-secret-0123456789abcdef"

// Build makes the middleware from its configuration as Traefik's dynamic configuration has it.
type Build func(ctx context.Context, next http.Handler, config map[string]any, name string) (http.Handler, error)

// Config is a configuration that works, with what a case changes; a nil value takes a key away.
func Config(sidecar string, changes map[string]any) map[string]any {
	config := map[string]any{
		"sidecar":  sidecar,
		"key":      map[string]any{"id": "traefik-1", "secret": Secret},
		"identity": map[string]any{"header": "X-User", "credential": "basic-auth"},
	}
	maps.Copy(config, changes)
	for name, value := range changes {
		if value == nil {
			delete(config, name)
		}
	}
	return config
}

// Decode fills a configuration that CreateConfig made, as Traefik does.
func Decode(config map[string]any, into any) error {
	text, err := json.Marshal(config)
	if err != nil {
		return err
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields() // a case that says nothing tests nothing
	return d.Decode(into)
}

// Received is what the sidecar got of a request.
type Received struct {
	Request  *http.Request
	Body     []byte
	Verified handoff.Verified
	Err      error // why the hand-off is refused
}

// Sidecar verifies hand-offs, keeps what it got, and answers.
type Sidecar struct {
	URL      string // as the middleware's configuration has it
	verifier *handoff.Verifier
	answer   http.HandlerFunc

	mu  sync.Mutex
	got []Received
}

// NewSidecar serves until the test ends; answer may be nil.
func NewSidecar(t testing.TB, l net.Listener, answer http.HandlerFunc) *Sidecar {
	t.Helper()
	v, err := handoff.NewVerifier(handoff.VerifierOptions{
		Keys: []handoff.Key{{ID: "traefik-1", Secret: []byte(Secret)}},
		Now:  time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &Sidecar{URL: "http://" + l.Addr().String(), verifier: v, answer: answer}
	if l.Addr().Network() == "unix" {
		s.URL = "unix://" + l.Addr().String()
	}
	server := httptest.NewUnstartedServer(s)
	_ = server.Listener.Close()
	server.Listener = l
	server.Start()
	t.Cleanup(server.Close)
	return s
}

// ServeHTTP is the sidecar's side of a request.
func (s *Sidecar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	got := Received{Request: r}
	received := handoff.Received{Method: r.Method}
	received.Path, received.Query, _ = strings.Cut(r.RequestURI, "?")
	for name, values := range r.Header {
		for _, value := range values {
			received.Fields = append(received.Fields, handoff.Field{Name: name, Value: value})
		}
	}
	if s.answer == nil {
		got.Body, _ = io.ReadAll(r.Body) // what is missing shows in the test
	}
	received.Body = got.Body
	if got.Verified, got.Err = s.verifier.Verify(received); got.Err == nil {
		got.Err = s.verifier.Spend(&got.Verified)
	}
	s.mu.Lock()
	s.got = append(s.got, got)
	s.mu.Unlock()
	if got.Err != nil {
		http.Error(w, got.Err.Error(), http.StatusUnauthorized)
		return
	}
	if s.answer != nil {
		s.answer(w, r)
		return
	}
	_, _ = io.WriteString(w, "from the sidecar")
}

// Got is what was received since the last call.
func (s *Sidecar) Got() []Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := s.got
	s.got = nil
	return got
}

// Listen is a TCP port on loopback.
func Listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Gateway serves a handler as Traefik would: before it, the headers that a middleware for authentication would set.
func Gateway(t testing.TB, h http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server
}

// Answer is what a caller got.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Code is the error's code, empty if the answer is none.
func (a Answer) Code() string {
	var e struct {
		Error struct{ Code, Type, Message string }
	}
	_ = json.Unmarshal([]byte(a.Body), &e) // what is no JSON has no code
	return e.Error.Code
}

// Send sends a request on a connection of its own.
func Send(t testing.TB, r *http.Request) Answer {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Answer{Status: res.StatusCode, Header: res.Header, Body: string(body)}
}

// Request is a chat request with the header of a caller.
func Request(t testing.TB, method, url, body string, header http.Header) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(r.Header, header)
	return r
}
