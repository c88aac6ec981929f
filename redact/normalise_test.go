package redact

import (
	"math/rand/v2"
	"testing"
	"unicode/utf8"
)

// TestOffsetsOfNormalisedTextAreThoseOfTheCharactersWritten makes texts of characters that stand for others, of all lengths and in runs, and
// of such as stand for themselves, and maps each back.
func TestOffsetsOfNormalisedTextAreThoseOfTheCharactersWritten(t *testing.T) {
	forms := []struct{ written, means string }{
		{"1", "1"}, {"a", "a"}, {"é", "é"}, {"电", "电"}, {`\`, `\`}, {"１", "1"}, {"١", "1"}, {"𝟏", "1"}, {"%41", "A"},
		{"&#49;", "1"}, {"\u00a0", " "}, {"\u200b", ""}, {`\u0031`, "1"}, {`\x41`, "A"},
	}
	type place struct{ at, from, to int }
	f, r := finder(t, Options{}), rand.New(rand.NewPCG(3, 4))
	for n := range 2000 {
		var text []byte
		var places []place
		label, at := "", 0
		if n%3 == 0 {
			label, at = "key", len("key: ")
		}
		for range 1 + r.IntN(9) {
			form := forms[r.IntN(len(forms))]
			for range 1 + r.IntN(4) {
				from := len(text)
				text = append(append(text, form.written...), 'z') // keeps backslashes what they are
				if len(form.means) == 1 {
					places = append(places, place{at, from, len(text) - 1})
				}
				at += len(form.means) + 1
				if r.IntN(2) == 0 && form.written != `\` {
					text, at = text[:len(text)-1], at-1
				}
			}
		}
		if last := len(text) - 1; text[last] != 'z' {
			text, at = append(text, 'z'), at+1
		}
		var s scan
		s.reset(f)
		s.load(label, text)
		if len(s.t) != at {
			t.Fatalf("%q is %q, want %d bytes", text, s.t, at)
		}
		for _, p := range places {
			if from, to := s.original(p.at, p.at+1); from != p.from || to != p.to {
				t.Fatalf("byte %d of %q stands at [%d,%d) of %q, want [%d,%d)", p.at, s.t, from, to, text, p.from, p.to)
			}
		}
	}
}

func TestRuneAtReadsWhatUTF8Does(t *testing.T) {
	same := func(text []byte) {
		t.Helper()
		got, n := runeAt(text, 0)
		if want, size := utf8.DecodeRune(text); got != want || n != size {
			t.Fatalf("% x is %U of %d bytes, want %U of %d", text, got, n, want, size)
		}
	}
	for r := range rune(utf8.MaxRune + 1) {
		same(utf8.AppendRune(nil, r))
	}
	// All beginnings of three bytes, most of which are no character, whole and cut short.
	for v := range 1 << 24 {
		text := []byte{byte(v >> 16), byte(v >> 8), byte(v)}
		if text[0] < utf8.RuneSelf || text[2]%7 != 0 {
			continue
		}
		same(text)
		same(text[:2])
		same(text[:1])
	}
}
