package jsonscan

// maxDepth is far beyond any tool's schema, and within what other JSON readers take.
const maxDepth = 512

// nest is the brackets that are open.
type nest struct {
	depth   int
	objects [maxDepth / 64]uint64 // a bit for each of them: an object's
}

// push is false when it would be too deep.
func (n *nest) push(bracket byte) bool {
	if n.depth == maxDepth {
		return false
	}
	at, bit := &n.objects[n.depth/64], uint64(1)<<(n.depth%64)
	if *at &^= bit; bracket == '{' {
		*at |= bit
	}
	n.depth++
	return true
}

func (n *nest) inObject() bool { return n.objects[(n.depth-1)/64]>>((n.depth-1)%64)&1 != 0 }

// skipNested skips an object or an array, and checks its structure. Words and numbers in it may be what JSON does not have: some
// servers write NaN in answers that most callers read all the same.
func skipNested(text []byte, pos int) (int, error) {
	var open nest
	var err error
	for {
		switch c := at(text, pos); c {
		case '{', '[':
			if !open.push(c) {
				return pos, errDepth
			}
			if pos = space(text, pos+1); at(text, pos) == c+2 {
				break // its closing bracket
			}
			if c == '{' {
				if pos, err = skipKey(text, pos); err != nil {
					return pos, err
				}
			}
			continue
		case '"':
			end := skipString(text, pos)
			if end < 0 {
				return pos, errString
			}
			pos = end
		default:
			if pos, err = skipWord(text, pos); err != nil {
				return pos, err
			}
		}
		if pos, err = open.after(text, pos); err != nil || open.depth == 0 {
			return pos, err
		}
	}
}

// after closes the brackets that close at pos, and goes on to the next value unless all are closed.
func (n *nest) after(text []byte, pos int) (int, error) {
	for {
		pos = space(text, pos)
		object := n.inObject()
		switch c := at(text, pos); {
		case c == ',':
			if pos = space(text, pos+1); object {
				return skipKey(text, pos)
			}
			return pos, nil
		case c == '}' && object, c == ']' && !object:
			if pos, n.depth = pos+1, n.depth-1; n.depth == 0 {
				return pos, nil
			}
		case pos >= len(text):
			return pos, errEnd
		default:
			return pos, errComma
		}
	}
}

// skipKey is the place of the value behind the key at pos.
func skipKey(text []byte, pos int) (int, error) {
	switch {
	case pos >= len(text):
		return pos, errEnd
	case text[pos] != '"':
		return pos, errKey
	}
	end := skipString(text, pos)
	if end < 0 {
		return pos, errString
	}
	if pos = space(text, end); at(text, pos) != ':' {
		return pos, errColon
	}
	return space(text, pos+1), nil
}

// skipWord skips what has the characters of a number or a name.
func skipWord(text []byte, pos int) (int, error) {
	end := pos
	for end < len(text) && (text[end]-'0' < 10 || text[end]|0x20-'a' < 26 || text[end] == '-' || text[end] == '+' || text[end] == '.') {
		end++
	}
	switch {
	case end > pos:
		return end, nil
	case pos >= len(text):
		return pos, errEnd
	}
	return pos, errLiteral
}

func at(text []byte, pos int) byte {
	if pos < len(text) {
		return text[pos]
	}
	return 0
}
