//go:build linux

package main

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/soukproxy/souk/sidecar/internal/bench/loadgen"
	"github.com/soukproxy/souk/sidecar/internal/bench/report"
	"github.com/soukproxy/souk/sidecar/internal/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFlags(t *testing.T) {
	tests := []struct {
		name, args string
		wrong      string
		check      func(*options) bool
	}{
		{"nothing is the full run", "", "", func(o *options) bool {
			return o.rounds == 5 && o.souk == "bin/souk" && !o.gate && len(o.chosen) == len(scenarios())
		}},
		{"what make bench passes", "-gate -rounds 3 -only cpu,sse-5ms -souk /s -json j", "", func(o *options) bool {
			return o.gate && o.rounds == 3 && len(o.chosen) == 5 && o.souk == "/s" && o.json == "j"
		}},
		{"an empty list of scenarios is all", "-only=", "", func(o *options) bool { return len(o.chosen) == len(scenarios()) }},
		{"a quick run is one round", "-quick -rounds 9", "", func(o *options) bool { return o.rounds == 1 }},
		{"no rounds", "-rounds 0", "at least 1", nil},
		{"no such scenario", "-only cpu,nope", `begins with "nope"`, nil},
		{"a stray word", "cpu", "not a flag", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o, err := parse(strings.Fields(test.args))
			if test.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), test.wrong) {
					t.Errorf("error %v, want one with %q", err, test.wrong)
				}
				return
			}
			if err != nil || !test.check(o) {
				t.Errorf("options %+v, error %v", o, err)
			}
		})
	}
}

func TestChosenScenarios(t *testing.T) {
	tests := []struct {
		name       string
		only, want []string
	}{
		{"by name", []string{"latency"}, []string{"latency"}},
		{"by the beginning of a name", []string{"sse"}, []string{"sse-5ms", "sse-0ms"}},
		{"each once and in the run's order", []string{"gone", "cpu-4k", "go"}, []string{"cpu-4k", "gone"}},
		{"unknown", []string{"gone", "nope"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			chosen, err := chooseScenarios(test.only)
			var got []string
			for _, s := range chosen {
				got = append(got, s.name)
			}
			if !slices.Equal(got, test.want) || (err != nil) != (test.want == nil) {
				t.Errorf("chose %v, error %v, want %v", got, err, test.want)
			}
		})
	}
}

// TestMeasuresComeFromScenarios guards against a row that nothing fills.
func TestMeasuresComeFromScenarios(t *testing.T) {
	if got, want := len(chosenMeasures(scenarios())), len(measures()); got != want {
		t.Errorf("%d of %d measures name a scenario that exists", got, want)
	}
	latency, _ := chooseScenarios([]string{"latency"})
	if got := chosenMeasures(latency); len(got) != 2 {
		t.Errorf("the scenario latency has %d measures, want p50 and p99", len(got))
	}
}

func TestOrderRotatesWithTheRound(t *testing.T) {
	all := []string{"a", "b", "c"}
	for round, want := range []string{"abc", "bca", "cab", "abc"} {
		if got := strings.Join(rotated(all, round), ""); got != want {
			t.Errorf("round %d: %s, want %s", round, got, want)
		}
	}
}

// TestGeneratedConfigurationsAreValid reads them as souk does.
func TestGeneratedConfigurationsAreValid(t *testing.T) {
	tests := []struct {
		name              string
		config            soukConfig
		providers, offers int
		model             string // of the first provider's first offer
	}{
		{"plain", plainConfig("127.0.0.1:9000", []string{"", "n200.i5"}), 1, 2, "bench/mock"},
		{"refused", refusedConfig("127.0.0.1:9000", "20001", 3), 4, 7, "bench/mock"},
		{"a small market", marketConfig("127.0.0.1:9000", 10, 1), 10, 10, "bench/mock"},
		{"a large market", marketConfig("127.0.0.1:9000", 10, 50), 10, 500, "bench/mock"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := instance{addr: "127.0.0.1:20002", admin: "127.0.0.1:20003", dir: t.TempDir()}
			c, err := config.Parse("souk.yaml", test.config(in), config.Env{})
			if err != nil {
				t.Fatal(err)
			}
			offers := 0
			for _, p := range c.Providers {
				offers += len(p.Models)
			}
			if len(c.Providers) != test.providers || offers != test.offers {
				t.Errorf("%d providers with %d offers, want %d with %d", len(c.Providers), offers, test.providers, test.offers)
			}
			if got := c.Providers[0].Models[0]; got.ID != test.model || got.Price == nil || got.Upstream != "mock" {
				t.Errorf("first offer %+v, want %s at a price", got, test.model)
			}
			if c.Auth != config.AuthNone || c.Admin.Listen != in.admin || !strings.HasPrefix(c.Log.Access, in.dir) || len(c.Warnings) > 0 {
				t.Errorf("auth %q, admin %q, access log %q, warnings %q", c.Auth, c.Admin.Listen, c.Log.Access, c.Warnings)
			}
		})
	}
}

func TestEveryModelThatIsAskedForIsConfigured(t *testing.T) {
	text := string(plainConfig("127.0.0.1:9000", askedDirectives())(instance{}))
	for _, directives := range []string{"", "n200.i5", "n200.i0", asksIdleStream, asksHangPlain, asksHangStream, asksMidStream} {
		if want := `{id: "` + soukModel(directives) + `", upstream: "` + mockModel(directives) + `"`; !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, d := range departures() {
		if !strings.Contains(d.asks, "t") || !strings.HasSuffix(d.asks, "t"+string(rune('0'+d.tag))) {
			t.Errorf("%s asks %s, which is not tagged %d", d.figure, d.asks, d.tag)
		}
	}
}

func TestMetricIsReadFromTheAdminListener(t *testing.T) {
	const page = "go_memstats_mallocs_total_x 1\n# HELP x\ngo_memstats_mallocs_total 1.25e+06\n"
	if got, err := parseMetric(page, mallocs); err != nil || got != 1.25e6 {
		t.Errorf("got %v, error %v", got, err)
	}
	if _, err := parseMetric("other 1\n", mallocs); err == nil || !strings.Contains(err.Error(), mallocs) {
		t.Errorf("a page without the metric: error %v", err)
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	if _, err := metric(t.Context(), strings.TrimPrefix(server.URL, "http://"), mallocs); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("an admin listener without metrics: error %v", err)
	}
}

func TestFiguresOfALoad(t *testing.T) {
	p := &loadgen.Percentiles{P50: 1500, P99: 3000}
	result := &loadgen.Result{Seconds: 2, Requests: 100, ProxyCPU: 0.01, PeakBytes: 5e6, Latency: p, FirstEvent: p, Gap: p,
		Events: 1000, Coalesced: 20}
	got := loadFigures(result, true)
	want := map[string]float64{"requests_per_s": 50, "cpu_us_per_request": 100, "cpu_us_per_chunk": 10, "peak_mb": 5,
		"latency_p50_us": 1500, "first_event_p50_ms": 1.5, "gap_p99_ms": 3, "coalesced_percent": 2}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %v, want %v", name, got[name], value)
		}
	}
	if _, ok := loadFigures(result, false)["cpu_us_per_request"]; ok {
		t.Error("direct has a proxy's CPU")
	}
}

func TestALoadThatFailedIsNotTrusted(t *testing.T) {
	tests := []struct {
		name             string
		requests, errors int
		trusted          bool
	}{
		{"all good", 1000, 0, true},
		{"one in a hundred failed", 1000, 10, true},
		{"more failed", 1000, 11, false},
		{"nothing was answered", 0, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			note := distrust(&loadgen.Result{Requests: test.requests, Errors: test.errors, ErrorTexts: map[string]int{"status 502": test.errors}})
			if (note == "") != test.trusted {
				t.Errorf("note %q", note)
			}
		})
	}
}

// newTestBench has a directory and a launcher, and processes that are bound to no core.
func newTestBench(t *testing.T) *bench {
	b := &bench{opts: &options{}, progress: io.Discard, dir: t.TempDir(), launcher: newLauncher()}
	t.Cleanup(b.close)
	return b
}

func TestWhatWasStartedIsEnded(t *testing.T) {
	b := newTestBench(t)
	p, err := b.startProcess("cat", t.TempDir(), exec.Command("sh", "-c", "echo ready >&2; sleep 60 & wait"), -1)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(p.lastWords(), "ready"); {
		if time.Now().After(deadline) {
			t.Fatal("the process printed nothing")
		}
	}
	p.stop()
	p.stop() // a second time is of no matter
	if p.running() {
		t.Error("the process still runs")
	}
}

func TestATargetThatEndsSaysWhy(t *testing.T) {
	b := newTestBench(t)
	dying := proxy{report.Souk, mockModel, func(instance) (*exec.Cmd, error) {
		return exec.Command("sh", "-c", "echo 'line 3: unknown key' >&2; exit 1"), nil
	}}
	_, _, err := b.launch(t.Context(), dying)
	if err == nil || !strings.Contains(err.Error(), "line 3: unknown key") {
		t.Errorf("error %v, want its last words", err)
	}
	_, _, err = b.launch(t.Context(), proxy{report.Souk, mockModel, func(instance) (*exec.Cmd, error) {
		return exec.Command("/does/not/exist"), nil
	}})
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want that the file is missing", err)
	}
}

func TestFreeAddressesDiffer(t *testing.T) {
	b := newTestBench(t)
	seen := map[string]bool{}
	for range 20 {
		addr, err := b.freeAddr()
		if err != nil || seen[addr] {
			t.Fatalf("address %q, seen before: %v, error %v", addr, seen[addr], err)
		}
		seen[addr] = true
	}
}
