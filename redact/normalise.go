package redact

import (
	"encoding/binary"
	"runtime"
	"unicode/utf8"
)

// shift maps offsets: from at on, a byte of the normalised text stands at from + (offset - at) in the original.
type shift struct{ at, from int32 }

// load makes text ready to scan. It is scanned as it is unless it has characters that stand for others
// (full-width forms, other digits, invisible characters, escapes), or a label to go before it.
func (s *scan) load(label string, text []byte) {
	s.src, s.t = text, text
	first, plain := disguised(text)
	if plain && label == "" {
		return
	}
	if label != "" {
		s.buf = append(append(s.buf, label...), ": "...)
		s.lead = len(s.buf)
		s.steps = append(s.steps, shift{at: int32(s.lead)})
	}
	if plain {
		first = len(text)
	}
	s.buf = append(s.buf, text[:first]...)
	for i := first; i < len(text); {
		to, n, ok := plainForm(text, i)
		if !ok {
			s.buf = append(s.buf, text[i:i+n]...)
			i += n
			continue
		}
		if to >= 0 {
			s.step(len(s.buf), i)
			s.buf = append(s.buf, byte(to))
		}
		i += n
		s.step(len(s.buf), i)
	}
	s.t = s.buf
}

// step notes that offset at of the normalised text stands for offset from of the original.
func (s *scan) step(at, from int) {
	if n := len(s.steps); n > 0 {
		last := &s.steps[n-1]
		if int(last.at) == at {
			last.from = int32(from)
			return
		}
		if at-int(last.at) == from-int(last.from) {
			return
		}
	}
	s.steps = append(s.steps, shift{at: int32(at), from: int32(from)})
}

// original maps a range of the scanned text to the caller's; start is negative when the range is in the label.
func (s *scan) original(start, end int) (int, int) {
	if start < s.lead {
		return -1, -1
	}
	if len(s.steps) == 0 {
		return start, end
	}
	from := s.place(start)
	// The end is where the last character ends in the original, so that an invisible character that follows the
	// value stays out of it.
	last := s.place(end - 1)
	next := s.place(end)
	if next-last > 1 {
		_, n, _ := plainForm(s.src, last)
		next = min(next, last+n)
	}
	return from, next
}

// place maps one offset.
func (s *scan) place(at int) int {
	lo, hi := 0, len(s.steps)
	for lo < hi {
		mid := (lo + hi) / 2
		if int(s.steps[mid].at) <= at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 {
		return at
	}
	k := s.steps[lo-1]
	return int(k.from) + at - int(k.at)
}

// disguised finds the first character that needs another form; plain is true when there is none.
func disguised(text []byte) (first int, plain bool) {
	if runtime.GOARCH == "wasm" && ordinary(text) {
		return len(text), true // one pass instead of four, which here cost as much each
	}
	if i := escapeAt(text); i >= 0 {
		return 0, false
	}
	i := highByte(text)
	for i < len(text) {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, n, ok := plainForm(text, i)
		if ok {
			return i, false
		}
		i += n
	}
	return len(text), true
}

// ordinary says that text is ASCII without a byte that escapeAt stops at.
func ordinary(text []byte) bool {
	for len(text) >= 8 {
		word := binary.LittleEndian.Uint64(text)
		if word&highs|zeros(word^'\\'*ones)|zeros(word^'%'*ones)|zeros(word^'&'*ones) != 0 {
			return false
		}
		text = text[8:]
	}
	for _, c := range text {
		if c >= utf8.RuneSelf || c == '\\' || c == '%' || c == '&' {
			return false
		}
	}
	return true
}

// highByte is the offset of the first byte that is not ASCII, eight at a time.
func highByte(text []byte) int {
	i := 0
	for ; i+8 <= len(text); i += 8 {
		if binary.LittleEndian.Uint64(text[i:])&0x8080808080808080 != 0 {
			break
		}
	}
	for i < len(text) && text[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// escapeAt is the offset of the first escape of a character (backslash, percent, HTML entity), or -1.
func escapeAt(text []byte) int {
	for _, mark := range []byte{'\\', '%', '&'} {
		for i := 0; i < len(text); {
			k := indexByte(text[i:], mark)
			if k < 0 {
				break
			}
			if _, _, ok := plainForm(text, i+k); ok {
				return i + k
			}
			i += k + 1
		}
	}
	return -1
}

// plainForm reads the character at i. When it stands for another it gives that one (negative: for nothing) and ok;
// n is the length of the character as written, at least 1.
func plainForm(text []byte, i int) (to, n int, ok bool) {
	c := text[i]
	switch {
	case c < utf8.RuneSelf:
		switch c {
		case '\\':
			return backslash(text, i)
		case '%':
			return percent(text, i)
		case '&':
			return entity(text, i)
		}
		return 0, 1, false
	case c < 0xC2:
		return 0, 1, false
	}
	// The lead bytes of the blocks that hold such characters; all others are passed without decoding.
	switch c {
	case 0xC2, 0xCC, 0xCD, 0xD8, 0xD9, 0xDB, 0xE0, 0xE1, 0xE2, 0xE3, 0xEF, 0xF0, 0xF3:
		r, n := utf8.DecodeRune(text[i:])
		to, ok := foldForm(r)
		return to, n, ok
	case 0xF1, 0xF2, 0xF4:
		_, n := utf8.DecodeRune(text[i:])
		return 0, n, false
	}
	_, n = utf8.DecodeRune(text[i:])
	return 0, n, false
}

// foldForm gives the ASCII character that r stands for: digits of other scripts (Unicode Nd), full-width forms
// (Halfwidth and Fullwidth Forms, U+FF01 to U+FF5E), spaces, dashes; invisible characters give a negative value.
func foldForm(r rune) (int, bool) {
	switch {
	case r >= 0xFF01 && r <= 0xFF5E:
		return int(r - 0xFF01 + '!'), true
	case r == 0xA0, r >= 0x2000 && r <= 0x200A, r == 0x202F, r == 0x205F, r == 0x3000, r == 0x1680:
		return ' ', true
	case r == 0xAD, r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x2064, r == 0xFEFF,
		r == 0x61C, r >= 0x2066 && r <= 0x206F, r == 0x180E, r == 0x34F, r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0000 && r <= 0xE0FFF:
		return -1, true
	case r >= 0x2010 && r <= 0x2015, r == 0x2212, r == 0xFE63, r == 0xFE58, r == 0x2043:
		return '-', true
	case r == 0x2018, r == 0x2019:
		return '\'', true
	case r == 0x201C, r == 0x201D:
		return '"', true
	case r == 0x3002, r == 0xFF61:
		return '\n', true // an ideographic full stop ends a sentence as a line end does
	case r == 0xFE6B:
		return '@', true
	case r == 0xFE55, r == 0x2236:
		return ':', true
	case r == 0x2024, r == 0xFE52:
		return '.', true
	case r == 0x2044, r == 0x2215:
		return '/', true
	case r >= 0x1D7CE && r <= 0x1D7FF: // mathematical digits, five alphabets of ten
		return int(r-0x1D7CE)%10 + '0', true
	}
	for _, zero := range [...]rune{0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0xF20, 0x1040, 0x17E0, 0x1810} {
		if r >= zero && r <= zero+9 {
			return int(r-zero) + '0', true
		}
	}
	return 0, false
}

// backslash reads an escape of JSON, C or JavaScript. A line end keeps its meaning; \uXXXX goes through foldForm.
func backslash(text []byte, i int) (to, n int, ok bool) {
	if i+1 >= len(text) {
		return 0, 1, false
	}
	switch text[i+1] {
	case 'n', 'r', 't':
		return '\n', 2, true
	case '"', '\'', '/':
		return int(text[i+1]), 2, true
	case 'u':
		if v, ok := hexValue(text, i+2, 4); ok {
			if v >= ' ' && v < 0x7F {
				return v, 6, true
			}
			to, ok := foldForm(rune(v))
			return to, 6, ok
		}
	case 'x':
		if v, ok := hexValue(text, i+2, 2); ok && v >= ' ' && v < 0x7F {
			return v, 4, true
		}
	}
	return 0, 1, false
}

// percent reads the percent-encoding (RFC 3986, section 2.1) of a character that values are made of.
func percent(text []byte, i int) (to, n int, ok bool) {
	v, ok := hexValue(text, i+1, 2)
	if !ok {
		return 0, 1, false
	}
	if v >= ' ' && v < 0x7F {
		return v, 3, true
	}
	return 0, 1, false
}

// entity reads an HTML character reference of a character that values are made of.
func entity(text []byte, i int) (to, n int, ok bool) {
	rest := text[i+1:]
	if len(rest) < 3 || rest[0] != '#' && !contains("cpnlqsg", rest[0]) {
		return 0, 1, false
	}
	for _, e := range [...]struct {
		name string
		to   int
	}{{"commat;", '@'}, {"period;", '.'}, {"nbsp;", ' '}, {"colon;", ':'}, {"lowbar;", '_'}, {"plus;", '+'}, {"quot;", '"'}, {"shy;", -1}, {"lt;", '<'}, {"gt;", '>'}} {
		if len(rest) >= len(e.name) && string(rest[:len(e.name)]) == e.name {
			return e.to, len(e.name) + 1, true
		}
	}
	if rest[0] != '#' {
		return 0, 1, false
	}
	v, k := 0, 1
	if rest[1] == 'x' || rest[1] == 'X' {
		for k = 2; k < len(rest) && k < 8 && hex(rest[k]); k++ {
			v = v<<4 | hexDigit(rest[k])
		}
	} else {
		for ; k < len(rest) && k < 8 && digit(rest[k]); k++ {
			v = v*10 + int(rest[k]-'0')
		}
	}
	if k == len(rest) || rest[k] != ';' {
		return 0, 1, false
	}
	if v >= ' ' && v < 0x7F {
		return v, k + 2, true
	}
	to, ok = foldForm(rune(v))
	return to, k + 2, ok
}

func hexValue(text []byte, i, n int) (int, bool) {
	if i+n > len(text) {
		return 0, false
	}
	v := 0
	for _, c := range text[i : i+n] {
		if !hex(c) {
			return 0, false
		}
		v = v<<4 | hexDigit(c)
	}
	return v, true
}

func hexDigit(c byte) int {
	if digit(c) {
		return int(c - '0')
	}
	return int(c|0x20-'a') + 10
}
