package redact

import "unicode/utf8"

// label is a set of meanings that a context word has: which identifiers it announces.
type label uint64

const (
	lPhone label = 1 << iota
	lCall        // weaker than lPhone: "call me at"
	lBirth
	lPassword
	lKey // token, API key: values that no person types
	lAWS
	lAzure
	lABA
	lSSN
	lITIN
	lEIN
	lNPI
	lCPF
	lCNPJ
	lAadhaar
	lPAN
	lDETax
	lNHS
	lPESEL
	lBSN
	lMyNumber
	lTFN
	lABN
	lMedicare
	lTR
	lSIN
	lZA
	lSE
	lBE
	lTH
	lKR
	lCN
	lFR
	lNINO
	lSpain
	lFI
	lNational // any national identity number
	lTax      // any tax number
	lMail
	lCard
	lOrder   // order, invoice, ticket: numbers that are nobody's
	lVersion // version, build, release
	lTime
	lCode // bar codes, serial numbers, hashes
	lHost // addresses of hosts
	lRef  // any reference: less telling than lOrder
	lMAC
	lUSCC
	lIT
)

// lIDs are the labels that announce one kind of number each.
const lIDs = lABA | lSSN | lITIN | lEIN | lNPI | lCPF | lCNPJ | lAadhaar | lPAN | lDETax | lNHS | lPESEL | lBSN | lMyNumber | lTFN |
	lABN | lMedicare | lTR | lSIN | lZA | lSE | lBE | lTH | lKR | lCN | lFR | lNINO | lSpain | lFI | lNational | lTax

// reach is how far a context word acts, in bytes: to the value behind it, and in front of it.
const (
	reach      = 60
	reachAfter = 32
)

// shortLabel is the length of the longest words, in bytes, that announce a date of birth only when nothing stands against them.
const shortLabel = 3

// hit is a context word found in the text.
type hit struct {
	start, end int32
	what       label
}

// hits are the latest context words. Words are looked for only near candidates and never twice: pos moves forward.
type hits struct {
	ring [64]hit
	n    int // ever found; the latest is ring[(n-1)%64]
	pos  int // words before it have been looked at
	last int // where the latest ends; far before every text when there is none
	key  int // where the latest that names a secret ends, likewise
}

// words looks for context words from reach before start to reachAfter behind end.
func (s *scan) words(start, end int) {
	if limit := min(len(s.t), end+reachAfter); s.hits.pos < limit {
		s.moreWords(max(s.hits.pos, start-reach-maxWritten), limit)
	}
}

// moreWords looks for context words that begin in [i,limit).
func (s *scan) moreWords(i, limit int) {
	h, t, l := &s.hits, s.t, s.f.labels
	for i < limit {
		if t[i] < utf8.RuneSelf {
			if i = l.nextHead(t, i, limit); i >= limit {
				break
			}
		}
		n, what := l.at(t, i)
		if what == lBirth && n <= shortLabel && (alnum(s.at(i-1)) || alnum(s.at(i+n))) {
			n = 0 // in a token all short words occur
		}
		if n > 0 {
			h.ring[h.n&63] = hit{start: int32(i), end: int32(i + n), what: what}
			h.n++
			i += n
			if h.last = i; what&(lPassword|lKey) != 0 {
				h.key = i
			}
			continue
		}
		i = nextWord(t, i, limit)
	}
	h.pos = max(h.pos, i)
}

// around is the meanings of all context words within reach of the value at [start,end): what it does not have cannot
// announce the value.
func (s *scan) around(start, end int) (what label) {
	s.words(start, end)
	h := &s.hits
	if h.last < start-reach {
		return 0
	}
	for k := h.n - 1; k >= 0 && k >= h.n-64; k-- {
		w := &h.ring[k&63]
		if int(w.end) < start-reach {
			break
		}
		if int(w.start) <= end+reachAfter {
			what |= w.what
		}
	}
	return what
}

// nextWord is the next offset behind i where a word can begin.
func nextWord(t []byte, i, limit int) int {
	c := t[i]
	if c >= utf8.RuneSelf {
		_, n := utf8.DecodeRune(t[i:])
		return i + n
	}
	i++
	if !letter(c) {
		return i
	}
	// camelCase begins a word at a capital that follows a small letter.
	if props[c]&pUpper != 0 {
		for i < limit && props[t[i]]&pUpper != 0 {
			i++
		}
	}
	for i < limit && props[t[i]]&pLower != 0 {
		i++
	}
	return i
}

// labelled says whether a word of want announces the value at [start,end): it stands within reach before it, and
// no other label stands nearer with a number of its own in between; or it follows the value and nothing else does.
func (s *scan) labelled(start, end int, want label) bool {
	return s.distance(start, end, want) >= 0
}

// near says whether a word of want stands within reach of any place in [start,end): without one, nothing there can be
// labelled so.
func (s *scan) near(start, end int, want label) bool {
	s.words(start, end)
	h := &s.hits
	for k := h.n - 1; k >= 0 && k >= h.n-64; k-- {
		w := &h.ring[k&63]
		if w.what&want != 0 && int(w.end) >= start-reach-maxWritten {
			return true
		}
		if int(w.end) < start-reach-maxWritten {
			return false
		}
	}
	return false
}

// maxWritten is how long a date in words is before its year, in bytes.
const maxWritten = 40

// distance is how far the nearest word of want is before the value, up to reach; behind it, more than reach; or -1 when
// there is none: see labelled.
func (s *scan) distance(start, end int, want label) int {
	s.words(start, end)
	h := &s.hits
	if h.last < start-reach {
		return -1
	}
	nearer, before := -1, false
	for k := h.n - 1; k >= 0 && k >= h.n-64; k-- {
		w := &h.ring[k&63]
		if int(w.end) > start {
			continue
		}
		if int(w.end) < start-reach {
			break
		}
		if s.at(int(w.end)) == '>' && s.closes(int(w.end)) {
			continue
		}
		if w.what&want != 0 {
			if nearer >= 0 && s.digitsBetween(int(w.end), nearer, 5) {
				return -1
			}
			return start - int(w.end)
		}
		if w.what&(lIDs|lPhone|lBirth|lCard) != 0 {
			before = true
			if nearer < 0 {
				nearer = int(w.start)
			}
		}
	}
	if before {
		return -1
	}
	return s.behind(end, want)
}

// behind is distance for words behind the value.
func (s *scan) behind(end int, want label) int {
	h := &s.hits
	behind, until := -1, 0
	for k := h.n - 1; k >= 0 && k >= h.n-64; k-- {
		w := &h.ring[k&63]
		if int(w.start) < end {
			break
		}
		if w.what&want != 0 && int(w.start) <= end+reachAfter {
			behind, until = int(w.start), int(w.end)
		}
	}
	if behind < 0 || s.at(end) == '.' && space(s.at(end+1)) || s.divided(end, behind) || s.keyOfNext(until) {
		return -1
	}
	return reach + 1 + behind - end
}

// closes says whether the '>' at i ends the closing tag of an element: its name announces nothing behind it.
func (s *scan) closes(i int) bool {
	const longest = 40
	from := s.whileBack(i, pAlnum|pURLSafe, longest)
	return s.at(from-1) == '/' && s.at(from-2) == '<'
}

// keyOfNext says whether the label that ends at i is the key of the value behind it.
func (s *scan) keyOfNext(i int) bool {
	for props[s.at(i)]&pWrap != 0 && s.at(i) != ':' {
		i++
	}
	return s.at(i) == ':' || s.at(i) == '='
}

// unspent is distance for values that have no check digits: a label counts for the first number behind it and for those
// that a list joins to it, not for every number of the sentence.
func (s *scan) unspent(start, end int, want label) int {
	d := s.distance(start, end, want)
	if d < 0 || d > reach {
		return d
	}
	last := start - 1
	for last >= start-d && !digit(s.t[last]) {
		last--
	}
	if last < start-d || !s.digitsBetween(start-d, start, 4) {
		return d
	}
	letters := 0
	for i := last + 1; i < start; i++ {
		switch c := s.t[i]; {
		case letter(c), c >= utf8.RuneSelf: // a letter of another script counts for as many as it has bytes
			letters++
		case c == '\n':
			return s.behind(end, want) // a line has words of its own
		case c == '.' && space(s.at(i+1)):
			return -1
		}
	}
	if letters > 3 {
		return -1
	}
	return d
}

// nobody says whether the nearest label before the value, at most limit bytes away, is that of a number that is
// not personal: an order, a version, a bar code.
func (s *scan) nobody(start, end, limit int, what label) bool {
	s.words(start, end)
	h := &s.hits
	if h.last < start-limit {
		return false
	}
	for k := h.n - 1; k >= 0 && k >= h.n-64; k-- {
		w := &h.ring[k&63]
		if int(w.end) > start {
			continue
		}
		if int(w.end) < start-limit {
			return false
		}
		if w.what&what == 0 && w.what&^(lZA|lRef) == 0 && k > 0 && int(h.ring[(k-1)&63].end) >= int(w.start)-1 {
			continue // "id" of "order_id"
		}
		from := int(w.end)
		if s.at(from) == '-' && digit(s.at(from+1)) {
			from = s.while(from+1, pDigit, 3) // GTIN-13, SHA-256
		}
		return w.what&what != 0 && !s.divided(from, start)
	}
	return false
}

// digitsBetween says whether [from,to) holds a number of at least n digits.
func (s *scan) digitsBetween(from, to, n int) bool {
	run := 0
	for i := from; i < to && i < len(s.t); i++ {
		if digit(s.t[i]) {
			if run++; run >= n {
				return true
			}
		} else if s.t[i] != '-' && s.t[i] != ' ' && s.t[i] != '.' {
			run = 0
		}
	}
	return false
}

// divided says whether a line end, a sentence's end or a number stands in [from,to).
func (s *scan) divided(from, to int) bool {
	for i := from; i < to && i < len(s.t); i++ {
		c := s.t[i]
		if c == '\n' || c == ';' || digit(c) || c == ',' && space(s.at(i+1)) {
			return true
		}
		// A short word before a full stop is cut short ("no."), a long one ends the sentence.
		if c == '.' && space(s.at(i+1)) && i-s.whileBack(i, pLetter, 5) > 3 {
			return true
		}
	}
	return false
}
