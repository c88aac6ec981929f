package report

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/golden"
)

func TestSpread(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		name             string
		rounds           []float64
		median, min, max float64
		measured         int
	}{
		{"of an odd number of rounds", []float64{3, 1, 2}, 2, 1, 3, 3},
		{"of an even number of rounds", []float64{4, 1, 2, 3}, 2.5, 1, 4, 4},
		{"leaves out rounds that did not measure", []float64{nan, 7, nan}, 7, 7, 7, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := NewSpread(test.rounds)
			if s.Median != test.median || s.Min != test.min || s.Max != test.max || len(s.Rounds) != test.measured {
				t.Errorf("got %+v", *s)
			}
		})
	}
	if NewSpread([]float64{nan}) != nil || NewSpread(nil) != nil {
		t.Error("a spread of nothing is not nil")
	}
}

func TestGate(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		name   string
		values []float64
		aim    float64
		want   Verdict
	}{
		{"every round under it passes", []float64{1.1, 1.2, 1.2, 1.1, 1.2}, 1, Pass},
		{"at the gate passes", []float64{1.25, 1.25, 1.25, 1.25, 1.25}, 1, Pass},
		{"at the aim reaches it", []float64{1, 1, 1, 1, 1}, 1, AimReached},
		{"every round over it fails", []float64{1.3, 1.4, 1.5, 1.3, 1.3}, 1, Fail},
		{"four of five rounds over it fail", []float64{1.3, 1.4, 1.5, 1.0, 1.3}, 1, Fail},
		{"three of five rounds over it pass, though the median exceeds", []float64{1.3, 1.4, 1.5, 1.0, 1.1}, 1, Pass},
		{"one wild round decides nothing", []float64{1.0, 1.0, 9.9, 1.1, 1.1}, 0.5, Pass},
		{"no aim cannot be reached", []float64{1, 1, 1, 1, 1}, nan, Pass},
		{"one round missing is judged by the rest", []float64{1.3, nan, 1.3, 1.3, 1.3}, 1, Fail},
		{"two rounds missing are too many", []float64{1, nan, nan, 1, 1}, 1, NotMeasured},
		{"nothing measured is no pass", []float64{nan, nan, nan, nan, nan}, 1, NotMeasured},
		{"a single round decides alone", []float64{1.3}, 1, Fail},
		{"of two rounds both must exceed", []float64{1.2, 1.4}, 1, Pass},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			check := Check{Gate: 1.25, Aim: test.aim}
			if got := check.judge(NewSpread(test.values), len(test.values)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// sample is a run of two rounds in which NGINX was not installed and one cell failed.
func sample() *Report {
	nan := math.NaN()
	measures := []Measure{
		{Name: "CPU per request, 4 KiB", Scenario: "cpu-4k", Figure: "cpu_us", Unit: "us", Checks: []Check{
			{Of: RatioToFasthttp, Gate: 1.25, Aim: 1}, {Of: RatioToNGINX, Gate: 1.5, Aim: 1.2}}},
		{Name: "added latency p50", Scenario: "latency", Figure: "p50_us", Unit: "us", Added: true, Checks: []Check{
			{Of: RatioToFasthttp, Gate: 1.4, Aim: 1}}},
		{Name: "coalesced chunks", Scenario: "sse", Figure: "coalesced", Unit: "%", Checks: []Check{{Gate: 3, Aim: 1}}},
		{Name: "resident, idle", Scenario: "fresh", Figure: "rss_mb", Unit: "MB", Checks: []Check{{Gate: 30, Aim: nan}}},
		{Name: "gap p99", Scenario: "sse", Figure: "gap_ms", Unit: "ms"},
	}
	var cells []Cell
	add := func(scenario, target string, round int, note string, figures map[string]float64) {
		cells = append(cells, Cell{Scenario: scenario, Target: target, Round: round, Note: note, Figures: figures})
	}
	for round := range 2 {
		r := float64(round)
		add("cpu-4k", Souk, round, "", map[string]float64{"cpu_us": 20 + r, OtherBusy: 0.25 + r/10})
		add("cpu-4k", Fasthttp, round, "", map[string]float64{"cpu_us": 20})
		add("cpu-4k", NGINX, round, "not installed", nil)
		add("latency", Souk, round, "", map[string]float64{"p50_us": 190 + r})
		add("latency", Fasthttp, round, "", map[string]float64{"p50_us": 150})
		add("latency", Direct, round, "", map[string]float64{"p50_us": 100})
		add("sse", Souk, round, "", map[string]float64{"coalesced": 0.5, "gap_ms": 7.123})
		add("sse", Direct, round, "", map[string]float64{"gap_ms": 7})
	}
	add("fresh", Souk, 0, "", map[string]float64{"rss_mb": 21})
	add("fresh", Souk, 1, "the process ended at once", nil)
	return New(Machine{Cores: 2, CPU: "Some CPU", Go: "go1.26.0", System: "linux/amd64", Pinned: true}, 2, measures, cells)
}

func TestReportTable(t *testing.T) {
	var got bytes.Buffer
	if err := sample().WriteTable(&got); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "testdata/table.golden", got.Bytes())
}

func TestReportNamesWhatFailedAndWhatIsUnknown(t *testing.T) {
	r := sample()
	if got, want := r.Failed(), []string{"added latency p50"}; !slices.Equal(got, want) {
		t.Errorf("failed %q, want %q", got, want)
	}
	if got, want := r.Unmeasured(), []string{"CPU per request, 4 KiB", "resident, idle"}; !slices.Equal(got, want) {
		t.Errorf("not measured %q, want %q", got, want)
	}
}

func TestADifferenceOfNothingHasNoRatio(t *testing.T) {
	got := ratios([]float64{5, 5, 5}, []float64{0, -1, math.NaN()})
	if NewSpread(got) != nil {
		t.Errorf("ratios %v", got)
	}
}
