// Package jsonscan walks JSON text in place: no decoding and no allocation, because on a large prompt the scan is what a proxy
// spends. It checks the structure of all that it walks through or skips, and the words and numbers of what is looked at.
package jsonscan

import (
	"errors"
	"strconv"
)

var (
	errEnd     = errors.New("unexpected end")
	errString  = errors.New("unterminated string")
	errLiteral = errors.New("invalid literal or number")
	errObject  = errors.New("expected an object")
	errArray   = errors.New("expected an array")
	errKey     = errors.New("expected a quoted key")
	errColon   = errors.New("expected ':' after a key")
	errComma   = errors.New("expected ',' or the closing bracket")
	errDepth   = errors.New("nested too deeply")
	errTrail   = errors.New("unexpected text after the value")
)

// Error is a place in the text where it stops being JSON.
type Error struct {
	Offset int
	Err    error
}

func (e *Error) Error() string {
	return "at byte " + strconv.Itoa(e.Offset) + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Object iterates the members of an object. After Next returned true, Key is the raw key without its quotes (escapes are left
// in) and the value begins at ValueStart. Where it ends is found out by Value, by the next Next, or by the iterator
// that Object or Array gives for what is inside: the text is gone over once, whichever it is.
type Object struct {
	text                 []byte
	pos                  int
	err                  error
	Key                  []byte
	KeyStart, ValueStart int // KeyStart is the opening quote's place
	valueEnd             int // -1: not known yet
}

// NewObject starts at the object that begins at pos; white space before it is skipped.
func NewObject(text []byte, pos int) Object {
	pos = space(text, pos)
	if pos >= len(text) || text[pos] != '{' {
		return Object{text: text, pos: pos, err: errObject}
	}
	return Object{text: text, pos: pos + 1}
}

// ValueEnd is the index after the current value, or that of the place where it stops being JSON.
func (o *Object) ValueEnd() int {
	if o.valueEnd < 0 {
		end, err := Skip(o.text, o.ValueStart)
		o.valueEnd, o.pos, o.err = end, end, err
	}
	return o.valueEnd
}

// Value is the current member's raw value; nil when it is not JSON, which Err then tells.
func (o *Object) Value() []byte {
	end := o.ValueEnd()
	if o.err != nil {
		return nil
	}
	return o.text[o.ValueStart:end]
}

// Object iterates the current value, which must be an object. Give it back with Leave.
func (o *Object) Object() Object { return NewObject(o.text, o.ValueStart) }

// Array iterates the current value, which must be an array. Give it back with Leave.
func (o *Object) Array() Array { return NewArray(o.text, o.ValueStart) }

// Leave takes over where an iterator of the current value came to its end. Without it the value is skipped once more.
func (o *Object) Leave(end int, err error) {
	if err == nil {
		o.valueEnd, o.pos = end, end
	}
}

// End is the index after the closing brace, once Next has returned false without an error.
func (o *Object) End() int { return o.pos }

// Err tells where the text stops being JSON.
func (o *Object) Err() error {
	if o.err == nil {
		return nil
	}
	return &Error{Offset: o.pos, Err: o.err}
}

// Next moves to the next member. It returns false at the closing brace and on an error.
func (o *Object) Next() bool {
	first := o.Key == nil
	if !first {
		o.ValueEnd()
	}
	if o.err != nil {
		return false
	}
	text, pos := o.text, space(o.text, o.pos)
	if pos >= len(text) {
		return o.fail(pos, errEnd)
	}
	if text[pos] == '}' {
		o.pos = pos + 1
		return false
	}
	if !first {
		if text[pos] != ',' {
			return o.fail(pos, errComma)
		}
		if pos = space(text, pos+1); pos >= len(text) {
			return o.fail(pos, errEnd)
		}
	}
	if text[pos] != '"' {
		return o.fail(pos, errKey)
	}
	end := skipString(text, pos)
	if end < 0 {
		return o.fail(pos, errString)
	}
	o.KeyStart, o.Key = pos, text[pos+1:end-1]
	pos = space(text, end)
	if pos >= len(text) || text[pos] != ':' {
		return o.fail(pos, errColon)
	}
	pos = space(text, pos+1)
	if pos >= len(text) {
		return o.fail(pos, errEnd)
	}
	o.ValueStart, o.valueEnd, o.pos = pos, -1, pos
	return true
}

func (o *Object) fail(pos int, err error) bool {
	o.pos, o.err = pos, err
	return false
}

// Array iterates the elements of an array, as Object does members.
type Array struct {
	text       []byte
	pos        int
	err        error
	started    bool
	ValueStart int
	valueEnd   int // -1: not known yet
}

// NewArray starts at the array that begins at pos; white space before it is skipped.
func NewArray(text []byte, pos int) Array {
	pos = space(text, pos)
	if pos >= len(text) || text[pos] != '[' {
		return Array{text: text, pos: pos, err: errArray}
	}
	return Array{text: text, pos: pos + 1}
}

// Value is the current element's raw text; nil when it is not JSON, which Err then tells.
func (a *Array) Value() []byte {
	a.end()
	if a.err != nil {
		return nil
	}
	return a.text[a.ValueStart:a.valueEnd]
}

func (a *Array) end() {
	if a.valueEnd < 0 {
		end, err := Skip(a.text, a.ValueStart)
		a.valueEnd, a.pos, a.err = end, end, err
	}
}

// Object iterates the current element, which must be an object. Give it back with Leave.
func (a *Array) Object() Object { return NewObject(a.text, a.ValueStart) }

// Leave takes over where an iterator of the current element came to its end.
func (a *Array) Leave(end int, err error) {
	if err == nil {
		a.valueEnd, a.pos = end, end
	}
}

// End is the index after the closing bracket, once Next has returned false without an error.
func (a *Array) End() int { return a.pos }

// Err tells where the text stops being JSON.
func (a *Array) Err() error {
	if a.err == nil {
		return nil
	}
	return &Error{Offset: a.pos, Err: a.err}
}

// Next moves to the next element. It returns false at the closing bracket and on an error.
func (a *Array) Next() bool {
	if a.started {
		a.end()
	}
	if a.err != nil {
		return false
	}
	text, pos := a.text, space(a.text, a.pos)
	if pos >= len(text) {
		a.pos, a.err = pos, errEnd
		return false
	}
	if text[pos] == ']' {
		a.pos = pos + 1
		return false
	}
	if a.started {
		if text[pos] != ',' {
			a.pos, a.err = pos, errComma
			return false
		}
		if pos = space(text, pos+1); pos >= len(text) {
			a.pos, a.err = pos, errEnd
			return false
		}
	}
	a.started = true
	a.ValueStart, a.valueEnd, a.pos = pos, -1, pos
	return true
}

// Skip returns the index after the value that begins at pos, or the place and kind of an error.
func Skip(text []byte, pos int) (int, error) {
	if pos >= len(text) {
		return pos, errEnd
	}
	switch text[pos] {
	case '"':
		if end := skipString(text, pos); end >= 0 {
			return end, nil
		}
		return pos, errString
	case '{', '[':
		return skipNested(text, pos)
	}
	end := pos
	for end < len(text) && text[end] > ' ' && text[end] != ',' && text[end] != '}' && text[end] != ']' {
		end++
	}
	if !literal(text[pos:end]) {
		return pos, errLiteral
	}
	return end, nil
}

// literal accepts true, false, null and what has the shape of a number (RFC 8259, sections 3 and 6).
func literal(b []byte) bool {
	switch string(b) {
	case "true", "false", "null":
		return true
	case "":
		return false
	}
	i := 0
	if b[0] == '-' {
		i++
	}
	digits := func() bool {
		from := i
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		return i > from
	}
	zero := i < len(b) && b[i] == '0'
	from := i
	if !digits() || zero && i > from+1 {
		return false
	}
	if i < len(b) && b[i] == '.' {
		i++
		if !digits() {
			return false
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(b)
}

func space(text []byte, pos int) int {
	for pos < len(text) && (text[pos] == ' ' || text[pos] == '\n' || text[pos] == '\t' || text[pos] == '\r') {
		pos++
	}
	return pos
}

// Only tells whether nothing but white space follows pos.
func Only(text []byte, pos int) error {
	if pos = space(text, pos); pos < len(text) {
		return &Error{Offset: pos, Err: errTrail}
	}
	return nil
}
