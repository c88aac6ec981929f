package e2e

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/soukproxy/souk/e2etest"
)

// generation makes Traefik say in each answer which configuration made it.
func (s *setup) generation(t *testing.T, original string, n int) {
	t.Helper()
	text := strings.Replace(original, "middlewares: [who, souk]", "middlewares: [generation, who, souk]", 1)
	text = strings.Replace(text, "  middlewares:\n", fmt.Sprintf(`  middlewares:
    generation:
      headers:
        customResponseHeaders: {X-Generation: "%d"}
`, n), 1)
	s.Write(t, "dynamic.yaml", text)
}

// reload waits until a configuration is in force.
func (s *setup) reload(t *testing.T, original string, n int) {
	t.Helper()
	s.generation(t, original, n)
	e2etest.Until(t, fmt.Sprintf("configuration %d", n), func() bool {
		a := e2etest.Do(t, s.client, s.chat(t, "alice", ""))
		if a.Status != 200 {
			t.Fatalf("in a reload: %d %s", a.Status, a.Body)
		}
		return a.Header.Get("X-Generation") == strconv.Itoa(n) || s.ended(t)
	})
}

func TestAReloadTakesEffectAndEndsNoStream(t *testing.T) {
	s := open(t, nil)
	original := s.Read(t, "dynamic.yaml")
	narrowed := strings.Replace(original, "            credential: basic-auth\n",
		"            credential: basic-auth\n          constraints: {models: [\"somebody-else/*\"]}\n", 1)
	if narrowed == original {
		t.Fatal("the example has changed")
	}
	refused := 0
	got := e2etest.Follow(t, s.client, s.stream(t, "alice", "tokens=100,rate=50,first-token=0s"), func(n int) {
		switch n {
		case 5:
			s.Write(t, "dynamic.yaml", narrowed)
			e2etest.Until(t, "the constraint", func() bool {
				refused = e2etest.Do(t, s.client, s.chat(t, "alice", "")).Status
				return refused != 200
			})
		case 30:
			s.Write(t, "dynamic.yaml", original)
			e2etest.Until(t, "the constraint's end", func() bool {
				return e2etest.Do(t, s.client, s.chat(t, "alice", "")).Status == 200
			})
		}
	})
	if refused != 403 {
		t.Errorf("a model that the gateway does not allow: %d; want 403", refused)
	}
	if !got.Done || got.Err != nil || len(got.At) < 100 {
		t.Errorf("the stream that ran: %d events, done: %v, %v\n%s\n%s", len(got.At), got.Done, got.Err, got.Body, s.souk.Output()+s.traefik.Output())
	}
}

func TestAMiddlewareThatCannotBeMadeIsNamedInTheLog(t *testing.T) {
	s := open(t, nil)
	original := s.Read(t, "dynamic.yaml")
	s.Write(t, "dynamic.yaml", strings.Replace(original, "            id: traefik-1\n", "            id: \"\"\n", 1))
	if _, err := s.traefik.Await(regexp.MustCompile(`souk: key: .*id`), 0); err != nil {
		t.Fatal(err)
	}
	e2etest.Until(t, "the router is gone", func() bool {
		status := e2etest.Do(t, s.client, s.chat(t, "alice", "")).Status
		return status != 200
	})
	s.Write(t, "dynamic.yaml", original)
	e2etest.Until(t, "the router is back", func() bool { return e2etest.Do(t, s.client, s.chat(t, "alice", "")).Status == 200 })
}

func TestTwoRoutersHaveTwoMiddlewares(t *testing.T) {
	s := open(t, func(s *setup) { failOpen(s, t) })
	for _, mode := range []string{"", "open", "", "open"} {
		r := s.chat(t, "alice", "")
		if mode != "" {
			r.Header.Set("X-Mode", mode)
		}
		from := len(s.souk.Output())
		if a := e2etest.Do(t, s.client, r); a.Status != 200 {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		via := `"via":"traefik"`
		if mode == "open" {
			via = `"via":"traefik-open"`
		}
		s.souk.AwaitText(t, via, from)
	}
}

// TestAHundredReloadsLeaveNothing counts Traefik's goroutines and its heap after garbage collection.
func TestAHundredReloadsLeaveNothing(t *testing.T) {
	s := open(t, nil)
	original := s.Read(t, "dynamic.yaml")
	count := func(path, pattern string) int {
		t.Helper()
		r := s.chat(t, "", "")
		r.Method, r.Body, r.ContentLength = "GET", nil, 0
		at := strings.TrimPrefix(s.api, "http://")
		r.URL.Host, r.Host = at, at
		r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
		a := e2etest.Do(t, s.client, r)
		m := regexp.MustCompile(pattern).FindStringSubmatch(a.Body)
		if m == nil {
			t.Fatalf("%s: %d, no %s", path, a.Status, pattern)
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	goroutines := func() int { return count("/debug/pprof/goroutine?debug=1", `goroutine profile: total (\d+)`) }
	heap := func() int { return count("/debug/pprof/heap?gc=1&debug=1", `# HeapAlloc = (\d+)`) }
	reloads := func(from, to int) {
		for n := from; n <= to; n++ {
			s.reload(t, original, n)
		}
	}
	reloads(1, 20) // what Traefik itself keeps is there by then
	before, bytesBefore := goroutines(), heap()
	reloads(21, 120)
	var after int
	e2etest.Until(t, "the goroutines end", func() bool {
		after = goroutines()
		return after <= before+20 // of 100 and more that would be left behind
	})
	bytesAfter := heap()
	t.Logf("goroutines: %d, then %d; heap: %.1f MB, then %.1f MB", before, after, float64(bytesBefore)/1e6, float64(bytesAfter)/1e6)
	if grown := bytesAfter - bytesBefore; grown > 10e6 {
		t.Errorf("the heap grew by %d bytes over 100 reloads", grown)
	}
}
