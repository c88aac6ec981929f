package conformance

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
)

// FakeSidecar verifies what it gets, and answers; a hand-off that it refuses is a failure of the test.
type FakeSidecar struct {
	URL string

	t        testing.TB
	verifier *handoff.Verifier
	stream   bool

	mu  sync.Mutex
	got []Played
}

// NewFakeSidecar listens on loopback until the test ends. One that is down has an address at which nobody listens.
func NewFakeSidecar(t testing.TB, c Case) *FakeSidecar {
	t.Helper()
	verifier, err := NewVerifier()
	if err != nil {
		t.Fatal(err)
	}
	s := &FakeSidecar{t: t, verifier: verifier, stream: c.Stream}
	server := httptest.NewServer(s)
	s.URL = server.URL
	if c.Down {
		server.Close()
	} else {
		t.Cleanup(server.Close)
	}
	return s
}

// NewVerifier takes what the cases' key has signed.
func NewVerifier() (*handoff.Verifier, error) {
	return handoff.NewVerifier(handoff.VerifierOptions{Keys: []handoff.Key{{ID: KeyID, Secret: []byte(Secret)}}, Now: time.Now})
}

// Address is its host and port.
func (s *FakeSidecar) Address() string {
	address := s.URL[len("http://"):]
	if _, _, err := net.SplitHostPort(address); err != nil {
		s.t.Fatal(err)
	}
	return address
}

// ServeHTTP implements http.Handler.
func (s *FakeSidecar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/readyz" || r.URL.Path == "/healthz" {
		return
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	var fields []handoff.Field
	for name, values := range r.Header {
		for _, v := range values {
			fields = append(fields, handoff.Field{Name: name, Value: v})
		}
	}
	got, err := Verify(s.verifier, r.Method, r.RequestURI, fields, text)
	if err != nil {
		s.t.Errorf("the hand-off is refused: %v", err)
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	s.mu.Lock()
	s.got = append(s.got, got)
	s.mu.Unlock()
	w.Header().Set("x-answered-by", string(Sidecar))
	if !s.stream {
		fmt.Fprint(w, "from the sidecar")
		return
	}
	w.Header().Set("content-type", "text/event-stream")
	for i := range Events {
		if i > 0 {
			time.Sleep(Gap) // the pace that the client is to see
		}
		fmt.Fprintf(w, "data: {\"event\":%d}\n\n", i)
		w.(http.Flusher).Flush()
	}
}

// Verify checks a request as the sidecar does, and spends it.
func Verify(v *handoff.Verifier, method, target string, fields []handoff.Field, text []byte) (Played, error) {
	path, query := target, ""
	for i := range target {
		if target[i] == '?' {
			path, query = target[:i], target[i+1:]
			break
		}
	}
	verified, err := v.Verify(handoff.Received{Method: method, Path: path, Query: query, Fields: fields, Body: text, Rule: handoff.DigestIfCovered})
	if err == nil {
		err = v.Spend(&verified)
	}
	return Played{Outcome: Outcome{Status: 200, By: Sidecar, Caller: verified.Caller.ID, Target: target}, Body: string(text)}, err
}

// Got is the only request that came; ok is false when none did.
func (s *FakeSidecar) Got() (got Played, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.got) > 1 {
		s.t.Errorf("the sidecar got %d requests", len(s.got))
	}
	if len(s.got) == 0 {
		return Played{}, false
	}
	return s.got[0], true
}
