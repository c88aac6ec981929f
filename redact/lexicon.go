package redact

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// lexicon is a set of phrases that can be looked up at any place of a text, whatever their case and accents.
// It is a trie over folded characters in one slice.
type lexicon struct {
	nodes []node
	ascii [128]uint16       // the root's children by character
	other map[uint16]uint16 // the root's other children
	what  []label           // by node.end
	pairs []uint16          // by the first two ASCII characters, where phrases go on
	heads [1 << 10]uint32   // by the first two ASCII characters, a bit for each third one; most words stop here
}

// node is a character of a phrase.
type node struct {
	char        uint16
	child, next uint16 // first child, next sibling; 0 is none
	end         uint8  // index in what of the phrase that ends here; 0 is none
	open        bool   // the word may go on: "telefon" in "telefonnummer"
}

var errLexicon = errors.New("the dictionary is too large: at most about 60000 different characters of terms")

// newLabels compiles the context words.
func newLabels() *lexicon {
	l := &lexicon{nodes: make([]node, 1, 1<<13), other: make(map[uint16]uint16), what: []label{0}}
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
	l.index()
	return l
}

// insert adds a phrase; where one phrase has two meanings they are joined.
func (l *lexicon) insert(phrase string, at uint8, open bool) bool {
	cur := uint16(0)
	for len(phrase) > 0 {
		c, n := foldChar([]byte(phrase), 0)
		phrase = phrase[n:]
		if c == 0 {
			continue
		}
		next := l.child(cur, c)
		if next == 0 {
			if len(l.nodes) == 1<<16-1 {
				return false
			}
			next = uint16(len(l.nodes))
			l.nodes = append(l.nodes, node{char: c})
			switch {
			case cur != 0:
				l.nodes[next].next = l.nodes[cur].child
				l.nodes[cur].child = next
			case c < 128:
				l.ascii[c] = next
			default:
				l.other[c] = next
			}
		}
		cur = next
	}
	end := &l.nodes[cur]
	if end.end != 0 && end.end != at {
		both := l.what[end.end] | l.what[at]
		for k, w := range l.what {
			if w == both {
				at, both = uint8(k), 0
				break
			}
		}
		if both != 0 {
			at = uint8(len(l.what))
			l.what = append(l.what, both)
		}
	}
	end.end = at
	end.open = end.open || open
	return true
}

// index compiles pairs and heads, when all phrases are in. A phrase of one character keeps its pairs open: ends is the mark.
func (l *lexicon) index() {
	for a := range uint16(128) {
		l.indexHeads(a, l.ascii[a])
	}
	l.pairs = make([]uint16, 128*128)
	for a := range uint16(128) {
		first := l.ascii[a]
		if first == 0 {
			continue
		}
		for b := range uint16(128) {
			if l.nodes[first].end != 0 {
				l.pairs[a<<7|b] = first
			}
		}
		for k := l.nodes[first].child; k != 0; k = l.nodes[k].next {
			if c := l.nodes[k].char; c < 128 && l.nodes[first].end == 0 {
				l.pairs[a<<7|c] = k
			}
		}
	}
}

// indexHeads notes the beginnings of phrases from the node of their first character, a.
func (l *lexicon) indexHeads(a, first uint16) {
	const every = 1<<32 - 1
	for b := range uint16(32) {
		if l.nodes[first].end != 0 {
			l.heads[a&31<<5|b] = every
		}
	}
	for k := l.nodes[first].child; first != 0 && k != 0; k = l.nodes[k].next {
		head := &l.heads[a&31<<5|l.nodes[k].char&31]
		if l.nodes[k].end != 0 {
			*head = every
		}
		for n := l.nodes[k].child; n != 0; n = l.nodes[n].next {
			*head |= 1 << (l.nodes[n].char & 31)
		}
	}
}

// begins says whether a phrase may begin at i, by three characters; where they are not ASCII it says so too.
func (l *lexicon) begins(t []byte, i int) bool {
	if i+2 >= len(t) || (t[i]|t[i+1]|t[i+2])&0x80 != 0 {
		return true
	}
	return l.heads[uint16(folded[t[i]]&31)<<5|uint16(folded[t[i+1]]&31)]>>(folded[t[i+2]]&31)&1 != 0
}

func (l *lexicon) child(cur, c uint16) uint16 {
	if cur == 0 {
		if c < 128 {
			return l.ascii[c]
		}
		return l.other[c]
	}
	for k := l.nodes[cur].child; k != 0; k = l.nodes[k].next {
		if l.nodes[k].char == c {
			return k
		}
	}
	return 0
}

// at is the length of the longest phrase that stands at i as a whole word, and its meaning; 0 when there is none.
func (l *lexicon) at(t []byte, i int) (int, label) {
	cur, k := uint16(0), i
	if t[i] < utf8.RuneSelf && i+1 < len(t) && t[i+1] < utf8.RuneSelf {
		a, b := folded[t[i]], folded[t[i+1]]
		switch cur = l.pairs[uint16(a)<<7|uint16(b)]; {
		case cur == 0:
			return 0, 0
		case cur == l.ascii[a] || b == ' ':
			cur = 0 // the slow way
		default:
			k = i + 2
		}
	}
	if !wordStart(t, i) {
		return 0, 0
	}
	best, what := 0, label(0)
	if cur != 0 {
		if e := &l.nodes[cur]; e.end != 0 && (e.open || wordEnd(t, k)) {
			best, what = k-i, l.what[e.end]
		}
	}
	for k < len(t) {
		c, n := foldChar(t, k)
		if c == ' ' && cur != 0 {
			// Any few separators stand for one, and none for one in identifiers (see newLabels).
			for n < 4 && k+n < len(t) && separator(t[k+n]) {
				n++
			}
		}
		if c != 0 {
			if cur = l.child(cur, c); cur == 0 {
				break
			}
		}
		k += n
		if e := &l.nodes[cur]; e.end != 0 && (e.open || wordEnd(t, k)) {
			best, what = k-i, l.what[e.end]
		}
	}
	return best, what
}

func separator(c byte) bool {
	return c == ' ' || c == '_' || c == '-' || c == '.' || c == '\'' || c == '/'
}

// wordStart says whether a word can begin at i: behind anything but a letter of the same kind, at a capital in
// camelCase, and anywhere in scripts that do not part words.
func wordStart(t []byte, i int) bool {
	c := t[i]
	if c < utf8.RuneSelf {
		if !letter(c) {
			return false
		}
		if i == 0 {
			return true
		}
		p := t[i-1]
		if p < utf8.RuneSelf {
			return !letter(p) || props[c]&pUpper != 0 && (props[p]&pLower != 0 || i+1 < len(t) && props[t[i+1]]&pLower != 0)
		}
		return lastUnparted(t, i) // behind é a word goes on, behind 的 one begins
	}
	if !utf8.RuneStart(c) {
		return false
	}
	if c >= 0xE0 || i == 0 {
		return true
	}
	p := t[i-1]
	if p < utf8.RuneSelf {
		return !letter(p)
	}
	return lastUnparted(t, i)
}

// lastUnparted says whether the character before i is of a script that does not part words, or no letter.
func lastUnparted(t []byte, i int) bool {
	r, _ := utf8.DecodeLastRune(t[:i])
	return r >= 0x2000 && (r < 0x2C00 || r >= 0x2E80) || r >= 0xE00 && r < 0xE80 || r == 0xB7 || r == 0xBF || r == 0xA1 || r == 0xAB || r == 0xBB || r == 0xBA || r == 0xB0
}

// wordEnd says whether a word can end before i.
func wordEnd(t []byte, i int) bool {
	if i >= len(t) {
		return true
	}
	c := t[i]
	if c < utf8.RuneSelf {
		if !letter(c) {
			return true
		}
		p := t[i-1]
		return p >= utf8.RuneSelf && lastUnparted(t, i) || props[c]&pUpper != 0 && props[p]&pLower != 0
	}
	r, _ := utf8.DecodeRune(t[i:])
	if r >= 0x2000 && (r < 0x2C00 || r >= 0x2E80) || r >= 0xE00 && r < 0xE80 {
		return true
	}
	// Between two scripts a word ends: "ID号", "ИНН:" does not come here.
	p := t[i-1]
	return p < utf8.RuneSelf && r >= 0x370 || r < 0xC0
}

// foldChar reads the character at i in the form that phrases are kept in: small, without accent, separators as
// spaces. It gives 0 for a character that does not count, such as a combining accent.
func foldChar(t []byte, i int) (c uint16, n int) {
	if b := t[i]; b < utf8.RuneSelf {
		return uint16(folded[b]), 1
	}
	r, n := utf8.DecodeRune(t[i:])
	if r > 0xFFFF {
		return 0xFFFD, n
	}
	return foldRune(r), n
}

// folded is foldChar for ASCII; it is never written to.
var folded = buildFolded()

func buildFolded() (f [128]byte) {
	for c := range f {
		f[c] = byte(c)
		if props[c]&pUpper != 0 {
			f[c] |= 0x20
		} else if separator(byte(c)) {
			f[c] = ' '
		}
	}
	return f
}

// The base letters of Latin-1 from U+00C0, Latin Extended-A from U+0100 and Vietnamese from U+1EA0.
const (
	latin1    = "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty"
	extendedA = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
	vietnam   = "aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy"
)

func foldRune(r rune) uint16 {
	switch {
	case r == 0xA0 || r == 0x2019:
		return ' '
	case r >= 0xC0 && r < 0x100:
		return uint16(latin1[r-0xC0])
	case r >= 0x100 && r < 0x180:
		return uint16(extendedA[r-0x100])
	case r >= 0x1EA0 && r <= 0x1EF9:
		return uint16(vietnam[r-0x1EA0])
	case r >= 0x300 && r < 0x370:
		return 0
	}
	switch r {
	case 0x1A0, 0x1A1:
		return 'o'
	case 0x1AF, 0x1B0:
		return 'u'
	case 0x218, 0x219:
		return 's'
	case 0x21A, 0x21B:
		return 't'
	case 0x401, 0x451: // ё
		return 0x435
	case 0x3AC, 0x386: // Greek vowels with tonos
		return 0x3B1
	case 0x3AD, 0x388:
		return 0x3B5
	case 0x3AE, 0x389:
		return 0x3B7
	case 0x3AF, 0x38A, 0x3CA:
		return 0x3B9
	case 0x3CC, 0x38C:
		return 0x3BF
	case 0x3CD, 0x38E:
		return 0x3C5
	case 0x3CE, 0x38F:
		return 0x3C9
	case 0x3C2: // final sigma
		return 0x3C3
	case 0x622, 0x623, 0x625: // alef with hamza or madda
		return 0x627
	case 0x629: // teh marbuta
		return 0x647
	case 0x649: // alef maksura
		return 0x64A
	}
	switch {
	case r >= 0x410 && r < 0x430, r >= 0x391 && r <= 0x3A9:
		return uint16(r + 32)
	case r >= 0x400 && r < 0x410:
		return uint16(r + 80)
	case r >= 0x64B && r <= 0x652: // Arabic vowel marks
		return 0
	}
	return uint16(r)
}
