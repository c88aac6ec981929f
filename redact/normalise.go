package redact

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// load makes text ready to scan. It is scanned as it is unless it has characters that stand for others
// (full-width forms, other digits, invisible characters, escapes), or a label to go before it.
func (s *scan) load(label string, text []byte) {
	s.src, s.t = text, text
	i, to, n := nextForm(text, 0)
	if label != "" {
		s.buf = append(append(s.buf, labelEnd(label)...), ": "...)
		s.lead = len(s.buf)
	}
	if s.mapped = i < len(text); !s.mapped {
		if label != "" {
			s.buf = append(s.buf, text...)
			s.t = s.buf
		}
		return
	}
	s.places.reset(len(text))
	end := len(s.buf)
	s.buf = slices.Grow(s.buf, len(text))
	buf := s.buf[:cap(s.buf)]
	for from := 0; ; {
		if from < i {
			s.places.all(from, i)
			if i-from < 8 {
				for k, c := range text[from:i] {
					buf[end+k] = c // cheaper than a call
				}
			} else {
				copy(buf[end:], text[from:i])
			}
			end += i - from
		}
		if i == len(text) {
			break
		}
		if to >= 0 {
			s.places.one(i)
			buf[end] = byte(to)
			end++
		}
		if from = i + n; from == len(text) {
			i = from
			continue
		}
		var ok bool
		if to, n, ok = formAt(text, from); ok {
			i = from
		} else {
			i, to, n = nextForm(text, from+n)
		}
	}
	s.places.count()
	s.buf = buf[:end]
	s.t = s.buf
}

// maxLabel is how much of a label counts, in bytes: several times as much as what a context word can reach across. One label may go before
// many short texts, as the key of an array does.
const maxLabel = 4 * reach

// labelEnd is what counts of a label: its end, which is next to the value.
func labelEnd(label string) string {
	if len(label) <= maxLabel {
		return label
	}
	from := len(label) - maxLabel
	for from < len(label) && !utf8.RuneStart(label[from]) {
		from++
	}
	return label[from:]
}

// original maps a range of the scanned text to the caller's; start is negative when the range is in the label.
func (s *scan) original(start, end int) (int, int) {
	if start < s.lead {
		return -1, -1
	}
	start, end = start-s.lead, end-s.lead
	if !s.mapped {
		return start, end
	}
	// The end is where the last character ends, so that an invisible character that follows the value stays out of it.
	last := s.places.at(end - 1)
	_, n, _ := formAt(s.src, last)
	return s.places.at(start), overlaid(s.src, last+n)
}

// overlaid is the end of the marks at i that lie over the character before them: lines through it, or the key around it.
func overlaid(text []byte, i int) int {
	for i+1 < len(text) && text[i] == 0xCC {
		to, n, ok := formAt(text, i)
		if !ok || to >= 0 {
			break
		}
		i += n
	}
	for _, keycap := range [...]string{"\uFE0F\u20E3", "\u20E3"} {
		if i+len(keycap) <= len(text) && string(text[i:i+len(keycap)]) == keycap {
			return i + len(keycap)
		}
	}
	return i
}

// longDash says whether the '-' at i is written as a dash that parts clauses or ends of a range (U+2013 to U+2015).
func (s *scan) longDash(i int) bool {
	if !s.mapped || i < s.lead {
		return false
	}
	at := s.places.at(i - s.lead)
	return at+2 < len(s.src) && s.src[at] == 0xE2 && s.src[at+1] == 0x80 && s.src[at+2] >= 0x93
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
			if i+1 < len(text) && seconds>>(text[i+1]&0x3F)&1 == 0 {
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
	for _, r := range wideBlocks() {
		for c := r[1]; c <= r[2]; c++ {
			m[r[0]] |= 1 << (c & 0x3F)
		}
	}
	for _, escape := range [...]string{`\nrt"'/_-.@+uxU\` + "\n", "%234567", "&#cpnlqsghmaz"} {
		for k := 1; k < len(escape); k++ {
			m[escape[0]] |= 1 << (escape[k] & 0x3F)
		}
	}
	return m
}

// plainForm reads the character at i. When it stands for another it gives that one (negative: for nothing) and ok;
// n is the length of the character as written, at least 1.
func plainForm(text []byte, i int) (to, n int, ok bool) {
	switch c := text[i]; {
	case c >= utf8.RuneSelf:
		return wideForm(text, i)
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
	if seconds := suspects[text[i]]; seconds == 0 || i+1 < len(text) && seconds>>(text[i+1]&0x3F)&1 == 0 {
		return 0, 1, false
	}
	return plainForm(text, i)
}
