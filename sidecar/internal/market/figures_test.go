package market

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
)

// crowd is a market of n offers of n/10 models.
func crowd(t testing.TB, n int) *Market {
	var cfg config.Config
	for p := range 10 {
		var ids []string
		for i := range n / 10 {
			ids = append(ids, fmt.Sprintf("author-%d/model-%d", i%40, i))
		}
		cfg.Providers = append(cfg.Providers, provider(fmt.Sprintf("provider-%d", p), ids...))
	}
	return mustBuild(t, &cfg, nil)
}

func TestAGaugeReadsTheSameAsReadingEverything(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	m := crowd(t, 50)
	gauge := NewGauge(m)
	now := dawn
	var last []Figures
	for step := range 3000 {
		now = now.Add(time.Duration(rng.IntN(20_000)) * time.Millisecond)
		for range rng.IntN(4) {
			s := m.Offers[rng.IntN(10)].Stats // the others stay idle
			switch rng.IntN(3) {
			case 0:
				s.Begin()
			case 1:
				s.Record(Outcome{Kind: Kind(rng.IntN(int(kinds))), FirstToken: time.Duration(rng.IntN(1e10)), Duration: 1e10,
					OutputTokens: 100, At: now.Add(-time.Duration(rng.IntN(1e11)))})
			default:
				s.SetState(State(rng.IntN(5)), now.Add(time.Minute))
			}
		}
		got, changed := gauge.Refresh(now)
		want := m.Figures(now)
		if !slices.Equal(got, want) {
			t.Fatalf("step %d: the gauge reads\n%v\nwant\n%v", step, got, want)
		}
		for i := range got {
			if moved := last == nil || last[i] != got[i]; moved != slices.Contains(changed, i) {
				t.Fatalf("step %d: offer %d differs %v, but changed is %v", step, i, moved, changed)
			}
		}
		last = got
	}
}

func TestAGaugeHandsOutTheSameSliceWhileNothingHappens(t *testing.T) {
	m := crowd(t, 50)
	gauge := NewGauge(m)
	first, changed := gauge.Refresh(dawn)
	if len(changed) != 50 {
		t.Fatalf("the first refresh changed %d offers, want all 50", len(changed))
	}
	second, changed := gauge.Refresh(dawn.Add(time.Hour))
	if &first[0] != &second[0] || changed != nil {
		t.Error("an idle market was copied")
	}
	before := first[7]
	m.Offers[7].Stats.Begin()
	m.Offers[7].Stats.Record(Outcome{Kind: ProviderFault, At: dawn.Add(time.Hour)})
	third, changed := gauge.Refresh(dawn.Add(time.Hour))
	if !slices.Equal(changed, []int{7}) || third[7].Uptime5 != 0 || first[7] != before {
		t.Errorf("changed is %v, figures %+v; what was handed out before became %+v", changed, third[7], first[7])
	}
	if n := testing.AllocsPerRun(10, func() { gauge.Refresh(dawn.Add(time.Hour)) }); n != 0 {
		t.Errorf("%v allocations on an idle market, want 0", n)
	}
}

func TestAnIdleOfferTakesLittleMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	m := crowd(t, 10_000)
	gauge := NewGauge(m)
	gauge.Refresh(dawn)
	runtime.GC()
	runtime.ReadMemStats(&after)
	per := int64(after.HeapAlloc-before.HeapAlloc) / 10_000
	t.Logf("%d bytes per idle offer, with its statistics, figures and names", per)
	if per > 4096 {
		t.Errorf("an idle offer takes %d bytes, want at most 4096", per)
	}
	runtime.KeepAlive(m)
	runtime.KeepAlive(gauge)
}

func BenchmarkRefresh(b *testing.B) {
	for _, active := range []int{0, 100, 1000} {
		b.Run(fmt.Sprintf("10000 offers, %d active", active), func(b *testing.B) {
			m := crowd(b, 10_000)
			gauge := NewGauge(m)
			gauge.Refresh(dawn)
			b.ReportAllocs()
			for b.Loop() {
				for _, o := range m.Offers[:active] {
					o.Stats.Begin()
					o.Stats.Record(Outcome{FirstToken: time.Second, Duration: 2 * time.Second, OutputTokens: 50, At: dawn})
				}
				gauge.Refresh(dawn)
			}
		})
	}
}

func BenchmarkFiguresOfABusyOffer(b *testing.B) {
	s := NewStats(dawn)
	for i := range 300 {
		s.Begin()
		s.Record(Outcome{FirstToken: time.Second, Duration: 2 * time.Second, OutputTokens: 50, At: dawn.Add(time.Duration(i) * time.Second)})
	}
	for b.Loop() {
		s.Figures(dawn.Add(5 * time.Minute))
	}
}
