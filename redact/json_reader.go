package redact

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"runtime"
	"strconv"
)

// The ways in which a body is not the JSON that can be walked (RFC 8259).
var (
	errJSONEnd     = errors.New("unexpected end")
	errJSONString  = errors.New("unterminated string")
	errJSONEscape  = errors.New("invalid escape in a string")
	errJSONLiteral = errors.New("invalid literal or number")
	errJSONObject  = errors.New("expected a quoted key and ':'")
	errJSONComma   = errors.New("expected ',' or the closing bracket")
	errJSONTrail   = errors.New("unexpected text after the value")
	errJSONDepth   = errors.New("nested deeper than 128 levels")
)

// JSONError is the place in a body where it stops being JSON that can be walked. It holds no part of the body.
type JSONError struct {
	Offset int // bytes from the body's beginning
	Err    error
}

// Error implements error.
func (e *JSONError) Error() string {
	return "body is not JSON: at byte " + strconv.Itoa(e.Offset) + ": " + e.Err.Error()
}

// Unwrap gives the kind of the error.
func (e *JSONError) Unwrap() error { return e.Err }

// jsonReader goes over JSON text in place. After the first error it stands still, and every move says that there is nothing more.
type jsonReader struct {
	text  []byte
	pos   int
	err   error
	keyAt int // where the key that member gave stands, without its quotes
	// strict refuses control characters in strings (RFC 8259, section 7), as who puts values back does: text of a string that has
	// them is no JSON.
	strict bool
}

func (r *jsonReader) fail(err error) {
	if r.err == nil {
		r.err = &JSONError{Offset: r.pos, Err: err}
	}
}

// peek skips white space and gives the byte that follows, 0 at the end.
func (r *jsonReader) peek() byte {
	for r.pos < len(r.text) {
		switch c := r.text[r.pos]; c {
		case ' ', '\n', '\r', '\t':
			r.pos++
		default:
			return c
		}
	}
	return 0
}

// next moves to the next member or element of what opened with { or [, and skips the brackets and commas. first is true before the
// first one. It is false at the closing bracket, which it skips too.
func (r *jsonReader) next(closing byte, first *bool) bool {
	if r.err != nil {
		return false
	}
	if *first {
		r.pos++ // the opening bracket
	}
	c := r.peek()
	switch {
	case c == closing:
		r.pos++
		return false
	case *first:
		*first = false
		return true
	case c == ',':
		r.pos++
		return true
	case r.pos >= len(r.text):
		r.fail(errJSONEnd)
	default:
		r.fail(errJSONComma)
	}
	return false
}

// member is next for an object; it gives the raw key and stands at the value.
func (r *jsonReader) member(first *bool) (key []byte, ok bool) {
	if !r.next('}', first) {
		return nil, false
	}
	if r.peek() != '"' {
		r.fail(errJSONObject)
		return nil, false
	}
	r.keyAt = r.pos + 1
	key, escaped := r.str()
	if r.err == nil && r.peek() != ':' {
		r.fail(errJSONObject)
	}
	if r.err != nil {
		return nil, false
	}
	r.pos++
	r.peek()
	if escaped {
		// Escapes must not hide a key from the rules that decide what is text.
		if key, ok = unescape(nil, key); !ok {
			r.fail(errJSONEscape)
			return nil, false
		}
	}
	return key, true
}

// str reads the string whose opening quote is at pos: its content without the quotes, and whether it holds a backslash.
func (r *jsonReader) str() (content []byte, escaped bool) {
	from := r.pos + 1
	i := indexByte(r.text[from:], '"')
	if i < 0 {
		r.fail(errJSONString)
		return nil, false
	}
	end := from + i
	if j := indexByte(r.text[from:end], '\\'); j >= 0 {
		escaped = true
		if end = r.quoteAfter(from + j); end < 0 {
			r.fail(errJSONString)
			return nil, false
		}
	}
	content = r.text[from:end]
	if r.strict && hasControl(content) {
		r.fail(errJSONString)
		return nil, false
	}
	r.pos = end + 1
	return content, escaped
}

func hasControl(v []byte) bool {
	for _, c := range v {
		if c < ' ' {
			return true
		}
	}
	return false
}

// quoteAfter finds the closing quote of a string from the backslash at pos on; -1: there is none.
func (r *jsonReader) quoteAfter(pos int) int {
	text := r.text
	for pos < len(text) {
		switch text[pos] {
		case '\\':
			pos += 2
		case '"':
			return pos
		default:
			pos = nextSpecial(text, pos)
		}
	}
	return -1
}

// nextSpecial is the place of the next quote or backslash, or the end.
func nextSpecial(text []byte, pos int) int {
	// Words are cheaper than calls for text with many escapes, and dearer for text with none.
	stop := len(text) - 15
	if runtime.GOARCH != "wasm" {
		stop = min(pos+64, stop)
	}
	for ; pos < stop; pos += 16 {
		b := (*[16]byte)(text[pos:])
		low := firstOf(binary.LittleEndian.Uint64(b[:]), '"'*ones, '\\'*ones)
		high := firstOf(binary.LittleEndian.Uint64(b[8:]), '"'*ones, '\\'*ones)
		if low != 0 {
			return pos + bits.TrailingZeros64(low)/8
		}
		if high != 0 {
			return pos + 8 + bits.TrailingZeros64(high)/8
		}
	}
	// Both are looked for no further than twice as far as the nearer one is: a text of many lines may have no quote for long.
	for window := 256; pos < len(text); window *= 2 {
		end := min(pos+window, len(text))
		quote := indexByte(text[pos:end], '"')
		if quote >= 0 {
			end = pos + quote
		}
		if slash := indexByte(text[pos:end], '\\'); slash >= 0 {
			return pos + slash
		}
		if pos = end; quote >= 0 {
			return pos
		}
	}
	return len(text)
}

// skip moves past the value at pos without recursion, whatever its depth; of what is inside it only the balance is checked.
func (r *jsonReader) skip() {
	depth := 0
	for r.err == nil {
		if r.pos >= len(r.text) {
			r.fail(errJSONEnd)
			return
		}
		switch r.text[r.pos] {
		case '"':
			r.str()
		case '{', '[':
			depth++
			r.pos++
		case '}', ']':
			if depth == 0 {
				r.fail(errJSONLiteral)
				return
			}
			depth--
			r.pos++
		case ' ', '\n', '\r', '\t', ',', ':':
			if depth == 0 {
				r.fail(errJSONLiteral)
				return
			}
			r.pos++
		default:
			r.literal()
		}
		if depth == 0 {
			return
		}
	}
}

// literal skips a number, true, false or null.
func (r *jsonReader) literal() {
	from := r.pos
	for r.pos < len(r.text) && literalByte(r.text[r.pos]) {
		r.pos++
	}
	switch word := r.text[from:r.pos]; {
	case len(word) == 0:
		r.fail(errJSONLiteral)
	case word[0] == '-' || word[0] >= '0' && word[0] <= '9':
	case string(word) == "true" || string(word) == "false" || string(word) == "null":
	default:
		r.pos = from
		r.fail(errJSONLiteral)
	}
}

// literalByte tells the bytes that numbers and literals are made of.
func literalByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' || c == '+' || c == '.' || c == 'E'
}

// end checks that nothing but white space follows.
func (r *jsonReader) end() {
	if r.err == nil && (r.peek() != 0 || r.pos < len(r.text)) {
		r.fail(errJSONTrail)
	}
}
