// Package proxytest runs a whole sidecar in the test's own process against providers that misbehave at the level of the
// socket. Nothing in it stands in for the sidecar: it is started as the command starts it, and both its callers and its
// providers are real connections.
package proxytest

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/app"
	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/sim"
)

// patience is how long the kit waits for what must happen; a test that needs it has failed.
const patience = 15 * time.Second

// Options describe a sidecar under test.
type Options struct {
	Providers []config.Provider              // tried in this order, unless Change says otherwise
	Change    func(*config.Config)           // makes the last changes to the configuration; nil: none
	Load      func() (*config.Config, error) // stands in for all of the above; nil: they are used
	NoAdmin   bool                           // without the admin listener there are no metrics
}

// Sidecar is one that runs.
type Sidecar struct {
	t      testing.TB
	app    *app.App
	config *config.Config
	addrs  []net.Addr
	admin  string

	mu     sync.Mutex
	load   func() (*config.Config, error)
	log    *Lines
	access string
	reload chan struct{}
	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

// New starts a sidecar on a free loopback port, and stops it with the test. Its timers are those of Config.
func New(t testing.TB, o Options) *Sidecar {
	t.Helper()
	s, err := Start(t, o)
	if err != nil {
		t.Fatalf("the sidecar does not start: %v", err)
	}
	return s
}

// Start is New for a sidecar that may refuse to start.
func Start(t testing.TB, o Options) (*Sidecar, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &Sidecar{t: t, log: NewLines(), reload: make(chan struct{}), cancel: cancel, done: make(chan struct{}),
		access: filepath.Join(t.TempDir(), "access.log")}
	s.load = o.Load
	if s.load == nil {
		cfg := Config(o.Providers...)
		cfg.Log.Access = s.access
		if o.NoAdmin {
			cfg.Admin.Listen = "off"
		}
		if o.Change != nil {
			o.Change(cfg)
		}
		s.access, s.config = cfg.Log.Access, cfg
		s.load = func() (*config.Config, error) { return cfg, nil }
	}
	started := make(chan struct{})
	go func() {
		defer close(s.done)
		s.err = app.Run(ctx, app.Options{Load: s.current, Reload: s.reload, Log: slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
			Version: "test", Started: func(a *app.App) {
				s.app, s.addrs = a, a.Addrs()
				if at := a.AdminAddr(); at != nil {
					s.admin = at.String()
				}
				close(started)
			}})
	}()
	t.Cleanup(s.Stop)
	select {
	case <-started:
		return s, nil
	case <-s.done:
		return nil, s.err
	case <-time.After(patience):
		cancel()
		t.Fatal("the sidecar neither starts nor fails")
		return nil, nil
	}
}

// Config is a configuration with timers short enough for tests, strict order by price, and no keepalive.
func Config(providers ...config.Provider) *config.Config {
	cfg := config.Default()
	cfg.Listen = []config.Listener{{TCP: "127.0.0.1:0"}}
	cfg.Admin.Listen = "127.0.0.1:0"
	cfg.Providers = providers
	cfg.Routing.Sort = config.SortPrice
	cfg.Routing.Keepalive = 0
	cfg.Routing.Timeouts = config.Timeouts{Connect: time.Second, FirstToken: 10 * time.Second, Answer: 10 * time.Second, Idle: 10 * time.Second, Total: time.Minute}
	cfg.Drain = 5 * time.Second
	return cfg
}

func (s *Sidecar) current() (*config.Config, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.load()
}

// Config is what it was started with.
func (s *Sidecar) Config() *config.Config { return s.config }

// Addr is the first data listener's address.
func (s *Sidecar) Addr() net.Addr { return s.addrs[0] }

// Addrs are all data listeners' addresses.
func (s *Sidecar) Addrs() []net.Addr { return s.addrs }

// AdminAddr is the admin listener's address; empty: it is off.
func (s *Sidecar) AdminAddr() string { return s.admin }

// Reload makes the sidecar load anew, as SIGHUP does, and waits for its word on it. It is true when the new configuration is used.
func (s *Sidecar) Reload(load func() (*config.Config, error)) bool {
	s.t.Helper()
	s.mu.Lock()
	s.load = load
	s.mu.Unlock()
	from := s.log.Len()
	select {
	case s.reload <- struct{}{}:
	case <-time.After(patience):
		s.t.Fatal("the sidecar does not take the reload")
	}
	line := s.log.Wait(s.t, from, "configuration reloaded", "the new configuration is not used")
	return strings.Contains(line, "configuration reloaded")
}

// Log is what the sidecar has logged so far, the access log apart.
func (s *Sidecar) Log() *Lines { return s.log }

// Stop drains the sidecar and waits for its end.
func (s *Sidecar) Stop() {
	s.cancel()
	select {
	case <-s.done:
	case <-time.After(patience):
		s.t.Error("the sidecar does not stop")
	}
}

// Drain begins to drain and returns at once; Done tells the end.
func (s *Sidecar) Drain() { s.cancel() }

// Done is closed when the sidecar has ended.
func (s *Sidecar) Done() <-chan struct{} { return s.done }

// Record is a line of the access log.
type Record struct {
	RequestID string `json:"request_id"`
	TraceID   string `json:"trace_id"`
	Op        string
	Caller    string
	Model     string
	Asked     string `json:"asked_model"`
	Provider  string
	Offer     string
	Status    int
	ErrorType string `json:"error_type"`
	ErrorCode string `json:"error_code"`
	Stream    bool
	Simulated bool
	Duration  float64      `json:"duration_ms"`
	First     float64      `json:"first_token_ms"`
	Overhead  float64      `json:"overhead_ms"`
	Input     int64        `json:"input_tokens"`
	Output    int64        `json:"output_tokens"`
	Estimated bool         `json:"tokens_estimated"`
	Cost      *json.Number `json:"cost_usd"`
	BytesIn   int64        `json:"bytes_in"`
	BytesOut  int64        `json:"bytes_out"`
	Attempts  []Attempt
}

// Attempt is one attempt as logs and errors list it.
type Attempt struct {
	Offer  string
	Status int
	Reason string
	MS     float64
}

// AccessLog stops the sidecar and reads the log that it leaves.
func (s *Sidecar) AccessLog() []Record {
	s.t.Helper()
	var records []Record
	for line := range strings.Lines(s.RawAccessLog()) {
		var r Record
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			s.t.Fatalf("a line of the access log is not JSON: %v: %s", err, line)
		}
		records = append(records, r)
	}
	return records
}

// RawAccessLog is AccessLog before it is read.
func (s *Sidecar) RawAccessLog() string {
	s.t.Helper()
	s.Stop()
	text, err := os.ReadFile(s.access)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// Metrics is what /metrics says.
func (s *Sidecar) Metrics() string {
	s.t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	resp, err := client.Get("http://" + s.admin + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		s.t.Fatalf("/metrics: %d %v", resp.StatusCode, err)
	}
	return string(text)
}

// Metric is the value of the one series that has the name and all of the labels, each as `name="value"`; 0 when there is none.
func (s *Sidecar) Metric(name string, labels ...string) float64 {
	s.t.Helper()
	return Series(s.t, s.Metrics(), name, labels...)
}

// Series finds a series in the text of /metrics.
func Series(t testing.TB, text, name string, labels ...string) float64 {
	t.Helper()
	found, value := 0, 0.0
	for line := range strings.Lines(text) {
		series, number, ok := strings.Cut(strings.TrimSpace(line), " ")
		if brace := strings.IndexByte(series, '{'); brace >= 0 && strings.Contains(line, "} ") {
			end := strings.LastIndex(line, "} ") + 1
			series, number, ok = line[:end], strings.TrimSpace(line[end:]), true
		}
		base, _, _ := strings.Cut(series, "{")
		if !ok || base != name {
			continue
		}
		all := true
		for _, l := range labels {
			all = all && strings.Contains(series, l)
		}
		if !all {
			continue
		}
		n, err := strconv.ParseFloat(number, 64)
		if err != nil {
			t.Fatalf("series %s has the value %q", series, number)
		}
		found++
		value = n
	}
	if found > 1 {
		t.Fatalf("%d series are called %s%v", found, name, labels)
	}
	return value
}

// The numbers of souk_offer_state.
const (
	Up = iota
	Warming
	Probing
	Resting
	Barred
)

// State is the state of a provider's offer of Model, one of the constants above.
func (s *Sidecar) State(provider string) int {
	s.t.Helper()
	return int(s.Metric("souk_offer_state", `offer="`+provider+"/"+Model+`"`))
}

// Outcomes is how often attempts of a provider's offer of Model ended as outcome.
func (s *Sidecar) Outcomes(provider, outcome string) int {
	s.t.Helper()
	return int(s.Metric("souk_attempts_total", `offer="`+provider+"/"+Model+`"`, `outcome="`+outcome+`"`))
}

// Simulated is a simulated provider, closed with the test.
func Simulated(t testing.TB, o sim.Options) (*sim.Provider, config.Provider) {
	t.Helper()
	p, err := sim.New(o)
	if err == nil {
		err = p.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	c, err := app.Simulated(p)
	if err != nil {
		t.Fatal(err)
	}
	return p, *c
}
