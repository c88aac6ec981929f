package jsonscan

import (
	"strconv"
	"unicode/utf8"
)

// Member finds the value of the first member with the key, or nil. The text must begin with an object.
func Member(text []byte, key string) []byte {
	for o := NewObject(text, 0); o.Next(); {
		if string(o.Key) == key {
			return o.Value()
		}
	}
	return nil
}

// Null tells whether a raw value is absent or null.
func Null(raw []byte) bool { return len(raw) == 0 || raw[0] == 'n' }

// Text gives a raw value's string: its bytes in place when nothing is escaped, a decoded copy otherwise. It is
// false for anything but a string.
func Text(raw []byte) ([]byte, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return nil, false
	}
	inner := raw[1 : len(raw)-1]
	for _, c := range inner {
		if c < ' ' || c == '\\' {
			return unescape(inner)
		}
	}
	return inner, true
}

// Int reads a raw value as an integer; it is false for anything else and beyond the range of int64.
func Int(raw []byte) (int64, bool) {
	if len(raw) == 0 || len(raw) > 20 {
		return 0, false
	}
	i, negative := 0, raw[0] == '-'
	if negative {
		i++
	}
	if i == len(raw) {
		return 0, false
	}
	var n int64
	for ; i < len(raw); i++ {
		d := int64(raw[i]) - '0'
		if d < 0 || d > 9 || n > (1<<63-1-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	if negative {
		n = -n
	}
	return n, true
}

// unescape decodes JSON's escapes (RFC 8259, section 7); a lone surrogate becomes U+FFFD. It is false where a strict reader and a
// lenient one would read different strings: unknown escapes, and control characters that are not escaped.
func unescape(b []byte) ([]byte, bool) {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			if b[i] < ' ' {
				return nil, false
			}
			out = append(out, b[i])
			continue
		}
		if i++; i == len(b) {
			return nil, false
		}
		switch b[i] {
		case '"', '\\', '/':
			out = append(out, b[i])
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, ok := hex4(b, i+1)
			if !ok {
				return nil, false
			}
			i += 4
			if r >= 0xD800 && r < 0xDC00 && i+2 < len(b) && b[i+1] == '\\' && b[i+2] == 'u' {
				if low, ok := hex4(b, i+3); ok && low >= 0xDC00 && low < 0xE000 {
					r = (r-0xD800)<<10 + (low - 0xDC00) + 0x10000
					i += 6
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			return nil, false
		}
	}
	return out, true
}

func hex4(b []byte, at int) (rune, bool) {
	if at+4 > len(b) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[at:at+4]), 16, 32)
	return rune(n), err == nil && b[at] != '+' && b[at] != '-'
}
