package redact

// nesting follows JSON in strings of JSON, byte by byte, so that at any place it is known in how many strings a value stands that is
// put there. Text that is no JSON is left alone from the first byte that shows it.
type nesting struct {
	levels  [maxNested + 1]lexer
	endless bool       // level 0 is the content of a string, whose end is not seen
	whole   *wholeBody // set when the text is all there is
}

// inString makes the nesting of a text that is the content of a string, as the pieces of a stream are.
func inString() nesting {
	n := nesting{endless: true}
	n.levels[0].state = lexString
	return n
}

// lexer is the place in one JSON text.
type lexer struct {
	state lexState
	hex   uint8 // digits of \u that are still to come
	code  rune
}

type lexState uint8

const (
	lexStart lexState = iota
	lexNone           // it is no JSON object or array
	lexOutside
	lexString
	lexEscape
	lexHex
)

// level is how many strings there are around the place. A nil nesting is plain text.
func (n *nesting) level() int {
	if n == nil {
		return 0
	}
	level := 0
	for level < len(n.levels) && n.levels[level].state >= lexString {
		level++
	}
	return level
}

// copy appends text to dst, and feeds it.
func (n *nesting) copy(dst, text []byte) []byte {
	n.feed(text)
	return append(dst, text...)
}

// feed goes on over text.
func (n *nesting) feed(text []byte) {
	if n == nil || n.levels[0].state == lexNone || n.endless && n.levels[1].state == lexNone {
		return
	}
	for i := 0; i < len(text); i++ {
		if n.levels[0].state == lexString && n.levels[1].state == lexNone {
			// Most strings are no JSON: all that counts of them is where they end.
			if i = nextSpecial(text, i); i == len(text) {
				return
			}
		}
		n.step(0, text[i])
	}
}

// step goes on by one byte of the text at depth k.
func (n *nesting) step(k int, c byte) {
	if k == len(n.levels) {
		return
	}
	l := &n.levels[k]
	switch l.state {
	case lexStart:
		switch c {
		case '{', '[':
			l.state = lexOutside
		case ' ', '\n', '\r', '\t':
		default:
			l.state = lexNone
		}
	case lexOutside:
		if c == '"' {
			l.state = lexString
			if k+1 < len(n.levels) {
				n.levels[k+1] = lexer{}
			}
		} else if !outsideString(c) {
			l.state = lexNone
		}
	case lexString:
		switch {
		case c == '"' && (k > 0 || !n.endless):
			l.state = lexOutside
		case c == '\\':
			l.state = lexEscape
		case c < ' ':
			l.state = lexNone
		default:
			n.step(k+1, c)
		}
	case lexEscape, lexHex:
		n.escape(k, c)
	}
}

// escape goes on by one byte after a backslash.
func (n *nesting) escape(k int, c byte) {
	l := &n.levels[k]
	if l.state == lexEscape && c == 'u' {
		l.state, l.hex, l.code = lexHex, 4, 0
		return
	}
	if l.state == lexEscape {
		decoded, size := escapedRune([]byte{'\\', c})
		if size == 0 {
			l.state = lexNone
			return
		}
		l.state = lexString
		n.step(k+1, byte(decoded))
		return
	}
	d := hexNibble(c)
	if d < 0 {
		l.state = lexNone
		return
	}
	l.code = l.code<<4 | d
	if l.hex--; l.hex == 0 {
		l.state = lexString
		// What is not ASCII is all the same to JSON.
		n.step(k+1, byte(min(l.code, 0x80)))
	}
}

// outsideString tells the bytes that JSON has outside of strings, besides quotes.
func outsideString(c byte) bool {
	switch c {
	case '{', '}', '[', ']', ':', ',', ' ', '\n', '\r', '\t':
		return true
	}
	return literalByte(c)
}

// wholeBody tells the level of a token in a body that is all there, where a string that only begins like JSON can be told from one that
// is. In a stream it cannot; there it counts for the values with quotes, backslashes or line breaks in them.
type wholeBody struct {
	levels map[int]int // by the token's place; nil: not known yet
}

func (b *wholeBody) level(r *restorer, body []byte, at, guess int) int {
	if b.levels == nil {
		b.levels = map[int]int{}
		w := walker{jsonReader: jsonReader{text: body}, detector: tokens{r}, leveled: true}
		w.peek()
		w.value(roleDeep, nil)
		if w.end(); w.err == nil {
			for i, f := range w.found {
				b.levels[f.Start] = int(w.levels[i])
			}
		}
	}
	if level, ok := b.levels[at]; ok {
		return level
	}
	return guess
}

// tokens finds the tokens of a scope.
type tokens struct{ r *restorer }

// Detect implements Detector.
func (t tokens) Detect(dst []Finding, _ string, text []byte) ([]Finding, error) {
	for i := 0; i < len(text); {
		start, next, m := t.r.look(text, i)
		if i = next; m.end > 0 {
			dst = append(dst, Finding{Start: start, End: m.end})
			i = m.end
		}
	}
	return dst, nil
}
