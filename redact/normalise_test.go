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
		many := 1 + r.IntN(9)
		if n%100 == 0 {
			many = 500
		}
		for range many {
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

// TestTheTableHasTheFormsOfAllCharacters reads every character, whole, cut short and with a wrong last byte.
func TestTheTableHasTheFormsOfAllCharacters(t *testing.T) {
	for r := rune(utf8.RuneSelf); r <= utf8.MaxRune; r++ {
		char := utf8.AppendRune(nil, r)
		if string(char) == "\uFFFD" && r != utf8.RuneError {
			continue // a surrogate
		}
		text := append(append([]byte("1"), char...), '1') // beside ASCII a quotation mark stands for one, between digits a comma and a dot
		want, stands := foldForm(r)
		if to, n, ok := formAt(text, 1); ok != stands || ok && (to != want || n != len(char)) {
			t.Fatalf("%U is %d of %d bytes (%v), want %d (%v)", r, to, n, ok, want, stands)
		}
		last := len(text) - 2
		for _, broken := range [][]byte{text[:last], append(text[:last:last], '1', '1')} {
			if to, n, ok := formAt(broken, 1); ok {
				t.Fatalf("% x is %d of %d bytes", broken, to, n)
			}
		}
	}
}

func TestQuotesAndCommasAreReadByTheirNeighbours(t *testing.T) {
	for _, c := range []struct {
		text string
		at   int
		to   int
		ok   bool
	}{
		{"“a", 0, '"', true}, {"“电", 0, '"', false}, {"“", 0, '"', false},
		{"a”", 1, '"', true}, {"é”", 2, '"', false}, {"”", 0, '"', false},
		{"，1", 0, ',', true}, {"，１", 0, ',', true}, {"，a", 0, ',', false}, {"，", 0, ',', false},
	} {
		if to, n, ok := formAt([]byte(c.text), c.at); ok != c.ok || ok && (to != c.to || n != 3) {
			t.Errorf("%q at %d is %d of %d bytes (%v), want %d (%v)", c.text, c.at, to, n, ok, c.to, c.ok)
		}
	}
}
