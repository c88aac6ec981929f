package redact

import "unicode/utf8"

// wideBlocks are where the characters are that foldForm knows: a first byte of UTF-8, and the first and last of the bytes that come second.
func wideBlocks() [36][3]byte {
	return [...][3]byte{
		{0xC2, 0xA0, 0xA0}, {0xC2, 0xAD, 0xAD}, // no-break space, soft hyphen
		{0xC2, 0xB7, 0xB7},                                         // middle dot
		{0xCC, 0x85, 0x85}, {0xCC, 0xB2, 0xB8}, {0xE2, 0x83, 0x83}, // lines over, under and through characters, and keys around them
		{0xCD, 0x8F, 0x8F}, {0xD8, 0x9C, 0x9C}, // invisible
		{0xD9, 0xA0, 0xA9}, {0xDB, 0xB0, 0xB9}, // Arabic digits
		// Digits of South and South-East Asia: blocks of 128 have theirs in the second half.
		{0xE0, 0xA5, 0xA5}, {0xE0, 0xA7, 0xA7}, {0xE0, 0xA9, 0xA9}, {0xE0, 0xAB, 0xAB}, {0xE0, 0xAD, 0xAD}, {0xE0, 0xAF, 0xAF},
		{0xE0, 0xB1, 0xB1}, {0xE0, 0xB3, 0xB3}, {0xE0, 0xB5, 0xB5}, {0xE0, 0xB7, 0xB7}, {0xE0, 0xB9, 0xB9}, {0xE0, 0xBB, 0xBC},
		{0xE1, 0x80, 0x81}, {0xE1, 0x9A, 0x9A}, {0xE1, 0x9F, 0xA0},
		{0xE1, 0x85, 0x85}, {0xE2, 0xA0, 0xA0}, {0xE3, 0x85, 0x85}, // fillers of Hangul, a blank of Braille
		{0xD6, 0x8A, 0x8A},                     // Armenian hyphen
		{0xE2, 0x80, 0x81}, {0xE2, 0x88, 0x88}, // punctuation, operators
		{0xE3, 0x80, 0x80}, {0xE3, 0x83, 0x83}, // ideographic space and full stop, long vowel
		{0xEF, 0xB8, 0xBF},                     // other forms
		{0xF0, 0x9D, 0x9D}, {0xF3, 0xA0, 0xA0}, // mathematical letters and digits, tags
	}
}

// formTable is foldForm of the characters of two and three bytes, by these bytes. Most texts have no others, and one that has many would
// have each decoded.
type formTable struct {
	two   [1 << 5]uint8      // by the first byte: the row of the second
	three [1 << 4 << 6]uint8 // by the first two: that of the third
	rows  [45][64]int8       // 0: stands for itself; negative: for nothing, but for byNeighbours
}

// byNeighbours marks a character that stands for another only beside certain ones.
const byNeighbours = -2

// forms is never written to.
var forms = newForms()

// newForms is by reference, as newShapes is.
func newForms() *formTable {
	f := &formTable{}
	rows := uint8(0)
	row := func(of *uint8) *[64]int8 {
		if *of == 0 {
			rows++
			*of = rows
		}
		return &f.rows[*of]
	}
	for _, block := range wideBlocks() {
		first := block[0]
		for second := block[1]; second <= block[2]; second++ {
			switch {
			case first < 0xE0:
				row(&f.two[first&0x1F])[second&0x3F] = formOf([]byte{first, second})
			case first < 0xF0:
				thirds := row(&f.three[int(first&0x0F)<<6|int(second&0x3F)])
				for k := range thirds {
					thirds[k] = formOf([]byte{first, second, 0x80 | byte(k)})
				}
			}
		}
	}
	return f
}

// formOf is an entry of the table.
func formOf(char []byte) int8 {
	r, _ := utf8.DecodeRune(char)
	to, ok := foldForm(r)
	switch {
	case !ok:
		return 0
	case r == 0x201C || r == 0x201D || r == 0xFF0C || r == 0xB7 || r == 0x2022 || r == 0x2027 || r == 0x30FC:
		return byNeighbours
	}
	return int8(to)
}

// beside says what the character of n bytes at i, which byNeighbours marks, stands for.
func beside(text []byte, i, n int) (to int, ok bool) {
	switch last := text[i+n-1]; {
	case text[i] == 0xE2 && last == 0x9C: // quotes around a value stand beside ASCII; those around what people say need no other form
		return '"', i+n < len(text) && text[i+n] < utf8.RuneSelf
	case text[i] == 0xE2 && last == 0x9D:
		return '"', i > 0 && text[i-1] < utf8.RuneSelf
	case text[i] == 0xEF: // an ideographic comma parts clauses; only between digits it says something
		return ',', digitForm(text, i+n)
	}
	return '-', (i > 0 && digit(text[i-1]) || i > 2 && digitForm(text, i-3)) && digitForm(text, i+n) // likewise dots and long vowels
}

// digitForm says whether a digit stands at i, or what is as wide as an ideograph.
func digitForm(text []byte, i int) bool {
	return i < len(text) && (digit(text[i]) || text[i] == 0xEF)
}

// wideForm is plainForm for a character that is not ASCII.
func wideForm(text []byte, i int) (to, n int, ok bool) {
	c, rest := text[i], text[i+1:]
	form := int8(0)
	switch {
	case c < 0xC2 || len(rest) == 0 || rest[0]&0xC0 != 0x80:
		return 0, 1, false
	case c < 0xE0:
		n, form = 2, forms.rows[forms.two[c&0x1F]][rest[0]&0x3F]
	case c < 0xF0:
		if len(rest) == 1 || rest[1]&0xC0 != 0x80 {
			return 0, 1, false
		}
		n, form = 3, forms.rows[forms.three[int(c&0x0F)<<6|int(rest[0]&0x3F)]][rest[1]&0x3F]
	default:
		r, n := utf8.DecodeRune(text[i:])
		to, ok := foldForm(r)
		return to, n, ok
	}
	if form == byNeighbours {
		to, ok = beside(text, i, n)
		return to, n, ok
	}
	return int(form), n, form != 0
}

// foldForm gives the ASCII character that r stands for: digits of other scripts (Unicode Nd), full-width forms
// (Halfwidth and Fullwidth Forms, U+FF01 to U+FF5E), spaces, dashes; invisible characters give a negative value.
func foldForm(r rune) (int, bool) {
	switch {
	case r >= 0xFF01 && r <= 0xFF5E:
		return int(r - 0xFF01 + '!'), true
	case r == 0xA0, r >= 0x2000 && r <= 0x200A, r == 0x202F, r == 0x205F, r == 0x3000, r == 0x1680:
		return ' ', true
	case r == 0xAD, r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x2064, r == 0xFEFF,
		r == 0x61C, r >= 0x2066 && r <= 0x206F, r == 0x180E, r == 0x34F, r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0000 && r <= 0xE0FFF,
		r == 0x305, r >= 0x332 && r <= 0x338, r == 0x20E3, r == 0x115F, r == 0x1160, r == 0x3164, r == 0xFFA0, r == 0x2800, r >= 0xFFF9 && r <= 0xFFFB:
		return -1, true
	case r >= 0x2010 && r <= 0x2015, r == 0x2212, r == 0x58A, r == 0xFE63, r == 0xFE58, r == 0x2043, r == 0xB7, r == 0x2022, r == 0x2027, r == 0x30FC:
		return '-', true
	case r == 0x2018, r == 0x2019:
		return '\'', true
	case r == 0x201C, r == 0x201D:
		return '"', true
	case r == 0x3002, r == 0xFF61:
		return '\n', true // an ideographic full stop ends a sentence as a line end does
	case r == 0xFE6B:
		return '@', true
	case r == 0xFE55, r == 0x2236:
		return ':', true
	case r == 0x2024, r == 0xFE52:
		return '.', true
	case r == 0x2044, r == 0x2215:
		return '/', true
	case r >= 0x1D7CE && r <= 0x1D7FF: // mathematical digits, five alphabets of ten
		return int(r-0x1D7CE)%10 + '0', true
	case r >= 0x1D400 && r <= 0x1D6A3: // mathematical letters, thirteen alphabets of capitals and small ones
		if k := int(r-0x1D400) % 52; k >= 26 {
			return k - 26 + 'a', true
		} else {
			return k + 'A', true
		}
	}
	// The digits of a script stand in a row; those of India's all at the same place of their block of 128.
	zero := rune(0)
	switch {
	case r < 0x660 || r >= 0x1820:
		return 0, false
	case r < 0x6F0:
		zero = 0x660
	case r < 0x700:
		zero = 0x6F0
	case r < 0x900:
		return 0, false
	case r < 0xE00:
		zero = r&^0x7F + 0x66
	case r < 0xF00:
		zero = r&^0x7F + 0x50
	case r < 0x1000:
		zero = 0xF20
	case r < 0x1100:
		zero = 0x1040
	case r < 0x1800:
		zero = 0x17E0
	default:
		zero = 0x1810
	}
	if r < zero || r > zero+9 {
		return 0, false
	}
	return int(r-zero) + '0', true
}
