package handoff

import "strings"

// member is one entry of a dictionary.
type member struct {
	key  string
	kind int
	text string   // of a string or a number
	list []string // of an inner list
}

// The kinds of members that a hand-off has.
const (
	isTrue = iota
	isFalse
	isString
	isNumber
	isList
)

// dictionary reads the part of RFC 8941 that a hand-off uses: booleans, strings, numbers and inner lists of strings, without
// parameters. What the RFC lets pass and nobody means, such as a key twice, is refused.
type dictionary struct {
	header string
	rest   string
	seen   []string
}

func newDictionary(header, value string) (*dictionary, error) {
	d := &dictionary{header: header, rest: strings.Trim(value, " "), seen: make([]string, 0, 4)}
	if d.rest == "" || len(d.rest) > MaxHeader || !ascii(d.rest) {
		return nil, refuse(Malformed, header+" is empty, longer than 8192 bytes, or holds characters that are not printable ASCII")
	}
	return d, nil
}

func (d *dictionary) wrong(detail string) error {
	return refuse(Malformed, d.header+": "+detail)
}

// next reads a member; the second result is false after the last one.
func (d *dictionary) next() (member, bool, error) {
	if d.rest == "" {
		return member{}, false, nil
	}
	if len(d.seen) > 0 {
		if d.rest[0] != ',' {
			return member{}, false, d.wrong("there is something behind a value; parameters are not used")
		}
		d.rest = strings.TrimLeft(d.rest[1:], " ")
	}
	end := 0
	for end < len(d.rest) && d.rest[end] != '=' && d.rest[end] != ',' && d.rest[end] != ' ' && d.rest[end] != ';' {
		end++
	}
	m := member{key: d.rest[:end], kind: isTrue} // which keys there are is for the caller to know
	if m.key == "" || len(m.key) > 32 {
		return m, false, d.wrong("a key is expected")
	}
	for _, key := range d.seen {
		if key == m.key {
			return m, false, d.wrong(m.key + " comes twice")
		}
	}
	d.seen = append(d.seen, m.key)
	d.rest = d.rest[end:]
	if strings.HasPrefix(d.rest, "=") {
		d.rest = d.rest[1:]
		if err := d.value(&m); err != nil {
			return m, false, err
		}
	}
	d.rest = strings.TrimLeft(d.rest, " ")
	return m, true, nil
}

func (d *dictionary) value(m *member) error {
	switch {
	case strings.HasPrefix(d.rest, "?0"):
		m.kind, d.rest = isFalse, d.rest[2:]
	case strings.HasPrefix(d.rest, "?1"):
		m.kind, d.rest = isTrue, d.rest[2:]
	case strings.HasPrefix(d.rest, `"`):
		m.kind = isString
		text, ok := d.text()
		if !ok {
			return d.wrong(m.key + " is not a string of 1 to 1024 bytes")
		}
		m.text = text
	case strings.HasPrefix(d.rest, "("):
		m.kind = isList
		return d.list(m)
	default:
		m.kind = isNumber
		m.text = d.rest[:len(d.rest)-len(strings.TrimLeft(d.rest, digits+"."))]
		if !decimal(m.text) {
			return d.wrong(m.key + " has no value that is used here: a string, a list of strings, a boolean or a number")
		}
		d.rest = d.rest[len(m.text):]
	}
	return nil
}

// text reads a string behind its opening quote (RFC 8941, section 4.2.5).
func (d *dictionary) text() (string, bool) {
	rest := d.rest[1:]
	if end := strings.IndexByte(rest, '"'); end > 0 && end <= MaxText && strings.IndexByte(rest[:end], '\\') < 0 {
		d.rest = rest[end+1:]
		return rest[:end], true
	}
	var out []byte
	for len(out) <= MaxText {
		end := strings.IndexAny(rest, `"\`)
		if end < 0 {
			return "", false
		}
		out = append(out, rest[:end]...)
		if rest[end] == '"' {
			d.rest = rest[end+1:]
			return string(out), len(out) > 0 && len(out) <= MaxText
		}
		if end+1 >= len(rest) || rest[end+1] != '"' && rest[end+1] != '\\' {
			return "", false
		}
		out = append(out, rest[end+1])
		rest = rest[end+2:]
	}
	return "", false
}

func (d *dictionary) list(m *member) error {
	d.rest = strings.TrimLeft(d.rest[1:], " ")
	m.list = make([]string, 0, 4)
	for !strings.HasPrefix(d.rest, ")") {
		if !strings.HasPrefix(d.rest, `"`) || len(m.list) == MaxItems {
			return d.wrong(m.key + " is not a list of 1 to 64 strings, in parentheses and with spaces between")
		}
		text, ok := d.text()
		if !ok {
			return d.wrong(m.key + " holds what is not a string of 1 to 1024 bytes")
		}
		m.list = append(m.list, text)
		if !strings.HasPrefix(d.rest, " ") && !strings.HasPrefix(d.rest, ")") {
			return d.wrong(m.key + " has no space between two strings")
		}
		d.rest = strings.TrimLeft(d.rest, " ")
	}
	d.rest = d.rest[1:]
	if len(m.list) == 0 {
		return d.wrong(m.key + " is an empty list; leave it out to say nothing")
	}
	return nil
}

// ParseCaller reads the value of Souk-Caller.
func ParseCaller(value string) (Caller, error) {
	c := Caller{}
	d, err := newDictionary("souk-caller", value)
	if err != nil {
		return c, err
	}
	for {
		m, more, err := d.next()
		if err != nil {
			return Caller{}, err
		}
		if !more {
			break
		}
		switch {
		case m.key == "id" && m.kind == isString:
			c.ID = m.text
		case m.key == "via" && m.kind == isString:
			c.Via = m.text
		case m.key == "credential" && m.kind == isString:
			c.Credential = m.text
		case m.key == "scopes" && m.kind == isList:
			c.Scopes = m.list
		default:
			return Caller{}, d.wrong(m.key + " is unknown or has another kind of value; it has id, via and credential (strings), scopes (a list)")
		}
	}
	if c.ID == "" {
		return Caller{}, d.wrong("id is missing")
	}
	return c, nil
}

// ParseApplied reads the value of Souk-Applied.
func ParseApplied(value string) (Applied, error) {
	a := Applied{}
	d, err := newDictionary("souk-applied", value)
	if err != nil {
		return a, err
	}
	for {
		m, more, err := d.next()
		if err != nil {
			return Applied{}, err
		}
		if !more {
			return a, nil
		}
		mark := Done
		if m.kind == isFalse {
			mark = NotDone
		}
		switch {
		case m.kind != isTrue && m.kind != isFalse:
			return Applied{}, d.wrong(m.key + " is not a boolean")
		case m.key == "credentials":
			a.Credentials = mark
		case m.key == "guardrails":
			a.Guardrails = mark
		case m.key == "redaction":
			a.Redaction = mark
		default:
			return Applied{}, d.wrong(m.key + " is unknown; it has credentials, guardrails and redaction")
		}
	}
}

// ParseConstraints reads the value of Souk-Constraints. A constraint that is not known is refused: to ignore it would widen what the
// gateway allows.
func ParseConstraints(value string) (Constraints, error) {
	c := Constraints{}
	d, err := newDictionary("souk-constraints", value)
	if err != nil {
		return c, err
	}
	for {
		m, more, err := d.next()
		if err != nil {
			return Constraints{}, err
		}
		if !more {
			return c, nil
		}
		switch {
		case m.key == "region" && m.kind == isList:
			c.Regions = m.list
		case m.key == "type" && m.kind == isList:
			c.Types = m.list
		case m.key == "models" && m.kind == isList && patterns(m.list):
			c.Models = m.list
		case m.key == "max-price" && m.kind == isNumber:
			c.MaxPrice = m.text
		default:
			return Constraints{}, d.wrong(m.key + " is unknown or has another kind of value; it has region, type and models (lists; * only at a pattern's end), max-price (a number)")
		}
	}
}
