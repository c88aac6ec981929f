package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/e2etest"
)

func TestTheExample(t *testing.T) {
	s := open(t, nil)
	t.Run("souk answers whom Traefik knows, and knows who that is", func(t *testing.T) {
		a := e2etest.Do(t, s.client, s.chat(t, "alice", ""))
		if a.Status != 200 || a.Header.Get("x-souk-provider") == "" || !strings.Contains(a.Body, "simulated by") {
			t.Fatalf("%d %v %s", a.Status, a.Header, a.Body)
		}
		line := `"caller":"alice","via":"traefik","credential":"basic-auth"`
		s.souk.AwaitText(t, line, 0)
	})
	spoof := func(name, value string) http.Header { return http.Header{name: {value}} }
	for _, c := range []struct {
		name   string
		user   string
		header http.Header
		status int
		code   string // of the middleware's own answers
	}{
		{"whom Traefik does not know is refused there", "", nil, 401, ""},
		{"a wrong password is refused there", "mallory", nil, 401, ""},
		{"a client's Souk-Caller is refused", "alice", spoof("Souk-Caller", `id="root"`), 400, "reserved_header"},
		{"a client's Souk-Applied is refused", "alice", spoof("souk-applied", "guardrails, redaction"), 400, "reserved_header"},
		{"a client's signature is refused", "alice", spoof("Signature", "souk-handoff=:AA==:"), 400, "reserved_header"},
		{"a client's identity header gives way to Traefik's", "alice", spoof("X-WebAuth-User", "root"), 200, ""},
		{"so it does in Go's spelling", "alice", spoof("X-Webauth-User", "root"), 200, ""},
		{"so it does where the client strikes it out", "alice", spoof("Connection", "X-WebAuth-User"), 200, ""},
		{"a client cannot strike out what the hand-off says", "alice", spoof("Connection", "keep-alive, Souk-Caller"), 200, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := s.chat(t, c.user, "")
			for name, values := range c.header {
				r.Header[name] = values
			}
			a := e2etest.Do(t, s.client, r)
			if a.Status != c.status || a.Code() != c.code {
				t.Errorf("%d %s; want %d %s", a.Status, a.Body, c.status, c.code)
			}
		})
	}
	t.Run("nobody else was ever handed off", func(t *testing.T) {
		if log := s.souk.Output(); strings.Contains(log, `"caller":"root"`) || strings.Contains(log, `"caller":"mallory"`) {
			t.Errorf("a spoofed identity reached souk:\n%s", log)
		}
	})
	t.Run("souk serves nobody who comes past Traefik", func(t *testing.T) {
		if a := e2etest.Do(t, s.client, e2etest.Chat(t, "http://"+s.sidecar, false, "")); a.Status != 401 {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	})
	t.Run("a large body and other methods pass", func(t *testing.T) {
		r := s.chat(t, "alice", "")
		r.Body = io.NopCloser(strings.NewReader(`{"model":"souk/sim-model","messages":[{"role":"user","content":"` + strings.Repeat("word ", 20000) + `"}]}`))
		r.ContentLength = -1
		if a := e2etest.Do(t, s.client, r); a.Status != 200 {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		r = s.chat(t, "alice", "")
		r.Method, r.Body, r.ContentLength = "GET", nil, 0
		r.URL.Path = "/v1/models"
		if a := e2etest.Do(t, s.client, r); a.Status != 200 || !strings.Contains(a.Body, "souk/sim-model") {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	})
	t.Run("no secret is in Traefik's log", func(t *testing.T) {
		if strings.Contains(s.traefik.Output(), e2etest.HandOffSecret) {
			t.Error("it is")
		}
	})
}

func TestStreamsKeepTheirPace(t *testing.T) {
	s := open(t, nil)
	e2etest.Pace(t, s.client, func(directives string) *http.Request { return s.stream(t, "alice", directives) })
}

func TestACallerThatTakesLongToSendIsServed(t *testing.T) {
	s := open(t, func(s *setup) {
		s.Write(t, "souk.yaml", strings.Replace(s.Read(t, "souk.yaml"), "handoff:\n", "handoff:\n  window: 1s\n", 1))
	})
	r := s.chat(t, "alice", "")
	e2etest.Slowly(r, 2500*time.Millisecond)
	if a := e2etest.Do(t, s.client, r); a.Status != 200 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}
