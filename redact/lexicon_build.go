package redact

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// lexiconBuilder takes phrases, and makes a lexicon of them.
type lexiconBuilder struct {
	nodes []draft
	what  []label
}

// draft is a node while phrases come in.
type draft struct {
	char        uint16
	child, next uint16 // first child, next sibling; 0 is none
	end         uint8
	open        bool
}

var errLexicon = errors.New("the dictionary is too large: at most about 60000 different characters of terms")

func newLexiconBuilder(what ...label) *lexiconBuilder {
	return &lexiconBuilder{nodes: make([]draft, 1, 1<<8), what: append([]label{0}, what...)}
}

// newLabels compiles the context words.
func newLabels() *lexicon {
	l := newLexiconBuilder()
	index := make(map[label]uint8)
	for _, line := range labelWords() {
		at, ok := index[line.what]
		if !ok {
			at = uint8(len(l.what))
			index[line.what] = at
			l.what = append(l.what, line.what)
		}
		for phrase := range strings.SplitSeq(line.words, "|") {
			phrase, open := strings.CutSuffix(phrase, "*")
			l.insert(phrase, at, open)
			// Identifiers write two words as one: apiKey, dateofbirth.
			if joined := strings.ReplaceAll(phrase, " ", ""); joined != phrase && len(joined) >= 5 && joined[0] < utf8.RuneSelf {
				l.insert(joined, at, open)
			}
		}
	}
	return l.compile()
}

// insert adds a phrase of the meaning what[at]; where one phrase has two meanings they are joined. It is false when there is no room.
func (l *lexiconBuilder) insert(phrase string, at uint8, open bool) bool {
	cur := uint16(0)
	for len(phrase) > 0 {
		c, n := foldChar([]byte(phrase), 0)
		phrase = phrase[n:]
		if c == 0 {
			continue
		}
		next := l.nodes[cur].child
		for next != 0 && l.nodes[next].char != c {
			next = l.nodes[next].next
		}
		if next == 0 {
			if len(l.nodes) == 1<<16-1 {
				return false
			}
			next = uint16(len(l.nodes))
			l.nodes = append(l.nodes, draft{char: c, next: l.nodes[cur].child})
			l.nodes[cur].child = next
		}
		cur = next
	}
	end := &l.nodes[cur]
	end.end = l.join(end.end, at)
	end.open = end.open || open
	return true
}

// join is the index of the meaning that is both those of a and b.
func (l *lexiconBuilder) join(a, b uint8) uint8 {
	if a == 0 || a == b {
		return b
	}
	both := l.what[a] | l.what[b]
	if at := slices.Index(l.what, both); at >= 0 {
		return uint8(at)
	}
	l.what = append(l.what, both)
	return uint8(len(l.what) - 1)
}

// compile makes the lexicon.
func (l *lexiconBuilder) compile() *lexicon {
	c := &lexicon{wide: make(map[uint32]uint16), roots: new([1 << 10]uint64), heads: new(heads), what: l.what, nodes: make([]node, 1, len(l.nodes))}
	drafts := make([]uint16, 1, len(l.nodes)) // which draft each node is
	for at := 0; at < len(c.nodes); at++ {
		d := l.nodes[drafts[at]]
		n := node{base: uint16(len(c.nodes)), end: d.end, open: d.open}
		var coded [noCode]uint16
		for k := d.child; k != 0; k = l.nodes[k].next {
			if code := codeOf(l.nodes[k].char); code != noCode {
				n.mask |= 1 << code
				coded[code] = k
			}
		}
		for _, k := range coded {
			if k != 0 {
				drafts, c.nodes = append(drafts, k), append(c.nodes, node{})
			}
		}
		for k := d.child; k != 0; k = l.nodes[k].next {
			if char := l.nodes[k].char; codeOf(char) == noCode {
				n.wide = true
				c.wide[uint32(at)<<16|uint32(char)] = uint16(len(c.nodes))
				drafts, c.nodes = append(drafts, k), append(c.nodes, node{})
				if at == 0 {
					c.roots[char>>6] |= 1 << (char & 63)
				}
			}
		}
		c.nodes[at] = n
	}
	c.indexHeads()
	return c
}

func codeOf(c uint16) uint8 {
	if c < utf8.RuneSelf {
		return codes[c]
	}
	return noCode
}

// indexHeads notes the beginnings of phrases. A phrase that ends early leaves open what follows it.
func (l *lexicon) indexHeads() {
	const every = 1<<32 - 1
	h := l.heads
	l.eachStep(0, func(a uint8, first uint16) {
		for b := range uint16(32) {
			if l.nodes[first].end != 0 {
				h.three[uint16(a&31)<<5|b], h.short[uint16(a&31)<<5|b] = every, every
			}
		}
		l.eachStep(first, func(b uint8, second uint16) {
			at := uint16(a&31)<<5 | uint16(b&31)
			if l.nodes[second].end != 0 {
				h.three[at], h.short[at] = every, every
			}
			l.eachStep(second, func(c uint8, third uint16) {
				h.three[at] |= 1 << (c & 31)
				if l.nodes[third].end != 0 {
					h.short[at] |= 1 << (c & 31)
				}
				l.eachStep(third, func(d uint8, _ uint16) {
					four := hashFour(a, b, c, d)
					h.four[four>>6] |= 1 << (four & 63)
				})
			})
		})
	})
}

// eachStep calls do for the coded characters that may follow cur.
func (l *lexicon) eachStep(cur uint16, do func(code uint8, next uint16)) {
	for code := range uint8(noCode) {
		if next := l.step(cur, code); next != 0 {
			do(code, next)
		}
	}
}
