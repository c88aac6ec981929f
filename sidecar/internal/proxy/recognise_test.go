package proxy_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// analyzer is a recogniser that knows two names and a city, and answers as Presidio analyzer does.
func analyzer(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Text string }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		all := []map[string]any{}
		for name, kind := range map[string]string{"Ada Lovelace": "PERSON", "李雷": "PERSON", "Berlin": "LOCATION", "alice.miller": "PERSON"} {
			if i := strings.Index(asked.Text, name); i >= 0 {
				start := len([]rune(asked.Text[:i]))
				all = append(all, map[string]any{"entity_type": kind, "start": start, "end": start + len([]rune(name)), "score": 0.9})
			}
		}
		_ = json.NewEncoder(w).Encode(all)
	}))
	t.Cleanup(s.Close)
	return s
}

// recognising makes redaction ask a recogniser.
func recognising(t *testing.T, address string, change func(*config.Recogniser)) func(*config.Config) {
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return func(c *config.Config) {
		c.Redact.Mode = config.RedactRestore
		c.Redact.Recogniser = &config.Recogniser{URL: u, Language: "en", MinScore: 0.5, Timeout: 10 * time.Second, MaxBytes: 1 << 20}
		if change != nil {
			change(c.Redact.Recogniser)
		}
	}
}

func TestNamesThatARecogniserFindsAreMaskedAndRestored(t *testing.T) {
	t.Parallel()
	const said = "😀 Ada Lovelace and 李雷 are in Berlin, write to " + address
	for _, stream := range []bool{false, true} {
		alpha := proxytest.NewFake(t, "alpha", parrot)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: recognising(t, analyzer(t).URL, nil)})
		a := ask(t, s, say(stream, said))
		text := a.Text
		if stream {
			text = proxytest.ParseStream(t, a.Text).Text
		}
		if !strings.Contains(text, said) {
			t.Errorf("stream %v: the caller got %q", stream, a.Text)
		}
		got := alpha.Last().Body
		for _, value := range []string{"Ada", "李雷", "Berlin", "alice"} {
			if strings.Contains(got, value) {
				t.Errorf("stream %v: the provider got %s", stream, got)
			}
		}
		// What both find is masked once, as what covers more of it.
		if !strings.Contains(got, "<PERSON_1>") || !strings.Contains(got, "<LOCATION_1>") || !strings.Contains(got, "write to <EMAIL_1>") {
			t.Errorf("stream %v: the provider got %s", stream, got)
		}
		if h := a.Header.Get("x-souk-redacted"); h != "EMAIL=1, PERSON=2, LOCATION=1" {
			t.Errorf("stream %v: x-souk-redacted is %q", stream, h)
		}
		if n := s.Metric("souk_recogniser_requests_total", `result="ok"`); n != 1 {
			t.Errorf("stream %v: %v requests are counted", stream, n)
		}
	}
}

func TestWithoutItsRecogniserARequestIsRefusedOrGoesOn(t *testing.T) {
	t.Parallel()
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }))
	t.Cleanup(broken.Close)
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a server sees that its client has gone only when it has read the request
		<-r.Context().Done()
	}))
	t.Cleanup(silent.Close)
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, c := range []struct {
		name, url, reason, said string
		change                  func(*config.Recogniser)
		status                  int
		message                 string
	}{
		{"one that answers with an error", broken.URL, "answer", "Ada", nil, 503, "gave an answer that is none"},
		{"one that does not answer", silent.URL, "timeout", "Ada", func(r *config.Recogniser) { r.Timeout = 50 * time.Millisecond }, 503, "did not answer in time"},
		{"one that is not there", gone.URL, "unreachable", "Ada", nil, 503, "cannot be reached"},
		{"one that may not get so much", broken.URL, "too_long", strings.Repeat("Ada ", 300), func(r *config.Recogniser) { r.MaxBytes = 1024 }, 413, "max_bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			alpha := proxytest.NewFake(t, "alpha", parrot)
			s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: recognising(t, c.url, c.change)})
			a := ask(t, s, say(false, c.said+" "+address))
			if a.StatusCode != c.status || !strings.Contains(a.Text, c.message) || strings.Contains(a.Text, "Ada") || alpha.Asked() != 0 {
				t.Errorf("closed: %d %s, and the provider was asked %d times", a.StatusCode, a.Text, alpha.Asked())
			}
			if c.status == 503 && !strings.Contains(a.Text, strings.TrimPrefix(c.url, "http://")) {
				t.Errorf("closed: %s does not name the recogniser", a.Text)
			}
			open := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: recognising(t, c.url, func(r *config.Recogniser) {
				if r.Open = true; c.change != nil {
					c.change(r)
				}
			})})
			a = ask(t, open, say(false, c.said+" "+address))
			if got := alpha.Last().Body; a.StatusCode != 200 || strings.Contains(got, "alice") || !strings.Contains(got, "Ada") {
				t.Errorf("open: %d, and the provider got %s", a.StatusCode, got)
			}
			if n := open.Metric("souk_recogniser_requests_total", `result="`+c.reason+`"`); n != 1 {
				t.Errorf("open: %v requests are counted as %s", n, c.reason)
			}
			open.Stop()
			if log := open.RawAccessLog(); !strings.Contains(log, `"recogniser":"failed"`) {
				t.Errorf("open: the access log has %s", log)
			}
		})
	}
}
