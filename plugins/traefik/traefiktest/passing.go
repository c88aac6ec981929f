package traefiktest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long anything that must happen may take on a busy machine.
const patience = 20 * time.Second

func bodies(t *testing.T, build Build) {
	required := map[string]any{"body": "required", "maxBody": 1000}
	for _, c := range []struct {
		name   string
		config map[string]any
		body   string
		length int64 // as announced; -1: in chunks
		status int
		digest bool
	}{
		{"a body on loopback is not signed", nil, "prompt", 6, 200, false},
		{"a body in chunks is not signed either", nil, "prompt", -1, 200, false},
		{"a body is signed where that is required", required, "prompt", 6, 200, true},
		{"a body in chunks is signed where that is required", required, "prompt", -1, 200, true},
		{"no body is not signed", required, "", 0, 200, false},
		{"a body as large as the limit is signed", required, strings.Repeat("p", 1000), 1000, 200, true},
		{"a body beyond the limit is refused, though it is not signed", map[string]any{"maxBody": 1000}, strings.Repeat("p", 1001), 1001, 413, false},
		{"a body beyond the limit is refused", required, strings.Repeat("p", 1001), 1001, 413, false},
		{"a body in chunks beyond the limit is refused", required, strings.Repeat("p", 1001), -1, 413, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := NewSidecar(t, Listen(t), nil)
			g := gateway(t, build, noService(t), Config(s.URL, c.config))
			r := Request(t, "POST", g.URL+"/v1/chat/completions", c.body, with(user("alice"), "Content-Digest", "sha-256=:AAAA:"))
			if c.length < 0 {
				r.Body, r.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader(c.body))), -1
			}
			if got := Send(t, r); got.Status != c.status {
				t.Fatalf("%d %s", got.Status, got.Body)
			}
			all := s.Got()
			if c.status != 200 {
				if len(all) != 0 {
					t.Error("the sidecar got the request")
				}
				return
			}
			if got := slices.Contains(all[0].Verified.Covered, "content-digest"); got != c.digest {
				t.Errorf("content-digest is covered: %v", got)
			}
			if string(all[0].Body) != c.body {
				t.Errorf("body %q", all[0].Body)
			}
		})
	}
	t.Run("a body that comes slowly is signed when it is complete", func(t *testing.T) {
		s := NewSidecar(t, Listen(t), nil)
		g := gateway(t, build, noService(t), Config(s.URL, nil))
		reader, writer := io.Pipe()
		r := Request(t, "POST", g.URL+"/v1/files", "", user("alice"))
		r.Body, r.ContentLength = reader, 8
		var complete int64
		go func() {
			_, _ = io.WriteString(writer, "half")
			complete = time.Now().Unix() + 1 // signatures know whole seconds
			<-time.After(time.Until(time.Unix(complete, 0)))
			_, _ = io.WriteString(writer, "rest")
			_ = writer.Close()
		}()
		if got := Send(t, r); got.Status != 200 {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
		if got := s.Got()[0]; got.Verified.Created < complete || string(got.Body) != "halfrest" {
			t.Errorf("signed at %d, body %q; the body was complete at %d", got.Verified.Created, got.Body, complete)
		}
	})
	t.Run("8 MiB pass unchanged", func(t *testing.T) {
		s := NewSidecar(t, Listen(t), func(w http.ResponseWriter, r *http.Request) {
			all, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			_, _ = w.Write(all)
		})
		g := gateway(t, build, noService(t), Config(s.URL, nil))
		body := strings.Repeat("0123456789abcde\n", 1<<19)
		if got := Send(t, Request(t, "POST", g.URL+"/v1/files", body, user("alice"))); got.Body != body {
			t.Fatalf("%d, %d bytes came back", got.Status, len(got.Body))
		}
	})
}

func await(t testing.TB, what string, event <-chan struct{}) {
	select {
	case <-event:
	case <-time.After(patience):
		t.Errorf("%s: not within %v", what, patience)
	}
}

func answers(t *testing.T, build Build) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(z, "an answer")
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		method string
		header http.Header
		answer http.HandlerFunc
		want   Answer
	}{
		{"a status and headers pass", "POST", nil, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Souk-Offer", "alpha")
			w.Header()["Server-Timing"] = []string{"souk;dur=1", "upstream;dur=2"}
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, "slow down")
		}, Answer{429, http.Header{"X-Souk-Offer": {"alpha"}, "Server-Timing": {"souk;dur=1", "upstream;dur=2"}}, "slow down"}},
		{"a redirect is not followed", "POST", nil, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, Answer{307, http.Header{"Location": {"/elsewhere"}}, ""}},
		{"a compressed answer stays compressed", "POST", http.Header{"Accept-Encoding": {"gzip"}}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(zipped.Bytes())
		}, Answer{200, http.Header{"Content-Encoding": {"gzip"}}, zipped.String()}},
		{"HEAD has no body", "HEAD", nil, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5")
		}, Answer{200, http.Header{"Content-Length": {"5"}}, ""}},
		{"a 401 of the sidecar is the caller's", "POST", nil, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
		}, Answer{401, nil, ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := NewSidecar(t, Listen(t), c.answer)
			g := gateway(t, build, noService(t), Config(s.URL, nil))
			header := user("alice")
			for name, values := range c.header {
				header[name] = values
			}
			got := Send(t, Request(t, c.method, g.URL+"/v1/x", "", header))
			if got.Status != c.want.Status || got.Body != c.want.Body {
				t.Errorf("%d %q", got.Status, got.Body)
			}
			for name, want := range c.want.Header {
				if !slices.Equal(got.Header[name], want) {
					t.Errorf("%s: %q, want %q", name, got.Header[name], want)
				}
			}
		})
	}
	t.Run("an answer that overtakes the end of its request is whole", func(t *testing.T) { overtaking(t, build) })
	abort := func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }
	t.Run("a sidecar that breaks before it answers is a 502, and the service is not asked", func(t *testing.T) {
		s := NewSidecar(t, Listen(t), abort)
		g := gateway(t, build, noService(t), Config(s.URL, open(nil)))
		if got := Send(t, Request(t, "POST", g.URL+"/v1/x", "{}", user("alice"))); got.Status != 502 || got.Code() != "sidecar_broken" {
			t.Errorf("%d %s", got.Status, got.Body)
		}
	})
	t.Run("an answer that breaks off does not end as if it were whole", func(t *testing.T) {
		s := NewSidecar(t, Listen(t), func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "data: half")
			_ = http.NewResponseController(w).Flush()
			abort(w, r)
		})
		g := gateway(t, build, noService(t), Config(s.URL, nil))
		res, err := g.Client().Do(Request(t, "POST", g.URL+"/v1/x", "{}", user("alice")))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if text, err := io.ReadAll(res.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q, error %v", text, err)
		}
	})
}

// overtaking plays a server of net/http that is slow to say that a body is at its end, and closes it when the answer begins. A
// transport that asks for the end of a body after it has sent all of it sees an error then, and must not cut the answer.
func overtaking(t *testing.T, build Build) {
	s := NewSidecar(t, Listen(t), func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "data: 0\n\n")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done(): // the connection is cut
		case <-time.After(100 * time.Millisecond):
		}
		_, _ = io.WriteString(w, "data: 1\n\n")
	})
	h, err := build(t.Context(), noService(t), Config(s.URL, nil), "souk@test")
	if err != nil {
		t.Fatal(err)
	}
	answer := &slowServer{ResponseRecorder: httptest.NewRecorder(), begun: make(chan struct{})}
	r := Request(t, "POST", "http://gateway/v1/chat/completions", "{}", user("alice"))
	r.Body = io.NopCloser(answer)
	h.ServeHTTP(answer, r)
	if got := answer.Body.String(); got != "data: 0\n\ndata: 1\n\n" {
		t.Errorf("%d %q", answer.Code, got)
	}
}

// slowServer is an answer, and the body of its request.
type slowServer struct {
	*httptest.ResponseRecorder
	once  sync.Once
	begun chan struct{} // the answer has
	sent  bool
}

func (s *slowServer) Write(p []byte) (int, error) {
	s.once.Do(func() { close(s.begun) })
	return s.ResponseRecorder.Write(p)
}

func (s *slowServer) Read(p []byte) (int, error) {
	if !s.sent {
		s.sent = true
		return copy(p, "{}"), nil
	}
	select {
	case <-s.begun:
		return 0, http.ErrBodyReadAfterClose
	case <-time.After(300 * time.Millisecond): // an answer that is not there by then waits for the end of the request
		return 0, io.EOF
	}
}

// events answers with a stream whose every event waits until next says that the one before was read.
func events(t testing.TB, n int, next <-chan struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := range n {
			_, _ = fmt.Fprintf(w, "data: %d\n\n", i)
			_ = http.NewResponseController(w).Flush()
			await(t, "the event at the caller", next)
		}
		_, _ = io.WriteString(w, "data: [DONE]\n\n")
	}
}

// follow reads a stream of events and says so of each.
func follow(t testing.TB, r *http.Request, n int, next chan<- struct{}) {
	t.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	transport := &http.Transport{DisableKeepAlives: true}
	res, err := transport.RoundTrip(r.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for i := range n {
		if !lines.Scan() || lines.Text() != fmt.Sprintf("data: %d", i) || !lines.Scan() {
			t.Fatalf("event %d: %d %q, %v", i, res.StatusCode, lines.Text(), lines.Err())
		}
		next <- struct{}{}
	}
	if !lines.Scan() || lines.Text() != "data: [DONE]" {
		t.Errorf("at the end: %q, %v", lines.Text(), lines.Err())
	}
}

func streams(t *testing.T, build Build) {
	t.Run("each event passes before the next one is made", func(t *testing.T) {
		next := make(chan struct{}, 1)
		s := NewSidecar(t, Listen(t), events(t, 20, next))
		g := gateway(t, build, noService(t), Config(s.URL, nil))
		follow(t, Request(t, "POST", g.URL+"/v1/chat/completions", `{"stream":true}`, user("alice")), 20, next)
	})
	t.Run("so it does on the way to the service when the sidecar is down", func(t *testing.T) {
		next := make(chan struct{}, 1)
		l := Listen(t)
		_ = l.Close()
		g := gateway(t, build, events(t, 20, next), Config("http://"+l.Addr().String(), open(nil)))
		follow(t, Request(t, "POST", g.URL+"/v1/chat/completions", `{"stream":true}`, user("alice")), 20, next)
	})
	for _, when := range []string{"before the answer", "in a stream"} {
		t.Run("a caller that hangs up "+when+" is gone at the sidecar too", func(t *testing.T) {
			arrived, cancelled := make(chan struct{}), make(chan struct{})
			s := NewSidecar(t, Listen(t), func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // a server of net/http sees a hang-up only behind it
				if when == "in a stream" {
					_, _ = io.WriteString(w, "data: 0\n\n")
					_ = http.NewResponseController(w).Flush()
				}
				close(arrived)
				select {
				case <-r.Context().Done():
					close(cancelled)
				case <-time.After(patience):
				}
			})
			g := gateway(t, build, noService(t), Config(s.URL, nil))
			ctx, hangUp := context.WithCancel(t.Context())
			go func() {
				await(t, "the request at the sidecar", arrived)
				hangUp()
			}()
			transport := &http.Transport{DisableKeepAlives: true}
			res, err := transport.RoundTrip(Request(t, "POST", g.URL+"/v1/x", "{}", user("alice")).WithContext(ctx))
			if err == nil {
				_, _ = io.ReadAll(res.Body)
				_ = res.Body.Close()
			}
			await(t, "the end of the request at the sidecar", cancelled)
		})
	}
}

func concurrent(t *testing.T, build Build) {
	s := NewSidecar(t, Listen(t), nil)
	g := gateway(t, build, noService(t), Config(s.URL, nil))
	client := g.Client()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 40 {
				name := fmt.Sprintf("caller-%d-%d", i, j%20)
				r, err := http.NewRequest("POST", g.URL+"/v1/x", strings.NewReader(name))
				if err != nil {
					t.Error(err)
					return
				}
				r.Header.Set("X-User", name)
				res, err := client.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				if res.StatusCode != 200 {
					t.Errorf("%s: %d", name, res.StatusCode)
				}
			}
		})
	}
	all.Wait()
	nonces := map[string]bool{}
	for _, r := range s.Got() {
		if r.Err != nil || r.Verified.Caller.ID != string(r.Body) {
			t.Errorf("%s was handed off as %q: %v", r.Body, r.Verified.Caller.ID, r.Err)
		}
		nonces[r.Verified.Nonce] = true
	}
	if len(nonces) != 320 {
		t.Errorf("%d nonces for 320 requests", len(nonces))
	}
}
