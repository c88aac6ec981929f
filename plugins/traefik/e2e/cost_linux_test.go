package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukproxy/souk/e2etest"
)

// TestTheCostInTraefik compares the processor time that Traefik takes for a request through the middleware with that of a request
// that it proxies to the same server itself. The server answers at once, so both are all of Traefik's own.
func TestTheCostInTraefik(t *testing.T) {
	const rounds, requests, callers = 7, 4800, 8 // of fewer requests, it is chance how many collections of garbage a round pays for
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if strings.HasPrefix(r.URL.Path, "/with/") != (r.Header.Get("Signature") != "") {
			t.Errorf("%s, signed: %q", r.URL.Path, r.Header.Get("Signature"))
		}
	}))
	t.Cleanup(backend.Close)
	s := open(t, func(s *setup) { // its profiles of blocking cost more than the middleware
		s.Write(t, "traefik.yaml", strings.Replace(s.Read(t, "traefik.yaml"), "debug: true", "debug: false", 1))
	})
	s.Write(t, "dynamic.yaml", fmt.Sprintf(`
http:
  routers:
    with: {entryPoints: [web], rule: "PathPrefix(`+"`/with/`"+`)", middlewares: [souk], service: noop@internal}
    without: {entryPoints: [web], rule: "PathPrefix(`+"`/without/`"+`)", service: backend}
  services:
    backend: {loadBalancer: {servers: [{url: %q}]}}
  middlewares:
    souk:
      plugin:
        souk:
          sidecar: %s
          key: {id: traefik-1, secretEnv: HANDOFF_SECRET}
          identity: {header: X-User}
`, backend.URL, backend.URL))
	send := func(path string) int {
		r := e2etest.Chat(t, s.origin, false, "")
		r.URL.Path = path
		r.Header.Set("X-User", "alice")
		return e2etest.Do(t, s.client, r).Status
	}
	e2etest.Until(t, "both routers", func() bool { return send("/with/v1") == 200 && send("/without/v1") == 200 })
	took := func(path string) time.Duration {
		before := processorTime(t, s.traefik.PID())
		var all sync.WaitGroup
		for range callers {
			all.Go(func() {
				for range requests / callers {
					r := e2etest.Chat(t, s.origin, false, "")
					r.URL.Path = path
					r.Header.Set("X-User", "alice")
					if a, err := e2etest.Try(s.client, r); err != nil || a.Status != 200 {
						t.Errorf("%s: %d, %v", path, a.Status, err)
						return
					}
				}
			})
		}
		all.Wait()
		return (processorTime(t, s.traefik.PID()) - before) / requests
	}
	var with, without, more []time.Duration
	took("/without/v1") // connections, caches and the heap are as they will be
	took("/with/v1")
	for range rounds {
		a, b := took("/without/v1"), took("/with/v1")
		without, with, more = append(without, a), append(with, b), append(more, b-a)
	}
	slices.Sort(with)
	slices.Sort(without)
	slices.Sort(more)
	t.Logf("processor time of Traefik for a request: %v through the middleware, %v through Traefik's own proxy; %v more (medians of %d rounds; %v to %v more)",
		with[rounds/2], without[rounds/2], more[rounds/2], rounds, more[0], more[rounds-1])
	if more[rounds/2] > 400*time.Microsecond { // on a busy machine; the figure itself is for people
		t.Errorf("the middleware costs %v; a loop over bytes in interpreted code would cost as much", more[rounds/2])
	}
}

// processorTime is what a process has used so far, user and system: the sum over its threads, which the kernel counts exactly, while it
// gives that of the process in steps of 10 ms. A thread that ends takes its part along; Traefik's do not.
func processorTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		t.Fatalf("no threads: %v", err)
	}
	var sum time.Duration
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		if err != nil {
			t.Fatal(err)
		}
		ran, _, _ := strings.Cut(string(text), " ")
		n, err := strconv.ParseInt(ran, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += time.Duration(n)
	}
	return sum
}
