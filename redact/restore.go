package redact

// RestoreText appends text to dst with each token of the scope replaced by its value. What looks like a token and is none stays, and so do
// tokens behind 64 MiB of values.
func (s *Scope) RestoreText(dst, text []byte) []byte {
	return s.restore(dst, text, nil)
}

// RestoreJSON is RestoreText for a JSON body: values are escaped for the strings that they come to stand in, also where a string holds
// JSON itself, as tool arguments do. All other bytes leave as they came.
func (s *Scope) RestoreJSON(dst, body []byte) []byte {
	return s.restore(dst, body, &nesting{whole: &wholeBody{}})
}

func (s *Scope) restore(dst, text []byte, n *nesting) []byte {
	r := restorer{scope: s, words: s.issued(), room: maxRestored}
	dst, _ = r.replace(dst, text, n, true)
	return dst
}

// maxRestored is how many bytes of values are put into one text, or one event of a stream. A model that repeats the token of a private key
// would make thousands of bytes of each one that it writes; tokens that are left over stay.
const maxRestored = 64 << 20

// restorer replaces tokens by values in text that comes piece by piece.
type restorer struct {
	scope *Scope
	words *wordSet // nil: there is nothing to restore
	room  int      // bytes of values that may still be put in
}

// replace appends text to dst, complete tokens replaced, the longest first. Unless it is the last of its kind, a tail that may be the
// beginning of a token is left over: rest is its length. n, when it is not nil, is where in JSON the text goes on.
func (r *restorer) replace(dst, text []byte, n *nesting, last bool) (out []byte, rest int) {
	if r.words == nil {
		return append(dst, text...), 0
	}
	done := 0 // what stands before it is in dst
	for i := 0; i < len(text); {
		if c := text[i]; c != '\\' && r.words.first[c].hi == 0 {
			i++
			continue
		}
		start, next, m := r.look(text, i)
		if (m.cut || next > len(text)) && !last {
			return n.copy(dst, text[done:start]), len(text) - start
		}
		if m.end == 0 || r.room <= 0 {
			i = min(next, len(text))
			continue
		}
		dst = n.copy(dst, text[done:start])
		word, _ := r.scope.value(r.words.words[m.word])
		value, level := []byte(word), n.level()
		if level > 1 && n.whole != nil && needsEscape(value) {
			level = n.whole.level(r, text, start, level)
		}
		before := len(dst)
		dst = appendEscaped(dst, value, max(level, m.depth))
		r.room -= len(dst) - before
		n.feed(text[start:m.end])
		i, done = m.end, m.end
	}
	if n != nil && n.whole != nil {
		return append(dst, text[done:]...), 0
	}
	return n.copy(dst, text[done:]), 0
}

// look looks for a token at text[i]. start is where it is or would be, next where to look after that if there is none; next is beyond
// the text when more text may change that.
func (r *restorer) look(text []byte, i int) (start, next int, m match) {
	if text[i] != '\\' {
		return i, i + 1, r.match(text, i)
	}
	if start, next = escape(text, i); start < len(text) {
		m = r.match(text, start)
	}
	return start, next, m
}

// quiet tells that no token can begin in text.
func (r *restorer) quiet(text []byte) bool {
	for _, c := range text {
		if c == '\\' || r.words.first[c].hi > 0 {
			return false
		}
	}
	return true
}

// escape looks at the run of backslashes at text[i]: where a token could start that begins with an escape, and where the text goes on
// if none does. next is beyond the text when the escape is not complete, so that more text may change what it is.
func escape(text []byte, i int) (start, next int) {
	run := backslashes(text[i:])
	end := i + run
	if end == len(text) {
		// How many there are counts only up to the next power of two.
		if held := run % (2 * maxRun); held > 0 {
			return end - held, end + 1
		}
		return end, end
	}
	_, own := depthOf(run)
	if own > maxRun {
		return len(text), end
	}
	start = end - own
	for k := end; k < end+5; k++ {
		if k == len(text) {
			return start, k + 1
		}
		if k == end && text[k] != 'u' || k > end && hexNibble(text[k]) < 0 {
			break
		}
	}
	return start, end
}

// match is a token at a place in text.
type match struct {
	word  int  // which
	end   int  // where it ends; 0: there is none
	depth int  // how many strings of JSON its spelling stands in, as far as it shows
	cut   bool // more text could make it a token, or a longer one
}

// match finds the longest token at text[at].
func (r *restorer) match(text []byte, at int) match {
	var m match
	in, depth := span{0, int32(len(r.words.words))}, 0
	for k := 0; ; k++ {
		c, n, cut := spelled(text, at)
		if cut {
			m.cut = true
			return m
		}
		if n == 0 {
			return m
		}
		if in = r.words.narrow(in, k, c); in.lo == in.hi {
			return m
		}
		if n > 1 {
			d, _ := depthOf(backslashes(text[at:]))
			depth = max(depth, d)
		}
		at += n
		if len(r.words.words[in.lo]) == k+1 {
			m = match{word: int(in.lo), end: at, depth: depth}
			if in.lo++; in.lo == in.hi {
				return m
			}
		}
	}
}
