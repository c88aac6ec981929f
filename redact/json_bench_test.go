package redact

import (
	"strings"
	"testing"
	"time"
)

// walkGate is how much longer than a bare table loop over the same bytes a chat body of 4 KiB may take, its JSON walk included.
const walkGate = 8

func TestChatBodyIsWalkedWithinItsGate(t *testing.T) {
	measuresTime(t)
	f := everything(t)
	m, s := newMasker(t, MaskOptions{Finder: f}), newVault(t, VaultOptions{}).Request()
	body := chatBody(4 << 10)
	const rounds = 200
	sum := 0
	table := fastest(20, func() {
		for range rounds {
			sum += tableLoop(body)
		}
	})
	walk := fastest(20, func() {
		for range rounds {
			if _, err := m.JSON(s, body); err != nil {
				t.Error(err)
			}
		}
	})
	ratio := float64(walk) / float64(table)
	t.Logf("table loop %v, masking %v: %.1f times (%d)", table/rounds, walk/rounds, ratio, sum)
	if ratio > walkGate {
		t.Errorf("masking a clean chat body takes %.1f times a table loop, want at most %d", ratio, walkGate)
	}
}

func BenchmarkMaskChatBody(b *testing.B) {
	f := everything(b)
	m, v := newMasker(b, MaskOptions{Finder: f}), newVault(b, VaultOptions{})
	clean := chatBody(4 << 10)
	b.Run("clean", func(b *testing.B) {
		b.SetBytes(int64(len(clean)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := m.JSON(v.Request(), clean); err != nil {
				b.Fatal(err)
			}
		}
	})
	full := append([]byte(`{"messages":[{"content":"john@example.com 4111 1111 1111 1111"},`), clean[len(`{"model":"author/slug","stream":true,"messages":[`):]...)
	b.Run("with two values", func(b *testing.B) {
		b.SetBytes(int64(len(full)))
		b.ReportAllocs()
		for b.Loop() {
			if got, err := m.JSON(v.Request(), full); err != nil || len(got.Counts) != 2 {
				b.Fatal(got.Counts, err)
			}
		}
	})
	b.Run("a bare table loop", func(b *testing.B) {
		b.SetBytes(int64(len(clean)))
		n := 0
		for b.Loop() {
			n += tableLoop(clean)
		}
		if n == 0 {
			b.Fatal("no trigger in the body")
		}
	})
}

func BenchmarkRestore(b *testing.B) {
	s := issue(b, "a@b.com", "c@d.com")
	body := append([]byte(`{"choices":[{"message":{"content":"<EMAIL_1> `), chatBody(4 << 10)[120:]...)
	b.Run("a body of 4 KiB", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		var out []byte
		for b.Loop() {
			out = s.RestoreJSON(out[:0], body)
		}
	})
	event := []byte(chat(`"content":`, ``).piece(`" wor"`))
	b.Run("an event of a stream", func(b *testing.B) {
		b.SetBytes(int64(len(event)))
		b.ReportAllocs()
		r := s.Stream()
		var out []byte
		for b.Loop() {
			out = r.Event(out[:0], event)
		}
	})
}

// TestHostileBodiesAreLinear holds bodies that are made to be slow to time in proportion to their length.
func TestHostileBodiesAreLinear(t *testing.T) {
	measuresTime(t)
	m := newMasker(t, MaskOptions{})
	v := newVault(t, VaultOptions{Entries: 1 << 20, Bytes: 1 << 30})
	for name, c := range map[string]struct{ before, pattern, after string }{
		"backslashes":              {`{"input":"`, `\\`, `"}`},
		"quotes":                   {`{"input":"`, `\"`, `"}`},
		"escapes":                  {`{"input":"`, `\u003c`, `"}`},
		"tags":                     {`{"input":"a@b.com `, `<EMAIL_`, `"}`},
		"empty strings":            {`{"input":[`, `"",`, `""]}`},
		"JSON that breaks late":    {`{"input":"{\"a\":[`, `\"{\\\"b\\\":1}\",`, `x}"}`},
		"keys":                     {`{`, `"input":1,`, `"input":2}`},
		"one known value":          {`{"input":"a@b.com `, `a@b.com,`, `"}`},
		"sources":                  {`{"source":{"content":[`, `{"source":{"content":1}},`, `1]}}`},
		"a long string in sources": {`{"content":` + strings.Repeat(`{"source":{"content":`, 30) + `"`, `a\n`, `"` + strings.Repeat(`}}`, 30) + `}`},
	} {
		body := func(n int) []byte { return []byte(c.before + strings.Repeat(c.pattern, n/len(c.pattern)) + c.after) }
		masking := func(body []byte) time.Duration {
			return fastest(3, func() {
				s := v.Request()
				got, err := m.JSON(s, body)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				s.RestoreJSON(nil, got.Text)
			})
		}
		small, large := body(1<<15), body(1<<18)
		inProportion(t, name, func() time.Duration { return masking(small) }, func() time.Duration { return masking(large) })
	}
}
