package redact

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape appends the decoded content of a JSON string (RFC 8259, section 7). A lone surrogate becomes U+FFFD. It is false at an
// escape that does not exist.
func unescape(dst, content []byte) ([]byte, bool) {
	at := len(dst)
	// No escape is shorter than what it stands for, so that whole words can be copied before it is known where the text in
	// them ends.
	dst = slices.Grow(dst, len(content))[:at+len(content)]
	for i := 0; i < len(content); {
		if len(content)-i >= 16 {
			from, to := (*[16]byte)(content[i:]), (*[16]byte)(dst[at:])
			low, high := binary.LittleEndian.Uint64(from[:]), binary.LittleEndian.Uint64(from[8:])
			binary.LittleEndian.PutUint64(to[:], low)
			binary.LittleEndian.PutUint64(to[8:], high)
			low, high = zeros(low^'\\'*ones), zeros(high^'\\'*ones)
			if low|high == 0 {
				i, at = i+16, at+16
				continue
			}
			run := bits.TrailingZeros64(low) / 8 // 8 when there is none
			if low == 0 {
				run += bits.TrailingZeros64(high) / 8
			}
			i, at = i+run, at+run
		} else if len(content)-i >= 8 {
			word := binary.LittleEndian.Uint64(content[i:])
			binary.LittleEndian.PutUint64(dst[at:], word)
			marked := zeros(word ^ '\\'*ones)
			if marked == 0 {
				i, at = i+8, at+8
				continue
			}
			run := bits.TrailingZeros64(marked) / 8
			i, at = i+run, at+run
		} else if content[i] != '\\' {
			dst[at] = content[i]
			i, at = i+1, at+1
			continue
		}
		if i+1 < len(content) && shortEscapes[content[i+1]] != 0 {
			dst[at] = shortEscapes[content[i+1]]
			i, at = i+2, at+1
			continue
		}
		c, n := escapedRune(content[i:])
		if n == 0 {
			return dst[:at], false
		}
		i, at = i+n, len(utf8.AppendRune(dst[:at], c))
	}
	return dst[:at], true
}

// shortEscapes are the characters of the escapes of two bytes, by the second; it is never written to.
var shortEscapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escapedRune reads the escape sequence that content begins with, and its length in bytes; 0: there is no such escape. Two
// sequences that are a surrogate pair are one.
func escapedRune(content []byte) (rune, int) {
	if len(content) < 2 {
		return 0, 0
	}
	switch c := content[1]; c {
	case '"', '\\', '/':
		return rune(c), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
	default:
		return 0, 0
	}
	high, ok := hex4(content[2:])
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(high) {
		return high, 6
	}
	if len(content) >= 12 && content[6] == '\\' && content[7] == 'u' {
		if low, ok := hex4(content[8:]); ok {
			if pair := utf16.DecodeRune(high, low); pair != utf8.RuneError {
				return pair, 12
			}
		}
	}
	return utf8.RuneError, 6
}

func hex4(text []byte) (rune, bool) {
	if len(text) < 4 {
		return 0, false
	}
	var v rune
	for _, c := range text[:4] {
		d := hexNibble(c)
		if d < 0 {
			return 0, false
		}
		v = v<<4 | d
	}
	return v, true
}

// hexNibble is the value of a hexadecimal digit, -1 for anything else.
func hexNibble(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c >= 'a' && c <= 'f':
		return rune(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return rune(c-'A') + 10
	}
	return -1
}

// appendEscaped appends value as it stands inside of a string that is itself JSON in a string, level times: 0 is plain text,
// 1 the content of a JSON string, 2 that of a string in a JSON text that is a string, as in tool arguments.
func appendEscaped(dst, value []byte, level int) []byte {
	if level == 0 || !needsEscape(value) {
		return append(dst, value...)
	}
	for ; level > 1; level-- {
		value = appendEscapedOnce(nil, value)
	}
	return appendEscapedOnce(dst, value)
}

func needsEscape(value []byte) bool {
	for _, c := range value {
		if c < ' ' || c == '"' || c == '\\' {
			return true
		}
	}
	return false
}

func appendEscapedOnce(dst, value []byte) []byte {
	const digits = "0123456789abcdef"
	for _, c := range value {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c >= ' ':
			dst = append(dst, c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
	}
	return dst
}

// offsetMap turns offsets in the decoded content of a JSON string into offsets in the raw content, for rising offsets. Going over
// the text again costs only strings in which something was found, and keeps no table for the others.
type offsetMap struct {
	content      []byte
	raw, decoded int
}

// start is the raw offset of the character that holds the decoded offset; end that after the character before it.
func (m *offsetMap) start(decoded int) int { return m.move(decoded, false) }
func (m *offsetMap) end(decoded int) int   { return m.move(decoded, true) }

func (m *offsetMap) move(target int, after bool) int {
	for m.decoded < target {
		// No further than to the target, from where the next move goes on: the next escape may be far away, and the findings many.
		run := indexByte(m.content[m.raw:min(m.raw+target-m.decoded, len(m.content))], '\\')
		if run < 0 {
			m.raw, m.decoded = m.raw+target-m.decoded, target
			return m.raw
		}
		c, n := escapedRune(m.content[m.raw+run:])
		if n == 0 {
			return len(m.content)
		}
		size := utf8.RuneLen(c)
		if m.decoded+run+size > target {
			if after {
				return m.raw + run + n
			}
			return m.raw + run
		}
		m.raw += run + n
		m.decoded += run + size
	}
	return m.raw
}
