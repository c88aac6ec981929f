package sim

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"testing"
	"time"
)

func TestFaultsThatAreErrorAnswers(t *testing.T) {
	p := start(t, Options{})
	tests := []struct {
		fault  string
		status int
		code   any
	}{
		{"status", 500, nil},
		{"status=503", 503, nil},
		{"status=429", 429, "rate_limit_exceeded"},
		{"429-retry-after=3", 429, "rate_limit_exceeded"},
		{"quota", 429, "insufficient_quota"},
		{"quota=402", 402, "insufficient_quota"},
		{"unauthorized", 401, "invalid_api_key"},
		{"model-gone", 404, "model_not_found"},
		{"context-length", 400, "context_length_exceeded"},
		{"content-filter", 400, "content_filter"},
		{"error-200", 200, nil},
	}
	for _, tt := range tests {
		for _, body := range []string{ask, askStream} {
			a := chat(t, p, body, "x-souk-sim-fault: "+tt.fault)
			e := decode[chunkEvent](t, a.body).Error
			if a.StatusCode != tt.status || e == nil || e.Code != tt.code || e.Type == "" {
				t.Errorf("%s: got %d %s, want %d with code %v", tt.fault, a.StatusCode, a.body, tt.status, tt.code)
				continue
			}
			if a.Header.Get("x-souk-simulated") != "true" || !strings.HasPrefix(e.Message, "[simulated by alpha] ") {
				t.Errorf("%s: %q does not say that it is simulated", tt.fault, e.Message)
			}
			if got := a.Header.Get("retry-after"); (got != "") != (tt.fault == "429-retry-after=3") || got != "" && got != "3" {
				t.Errorf("%s: retry-after is %q", tt.fault, got)
			}
		}
		kind, _, _ := strings.Cut(tt.fault, "=")
		if p.Stats().Faults[kind] == 0 {
			t.Errorf("%s was not counted", kind)
		}
	}
}

func TestFaultsThatAreOddGoodAnswers(t *testing.T) {
	p := start(t, Options{})
	t.Run("empty is a 200 without a byte of body", func(t *testing.T) {
		a := chat(t, p, ask, "x-souk-sim-fault: empty")
		if a.StatusCode != 200 || a.body != "" || a.ContentLength != 0 {
			t.Errorf("got %d %q", a.StatusCode, a.body)
		}
	})
	t.Run("wrong-type is a page", func(t *testing.T) {
		a := chat(t, p, askStream, "x-souk-sim-fault: wrong-type")
		if a.StatusCode != 200 || !strings.HasPrefix(a.Header.Get("content-type"), "text/html") || !strings.HasPrefix(a.body, "<!doctype") {
			t.Errorf("got %d %v %q", a.StatusCode, a.Header, a.body)
		}
	})
	t.Run("redirect leads to where followers are counted", func(t *testing.T) {
		a := chat(t, p, ask, "x-souk-sim-fault: redirect=302")
		want := "http://" + p.Addr() + "/sim/redirected"
		if a.StatusCode != 302 || a.Header.Get("location") != want {
			t.Fatalf("got %d to %q, want 302 to %q", a.StatusCode, a.Header.Get("location"), want)
		}
		call(t, p, "GET", "/sim/redirected", "")
		if n := p.Stats().Redirects; n != 1 {
			t.Errorf("%d followers were counted, want 1", n)
		}
	})
	t.Run("gzip compresses whole answers", func(t *testing.T) {
		a := chat(t, p, ask, "x-souk-sim-fault: gzip")
		got := decode[chunkEvent](t, gunzip(t, a.body))
		if a.Header.Get("content-encoding") != "gzip" || !strings.HasPrefix(*got.Choices[0].Message.Content, "[simulated by alpha]") {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("gzip compresses streams event by event", func(t *testing.T) {
		a := chat(t, p, askStream, "x-souk-sim-fault: gzip")
		s := readStream(t, gunzip(t, a.body))
		if a.Header.Get("content-encoding") != "gzip" || !s.done || s.contentEvents != 64 {
			t.Errorf("done %v with %d content events", s.done, s.contentEvents)
		}
	})
	t.Run("odd headers come with a good answer", func(t *testing.T) {
		a := chat(t, p, ask, "x-souk-sim-fault: odd-headers")
		for _, name := range []string{"set-cookie", "alt-svc", "strict-transport-security", "access-control-allow-origin", "x-sim-nominated"} {
			if a.Header.Get(name) == "" {
				t.Errorf("%s is missing in %v", name, a.Header)
			}
		}
		decode[chunkEvent](t, a.body)
	})
	t.Run("content-filter=finish is a finish reason", func(t *testing.T) {
		s := readStream(t, chat(t, p, askStream, "x-souk-sim-fault: content-filter=finish").body)
		if s.finish[0] != "content_filter" || !s.done {
			t.Errorf("finish reason is %q", s.finish[0])
		}
	})
	t.Run("slow-first delays the first content", func(t *testing.T) {
		began := time.Now()
		s := readStream(t, chat(t, p, askStream, "x-souk-sim-fault: slow-first=80ms").body)
		if took := time.Since(began); !s.done || took < 80*time.Millisecond {
			t.Errorf("done %v after %v", s.done, took)
		}
	})
	t.Run("trickle gives a good answer byte by byte", func(t *testing.T) {
		s := readStream(t, chat(t, p, askStream, "x-souk-sim-fault: trickle=0s", "x-souk-sim-tokens: 4").body)
		if !s.done || s.contentEvents != 4 {
			t.Errorf("done %v with %d content events", s.done, s.contentEvents)
		}
	})
}

func TestTricklePausesBetweenBytes(t *testing.T) {
	p := start(t, Options{})
	nc := dial(t, p)
	send(t, nc, ask, "x-souk-sim-fault: trickle=5ms")
	began := time.Now()
	buf := make([]byte, 4096)
	for got := 0; got < 20; {
		n, err := nc.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		got += n
	}
	if took := time.Since(began); took < 80*time.Millisecond {
		t.Errorf("20 bytes arrived within %v, want about 100ms", took)
	}
}

// The framing of a good stream, and of every way in which it can end badly, byte for byte at the end.
func TestStreamsThatEndBadly(t *testing.T) {
	p := start(t, Options{Tokens: 10})
	const lastChunk = "\r\n0\r\n\r\n"
	tests := []struct {
		fault         string
		contentEvents int
		finish        string
		done          bool
		complete      bool // the chunked framing is
		reset         bool
	}{
		{fault: "none", contentEvents: 10, finish: "stop", done: true, complete: true},
		{fault: "cut=5", contentEvents: 5},
		{fault: "cut=0"},
		{fault: "cut=99", contentEvents: 10},
		{fault: "reset=5", contentEvents: 5, reset: true},
		{fault: "truncated-chunk=5", contentEvents: 5},
		{fault: "error-event=5", contentEvents: 5, complete: true},
		{fault: "error-event", complete: true},
		{fault: "malformed", contentEvents: 10, finish: "stop", done: true, complete: true},
		{fault: "no-done", contentEvents: 10, finish: "stop", complete: true},
		{fault: "no-finish", contentEvents: 10, complete: true},
	}
	for _, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			raw, err := exchangeRaw(t, p, askStream, tt.fault)
			if isReset(err) != tt.reset || err != nil && !tt.reset {
				t.Fatalf("the connection ended with %v", err)
			}
			head, framed, _ := strings.Cut(raw, "\r\n\r\n")
			if !strings.HasPrefix(head, "HTTP/1.1 200 OK\r\n") || !strings.Contains(head, "transfer-encoding: chunked") {
				t.Errorf("head is %q", head)
			}
			if got := strings.HasSuffix(raw, lastChunk); got != tt.complete {
				t.Errorf("complete is %v at the end of %q", got, raw)
			}
			body, err := io.ReadAll(httputil.NewChunkedReader(strings.NewReader(framed)))
			if (err == nil) != tt.complete {
				t.Errorf("decoding the chunks ended with %v", err)
			}
			s := readStream(t, string(body))
			if s.contentEvents != tt.contentEvents || s.finish[0] != tt.finish || s.done != tt.done {
				t.Errorf("got %d content events, finish %q, done %v", s.contentEvents, s.finish[0], s.done)
			}
			kind, _, _ := strings.Cut(tt.fault, "=")
			if s.failed != (kind == "error-event") {
				t.Errorf("an error event: %v", s.failed)
			}
			wantBad := map[string]int{"malformed": 1, "truncated-chunk": 1}[kind]
			if s.bad != wantBad {
				t.Errorf("%d events are no JSON, want %d", s.bad, wantBad)
			}
		})
	}
}

func TestWholeAnswersThatEndBadly(t *testing.T) {
	p := start(t, Options{})
	for fault, want := range map[string]string{"cut-body": "unexpected EOF", "truncated-chunk": "unexpected EOF"} {
		a := chat(t, p, ask, "x-souk-sim-fault: "+fault)
		if a.StatusCode != 200 || a.err == nil || a.err.Error() != want || len(a.body) == 0 {
			t.Errorf("%s: got %d, %d bytes, %v", fault, a.StatusCode, len(a.body), a.err)
		}
		if fault == "cut-body" && int64(len(a.body)) != a.ContentLength/2 {
			t.Errorf("%d of %d bytes arrived, want half", len(a.body), a.ContentLength)
		}
	}
}

func TestFaultsOfTheConnection(t *testing.T) {
	p := start(t, Options{})
	for _, body := range []string{ask, askStream} {
		raw, err := exchangeRaw(t, p, body, "reset")
		if raw != "" || !isReset(err) {
			t.Errorf("reset: got %q, %v", raw, err)
		}
		raw, err = exchangeRaw(t, p, body, "reset-after-headers")
		if !isReset(err) || !strings.HasPrefix(raw, "HTTP/1.1 200 OK\r\n") || !strings.HasSuffix(raw, "\r\n\r\n") {
			t.Errorf("reset-after-headers: got %q, %v", raw, err)
		}
		raw, err = exchangeRaw(t, p, body, "garbage")
		if _, bad := http.ReadResponse(bufio.NewReader(strings.NewReader(raw)), nil); err != nil || bad == nil || raw == "" {
			t.Errorf("garbage: got %q, %v", raw, err)
		}
	}
}

// Silent faults: what arrives first, then nothing while the connection stays open, until the caller hangs up.
func TestFaultsThatHang(t *testing.T) {
	p := start(t, Options{Tokens: 10})
	tests := []struct {
		fault, body   string
		head          bool
		contentEvents int
		events        int
	}{
		{fault: "hang", body: ask},
		{fault: "hang", body: askStream},
		{fault: "hang-after-headers", body: ask, head: true},
		{fault: "hang-after-headers", body: askStream, head: true},
		{fault: "role-only", body: askStream, head: true, events: 1},
		{fault: "stall=5", body: askStream, head: true, events: 6, contentEvents: 5},
	}
	for i, tt := range tests {
		nc := dial(t, p)
		send(t, nc, tt.body, "x-souk-sim-fault: "+tt.fault)
		await(t, p, "the request arrives", func(s Stats) bool { return s.Active == 1 })
		raw := untilSilence(t, nc)
		if got := strings.HasPrefix(raw, "HTTP/1.1 200 OK\r\n") && strings.Contains(raw, "\r\n\r\n"); got != tt.head || !tt.head && raw != "" {
			t.Errorf("%s: got %q", tt.fault, raw)
		}
		_, framed, _ := strings.Cut(raw, "\r\n\r\n")
		body, _ := io.ReadAll(httputil.NewChunkedReader(strings.NewReader(framed)))
		if s := readStream(t, string(body)); s.contentEvents != tt.contentEvents || len(s.events) != tt.events {
			t.Errorf("%s: %d events, %d with content", tt.fault, len(s.events), s.contentEvents)
		}
		nc.Close()
		await(t, p, tt.fault+" ends with its caller", func(s Stats) bool { return s.Aborted == int64(i+1) && s.Active == 0 })
	}
}

// untilSilence reads until nothing has come for a while; the connection must still be open then.
func untilSilence(t *testing.T, nc net.Conn) string {
	t.Helper()
	var all strings.Builder
	buf := make([]byte, 64<<10)
	for {
		nc.SetReadDeadline(time.Now().Add(60 * time.Millisecond))
		n, err := nc.Read(buf)
		all.Write(buf[:n])
		if e, ok := err.(net.Error); ok && e.Timeout() {
			return all.String()
		}
		if err != nil {
			t.Fatalf("the connection ended with %v after %q", err, all.String())
		}
	}
}

func TestKeepaliveOnlySendsCommentsForEver(t *testing.T) {
	p := start(t, Options{})
	nc := dial(t, p)
	send(t, nc, askStream, "x-souk-sim-fault: keepalive-only=1ms")
	resp, err := http.ReadResponse(bufio.NewReader(nc), nil)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(resp.Body)
	for n := 0; n < 20 && lines.Scan(); n++ {
		if line := lines.Text(); line != "" && line != ": keep-alive" {
			t.Fatalf("got %q", line)
		}
	}
	nc.Close()
	await(t, p, "the caller's end is seen", func(s Stats) bool { return s.Aborted == 1 })
}

func TestFaultsWithoutEnd(t *testing.T) {
	p := start(t, Options{})
	const enough = 8 << 20
	t.Run("endless-headers", func(t *testing.T) {
		nc := dial(t, p)
		send(t, nc, ask, "x-souk-sim-fault: endless-headers")
		b := make([]byte, 1<<20)
		if _, err := io.ReadFull(nc, b); err != nil || strings.Contains(string(b), "\r\n\r\n") {
			t.Errorf("1 MiB of headers: %v", err)
		}
		nc.Close()
	})
	for _, body := range []string{ask, askStream} {
		t.Run("bomb", func(t *testing.T) {
			nc := dial(t, p)
			defer nc.Close()
			send(t, nc, body, "x-souk-sim-fault: bomb")
			resp, err := http.ReadResponse(bufio.NewReader(nc), nil)
			if err != nil {
				t.Fatal(err)
			}
			b := make([]byte, enough)
			if _, err := io.ReadFull(resp.Body, b); err != nil || strings.Contains(string(b), "\n") {
				t.Errorf("8 MiB of one event: %v", err)
			}
		})
		t.Run("bomb-gzip", func(t *testing.T) {
			nc := dial(t, p)
			defer nc.Close()
			send(t, nc, body, "x-souk-sim-fault: bomb-gzip")
			resp, err := http.ReadResponse(bufio.NewReader(nc), nil)
			if err != nil {
				t.Fatal(err)
			}
			packed := &counted{r: resp.Body}
			z, err := gzip.NewReader(packed)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := io.CopyN(io.Discard, z, 4*enough); err != nil || packed.n*100 > n {
				t.Errorf("%d bytes became %d, %v", packed.n, n, err)
			}
		})
	}
	await(t, p, "every bomb ends with its caller", func(s Stats) bool { return s.Aborted == 5 && s.Active == 0 })
}

type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

func TestDirectivesInModelAndMessage(t *testing.T) {
	p := start(t, Options{})
	asking := func(model, content string) string {
		return fmt.Sprintf(`{"model":%q,"messages":[{"role":"user","content":%q}]}`, model, content)
	}
	tests := []struct {
		name, body string
		status     int
	}{
		{"a fault after the model's name", asking("sim-model+status=503", "hi"), 503},
		{"a fault after the whole id", asking("souk/sim-model+tokens=3+status=502", "hi"), 502},
		{"a fault in the message", asking("sim-model", "hi [[sim:status=503]] there"), 503},
		{"a fault for this provider", asking("sim-model", "[[sim@bravo,alpha:status=503]]"), 503},
		{"a fault for another provider", asking("sim-model", "[[sim@bravo:status=503]]"), 200},
		{"a fault in a part of the last user message", `{"model":"sim-model","messages":[{"role":"user","content":[{"type":"text","text":"[[sim:status=501]]"}]}]}`, 501},
		{"a fault in an earlier message is history", `{"model":"sim-model","messages":[{"role":"user","content":"[[sim:status=501]]"},{"role":"user","content":"again"}]}`, 200},
		{"a directive that does not exist", asking("sim-model", "[[sim:explode]]"), 400},
		{"an unclosed directive is text", asking("sim-model", "[[sim:status=503"), 200},
		{"a setting out of range", asking("sim-model+tokens=0", "hi"), 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if a := chat(t, p, tt.body); a.StatusCode != tt.status {
				t.Errorf("got %d %s, want %d", a.StatusCode, a.body, tt.status)
			}
		})
	}
	a := chat(t, p, asking("sim-model+tokens=3", "hi"))
	if got := decode[chunkEvent](t, a.body); got.Model != "sim-model" || got.Usage.Completion != 3 {
		t.Errorf("got model %q with %d tokens, want sim-model with 3", got.Model, got.Usage.Completion)
	}
}
