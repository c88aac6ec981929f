package redact

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// lexicon is a set of phrases that can be looked up at any place of a text, whatever their case and accents. It is a trie over
// folded characters: see lexiconBuilder.
type lexicon struct {
	nodes []node
	wide  map[uint32]uint16 // children by characters that have no code: node<<16 | character
	roots *[1 << 10]uint64  // the characters without a code that begin phrases, a bit for each
	heads *heads
	what  []label // by node.end
}

// node is a character of a phrase.
type node struct {
	mask uint64 // the codes of the characters that may follow
	base uint16 // the node of the first of them; the others stand behind it in the order of their codes
	end  uint8  // index in what of the phrase that ends here; 0 is none
	open bool   // the word may go on: "telefon" in "telefonnummer"
	wide bool   // characters without a code may follow too
}

// noCode is the code of a character that has none.
const noCode = 63

// codes are the codes of ASCII characters, the same for both cases; 0 are separators. It is never written to.
var codes = buildCodes()

func buildCodes() (l [128]uint8) {
	for c := range l {
		l[c] = noCode
	}
	for k, c := range "abcdefghijklmnopqrstuvwxyz0123456789$%&()*+,:;<=>?@[]^{|}~!#\"" {
		l[c] = uint8(k + 1)
	}
	for c := range l {
		switch f := folded[c]; {
		case f == ' ':
			l[c] = 0
		case letter(byte(c)):
			l[c] = l[f]
		}
	}
	return l
}

// heads are the beginnings of phrases in ASCII, by the lower bits of codes. Most words of a text stop here.
type heads struct {
	three [1 << 10]uint32 // by two characters, a bit for each third one
	short [1 << 10]uint32 // likewise, where a phrase may be no longer
	four  [1 << 9]uint64  // by a hash of four characters
}

func hashFour(a, b, c, d uint8) uint32 {
	return (uint32(a&31) | uint32(b&31)<<5 | uint32(c&31)<<10 | uint32(d&31)<<15) * 0x9E3779B1 >> 17
}

// begins says whether a phrase may begin at i, by up to four characters; where they are not ASCII it says so too.
func (h *heads) begins(t []byte, i int) bool {
	if i+3 >= len(t) {
		return true
	}
	word := binary.LittleEndian.Uint32(t[i:])
	if word&0x80808080 != 0 {
		return true
	}
	a, b, c := codes[word&0x7F], codes[word>>8&0x7F], codes[word>>16&0x7F]
	at, bit := uint16(a&31)<<5|uint16(b&31), uint32(1)<<(c&31)
	if thirds := h.three[at]; thirds&bit == 0 {
		return thirds != 0 && b == 0 && c == 0 // of more separators any few stand for one, see at
	}
	d := codes[word>>24&0x7F]
	if c == 0 || d == 0 || h.short[at]&bit != 0 {
		return true
	}
	four := hashFour(a, b, c, d)
	return h.four[four>>6]>>(four&63)&1 != 0
}

// nextHead is the place of the next word from i on where a phrase may begin, or of the next character that is not ASCII; at
// least limit when there is none before it. At i, which is ASCII, a word may begin.
func (l *lexicon) nextHead(t []byte, i, limit int) int {
	known := uint64(0) // the byte of a block that the one before it has had
	for i+8 <= len(t) && i < limit {
		block := binary.LittleEndian.Uint64(t[i:])
		if block&(0xC0*ones) == 0 { // figures, spaces and marks
			i, known = i+8, 0
			continue
		}
		marks := wordStarts(block) &^ known
		if wide := block & highs; wide != 0 {
			marks = marks&(wide&-wide-1) | wide
		}
		for ; marks != 0; marks &= marks - 1 {
			at := i + bits.TrailingZeros64(marks)/8
			if at >= limit || t[at] >= utf8.RuneSelf || l.heads.begins(t, at) {
				return at
			}
		}
		i, known = i+7, 0x80
	}
	if known != 0 && i < limit {
		i = nextWord(t, i, limit)
	}
	for i < limit && t[i] < utf8.RuneSelf && !(letter(t[i]) && l.heads.begins(t, i)) {
		i = nextWord(t, i, limit)
	}
	return i
}

// child is the node of the character c behind cur, 0 when no phrase goes on so.
func (l *lexicon) child(cur, c uint16) uint16 {
	if c < utf8.RuneSelf {
		if code := codes[c]; code != noCode {
			return l.step(cur, code)
		}
	}
	if n := &l.nodes[cur]; !n.wide || cur == 0 && l.roots[c>>6]>>(c&63)&1 == 0 {
		return 0
	}
	return l.wide[uint32(cur)<<16|uint32(c)]
}

func (l *lexicon) step(cur uint16, code uint8) uint16 {
	n := &l.nodes[cur]
	if n.mask>>code&1 == 0 {
		return 0
	}
	return n.base + uint16(bits.OnesCount64(n.mask&(1<<code-1)))
}

// at is the length of the longest phrase that stands at i as a whole word, and its meaning; 0 when there is none.
func (l *lexicon) at(t []byte, i int) (int, label) {
	if t[i] >= utf8.RuneSelf {
		// Few characters of a text begin a phrase, and it costs less to see that first.
		if c, _ := foldChar(t, i); c != 0 && l.child(0, c) == 0 {
			return 0, 0
		}
	}
	if !wordStart(t, i) {
		return 0, 0
	}
	cur, best, what := uint16(0), 0, label(0)
	for k := i; k < len(t); {
		n := 1
		if c := t[k]; c < utf8.RuneSelf && codes[c] != noCode {
			if c = codes[c]; c == 0 && cur != 0 {
				// Any few separators stand for one, and none for one in identifiers (see newLabels).
				for n < 4 && k+n < len(t) && separator(t[k+n]) {
					n++
				}
			}
			if cur = l.step(cur, c); cur == 0 {
				break
			}
		} else {
			r, size := foldChar(t, k)
			if n = size; r != 0 {
				if cur = l.child(cur, r); cur == 0 {
					break
				}
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
		if r == 0x1F4DE || r == 0x1F4F1 || r == 0x1F4F2 {
			return 0x260E, n // telephones
		}
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
	case 0x3AF, 0x38A, 0x3CA, 0x390:
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
