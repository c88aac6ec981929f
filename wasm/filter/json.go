package filter

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// value is a JSON value (RFC 8259). encoding/json would be a third of what TinyGo makes of the whole filter.
type value struct {
	kind    byte // one of the kinds below
	text    string
	items   []value
	members []member
}

type member struct {
	key string
	value
}

// The kinds of values, by what they begin with.
const (
	isNull   = 'n'
	isBool   = 't'
	isNumber = '0'
	isString = '"'
	isList   = '['
	isObject = '{'
)

const maxDepth = 16

// parseJSON reads a text that is one value. It is strict: a key twice in an object is an error. Errors hold a place, and nothing of
// the text, in which there is a secret.
func parseJSON(text string) (value, error) {
	p := parser{text: text}
	v := p.value(0)
	p.space()
	if p.wrong == "" && p.at < len(text) {
		p.fail("text after the end")
	}
	if p.wrong != "" {
		line := 1 + strings.Count(text[:p.at], "\n")
		column := p.at - strings.LastIndexByte(text[:p.at], '\n')
		place := "line " + strconv.Itoa(line) + ", column " + strconv.Itoa(column)
		return value{}, errors.New("the configuration is not JSON: " + place + ": " + p.wrong)
	}
	return v, nil
}

type parser struct {
	text  string
	at    int
	wrong string
}

func (p *parser) fail(what string) {
	if p.wrong == "" {
		p.wrong = what
	}
}

func (p *parser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// peek is the next byte that is no space; 0 at the end and behind an error.
func (p *parser) peek() byte {
	p.space()
	if p.wrong != "" || p.at >= len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *parser) value(depth int) value {
	if depth > maxDepth {
		p.fail("nested too deeply")
		return value{}
	}
	switch c := p.peek(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.list(depth)
	case c == '"':
		return value{kind: isString, text: p.str()}
	case c == '-' || c >= '0' && c <= '9':
		return value{kind: isNumber, text: p.number()}
	}
	for word, kind := range map[string]byte{"true": isBool, "false": isBool, "null": isNull} {
		if strings.HasPrefix(p.text[p.at:], word) {
			p.at += len(word)
			return value{kind: kind, text: word}
		}
	}
	p.fail("a value is expected")
	return value{}
}

func (p *parser) object(depth int) value {
	v := value{kind: isObject}
	for p.more('}', len(v.members) == 0) {
		if p.peek() != '"' {
			p.fail("a key is expected")
			break
		}
		m := member{key: p.str()}
		for i := range v.members {
			if v.members[i].key == m.key {
				p.fail("a key comes twice")
			}
		}
		if p.peek() != ':' {
			p.fail("a colon is expected")
			break
		}
		p.at++
		m.value = p.value(depth + 1)
		v.members = append(v.members, m)
	}
	return v
}

func (p *parser) list(depth int) value {
	v := value{kind: isList}
	for p.more(']', len(v.items) == 0) {
		v.items = append(v.items, p.value(depth+1))
	}
	return v
}

// more moves to the next item, over the opening bracket or a comma; false: over the closing one.
func (p *parser) more(closing byte, first bool) bool {
	if p.wrong != "" {
		return false
	}
	if first {
		p.at++
		if p.peek() == closing {
			p.at++
			return false
		}
		return true
	}
	switch p.peek() {
	case closing:
		p.at++
		return false
	case ',':
		p.at++
		return true
	}
	p.fail("a comma or a closing bracket is expected")
	return false
}

func (p *parser) number() string {
	from := p.at
	digits := func() {
		if start := p.at; p.skip("0123456789") == start {
			p.fail("a digit is expected")
		}
	}
	if p.text[p.at] == '-' {
		p.at++
	}
	if p.at < len(p.text) && p.text[p.at] == '0' {
		p.at++
	} else {
		digits()
	}
	if p.at < len(p.text) && p.text[p.at] == '.' {
		p.at++
		digits()
	}
	if p.at < len(p.text) && p.text[p.at]|0x20 == 'e' {
		p.at++
		if p.at < len(p.text) && (p.text[p.at] == '+' || p.text[p.at] == '-') {
			p.at++
		}
		digits()
	}
	return p.text[from:p.at]
}

// skip moves over bytes of a set, and gives where it ends.
func (p *parser) skip(set string) int {
	for p.at < len(p.text) && strings.IndexByte(set, p.text[p.at]) >= 0 {
		p.at++
	}
	return p.at
}

// str reads the string whose opening quote is next.
func (p *parser) str() string {
	p.at++
	var out []byte
	for p.at < len(p.text) {
		c := p.text[p.at]
		switch {
		case c == '"':
			p.at++
			if !utf8.Valid(out) {
				p.fail("a string is not UTF-8")
			}
			return string(out)
		case c < ' ':
			p.fail("a control character in a string")
			return ""
		case c != '\\':
			out = append(out, c)
			p.at++
		default:
			r, n := unescape(p.text[p.at:])
			if n == 0 {
				p.fail("an escape that does not exist")
				return ""
			}
			out = utf8.AppendRune(out, r)
			p.at += n
		}
	}
	p.fail("a string is not closed")
	return ""
}

// unescape reads the escape that text begins with, and its length; 0: there is none such.
func unescape(text string) (rune, int) {
	if len(text) < 2 {
		return 0, 0
	}
	if i := strings.IndexByte(`"\/bfnrt`, text[1]); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i]), 2
	}
	high, ok := hex4(text, 'u')
	if !ok {
		return 0, 0
	}
	if utf16.IsSurrogate(high) {
		low, ok := hex4(text[6:], 'u')
		if r := utf16.DecodeRune(high, low); ok && r != utf8.RuneError {
			return r, 12
		}
		return 0, 0
	}
	return high, 6
}

func hex4(text string, mark byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != mark {
		return 0, false
	}
	n, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(n), err == nil
}

// quoteJSON writes a string as JSON.
func quoteJSON(text string) string {
	const hex = "0123456789abcdef"
	out := []byte{'"'}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < ' ' || c > '~': // messages are ASCII
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			out = append(out, c)
		}
	}
	return string(append(out, '"'))
}
