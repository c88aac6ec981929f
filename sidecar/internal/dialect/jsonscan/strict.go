package jsonscan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
)

var (
	errControl = errors.New("a control character in a string")
	errEscape  = errors.New("an escape that JSON does not have")
)

// CheckStrings finds what JSON does not allow in a string: control characters and unknown escapes (RFC 8259, section 7). It is for text
// whose structure has been walked through.
func CheckStrings(text []byte) error {
	if at, _ := unfit(text); at < 0 {
		return nil // with no line ends between its tokens, as answers mostly are written
	}
	for pos := 0; ; {
		i := bytes.IndexByte(text[pos:], '"')
		if i < 0 {
			return nil
		}
		start := pos + i + 1
		if pos = skipString(text, start-1); pos < 0 {
			return &Error{Offset: start - 1, Err: errString}
		}
		if at, err := unfit(text[start : pos-1]); at >= 0 {
			return &Error{Offset: start + at, Err: err}
		}
	}
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// unfit is the place of the first byte that a string may not hold as it is, and why; -1: there is none.
func unfit(text []byte) (int, error) {
	for rest := text; len(rest) > 0; {
		size := 1
		if len(rest) >= 8 {
			found := special(rest)
			if found == 0 {
				rest = rest[8:]
				continue
			}
			rest = rest[bits.TrailingZeros64(found)/8:]
		}
		switch c := rest[0]; {
		case c < ' ':
			return len(text) - len(rest), errControl
		case c == '\\':
			if size = escapeSize(rest); size == 0 {
				return len(text) - len(rest), errEscape
			}
		}
		rest = rest[size:]
	}
	return -1, nil
}

// special has a bit for control characters and backslashes in the first eight bytes; the lowest is right, those above it may not be.
func special(text []byte) uint64 {
	word := binary.LittleEndian.Uint64(text)
	slash := word ^ '\\'*ones
	return ((word-' '*ones)&^word | (slash-ones)&^slash) & highs
}

// escapeSize is the length of the escape that text begins with; 0: it is none.
func escapeSize(text []byte) int {
	switch at(text, 1) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(text, 2); ok {
			return 6
		}
	}
	return 0
}
