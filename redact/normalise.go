package redact

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// shift maps offsets: what stands at at in the normalised text, and behind it up to the next shift, stands at from on in the original.
// When the character there is one that stands for another, all up to the next shift are, and as long as it; other text is
// as it was.
type shift struct{ at, from int32 }

// load makes text ready to scan. It is scanned as it is unless it has characters that stand for others
// (full-width forms, other digits, invisible characters, escapes), or a label to go before it.
func (s *scan) load(label string, text []byte) {
	s.src, s.t = text, text
	i, to, n := nextForm(text, 0)
	if i == len(text) && label == "" {
		return
	}
	if label != "" {
		s.buf = append(append(s.buf, label...), ": "...)
		s.lead = len(s.buf)
		s.steps = append(s.steps, shift{at: int32(s.lead)})
	}
	end := len(s.buf)
	s.buf = slices.Grow(s.buf, len(text))
	buf := s.buf[:cap(s.buf)]
	// What goes on without a new shift: characters that are wide bytes long, of which the next stands at next.
	next, wide := 0, 1
	for from := 0; ; {
		if from < i {
			if wide != 1 || from != next {
				s.step(end, from)
			}
			if i-from < 8 {
				for k, c := range text[from:i] {
					buf[end+k] = c // cheaper than a call
				}
			} else {
				copy(buf[end:], text[from:i])
			}
			end += i - from
			next, wide = i, 1
		}
		if i == len(text) {
			break
		}
		from = i + n
		if to >= 0 {
			if wide != n || i != next {
				s.step(end, i)
			}
			buf[end] = byte(to)
			end++
			next, wide = from, n
		}
		if i = from; i < len(text) {
			var ok bool
			if to, n, ok = formAt(text, i); !ok {
				i, to, n = nextForm(text, i+n)
			}
		}
	}
	s.buf = buf[:end]
	s.t = s.buf
}

// step notes that offset at of the normalised text stands for offset from of the original.
func (s *scan) step(at, from int) {
	n := len(s.steps)
	if n > 0 && int(s.steps[n-1].at) == at {
		s.steps[n-1].from = int32(from)
		return
	}
	if n == cap(s.steps) {
		s.growSteps(from)
	}
	s.steps = s.steps[:n+1]
	s.steps[n] = shift{at: int32(at), from: int32(from)}
}

// growSteps makes room: a text that has many has more, but hardly more of them in what is left.
func (s *scan) growSteps(from int) {
	n := len(s.steps)
	s.steps = slices.Grow(s.steps, 64+min(3*n, n*(len(s.src)-from)/max(from, 1)))
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
	wide := 1
	if int(k.from) < len(s.src) {
		if _, n, ok := formAt(s.src, int(k.from)); ok {
			wide = n
		}
	}
	return int(k.from) + (at-int(k.at))*wide
}

// nextForm is the next character from i on that stands for another: its offset, that other one (see plainForm), and its
// length as written. The offset is the text's length when there is none.
func nextForm(text []byte, i int) (at, to, n int) {
	for i < len(text) {
		// Of ASCII eight bytes at a time, of other text a stretch byte by byte.
		for i+8 <= len(text) && !marked8(binary.LittleEndian.Uint64(text[i:])) {
			i += 8
		}
		stretch := text[:min(i+64, len(text))]
		for {
			for i < len(stretch) && suspects[stretch[i]] == 0 {
				i++
			}
			if i >= len(stretch) {
				break
			}
			seconds := suspects[text[i]]
			if i+1 < len(text) && seconds>>(text[i+1]&0x3F)&1 == 0 || !mayFold(text, i) {
				i++ // as in formAt, whose call would cost more
				continue
			}
			to, n, ok := plainForm(text, i)
			if ok {
				return i, to, n
			}
			i += n
		}
	}
	return len(text), 0, 0
}

// marked8 says whether one of eight bytes is not ASCII or begins an escape.
func marked8(v uint64) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	a, b, c := v^'\\'*ones, v^'%'*ones, v^'&'*ones
	return (v|(a-ones)&^a|(b-ones)&^b|(c-ones)&^c)&tops != 0
}

// suspects are the bytes that begin escapes or characters of the blocks that foldForm knows: for these the bytes that may
// come second, a bit for each continuation; it is never written to.
var suspects = buildSuspects()

func buildSuspects() (m [256]uint64) {
	for _, r := range [...][3]byte{
		{0xC2, 0xA0, 0xA1}, {0xC2, 0xAD, 0xAD}, // no-break space, soft hyphen
		{0xCD, 0x8F, 0x8F}, {0xD8, 0x9C, 0x9C}, // invisible
		{0xD9, 0xA0, 0xA9}, {0xDB, 0xB0, 0xB9}, // Arabic digits
		{0xE0, 0xBC, 0xBC}, {0xE1, 0x80, 0x81}, {0xE1, 0x9A, 0x9A}, {0xE1, 0x9F, 0xA0}, // digits of South and South-East Asia
		{0xE2, 0x80, 0x81}, {0xE2, 0x88, 0x88}, // punctuation, operators
		{0xE3, 0x80, 0x80},                     // ideographic space and full stop
		{0xEF, 0xB8, 0xBF},                     // other forms
		{0xF0, 0x9D, 0x9D}, {0xF3, 0xA0, 0xA0}, // mathematical digits, tags
	} {
		for c := r[1]; c <= r[2]; c++ {
			m[r[0]] |= 1 << (c & 0x3F)
		}
	}
	for c := 0xA5; c <= 0xBB; c += 2 {
		m[0xE0] |= 1 << (c & 0x3F) // blocks of 128 have their digits in the second half
	}
	for _, escape := range [...]string{`\nrt"'/ux`, "%234567", "&#cpnlqsg"} {
		for k := 1; k < len(escape); k++ {
			m[escape[0]] |= 1 << (escape[k] & 0x3F)
		}
	}
	return m
}

// mayFold says whether the character at i, whose first two bytes are suspects, may stand for another, without decoding it.
func mayFold(text []byte, i int) bool {
	c := text[i]
	if c < utf8.RuneSelf {
		return c != '%' || i+2 < len(text) && hex(text[i+2])
	}
	if i+2 >= len(text) {
		return i+2 == len(text)
	}
	second := text[i+1]
	if c == 0xE2 && second == 0x80 && text[i+2]|1 == 0x9D {
		// Quotes around a value stand beside ASCII; those around what people say need no other form.
		return text[i+2] == 0x9C && i+3 < len(text) && text[i+3] < utf8.RuneSelf || text[i+2] == 0x9D && i > 0 && text[i-1] < utf8.RuneSelf
	}
	if c == 0xEF && second == 0xBC && text[i+2] == 0x8C {
		// An ideographic comma parts clauses; only between digits it says something.
		return i+3 < len(text) && (digit(text[i+3]) || text[i+3] == 0xEF)
	}
	// Digits of India and Thailand: most letters of these scripts end here.
	return c != 0xE0 || text[i+2]-0x90 < 0x20 || second == 0xBC
}

// runeAt is utf8.DecodeRune at i, for most characters without a call.
func runeAt(text []byte, i int) (rune, int) {
	switch c := text[i]; {
	case c < 0xC2 || c >= 0xF0:
	case c < 0xE0:
		if i+1 < len(text) && text[i+1]&0xC0 == 0x80 {
			return rune(c&0x1F)<<6 | rune(text[i+1]&0x3F), 2
		}
	case i+2 < len(text) && text[i+1]&0xC0 == 0x80 && text[i+2]&0xC0 == 0x80:
		r := rune(c&0x0F)<<12 | rune(text[i+1]&0x3F)<<6 | rune(text[i+2]&0x3F)
		if r >= 0x800 && r&^0x7FF != 0xD800 { // neither too long a form nor a surrogate
			return r, 3
		}
	}
	return utf8.DecodeRune(text[i:])
}

// plainForm reads the character at i. When it stands for another it gives that one (negative: for nothing) and ok;
// n is the length of the character as written, at least 1.
func plainForm(text []byte, i int) (to, n int, ok bool) {
	switch c := text[i]; {
	case c >= 0xC2:
		r, n := runeAt(text, i)
		to, ok := foldForm(r)
		return to, n, ok
	case c == '\\':
		return backslash(text, i)
	case c == '%':
		return percent(text, i)
	case c == '&':
		return entity(text, i)
	}
	return 0, 1, false
}

// formAt is plainForm for a character of which most stand for themselves.
func formAt(text []byte, i int) (to, n int, ok bool) {
	if seconds := suspects[text[i]]; seconds == 0 || i+1 < len(text) && seconds>>(text[i+1]&0x3F)&1 == 0 || text[i] >= utf8.RuneSelf && !mayFold(text, i) {
		return 0, 1, false
	}
	return plainForm(text, i)
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
	// The digits of a script stand in a row; those of India's all at the same place of their block of 128.
	zero := rune(0)
	switch {
	case r < 0x660 || r >= 0x1820:
		return 0, false
	case r < 0x6F0:
		zero = 0x660
	case r < 0x700:
		zero = 0x6F0
	case r < 0xE00:
		zero = r&^0x7F + 0x66
	case r < 0xF00:
		zero = r&^0x7F + 0x50
	case r < 0x1000:
		zero = 0xF20
	case r < 0x1100:
		zero = 0x1040
	case r < 0x1800:
		zero = 0x17E0
	default:
		zero = 0x1810
	}
	if r < zero || r > zero+9 {
		return 0, false
	}
	return int(r-zero) + '0', true
}
