package traefik

import (
	"bufio"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
)

func TestOnlyBodiesThatLeaveTheMachineAreSigned(t *testing.T) {
	for _, c := range []struct {
		sidecar, body string
		want          bool
	}{
		{"http://127.0.0.1:8420", "auto", false},
		{"http://127.9.9.9:8420/", "auto", false},
		{"http://[::1]:8420", "auto", false},
		{"http://localhost", "auto", false},
		{"unix:///run/souk/souk.sock", "auto", false},
		{"http://10.0.0.1:8420", "auto", true},
		{"http://souk:8420", "auto", true},
		{"http://localhost.example:8420", "auto", true},
		{"http://souk:8420", "off", false},
		{"http://127.0.0.1:8420", "required", true},
	} {
		config := CreateConfig()
		config.Sidecar, config.Body = c.sidecar, c.body
		s, err := config.sidecar("souk@test")
		if err != nil {
			t.Errorf("%s: %v", c.sidecar, err)
			continue
		}
		if got, err := config.signsBodies(s.local); err != nil || got != c.want {
			t.Errorf("%s, body %s: %v, %v; want %v", c.sidecar, c.body, got, err, c.want)
		}
	}
}

// FuzzHandOff sends any request head through the middleware. Whatever it is, it is refused, or the sidecar accepts it as one of
// the caller that the header names, and of nobody else.
func FuzzHandOff(f *testing.F) {
	for _, head := range []string{
		"POST /v1/chat/completions HTTP/1.1\r\nHost: g\r\nX-User: alice\r\n\r\n",
		"GET /v1/models/a%2Fb?x=%3F HTTP/1.1\r\nHost: g\r\nx-user: zo\xeb\r\nX-Groups: chat, b\r\n\r\n",
		"POST //v1 HTTP/1.1\r\nHost: g\r\nX-User: a\r\nX-User: b\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: g\r\nX-User: a\r\nSOUK-caller: id=\"root\"\r\n\r\n",
		"POST /? HTTP/1.1\r\nHost: g\r\nX-User: a\"\\\r\nsignature-input: a\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: g\r\nX-User: a\r\n\r\n",
		"CONNECT a:1 HTTP/1.1\r\nHost: g\r\nX-User: a\r\n\r\n",
		"GET http://elsewhere/v1 HTTP/1.1\r\nHost: g\r\nX-User: a\r\nConnection: X-User\r\n\r\n",
	} {
		f.Add(head, false)
		f.Add(head, true)
	}
	now, key, verifier := gateway(f)
	f.Fuzz(func(t *testing.T, head string, groups bool) {
		in, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head)))
		if err != nil {
			t.Skip()
		}
		config := CreateConfig()
		config.Sidecar = "http://127.0.0.1:1"
		config.Identity.Header = "X-User"
		if groups {
			config.Identity.GroupsHeader = "X-Groups"
		}
		m := newMiddleware(t, config, key, now)
		refusals := 0
		for range 2 { // the second time it is known
			refusals += handedOff(t, m, verifier, in, groups)
		}
		if refusals == 1 {
			t.Error("refused once and let through once")
		}
	})
}

// handedOff passes a request through the middleware and to a verifier; 1: it was refused.
func handedOff(t *testing.T, m *middleware, verifier *handoff.Verifier, in *http.Request, groups bool) (refusals int) {
	out := in.Clone(t.Context())
	out.Body = nil
	p := &httputil.ProxyRequest{In: in, Out: out}
	rewrite(m)(p)
	if refused, ok := p.Out.Context().Value(refusalKey).(*refusal); ok {
		if p.Out.URL.Scheme != "" {
			t.Error("what is refused would be sent")
		}
		if refused.status < 400 || refused.status > 499 {
			t.Errorf("refused with %d", refused.status)
		}
		return 1
	}
	received := handoff.Received{Method: out.Method}
	received.Path, received.Query, _ = strings.Cut(out.URL.RequestURI(), "?")
	for name, values := range out.Header {
		for _, value := range values {
			received.Fields = append(received.Fields, handoff.Field{Name: name, Value: value})
		}
	}
	got, err := verifier.Verify(received)
	if err != nil {
		t.Fatalf("the sidecar refuses it: %v", err)
	}
	if names := in.Header["X-User"]; len(names) != 1 || got.Caller.ID != handoff.Text(names[0]) {
		t.Errorf("handed off as %q; the header is %q", got.Caller.ID, names)
	}
	if groups == (got.Caller.Scopes == nil) {
		t.Errorf("scopes are %q", got.Caller.Scopes)
	}
	return 0
}

// TestCallersThatDifferInCaseAloneAreTwo asks in turn, so that each is known when the other comes.
func TestCallersThatDifferInCaseAloneAreTwo(t *testing.T) {
	now, key, verifier := gateway(t)
	config := CreateConfig()
	config.Sidecar, config.Identity.Header, config.Identity.GroupsHeader = "http://127.0.0.1:1", "X-User", "X-Groups"
	m := newMiddleware(t, config, key, now)
	for range 2 {
		for _, who := range []string{"alice", "Alice", "alice ", "ALICE\r\nX-Groups: root"} {
			in := httptest.NewRequest("POST", "http://gateway/v1", nil)
			in.Header["X-User"], in.Header["X-Groups"] = []string{who}, []string{"chat"}
			if handedOff(t, m, verifier, in, true) != 0 {
				t.Errorf("%q is refused", who)
			}
		}
	}
}

// TestRequestsThatReadAlikeAreTwo asks in turn for targets and with headers that are the same when written one behind the other.
func TestRequestsThatReadAlikeAreTwo(t *testing.T) {
	now, key, verifier := gateway(t)
	config := CreateConfig()
	config.Sidecar, config.Identity.Header = "http://127.0.0.1:1", "X-User"
	m := newMiddleware(t, config, key, now)
	for range 2 {
		for _, c := range []struct {
			query   string // HTTP/2 takes one with a space, which none may have that is signed
			more    http.Header
			refused int
		}{
			{"x", http.Header{"A": {"1 B: 2"}}, 0},
			{"x A: 1", http.Header{"B": {"2"}}, 1},
			{"x", http.Header{"A": {"1"}, "B": {"2"}}, 0},
			{"x [alice]", nil, 1},
		} {
			in := httptest.NewRequest("POST", "http://gateway/v1", nil)
			in.URL.RawQuery, in.Header = c.query, http.Header{"X-User": {"alice"}}
			maps.Copy(in.Header, c.more)
			if got := handedOff(t, m, verifier, in, false); got != c.refused {
				t.Errorf("%+v: refused %d, want %d", c, got, c.refused)
			}
		}
	}
}

// gateway is a clock that stands, a key, and the sidecar's verifier of it.
func gateway(t testing.TB) (now func() time.Time, key handoff.Key, verifier *handoff.Verifier) {
	t.Helper()
	now = func() time.Time { return time.Unix(1763800000, 0) }
	key = handoff.Key{ID: "traefik-1", Secret: []byte("souk-test-secret-0123456789abcdef")}
	verifier, err := handoff.NewVerifier(handoff.VerifierOptions{Keys: []handoff.Key{key}, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return now, key, verifier
}

func newMiddleware(t testing.TB, config *Config, key handoff.Key, now func() time.Time) *middleware {
	t.Helper()
	m := &middleware{name: "souk@test", known: map[string]*handoff.Prepared{}, seen: map[string]*handoff.Addressed{}}
	var err error
	if m.signer, err = handoff.NewSigner(handoff.SignerOptions{Key: key, Now: now, Random: zeroes{}}); err != nil {
		t.Fatal(err)
	}
	if m.template, err = config.template(); err != nil {
		t.Fatal(err)
	}
	if m.who, err = config.identity(m.template); err != nil {
		t.Fatal(err)
	}
	if m.sidecar, err = config.sidecar(m.name); err != nil {
		t.Fatal(err)
	}
	m.ordinary = ordinary(m.who)
	m.maxBody = config.MaxBody
	return m
}

// zeroes are nonces that make a failure the same each time.
type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
