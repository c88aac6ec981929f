package redact

// literal is the type of a text that looks like a placeholder and was in the prompt already. It is no kind of personal data, has no
// place in the catalogue, and is masked like a value, so that restoring gives back what the caller wrote instead of somebody's value.
const literal Type = 255

// literalName is its name in a placeholder.
const literalName = "LITERAL"

// maxSuffix is the longest suffix that a placeholder can have, in bytes.
const maxSuffix = 32

// appendPlaceholder writes the token of a type and a suffix: <EMAIL_1>. Tokens are ASCII without quotes, backslashes and control
// characters, so that they stand in JSON at any depth as they are.
func appendPlaceholder(dst []byte, t Type, suffix []byte) []byte {
	dst = append(dst, '<')
	dst = append(dst, tokenName(t)...)
	dst = append(dst, '_')
	dst = append(dst, suffix...)
	return append(dst, '>')
}

func tokenName(t Type) string {
	if t == literal {
		return literalName
	}
	return t.String()
}

// suffixAlphabet is Crockford's base 32 in lower case: no letter that reads as a digit, and no words.
const suffixAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// appendSuffix writes n characters, 5 bits each, of a hash.
func appendSuffix(dst, hash []byte, n int) []byte {
	var bits uint32
	have := 0
	for _, b := range hash {
		bits = bits<<8 | uint32(b)
		for have += 8; have >= 5 && n > 0; n-- {
			have -= 5
			dst = append(dst, suffixAlphabet[bits>>have&31])
		}
	}
	return dst
}

// appendLookalikes appends what could be taken for a placeholder, also in the spelling \u003c that JSON writers use.
func appendLookalikes(dst []Finding, text []byte) []Finding {
	open, slash := indexFrom(text, 0, '<'), indexFrom(text, 0, '\\')
	for open < len(text) || slash < len(text) {
		at := min(open, slash)
		if slash < open {
			// A run of backslashes is one candidate, however long it is.
			end := at + backslashes(text[at:])
			_, own := depthOf(end - at)
			at = end - own
		}
		if n := lookalike(text[at:]); n > 0 {
			dst = append(dst, Finding{Start: at, End: at + n, Type: literal})
			at += n
		} else {
			at += max(1, backslashes(text[at:]))
		}
		if open < at {
			open = indexFrom(text, at, '<')
		}
		if slash < at {
			slash = indexFrom(text, at, '\\')
		}
	}
	return dst
}

// indexFrom is the place of the next c, or the end.
func indexFrom(text []byte, at int, c byte) int {
	if i := indexByte(text[at:], c); i >= 0 {
		return at + i
	}
	return len(text)
}

// lookalike is the length of the placeholder of any type and suffix that text begins with, 0 for none.
func lookalike(text []byte) int {
	var name [64]byte
	used, at, last := 0, 0, -1
	for {
		c, n, _ := spelled(text, at)
		if n == 0 || (at == 0) != (c == '<') {
			return 0
		}
		at += n
		switch {
		case c == '<':
			continue
		case c == '>':
			if last < 0 || last == used-1 || used-1-last > maxSuffix {
				return 0
			}
			t := string(name[:last])
			if _, known := ParseType(t); !known && t != literalName {
				return 0
			}
			return at
		case c == '_':
			last = used
		case !(c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9'):
			return 0
		}
		if used == len(name) {
			return 0
		}
		name[used] = c
		used++
	}
}

// maxRun is the longest run of backslashes that an escape in a token may have: four strings around it.
const maxRun = 8

// spelled reads the character at text[at] as a token in JSON may be spelled: itself, or \u003c after as many backslashes as the depth
// of the JSON needs, or \/. n is its length; 0: it is no character that a token can have there, which at the end of text may be
// because it is not complete: cut tells.
func spelled(text []byte, at int) (c byte, n int, cut bool) {
	if at >= len(text) {
		return 0, 0, true
	}
	if text[at] != '\\' {
		return text[at], 1, false
	}
	run := backslashes(text[at:])
	if i := at + run; run > maxRun || i < len(text) && run&(run-1) != 0 {
		return 0, 0, false
	} else if i < len(text) && text[i] == '/' {
		return '/', run + 1, false
	} else if i < len(text) && text[i] != 'u' {
		return 0, 0, false
	}
	var v rune
	for k := 1; k <= 4; k++ {
		i := at + run + k
		if i >= len(text) {
			return 0, 0, true
		}
		d := hexNibble(text[i])
		if d < 0 || k <= 2 && d != 0 {
			return 0, 0, false
		}
		v = v<<4 | d
	}
	if v >= 0x80 {
		return 0, 0, false
	}
	return byte(v), run + 5, false
}

// backslashes is the length of the run of backslashes that text begins with.
func backslashes(text []byte) int {
	n := 0
	for n < len(text) && text[n] == '\\' {
		n++
	}
	return n
}

// depthOf tells how deep in JSON an escape with a run of n backslashes stands: one backslash at depth 1, two at 2, four at 3. Of a
// longer run the others belong to the text before it; own is how many are the escape's.
func depthOf(n int) (depth, own int) {
	own = n & -n
	for d := own; d > 0; d >>= 1 {
		depth++
	}
	return depth, own
}
