package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/soukproxy/souk/plugins/kong/kongtest"
	"github.com/soukproxy/souk/policy/handoff"
)

// sidecar is what stands in for souk: it verifies each request as souk does, and says who asked.
type sidecar struct {
	*httptest.Server
	verifier *handoff.Verifier
	answer   func(w http.ResponseWriter, r *http.Request) // nil: the caller's id and the length of the body
}

func newSidecar(t testing.TB) *sidecar {
	s := &sidecar{verifier: verifier(t)}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *sidecar) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/readyz" {
		return
	}
	path, query, _ := strings.Cut(r.RequestURI, "?")
	var fields []handoff.Field
	for name, values := range r.Header {
		for _, v := range values {
			fields = append(fields, handoff.Field{Name: name, Value: v})
		}
	}
	got, err := s.verifier.Verify(handoff.Received{Method: r.Method, Path: path, Query: query, Fields: fields})
	if err == nil {
		err = s.verifier.Spend(&got)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	w.Header().Set("X-Souk-Request-Id", "req-1")
	w.Header().Set("X-Souk-Offer", "alpha/meta-llama/llama-3.3-70b-instruct")
	if s.answer != nil {
		s.answer(w, r)
		return
	}
	n, _ := io.Copy(io.Discard, r.Body)
	fmt.Fprintf(w, "%s %s %d", got.Caller.ID, r.RequestURI, n)
}

// address is a server's host and port as the plugin's configuration has them.
func address(t testing.TB, rawURL string) map[string]any {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"sidecar_host": u.Hostname(), "sidecar_port": port}
}

// origin is Kong's own service. What gets there got past the sidecar.
func newOrigin(t testing.TB) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			if isReserved(name) {
				t.Errorf("the origin got %s", name)
			}
		}
		fmt.Fprintf(w, "origin %s", r.URL.Path)
	}))
	t.Cleanup(s.Close)
	return s
}

// kong is a Kong with the plugin, in front of a sidecar and an origin, with a consumer alice.
func kong(t testing.TB, config map[string]any, sidecarURL, originURL string) (*kongtest.Gateway, *httptest.Server) {
	t.Helper()
	full := address(t, sidecarURL)
	for k, v := range config {
		full[k] = v
	}
	g := kongtest.NewGateway(t, instance(t, kongtest.Start(t, built), full), originURL)
	g.Consumers = map[string]kongtest.Consumer{"key-of-alice": {ID: "1", Username: "alice"}}
	front := httptest.NewServer(g)
	t.Cleanup(front.Close)
	return g, front
}

// ask sends a request as alice.
func ask(t testing.TB, method, rawURL string, body io.Reader, header http.Header) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, rawURL, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("apikey", "key-of-alice")
	for name, values := range header {
		r.Header[name] = values
	}
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	out, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(out)
}

func TestRequestsGoThroughKongToTheSidecar(t *testing.T) {
	souk, origin := newSidecar(t), newOrigin(t)
	g, front := kong(t, nil, souk.URL, origin.URL+"/v1")
	g.Paths, g.StripPath = []string{"/llm"}, true
	big := make([]byte, 1<<20)
	_, _ = rand.Read(big)
	for _, test := range []struct {
		name, method, path string
		body               []byte
		header             http.Header
		status             int
		want               string
	}{
		{"a path that Kong strips and joins", "POST", "/llm/chat/completions", []byte(`{"model":"m"}`), nil, 200, "alice /v1/chat/completions 13"},
		{"a query and escapes", "GET", "/llm/models/a%2Fb%C3%BC?x=%20y&x", nil, nil, 200, "alice /v1/models/a%2Fb%C3%BC?x=%20y&x 0"},
		{"a body of 1 MiB, which Kong keeps in a file", "POST", "/llm/chat/completions", big, nil, 200, "alice /v1/chat/completions 1048576"},
		{"a header in Latin-1", "GET", "/llm/models", nil, http.Header{"X-Name": {"J\xfcrgen"}}, 200, "alice /v1/models 0"},
		{"a client that claims to be someone else", "POST", "/llm/chat/completions", nil, http.Header{"Souk-Caller": {`id="root"`}}, 400, "reserved_header"},
		{"a client that replays a signature", "POST", "/llm/chat/completions", nil, http.Header{"Signature": {"souk-handoff=:AAAA:"}}, 400, "reserved_header"},
		{"a client that Kong does not know", "GET", "/llm/models", nil, http.Header{"Apikey": {"wrong"}}, 401, "No API key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, got := ask(t, test.method, front.URL+test.path, bytes.NewReader(test.body), test.header)
			if status != test.status || !strings.Contains(got, test.want) {
				t.Errorf("%d %s, want %d %s", status, got, test.status, test.want)
			}
		})
	}
}

func TestAStreamGoesThroughAsItComes(t *testing.T) {
	souk, origin := newSidecar(t), newOrigin(t)
	next := make(chan string)
	souk.answer = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for event := range next {
			_, _ = io.WriteString(w, event)
			_ = http.NewResponseController(w).Flush()
		}
	}
	_, front := kong(t, nil, souk.URL, origin.URL)
	r, err := http.NewRequestWithContext(t.Context(), "POST", front.URL+"/v1/chat/completions", strings.NewReader(`{"stream":true}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("apikey", "key-of-alice")
	done := make(chan struct{})
	go func() { // the first event is what makes the sidecar send headers
		defer close(done)
		next <- "data: 0\n\n"
	}()
	answer, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	<-done
	lines := bufio.NewScanner(answer.Body)
	for n := range 5 {
		if !lines.Scan() || lines.Text() != fmt.Sprintf("data: %d", n) || !lines.Scan() {
			t.Fatalf("event %d did not come before the next was sent: %q, %v", n, lines.Text(), lines.Err())
		}
		if n < 4 {
			next <- fmt.Sprintf("data: %d\n\n", n+1)
		}
	}
	close(next)
	if lines.Scan() {
		t.Errorf("there is more: %q", lines.Text())
	}
}

func TestASidecarThatIsDownFailsClosed(t *testing.T) {
	origin := newOrigin(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := "http://" + listener.Addr().String()
	listener.Close()
	_, front := kong(t, nil, gone, origin.URL)
	if status, got := ask(t, "POST", front.URL+"/v1/chat/completions", strings.NewReader("{}"), nil); status != 502 || strings.Contains(got, "origin") {
		t.Errorf("%d %s", status, got)
	}
}

func TestAHostThatDoesNotResolveFailsClosed(t *testing.T) {
	_, front := kong(t, map[string]any{"sidecar_host": "souk.invalid"}, "http://127.0.0.1:1", newOrigin(t).URL)
	if status, got := ask(t, "GET", front.URL+"/v1/models", nil, nil); status != 503 && status != 502 || strings.Contains(got, "origin") {
		t.Errorf("%d %s", status, got)
	}
}
