package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/e2etest"
)

// way is one of the two configurations.
type way struct {
	name, conf, souk string
	log              string // what souk's access log says of the caller
	sign             func(*http.Request)
}

func ways() []way {
	return []way{
		{"plain", "nginx.conf", "souk-keys.yaml", `"caller":"ci"`, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+callerKey) }},
		{"njs", "nginx-njs.conf", "souk.yaml", `"caller":"alice","via":"nginx","credential":"basic-auth"`, func(r *http.Request) { r.SetBasicAuth("alice", "wonderland") }},
	}
}

func TestTheExample(t *testing.T) {
	for _, w := range ways() {
		t.Run(w.name, func(t *testing.T) {
			s := open(t, w.conf, w.souk)
			t.Run("souk answers, and knows who asks", func(t *testing.T) {
				r := s.chat(t, false, "")
				w.sign(r)
				a := e2etest.Do(t, s.client, r)
				if a.Status != 200 || a.Header.Get("x-souk-provider") == "" || !strings.Contains(a.Body, "simulated by") {
					t.Fatalf("%d %v %s", a.Status, a.Header, a.Body)
				}
				s.souk.AwaitText(t, w.log, 0)
			})
			identity(t, s, w)
			t.Run("a large body passes", func(t *testing.T) {
				r := s.chat(t, false, "")
				text := `{"model":"souk/sim-model","messages":[{"role":"user","content":"` + strings.Repeat("word ", 20000) + `"}]}`
				r, err := http.NewRequestWithContext(t.Context(), "POST", r.URL.String(), strings.NewReader(text))
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Content-Type", "application/json")
				w.sign(r)
				if a := e2etest.Do(t, s.client, r); a.Status != 200 {
					t.Errorf("%d %s", a.Status, a.Body)
				}
			})
			if log := s.souk.Output() + s.nginx.Output(); strings.Contains(log, e2etest.HandOffSecret) || strings.Contains(log, `"caller":"root"`) {
				t.Errorf("a secret or a spoofed identity is in the log:\n%s", log)
			}
		})
	}
}

// identity tries to pass for somebody else.
func identity(t *testing.T, s *setup, w way) {
	for _, c := range []struct {
		name   string
		header http.Header
		signed bool
		status int
		code   string
	}{
		{"nobody is refused", nil, false, 401, ""},
		{"a client's Souk-Caller is refused", http.Header{"Souk-Caller": {`id="root"`}}, true, 400, "reserved_header"},
		{"a client's Souk-Applied is refused, in any case", http.Header{"souk-applied": {"redaction"}}, true, 400, "reserved_header"},
		{"a client's signature is refused", http.Header{"Signature": {"souk-handoff=:AA==:"}}, true, 400, "reserved_header"},
		{"an empty one is refused, or does not reach souk", http.Header{"Souk-Constraints": {""}}, true, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := s.chat(t, false, "")
			for name, values := range c.header {
				r.Header[name] = values
			}
			if c.signed {
				w.sign(r)
			}
			a := e2etest.Do(t, s.client, r)
			if c.status == 0 {
				if a.Status != 200 && a.Status != 400 {
					t.Errorf("%d %s", a.Status, a.Body)
				}
				return
			}
			if a.Status != c.status || c.code != "" && a.Code() != c.code {
				t.Errorf("%d %s; want %d %s", a.Status, a.Body, c.status, c.code)
			}
		})
	}
}

func TestStreamsKeepTheirPace(t *testing.T) {
	for _, w := range ways() {
		t.Run(w.name, func(t *testing.T) {
			s := open(t, w.conf, w.souk)
			e2etest.Pace(t, s.client, func(directives string) *http.Request {
				r := s.chat(t, true, directives)
				w.sign(r)
				return r
			})
		})
	}
}

func TestACallerThatHangsUpIsGoneAtSouk(t *testing.T) {
	for _, w := range ways() {
		t.Run(w.name, func(t *testing.T) {
			s := open(t, w.conf, w.souk)
			r := s.chat(t, true, "tokens=500,rate=50,first-token=0s")
			w.sign(r)
			res, err := s.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := res.Body.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			s.souk.AwaitText(t, `"reason":"cancelled"`, 0)
		})
	}
}

func TestASidecarThatIsKilledAndComesBack(t *testing.T) {
	for _, w := range ways() {
		t.Run(w.name, func(t *testing.T) {
			s := open(t, w.conf, w.souk)
			ask := func() e2etest.Answer {
				r := s.chat(t, false, "")
				w.sign(r)
				return e2etest.Do(t, s.client, r)
			}
			for range 2 {
				if a := ask(); a.Status != 200 {
					t.Fatalf("with souk up: %d %s", a.Status, a.Body)
				}
				r := s.chat(t, true, "tokens=200,rate=50,first-token=0s")
				w.sign(r)
				cut := e2etest.Follow(t, s.client, r, func(n int) {
					if n == 5 {
						s.souk.Kill()
					}
				})
				if cut.Done {
					t.Error("a stream whose sidecar was killed ended as if it were whole")
				}
				for range 5 {
					if a := ask(); a.Status != 503 || a.Code() != "sidecar_down" || a.Header.Get("Retry-After") != "1" {
						t.Errorf("with souk down: %d %v %s", a.Status, a.Header, a.Body)
					}
				}
				s.serve(t, w.souk)
			}
			if a := ask(); a.Status != 200 {
				t.Errorf("with souk back: %d %s", a.Status, a.Body)
			}
		})
	}
}

func TestACallerThatTakesLongToSendIsServed(t *testing.T) {
	for _, w := range ways() {
		t.Run(w.name, func(t *testing.T) {
			s := prepare(t)
			s.Write(t, "souk.yaml", strings.Replace(s.Read(t, "souk.yaml"), "handoff:\n", "handoff:\n  window: 1s\n", 1))
			s.serve(t, w.souk)
			s.start(t, w.conf)
			r := s.chat(t, false, "")
			w.sign(r)
			e2etest.Slowly(r, 2500*time.Millisecond)
			if a := e2etest.Do(t, s.client, r); a.Status != 200 {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
}
