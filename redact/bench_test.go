package redact

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// cleanProse is ordinary text with the marks, capitals and small numbers that such text has, and nothing to find.
const cleanProse = `The committee met on Tuesday to go over the plans for the new library: a reading room, two small halls and a café
on the ground floor. "It should be open by autumn," said the architect, who has worked on the project for 3 years - since
the first sketches were shown in the town hall. Costs have risen by about 12 percent, and the council will vote again.
Some residents are worried about parking; others would rather see a park there. A survey of 450 households found that
most of them would use the library at least once a month, and that nearly all want longer hours. As for the old building,
nobody is sure yet: it may become a museum, or a school for music. Until then it stays as it is, with its tall windows and
the clock that has shown ten past four for as long as anyone can remember. We walked along the river in the evening, past
the boats and the mill, and talked about what we would do if we had the choice. She said that she would keep it simple.
`

func prose(n int) []byte {
	text := strings.ReplaceAll(cleanProse, "é", "e")
	return []byte(strings.Repeat(text, n/len(text)+1)[:n])
}

// tableLoop is the least that a scanner with a class table can do: one look-up a byte.
func tableLoop(text []byte) int {
	n := 0
	for _, c := range text {
		if classes[c] != plain {
			n++
		}
	}
	return n
}

func repeated(pattern string, n int) []byte {
	return []byte(strings.Repeat(pattern, n/len(pattern)+1)[:n])
}

// fastest is the shortest of some runs, which other work on the machine disturbs least.
func fastest(runs int, work func()) time.Duration {
	best := time.Duration(1 << 62)
	for range runs {
		best = min(best, max(took(work), 1))
	}
	return best
}

// measuresTime leaves a test out where time says nothing: the race detector makes some code ten times slower and other code none.
func measuresTime(t *testing.T) {
	t.Helper()
	if testing.Short() || raceDetector {
		t.Skip("measures time")
	}
}

// TestHostileInputIsLinear holds every trigger to time in proportion to its length: eight times the text may take
// about eight times as long. A scanner that is not linear takes sixty-four times.
func TestHostileInputIsLinear(t *testing.T) {
	measuresTime(t)
	f := finder(t, Options{})
	var found []Finding
	const small, large = 1 << 13, 1 << 16
	for _, pattern := range append(triggers(), wholeValues()...) {
		a, b := repeated(pattern, small), repeated(pattern, large)
		one := func() time.Duration { return fastest(3, func() { found = f.Find(found[:0], a) }) }
		eight := func() time.Duration { return fastest(3, func() { found = f.Find(found[:0], b) }) }
		inProportion(t, fmt.Sprintf("%q", pattern), one, eight)
	}
}

// inProportion holds what takes eight times as much to less than 24 times as long. Other work on the machine disturbs a measure; it
// does not disturb many.
func inProportion(t *testing.T, name string, one, eight func() time.Duration) {
	t.Helper()
	small, large := one(), eight()
	for try := 0; try < 8 && large > 16*small; try++ {
		small, large = max(small, one()), min(large, eight())
	}
	if ratio := float64(large) / float64(small); ratio > 24 && large > time.Millisecond {
		t.Errorf("%s: one part took %v, eight %v: %.0f times as long", name, small, large, ratio)
	}
}

func BenchmarkClean(b *testing.B) {
	text := prose(64 << 10)
	f := finder(b, Options{})
	b.Run("table loop", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		n := 0
		for b.Loop() {
			n += tableLoop(text)
		}
		if n == 0 {
			b.Fatal("no trigger in prose")
		}
	})
	b.Run("find", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		var found []Finding
		for b.Loop() {
			found = f.Find(found[:0], text)
		}
		if len(found) > 0 {
			b.Fatalf("clean prose has %v", found)
		}
	})
	b.Run("find with accents", func(b *testing.B) {
		text := bytes.Repeat([]byte(cleanProse), len(text)/len(cleanProse))
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		var found []Finding
		for b.Loop() {
			found = f.Find(found[:0], text)
		}
	})
}

func BenchmarkTriggers(b *testing.B) {
	f := finder(b, Options{})
	for _, pattern := range append(triggers(), wholeValues()...) {
		text := repeated(pattern, 1<<20)
		b.Run(fmt.Sprintf("%q", pattern), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			var found []Finding
			for b.Loop() {
				found = f.Find(found[:0], text)
			}
		})
	}
}

func BenchmarkNewFinder(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		finder(b, Options{})
	}
}

// TestCleanProseStaysNearATableLoop holds prose in several scripts to its gate against the least that a scanner can do.
func TestCleanProseStaysNearATableLoop(t *testing.T) {
	measuresTime(t)
	const gate, slack, size = 4, 1.5, 1 << 16
	f := finder(t, Options{})
	for _, c := range []struct{ name, text string }{
		{"English", cleanProse},
		{"Chinese", "我们昨天在公园里散步，天气很好。他说：“明天再去吧”，大家都同意了。图书馆的计划正在讨论之中，预计三年内完成。"},
		{"Russian", "Мы вчера гуляли в парке, погода была хорошая. Он сказал: «завтра пойдем снова», и все согласились. "},
		{"Thai", "เมื่อวานเราเดินเล่นในสวนสาธารณะ อากาศดีมาก "},
		{"Arabic", "مشينا أمس في الحديقة وكان الطقس جميلا. قال: سنعود غدا، فوافق الجميع. "},
		{"French", "Nous nous sommes promenés hier dans le parc ; il faisait très beau. « Revenons demain », dit-elle, et tous étaient d’accord. "},
	} {
		text := []byte(strings.Repeat(c.text, size/len(c.text)+1))
		var found []Finding
		n, best := 0, 1e9
		for try := 0; try < 8 && best > gate; try++ {
			loop := fastest(5, func() { n += tableLoop(text) }) // n keeps the compiler from leaving the loop out
			find := fastest(5, func() { found = f.Find(found[:0], text) })
			best = min(best, float64(find)/float64(loop))
		}
		t.Logf("%s takes %.1f times a table loop (%d)", c.name, best, n)
		if best > gate*slack || len(found) > 0 {
			t.Errorf("%s takes %.1f times a table loop, want at most %d; found %v", c.name, best, gate, found)
		}
	}
}
