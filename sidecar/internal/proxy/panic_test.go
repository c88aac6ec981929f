package proxy

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/soukproxy/souk/sidecar/internal/caller"
	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/dialect/openai"
	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/route"
	"github.com/soukproxy/souk/sidecar/internal/telemetry"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
)

// bench is a handler that serves one offer of a provider at an address, with a dialect that a test can break.
type bench struct {
	*Handler
	address string
	log     *sharedLog
	metrics *telemetry.Metrics
}

func newBench(t *testing.T, provider string, change func(*dialect.Dialect)) *bench {
	t.Helper()
	cfg := config.Default()
	cfg.Providers = []config.Provider{{Name: "alpha", Type: config.TypeCompany, API: "openai", StreamUsage: true,
		BaseURL: &url.URL{Scheme: "http", Host: provider, Path: "/v1"}, Models: []config.Model{{ID: "test/model", Upstream: "m"}}}}
	m, err := market.Build(cfg, nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	broken := *openai.New()
	change(&broken)
	b := &bench{log: &sharedLog{}, metrics: telemetry.NewMetrics(telemetry.Options{})}
	log := slog.New(slog.NewJSONHandler(b.log, nil))
	registry := upstream.NewRegistry(log, func(*market.Offer, market.State) {})
	targets, err := registry.Compile(m)
	if err != nil {
		t.Fatal(err)
	}
	targets.Commit()
	b.Handler = NewHandler(Options{Dialect: &broken, Registry: registry, Metrics: b.metrics, Access: telemetry.NewAccessLog(io.Discard, 0), Log: log})
	figures := m.Figures(time.Now())
	s := Snapshot{Config: cfg, Market: m, Book: route.NewBook(m, figures, nil), Targets: targets, Keys: caller.NewKeys(nil)}
	b.Swap(NewSnapshot(s, map[string]*dialect.Dialect{"openai": &broken}, b.metrics))
	w, err := NewWatcher()
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.address = ln.Addr().String()
	server := &fasthttp.Server{Handler: b.Serve, NoDefaultContentType: true, Logger: quietLogger{}, CloseOnShutdown: true}
	served := make(chan error, 1)
	go func() { served <- server.Serve(Strict(Listen(ln, w), 64<<10)) }()
	t.Cleanup(func() {
		_ = server.Shutdown()
		<-served
		registry.Close()
		w.Close()
	})
	return b
}

// sharedLog is written by requests and read by the test.
type sharedLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *sharedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *sharedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

type quietLogger struct{}

func (quietLogger) Printf(string, ...any) {}

// ask sends a chat request on a connection of its own.
func (b *bench) ask(t *testing.T, stream bool) (*http.Response, string) {
	t.Helper()
	c, err := net.Dial("tcp", b.address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	body := `{"model":"test/model","messages":[{"role":"user","content":"a secret thought"}]`
	if stream {
		body += `,"stream":true`
	}
	body += "}"
	req, _ := http.NewRequest("POST", "http://localhost/v1/chat/completions", strings.NewReader(body))
	if err := req.Write(c); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), req)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	return resp, string(text)
}

func TestAPanicIsA500ForItsRequestAlone(t *testing.T) {
	provider := goodProvider(t)
	secret := []byte("a secret thought")
	cases := []struct {
		name   string
		stream bool
		change func(d *dialect.Dialect, armed *atomic.Bool)
		cut    bool // the caller has its status already, and sees the stream cut
	}{
		{"while the request is read", false, func(d *dialect.Dialect, armed *atomic.Bool) {
			read := d.ReadAsk
			d.ReadAsk = func(op route.Op, body []byte, ask *route.Ask, edits *dialect.Edits) *fault.Error {
				if armed.Load() {
					panic(string(secret))
				}
				return read(op, body, ask, edits)
			}
		}, false},
		{"while an answer is read", false, func(d *dialect.Dialect, armed *atomic.Bool) {
			read := d.ReadAnswer
			d.ReadAnswer = func(op route.Op, body []byte, a *dialect.Answer) {
				if armed.Load() {
					panic(string(secret))
				}
				read(op, body, a)
			}
		}, false},
		{"before a stream's content", true, func(d *dialect.Dialect, armed *atomic.Bool) {
			read := d.ReadEvent
			d.ReadEvent = func(op route.Op, data []byte, e *dialect.Event) {
				if armed.Load() {
					panic(string(secret))
				}
				read(op, data, e)
			}
		}, false},
		{"within a stream", true, func(d *dialect.Dialect, armed *atomic.Bool) {
			read := d.ReadEvent
			d.ReadEvent = func(op route.Op, data []byte, e *dialect.Event) {
				if armed.Load() && bytes.Contains(data, []byte("second")) {
					panic(string(secret))
				}
				read(op, data, e)
			}
		}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var armed atomic.Bool
			armed.Store(true)
			b := newBench(t, provider, func(d *dialect.Dialect) { c.change(d, &armed) })
			resp, text := b.ask(t, c.stream)
			switch {
			case c.cut && (resp.StatusCode != 200 || strings.Contains(text, "[DONE]") || !strings.Contains(text, "first")):
				t.Errorf("the stream is %d %q", resp.StatusCode, text)
			case !c.cut && (resp.StatusCode != 500 || !strings.Contains(text, `"code":"internal"`)):
				t.Errorf("the answer is %d %s", resp.StatusCode, text)
			}
			armed.Store(false)
			if resp, text := b.ask(t, c.stream); resp.StatusCode != 200 {
				t.Errorf("the next request: %d %s", resp.StatusCode, text)
			}
			for end := time.Now().Add(5 * time.Second); b.metrics.InFlight.Load() > 0 && time.Now().Before(end); {
				// A request ends a moment after its answer.
			}
			var metrics bytes.Buffer
			_ = b.metrics.WritePrometheus(&metrics)
			for _, want := range []string{"souk_panics_total 1\n", "souk_in_flight 0\n"} {
				if !strings.Contains(metrics.String(), want) {
					t.Errorf("the metrics lack %q", want)
				}
			}
			if n := b.Snapshot().Market.Offers[0].Stats.InFlight(); n != 0 {
				t.Errorf("%d attempts count as running", n)
			}
			if log := b.log.String(); !strings.Contains(log, "panic in a request") || strings.Contains(log, string(secret)) || strings.Contains(text, string(secret)) {
				t.Errorf("the log is %s", log)
			}
		})
	}
}

// goodProvider answers every request, and a stream with two events of content, one after the other.
func goodProvider(t *testing.T) (address string) {
	t.Helper()
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !bytes.Contains(body, []byte(`"stream":true`)) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}`)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		for _, data := range []string{`{"choices":[{"index":0,"delta":{"content":"first"}}]}`, `{"choices":[{"index":0,"delta":{"content":"second","x":1},"finish_reason":"stop"}]}`, "[DONE]"} {
			_, _ = io.WriteString(w, "data: "+data+"\n\n")
			w.(http.Flusher).Flush()
			<-time.After(20 * time.Millisecond) // each in a read of its own
		}
	})}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return ln.Addr().String()
}

func TestAnOverloadIsA503WithRetryAfter(t *testing.T) {
	b := newBench(t, goodProvider(t), func(*dialect.Dialect) {})
	b.metrics.InFlight.Add(5000)
	for range lateOften {
		b.Woken(2 * time.Second)
	}
	resp, text := b.ask(t, true)
	if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" || !strings.Contains(text, `"code":"overloaded"`) {
		t.Errorf("the answer is %d %v %s", resp.StatusCode, resp.Header, text)
	}
	for range 100 {
		b.Woken(0)
	}
	b.metrics.InFlight.Add(-5000)
	if resp, text := b.ask(t, true); resp.StatusCode != 200 {
		t.Errorf("after the overload: %d %s", resp.StatusCode, text)
	}
}

func TestACallerThatTakesNothingIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		c := &client{Conn: near, accepted: time.Now()}
		start := time.Now()
		_, err := c.Write([]byte("nobody reads this"))
		if took := time.Since(start); err == nil || !upstream.TimedOut(err) || took != stalled {
			t.Errorf("a write that nobody takes ends after %v with %v", took, err)
		}
	})
}
