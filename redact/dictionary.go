package redact

import (
	"errors"
	"unicode/utf8"
)

// newTerms compiles the operator's dictionary.
func newTerms(terms []string) (*lexicon, error) {
	l := newLexiconBuilder(1)
	for _, term := range terms {
		if len(term) < minValue || !utf8.ValidString(term) {
			return nil, errors.New("a dictionary term is shorter than two bytes or no UTF-8; remove it")
		}
		if !l.insert(term, 1, false) {
			return nil, errLexicon
		}
	}
	return l.compile(), nil
}

// dictionary looks for the operator's terms at every place where a word can begin.
func (s *scan) dictionary() {
	for i := 0; i < len(s.t); {
		at := i
		if s.f.terms.nodes[0].end == 0 { // otherwise marks alone are a term
			at = afterNothing(s.t, i)
		}
		if at == len(s.t) {
			return
		}
		if n := s.f.terms.term(s.t, at); n > 0 {
			s.add(Dictionary, i, at+n, byOperator)
			i = at + n
			continue
		}
		i = nextTerm(s.t, at)
	}
}

// afterNothing passes what terms are read without: combining marks and NUL. A term behind them begins with the first, and a long run of them
// is not to be read from each.
func afterNothing(t []byte, i int) int {
	for i < len(t) {
		c, n := foldChar(t, i)
		if c != 0 {
			break
		}
		i += n
	}
	return i
}

// nextTerm is the next offset where a term can begin.
func nextTerm(t []byte, i int) int {
	if t[i] >= utf8.RuneSelf {
		_, n := utf8.DecodeRune(t[i:])
		return i + n
	}
	if !alnum(t[i]) {
		return i + 1
	}
	for i++; i < len(t) && alnum(t[i]); i++ {
	}
	return i
}

// term is the length of the longest term at i that stands alone.
func (l *lexicon) term(t []byte, i int) int {
	best, cur := 0, uint16(0)
	for k := i; k < len(t); {
		c, n := foldChar(t, k)
		if c != 0 {
			if cur = l.child(cur, c); cur == 0 {
				break
			}
		}
		k += n
		if l.nodes[cur].end != 0 && termEnd(t, k) {
			best = k - i
		}
	}
	return best
}

// termEnd says whether a term can end before i: not inside a word.
func termEnd(t []byte, i int) bool {
	return i >= len(t) || !alnum(t[i-1]) || !alnum(t[i]) && (t[i] < utf8.RuneSelf || wordEnd(t, i))
}
