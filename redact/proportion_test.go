package redact

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// proportion is a kind of input of which a body of some bytes took time by their square, and what is done with it.
type proportion struct {
	size int // the smaller one that is measured, in bytes
	work func(t *testing.T, size int) func()
}

// maskWork masks a body.
func maskWork(o Options, build func(size int) string) func(*testing.T, int) func() {
	return func(t *testing.T, size int) func() {
		m, v, body := newMasker(t, MaskOptions{Finder: finder(t, o)}), newVault(t, VaultOptions{}), []byte(build(size))
		return func() {
			if _, err := m.JSON(v.Request(), body); err != nil {
				t.Error(err)
			}
		}
	}
}

// restoreWork restores a body.
func restoreWork(build func(size int) string) func(*testing.T, int) func() {
	return func(t *testing.T, size int) func() {
		s, body := issue(t, "a@b.com", "two\"\n@b.com"), []byte(build(size))
		return func() { s.RestoreJSON(nil, body) }
	}
}

// streamWork restores a stream of one event.
func streamWork(build func(size int) string) func(*testing.T, int) func() {
	return func(t *testing.T, size int) func() {
		s, event := issue(t, "a@b.com"), []byte("data: "+build(size)+"\n\n")
		var out []byte
		return func() {
			r := s.Stream()
			if out = r.Close(r.Event(out[:0], event)); len(r.event.parts) == 0 {
				t.Error("the event was not read")
			}
		}
	}
}

// listed is text, in which %d stands for a number, as often as size holds it.
func listed(text string, size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, text, i)
	}
	return b.String()
}

func proportions() map[string]proportion {
	message := func(content string) string { return `{"messages":[{"content":"` + content + `"}]}` }
	line := strings.Repeat("word ", 20) + `\n`
	return map[string]proportion{
		"a text of many lines and no quotes": {64 << 10, maskWork(Options{}, func(n int) string {
			return message(strings.Repeat(line, n/len(line)))
		})},
		"many values and one escape": {32 << 10, maskWork(Options{}, func(n int) string {
			return message(`\n` + strings.Repeat("a@b.co ", n/7))
		})},
		"a long key of many short strings": {8 << 10, maskWork(Options{}, func(n int) string {
			return `{"messages":[{"input":{"` + strings.Repeat("key ", n/8) + `":[` + listed(`"%02d"`, n/2) + `]}}]}`
		})},
		"a run of combining marks before a dictionary": {2 << 10, maskWork(Options{Dictionary: []string{"project x"}}, func(n int) string {
			return message(strings.Repeat("\u0301", n/2))
		})},
		"a run of NUL before a dictionary": {8 << 10, maskWork(Options{Dictionary: []string{"project x"}}, func(n int) string {
			return message(strings.Repeat(`\u0000`, n/6))
		})},
		"an answer of many tokens in a document": {32 << 10, restoreWork(func(n int) string {
			return `{"arguments":"{\"a\":\"` + strings.Repeat("<EMAIL_2>", n/9) + `\"}"}`
		})},
		"an event with many pieces of one text that ends": {32 << 10, streamWork(func(n int) string {
			return `{"choices":[` + listed(`{"text":"<","x":%d}`, n) + `,{"finish_reason":"stop"}]}`
		})},
		"an event with many texts that end": {32 << 10, streamWork(func(n int) string {
			return `{"choices":[` + listed(`{"index":%d,"text":"<","finish_reason":"stop"}`, n) + `]}`
		})},
		"an event with many candidates": {64 << 10, streamWork(func(n int) string {
			return `{"candidates":[` + listed(`{"index":%d,"content":{"parts":[{"text":"<"}]}}`, n) + `]}`
		})},
		"an Anthropic event with many pieces": {16 << 10, streamWork(func(n int) string {
			return `{"type":"content_block_delta","index":1,"delta":{` + listed(`"text":"<","x":%d`, n) + `}}`
		})},
	}
}

// TestTimeIsInProportionToSize holds eight times as much of each to sixteen times the time; what is gone over again and again takes up to
// sixty-four times.
func TestTimeIsInProportionToSize(t *testing.T) {
	measuresTime(t)
	for name, c := range proportions() {
		t.Run(name, func(t *testing.T) {
			small, large := c.work(t, c.size), c.work(t, 8*c.size)
			if growth := growthOf(small, large, 16); growth > 16 {
				t.Errorf("eight times as much takes %.1f times as long", growth)
			}
		})
	}
}

// growthOf is how many times longer one takes than the other; it measures again while the gate is missed.
func growthOf(small, large func(), gate float64) float64 {
	best := 1e9
	for try := 0; try < 4 && best > gate; try++ {
		best = min(best, float64(fastest(2, large))/float64(fastest(4, small)))
	}
	return best
}

// TestValueInALargeSessionCostsLittle holds a request that brings a large session its next value to a fourth of what sorting the session's
// values takes: they must not be sorted again.
func TestValueInALargeSessionCostsLittle(t *testing.T) {
	measuresTime(t)
	m, v := newMasker(t, MaskOptions{}), newVault(t, VaultOptions{Entries: 1 << 16})
	s, err := v.Session("s")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	request := func(values int) {
		var text []byte
		for range values {
			n++
			text = fmt.Appendf(text, "u%d@example.com ", n)
		}
		if _, err := m.Text(s, text); err != nil {
			t.Error(err)
		}
		s.Stream()
	}
	request(4000)
	sort := func() {
		words := make([]string, 0, n)
		for value := range s.byValue {
			words = append(words, value)
		}
		newWordSet(words)
	}
	if share := growthOf(sort, func() { request(1) }, 0.25); share > 0.25 {
		t.Errorf("it takes %.2f times what sorting them takes", share)
	}
}

// TestValuesThatBeginAlikeCostLittle holds a text of one beginning of 4,000 values to three times what it takes with one such value.
func TestValuesThatBeginAlikeCostLittle(t *testing.T) {
	measuresTime(t)
	alike := strings.Repeat("a.", 45)
	text := repeated(alike+"z1@b.cx", 32<<10)
	m := newMasker(t, MaskOptions{})
	with := func(n int) func() {
		values := make([]string, n)
		for i := range values {
			values[i] = fmt.Sprintf("%sz%d@b.co", alike, i)
		}
		s := issue(t, values...)
		return func() {
			if _, err := m.Text(s, text); err != nil {
				t.Error(err)
			}
		}
	}
	if growth := growthOf(with(1), with(4000), 3); growth > 3 {
		t.Errorf("4,000 values take %.1f times as long as one", growth)
	}
}

// TestSetGrowsWordByWord compares a set that grew with one that was made at once.
func TestSetGrowsWordByWord(t *testing.T) {
	var words []string
	var grown *wordSet
	for i := range 200 {
		more := []string{fmt.Sprintf("%c%d", 'a'+i*7%26, i), fmt.Sprintf("b%d", 1000-i)}
		words = append(words, more...)
		grown = grown.with(more)
		whole := newWordSet(append([]string(nil), words...))
		if fmt.Sprint(grown.words) != fmt.Sprint(whole.words) || !sameSpans(grown, whole) {
			t.Fatalf("with %q the set is %v %v, want %v %v", more, grown.words, grown.first, whole.words, whole.first)
		}
	}
}

func sameSpans(a, b *wordSet) bool {
	for c := range a.first {
		if x, y := a.first[c], b.first[c]; x != y && (x.hi > x.lo || y.hi > y.lo) {
			return false
		}
	}
	return true
}

// TestLongIDsAreNotRepeatedForEachText bounds what comes out of one event whose texts go out in events of their own.
func TestLongIDsAreNotRepeatedForEachText(t *testing.T) {
	for name, event := range map[string]string{
		"an id":       `data: {"id":"` + strings.Repeat("x", 1<<16) + `","choices":[` + listed(`{"index":%d,"text":"<"}`, 4096) + "]}\n\n",
		"many ids":    `data: {` + strings.Repeat(`"id":1,`, 1<<13) + `"choices":[` + listed(`{"index":%d,"text":"<"}`, 4096) + "]}\n\n",
		"a comment":   ": " + strings.Repeat("x", 1<<16) + "\ndata: {\"choices\":[" + listed(`{"index":%d,"text":"<"}`, 4096) + "]}\n\n",
		"what trails": "data: {\"choices\":[" + listed(`{"index":%d,"text":"<"}`, 4096) + "]}\n: " + strings.Repeat("x", 1<<16) + "\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			r := issue(t, "a@b.com").Stream()
			out := r.Close(r.Event(nil, []byte(event)))
			if len(out) > 2*len(event) {
				t.Errorf("%d bytes became %d", len(event), len(out))
			}
			if got, want := bytes.Count(out, []byte("<")), strings.Count(event, "<"); got != want {
				t.Errorf("%d texts came out, want %d", got, want)
			}
		})
	}
}

func TestLongLabelCountsByItsEnd(t *testing.T) {
	f := everything(t)
	for name, label := range map[string]string{
		"after a long name":        strings.Repeat("x ", 5000) + "password",
		"after a long wide name":   strings.Repeat("é", 5000) + " password",
		"alone":                    "password",
		"after what is just short": strings.Repeat("x", maxLabel-9) + " password",
	} {
		t.Run(name, func(t *testing.T) {
			found := f.FindLabelled(nil, label, []byte("x9y8z7w6"))
			if len(found) != 1 || found[0].Start != 0 || found[0].End != 8 {
				t.Errorf("found %v", found)
			}
		})
	}
}
