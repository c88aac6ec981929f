package redact

// class says what a byte can begin. Everything that is not a trigger is zero and costs one table look-up.
type class uint8

const (
	plain class = iota
	isDigit
	isAt
	isColon
	isEqual
	isDash
	isUnder
	isUpper // letters that begin or mark a key's prefix: AKIA, AIza, eyJ, SG.
	isAngle
	isClose // a bracket that may end "[at]"
)

// classes is the trigger table; it is never written to. A trigger that markTriggers does not mark is not looked at.
var classes = [256]class{
	'0': isDigit, '1': isDigit, '2': isDigit, '3': isDigit, '4': isDigit,
	'5': isDigit, '6': isDigit, '7': isDigit, '8': isDigit, '9': isDigit,
	'@': isAt, ':': isColon, '=': isEqual, '-': isDash, '_': isUnder,
	'A': isUpper, 'J': isUpper, 'S': isUpper, '>': isAngle, ']': isClose, ')': isClose, '}': isClose,
}

// property is a set of what a byte can be, for the validators.
type property uint32

const (
	pDigit property = 1 << iota
	pLower
	pUpper
	pHexLetter
	pLocal // may stand in the local part of an address
	pSpace
	pBase64 // '+' and '/'
	pURLSafe
	pStop  // ends a value that has no quotes
	pGroup // parts groups of digits
	pColon
	pWrap // may stand between a key and its separator
	pKey  // may stand in a key's name
	pTail // behind three digits or fewer it says that they may be part of a value
	pDial // may stand in a telephone number behind its first digit
	pVowel
	pSpoken // may stand in a password that a sentence tells
	pJoint  // joins the letters and the digits of a password
	pInside // ends a value without quotes, but may stand in a password
)

const (
	pLetter = pLower | pUpper
	pAlnum  = pDigit | pLetter
	pHex    = pDigit | pHexLetter
)

// props is the property table; it is never written to.
var props = buildProps()

func buildProps() (p [256]property) {
	for c := '0'; c <= '9'; c++ {
		p[c] = pDigit | pLocal
	}
	for c := 'a'; c <= 'z'; c++ {
		p[c] = pLower | pLocal
		p[c-32] = pUpper | pLocal
	}
	for c := 'a'; c <= 'f'; c++ {
		p[c] |= pHexLetter
		p[c-32] |= pHexLetter
	}
	for _, c := range "._%+-'" {
		p[c] |= pLocal
	}
	for _, c := range " \t\n\r\v\f" {
		p[c] |= pSpace
	}
	p[':'] |= pColon
	p['+'] |= pBase64
	p['/'] |= pBase64
	p['-'] |= pURLSafe
	p['_'] |= pURLSafe
	for _, c := range " -./_" {
		p[c] |= pGroup
	}
	for _, c := range " \t\"'`])*:?\\" {
		p[c] |= pWrap
	}
	for _, c := range " _-[].\"'#*" {
		p[c] |= pKey
	}
	for _, c := range "aeiouAEIOU" {
		p[c] |= pVowel
	}
	for _, c := range " -./_[({)\n\r" {
		p[c] |= pTail
	}
	for _, c := range [...]byte{"年"[0], "년"[0]} { // a year's mark
		p[c] |= pTail
	}
	for _, c := range "0123456789 -./_()" {
		p[c] |= pDial
	}
	for _, c := range "#!$@&*^~%?+" {
		p[c] |= pJoint
	}
	for _, c := range ")]}|;,>" {
		p[c] |= pInside
	}
	for c := range p {
		if c >= 0x80 || p[c]&pAlnum != 0 {
			p[c] |= pKey
		}
	}
	for c := range p {
		if c >= 0x80 || p[c]&pSpace != 0 || contains("\"'`<>;,|)]}", byte(c)) {
			p[c] |= pStop
		} else if !contains(":=([", byte(c)) {
			p[c] |= pSpoken
		}
	}
	return p
}

func digit(c byte) bool  { return c-'0' < 10 }
func letter(c byte) bool { return props[c]&pLetter != 0 }
func alnum(c byte) bool  { return props[c]&pAlnum != 0 }
func hex(c byte) bool    { return props[c]&pHex != 0 }
func space(c byte) bool  { return props[c]&pSpace != 0 }

// scan is the state of one call of Find.
type scan struct {
	f      *Finder
	t      []byte // the text to look at: the caller's, or its normalised copy in buf
	buf    []byte
	lead   int  // bytes of a label that stand before the text in buf
	mapped bool // whether places says where the bytes of t stand in the caller's text; else they stand there in a row
	places places
	src    []byte // the caller's text
	found  []candidate
	hits   hits
	run    run                 // scratch of number
	digits [maxDigits + 1]byte // of acrossLines
	joint  *scan               // see jointScan
	marks
}

// marks say how far each kind of value has been looked at, so that no text is looked at for one kind twice.
type marks struct {
	numberEnd   int // numbers that begin before it have been looked at
	phoneEnd    int // likewise telephone numbers
	colonEnd    int // likewise addresses with colons
	dashEnd     int // likewise with dashes
	valueEnd    int // the end of the last unquoted value of a key, so that "key=key=" stays linear
	valueStart  int
	valueTries  int // how many keys that value has had; a long one counts for several
	spentEnd    int // the end of that value when it has had as many as it may have
	spokenEnd   int // the end of the last value that a sentence may tell, and how many labels it has had
	spokenTries int
	base64End   int // words of base64 that begin before it have been looked at
	tokenEnd    int // likewise of the last token of a prefix
	jwtEnd      int // the end of the last JWT: no other begins in it
	tokenTries  int
	// What was read last of tokens.
	segment    extent           // token characters
	figureless extent           // of such a run what has no digit
	jwtParts   [jwtParts]extent // token characters between the dots
	spoken     extent           // of the run before a word that a sentence may tell, see within
	spacedEnd  int              // rows of single characters that begin before it have been looked at
	cutEnd     int              // line ends before it have been looked at for words that they cut
	jointSize  int              // how many bytes of them, and of words that a line end cuts, have been
	userEnd    int              // the '@' that ends a URL's userinfo: no e-mail address there
}

// extent is [start,end) of the text, which an earlier look has read.
type extent struct{ start, end int }

func (s *scan) reset(f *Finder) {
	s.f, s.buf, s.found = f, s.buf[:0], s.found[:0]
	s.lead, s.marks = 0, marks{}
	s.hits.n, s.hits.pos, s.hits.last, s.hits.key = 0, 0, -1<<30, -1<<30
}

// release lets go of the caller's text and of scratch that one large text has grown.
func (s *scan) release() {
	const keep = 1 << 18
	s.t, s.src, s.f = nil, nil, nil
	if cap(s.buf) > keep {
		s.buf = nil
	}
	s.places.release(keep)
	if cap(s.found) > keep/8 {
		s.found = nil
	}
}

// add notes a candidate.
func (s *scan) add(t Type, start, end int, r rank) {
	if s.f.on[t] {
		s.found = append(s.found, candidate{start: int32(start), end: int32(end), typ: t, rank: r})
	}
}

// sweep is the single pass: every trigger goes to its validators.
func (s *scan) sweep() {
	t := s.t
	for i := 0; i < len(t); {
		// Triggers often follow each other.
		c := classes[t[i]]
		if c == plain {
			// Where markTriggers stopped at what is none, more of the kind often follow.
			for i++; i < len(t) && t[i]-'0' <= '_'-'0' && classes[t[i]] == plain; i++ {
			}
			if i+1 < len(t) && classes[t[i]] == plain {
				if i++; classes[t[i]] == plain {
					i = nextTrigger(t, i+1)
				}
			}
			continue
		}
		switch c {
		case isDigit:
			if i > 0 && i+1 < len(t) && (props[t[i-1]]|props[t[i+1]])&pAlnum == 0 {
				if t[i-1] == ' ' && t[i+1] == ' ' && i > 1 && !digit(t[i-2]) && !alnum(s.at(i-3)) {
					s.spacedOut(i)
				}
				// Of one digit something comes only where more digits may follow, or where it hangs on a mark.
				if props[t[i-1]]&pJoint != 0 && s.hangs(i, i+1) {
					s.spokenSecret(i, i+1)
				}
				if i++; t[i] == '(' && s.at(i+1) != '.' || t[i] == ')' {
					i = s.bracketed(i-1, i)
				} else if !isLast(t[i], s.at(i+1)) {
					i = s.fewFigures(i-1, i)
				}
				continue
			}
			i = s.word(i)
			continue
		case isAt:
			if i++; i < len(t) && t[i] == '@' {
				i = s.while2(i, '@') // none of them is an address's
				continue
			}
			// A domain goes on behind its first byte, if only with what stands for a dot.
			if i+1 < len(t) && (props[t[i+1]]&pKey != 0 || contains("\n\r()>}", t[i+1])) {
				s.email(i - 1)
			}
			continue
		case isColon:
			if i+1 < len(t) && t[i+1] == '=' || i+1 < s.colonEnd && s.idleColon(i) {
				i++ // ":=" is looked at by its second half
				continue
			}
			i = s.colon(i)
			continue
		case isEqual:
			if from := i + 1; from < len(t) && t[from] == '=' {
				if props[s.at(i-1)]&(pAlnum|pBase64) != 0 {
					s.azure(i)
				} else if next := s.at(from + 2); s.at(i-1) == ' ' && (next == '"' || next == '\'') {
					s.value(i, from+1) // token == "x"
				}
			} else if !s.spent(from) && s.keyed(i) {
				if from < len(t) && t[from] == '>' {
					from++
				}
				s.value(i, from)
			}
		case isDash:
			if i > 0 && i+1 < len(t) && props[t[i-1]]&pLower == 0 && t[i-1] != '2' && t[i+1] != '-' {
				i++ // neither the end of a prefix nor a line of dashes
				continue
			}
			i = s.dash(i)
			continue
		case isUnder:
			if i > 0 && (props[t[i-1]]&pLower != 0 || t[i-1] == '8') { // as prefixes end
				s.underscore(i)
			}
		case isUpper:
			// A capital follows and then no digit in all that upper knows, but for JWTs.
			if i+2 < len(t) && (props[t[i+1]]&pUpper != 0 && !digit(t[i+2]) || t[i] == 'J') {
				if s.upper(i); t[i+1] == 'T' && t[i+2] == ' ' && i > 1 && t[i-1] == ' ' && t[i-2] != ' ' && s.signBefore(i+2) {
					s.spokenEmail(i-1, i+3)
				}
			}
		case isAngle:
			if s.has(i-3, "<at") && s.signBefore(i+1) {
				s.hiddenEmail(i-3, i+1, false)
			}
			s.element(i)
		case isClose:
			if i > 0 && t[i] == ')' && (t[i-1] == '"' || t[i-1] == '\'') {
				s.argument(i - 1)
			} else if i > 2 && s.signBefore(i+1) && (t[i-1]|0x20 == 't' || t[i-1] == '.' || t[i-1] == 'a' || t[i-1] == 'e' || t[i-1] == "а"[1]) {
				s.bracketedSign(i)
			}
		}
		if i++; i < len(t) && t[i] == t[i-1] {
			i = s.while2(i, t[i]) // only the first of a run says something
		}
	}
}

// at is the byte at i, or a line end outside the text.
func (s *scan) at(i int) byte {
	if uint(i) < uint(len(s.t)) {
		return s.t[i]
	}
	return '\n'
}

// has says whether the text at i begins with word.
func (s *scan) has(i int, word string) bool {
	return i >= 0 && i+len(word) <= len(s.t) && string(s.t[i:i+len(word)]) == word
}

// while is the end of the run of bytes with one of the properties that begins at i, at most limit bytes on.
func (s *scan) while(i int, property property, limit int) int {
	end := min(len(s.t), i+limit)
	for i < end && props[s.t[i]]&property != 0 {
		i++
	}
	return i
}

// whileBack is the start of the run of bytes with one of the properties that ends at i, at most limit bytes back.
func (s *scan) whileBack(i int, property property, limit int) int {
	end := max(0, i-limit)
	for i > end && props[s.t[i-1]]&property != 0 {
		i--
	}
	return i
}
