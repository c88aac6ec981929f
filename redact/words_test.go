package redact

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"testing"
)

func TestEveryTriggerIsSuspectInEveryPlace(t *testing.T) {
	for place := range 8 {
		for c := range 256 {
			for _, around := range []byte{0, ' ', 'a', 0x7F, 0x80, 0xFF, byte(c)} {
				var word [8]byte
				for i := range word {
					word[i] = around
				}
				word[place] = byte(c)
				marked := markTriggers(binary.LittleEndian.Uint64(word[:]))>>(8*place)&0xFF == 0x80
				if want := c >= '0' && c <= '_' || c == '-' || c == ')' || c == '}'; marked != want {
					t.Fatalf("byte %#x at %d among %#x: suspect is %v, want %v", c, place, around, marked, want)
				}
				if classes[c] != plain && !marked {
					t.Fatalf("the trigger %q is not suspect", rune(c))
				}
			}
		}
	}
}

func TestTheFirstByteOfAKindIsFoundInEveryPlace(t *testing.T) {
	for _, other := range []byte{0, 1, 'a', '"' - 1, '"' + 1, '\\' - 1, '\\' + 1, 0x7F, 0x80, 0xFF} {
		for first := range 9 {
			for second := first; second < 9; second++ {
				text := bytes.Repeat([]byte{other}, 8)
				if first < 8 {
					text[first] = '"'
				}
				if second < 8 {
					text[second] = '\\'
				}
				want := bytes.IndexAny(text, `"\`)
				marked := firstOf(binary.LittleEndian.Uint64(text), '"'*ones, '\\'*ones)
				if got := bits.TrailingZeros64(marked) / 8; want >= 0 && got != want || want < 0 && marked != 0 {
					t.Fatalf("%q: the first is at %d, want %d", text, got, want)
				}
			}
		}
	}
}

func FuzzWordsSeeWhatBytesDo(f *testing.F) {
	f.Add([]byte(`He said: \"100 % & more\"`), byte('"'))
	f.Add([]byte("0123456789abcdef0123456789\\"), byte('\\'))
	f.Fuzz(func(t *testing.T, text []byte, c byte) {
		for from := range min(len(text), 16) {
			part := text[from:]
			if got, want := indexByte(part, c), bytes.IndexByte(part, c); got != want {
				t.Fatalf("%q in %q: at %d, want %d", c, part, got, want)
			}
			if got, want := indexWord(part, c), bytes.IndexByte(part, c); got != want {
				t.Fatalf("%q in %q: by words at %d, want %d", c, part, got, want)
			}
			if got, ok := unescape(nil, part); ok && bytes.IndexByte(part, '\\') < 0 && !bytes.Equal(got, part) {
				t.Fatalf("%q became %q", part, got)
			}
		}
	})
}
