package e2e

import (
	"strings"
	"testing"

	"github.com/soukproxy/souk/e2etest"
)

// failOpen is a second way to the same sidecar: past it when it is down.
func failOpen(s *setup, t *testing.T) {
	text := s.Read(t, "dynamic.yaml")
	text = strings.Replace(text, "  routers:\n", `  services:
    direct:
      loadBalancer:
        servers: [{url: `+s.direct+`}]
  routers:
    open:
      entryPoints: [web]
      rule: PathPrefix(`+"`/v1/`) && Header(`X-Mode`, `open`)"+`
      middlewares: [who, souk-open]
      service: direct
`, 1)
	at := strings.Index(text, "    souk:\n")
	again := strings.Replace(text[at:], "    souk:\n", "    souk-open:\n", 1)
	text = strings.TrimRight(text, "\n") + "\n\n" + strings.TrimRight(again, "\n") +
		"\n          failOpen: true\n          redactionRequired: false\n          via: traefik-open\n"
	s.Write(t, "dynamic.yaml", text)
}

func TestASidecarThatIsKilledAndComesBack(t *testing.T) {
	s := open(t, func(s *setup) { failOpen(s, t) })
	ask := func(mode string) e2etest.Answer {
		r := s.chat(t, "alice", "")
		if mode != "" {
			r.Header.Set("X-Mode", mode)
		}
		return e2etest.Do(t, s.client, r)
	}
	author := func(a e2etest.Answer) string {
		_, text, _ := strings.Cut(a.Body, "[simulated by ")
		name, _, _ := strings.Cut(text, "]")
		return name
	}
	through := func(when string) {
		t.Helper()
		for _, mode := range []string{"", "open"} {
			if a := ask(mode); a.Status != 200 || a.Header.Get("x-souk-provider") == "" || author(a) == "direct" {
				t.Errorf("%s, mode %q: %d %v %s", when, mode, a.Status, a.Header, a.Body)
			}
		}
	}
	through("with souk up")
	for range 2 {
		// A stream that runs is cut, not ended as if it were whole.
		cut := e2etest.Follow(t, s.client, s.stream(t, "alice", "tokens=200,rate=50,first-token=0s"), func(n int) {
			if n == 5 {
				s.souk.Kill()
			}
		})
		if cut.Done || cut.Err == nil {
			t.Errorf("souk was killed in a stream; done: %v, error: %v", cut.Done, cut.Err)
		}
		for range 3 {
			if a := ask(""); a.Status != 503 || a.Code() != "sidecar_down" || a.Header.Get("Retry-After") != "1" {
				t.Errorf("souk is down, fail closed: %d %v %s", a.Status, a.Header, a.Body)
			}
			if a := ask("open"); a.Status != 200 || author(a) != "direct" {
				t.Errorf("souk is down, fail open: %d %v %s", a.Status, a.Header, a.Body)
			}
		}
		r := s.stream(t, "alice", "tokens=20,rate=50,first-token=0s")
		r.Header.Set("X-Mode", "open")
		if past := e2etest.Follow(t, s.client, r, nil); !past.Done || past.At[len(past.At)-1]-past.At[0] < 250e6 {
			t.Errorf("a stream past souk: done %v, events at %v", past.Done, past.At)
		}
		s.souk = s.Souk(t, "souk.yaml")
		through("with souk back")
	}
	log := s.traefik.Output()
	for _, want := range []string{"cannot be reached", "requests are refused", "requests go past it to the service, since failOpen is set", "is reached again; 4 requests went past it"} {
		if !strings.Contains(log, want) {
			t.Errorf("Traefik's log does not say %q", want)
		}
	}
	if strings.Contains(log, "goroutine ") || strings.Contains(log, "panic") {
		t.Errorf("Traefik's log has a panic:\n%s", log)
	}
}
