package redact

import (
	"bytes"
	"unicode/utf8"
)

// Addresses that are hidden from simple readers: '@' and the dots are words or stand in brackets, or a line end cuts the address.

// dotForm is how the dots of an address are written, the less telling ones later.
type dotForm uint8

const (
	noDot      dotForm = iota
	plainDot           // '.'
	stopDot            // an ideographic full stop, which load has made a line end
	cutDot             // '.' beside a line end
	spacedDot          // " . "
	bracketDot         // [.], (dot)
	spokenDot          // " dot "
	foreignDot         // " punto ": a word of other meanings too
)

// closing is the bracket that closes c, 0 when c opens none.
func closing(c byte) byte {
	switch c {
	case '(':
		return ')'
	case '[', '{', '<':
		return c + 2
	}
	return 0
}

// dotEnd is the end of what stands for a dot at i, 0 when nothing does, and how it is written.
func (s *scan) dotEnd(i int) (int, dotForm) {
	k, c := i, s.at(i)
	switch c {
	case '.':
		return i + 1, plainDot
	case '\n':
		if alnum(s.at(i-1)) && alnum(s.at(i+1)) && alnum(s.at(i+2)) && s.ideographicStop(i) {
			return i + 1, stopDot
		}
		return 0, noDot
	case ' ':
		k++
		c = s.at(k)
	case '[', '(', '{', '<':
	default:
		return 0, noDot
	}
	if k > i && c == '.' && s.at(k+1) == ' ' {
		return k + 2, spacedDot
	}
	if closing(c) != 0 {
		end, _ := s.dotWord(k + 1)
		if end == 0 || s.at(end) != closing(c) {
			return 0, noDot
		}
		if end++; k > i && s.at(end) == ' ' {
			end++
		}
		return end, bracketDot
	}
	if end, form := s.dotWord(k); form > bracketDot && k > i && s.at(end) == ' ' {
		return end + 1, form
	}
	return 0, noDot
}

// dotWord is the end of '.' or a word for it at i, 0 when there is none, and how telling it is.
func (s *scan) dotWord(i int) (int, dotForm) {
	switch c := s.at(i); c {
	case '.':
		return i + 1, bracketDot
	case 'd', 'D':
		if s.foldHas(i, "dot") {
			return i + 3, spokenDot
		}
	case 'p', 'P', 'k', 'K', "т"[0]:
		for _, word := range &dotWords {
			if s.foldHas(i, word) {
				return i + len(word), foreignDot
			}
		}
	}
	return 0, noDot
}

// dotStart is the start of what stands for a dot and ends at end, and how it is written.
func (s *scan) dotStart(end int) (int, dotForm) {
	k := end - 1
	switch s.at(k) {
	case '\n':
		if stop, form := s.dotEnd(k); stop == end {
			return k, form
		}
		return 0, noDot
	case ' ':
		k--
	}
	word, form := k, bracketDot
	switch c := s.at(k); {
	case c != ']' && c != ')' && c != '}' && c != '>':
		word, form = k+1, spokenDot
	case s.at(k-1) == '.':
		return s.opening(k, k-1)
	}
	if s.foldHas(word-3, "dot") {
		word -= 3
	} else {
		n := 0
		for _, w := range &dotWords {
			if s.foldHas(word-len(w), w) {
				n = len(w)
			}
		}
		if n == 0 {
			return 0, noDot
		}
		if word -= n; form == spokenDot {
			form = foreignDot
		}
	}
	if form == bracketDot {
		return s.opening(k, word)
	}
	if s.at(word-1) != ' ' || k != end-2 {
		return 0, noDot
	}
	return word - 1, form
}

// opening is the start of a dot in brackets, which close at i and hold what begins at word, with the space before them.
func (s *scan) opening(i, word int) (int, dotForm) {
	open := word - 1
	if closing(s.at(open)) != s.t[i] {
		return 0, noDot
	}
	if s.at(open-1) == ' ' {
		open--
	}
	return open, bracketDot
}

// ideographicStop says whether the line end at i is written as an ideographic full stop: U+3002, U+FF61.
func (s *scan) ideographicStop(i int) bool {
	if !s.mapped || i < s.lead {
		return false
	}
	at := s.places.at(i - s.lead)
	return at+2 < len(s.src) && (string(s.src[at:at+3]) == "。" || string(s.src[at:at+3]) == "｡")
}

// lineEnd is the length of the line end at i, 0 when there is none.
func (s *scan) lineEnd(i int) int {
	switch {
	case i < len(s.t) && s.t[i] == '\n':
		return 1
	case s.has(i, "\r\n"):
		return 2
	}
	return 0
}

// lineBefore is lineEnd for one that ends at i.
func (s *scan) lineBefore(i int) int {
	if s.has(i-2, "\r\n") {
		return 2
	}
	return s.lineEnd(i - 1)
}

// noHiddenDot says whether nothing that may stand for a dot begins at i, behind the first labels of a domain. Whether a line end does is
// not looked at here.
func (s *scan) noHiddenDot(i int) bool {
	c := s.t[i]
	if c == '\n' || c == '\r' {
		next := s.at(i + 1)
		return next != '.' && next != '\n' && s.at(i-1) != '.' && !(s.mapped && alnum(next))
	}
	end, _ := s.dotEnd(i)
	return end == 0
}

// brokenDot is the end of a line end at i with a dot before or behind it, 0 where a small letter does not follow.
func (s *scan) brokenDot(i int) int {
	n := s.lineEnd(i)
	if n == 0 {
		return 0
	}
	if n += i; s.at(i-1) != '.' {
		if s.at(n) != '.' {
			return 0
		}
		n++
	}
	if props[s.at(n)]&pLower == 0 {
		return 0
	}
	return n
}

// anyDomain reads a domain at i as it is written, or with dots that are hidden: these stand behind the first labels, or behind what is a
// domain already (example.co[.]uk). The top level of one whose dots are hidden is a common one.
func (s *scan) anyDomain(i int) (end int, top []byte, form dotForm) {
	end, top, stop := s.domainEnd(i)
	if end > 0 {
		stop = end
	}
	hidden := 0
	if c := s.at(stop); end == 0 || closing(c) != 0 {
		if next, kind := s.dotEnd(stop); kind > plainDot {
			hidden, form = s.hiddenDomain(next, kind)
		}
	}
	if end == 0 && hidden == 0 {
		if next := s.brokenDot(stop); next > 0 {
			hidden, form = s.cutTop(next), cutDot
		}
	}
	if hidden == 0 {
		return end, top, plainDot
	}
	return hidden, s.t[s.whileBack(hidden, pLetter, maxLocal):hidden], form
}

// cutTop is the end of the rest of a domain behind a line end that cuts it at a dot: it must be a common top level, and no word of a sentence.
func (s *scan) cutTop(i int) int {
	end := s.while(i, pLower, 8)
	if s.at(end) == '.' && props[s.at(end+1)]&pLower != 0 {
		i = end + 1
		end = s.while(i, pLower, 8)
	}
	after := s.at(end)
	if end-i < 2 || !commonTop(s.t[i:end]) || alnum(after) || contains("_-(=:/@", after) || after == ' ' && end-i == 2 && letter(s.at(end+1)) {
		return 0
	}
	return end
}

// hiddenDomain reads the rest of a domain behind its first hidden dot, which is written in the form most: example [dot] com,
// example(dot)com, example dot com. Of its forms it gives the least telling one.
func (s *scan) hiddenDomain(i int, most dotForm) (end int, form dotForm) {
	const longest = 8 // labels
	for range longest {
		stop := s.labelEnd(i, min(len(s.t), i+63))
		if label := s.t[i:stop]; topLevel(label) && commonTop(label) && (most != stopDot || props[label[0]]&pLower != 0) {
			end, form = stop, most
		}
		next, kind := s.dotEnd(stop)
		if stop == i || kind == noDot {
			break
		}
		i, most = next, max(most, kind)
	}
	return end, form
}

// hiddenStart is localStart for a local part whose dots may be hidden as those of the domain are, or stand in brackets.
func (s *scan) hiddenStart(end int, form dotForm) int {
	const longest = 6 // parts
	start := s.localStart(end)
	if before := s.at(start - 1); form <= plainDot && !contains("])}", before) && !(before == ' ' && contains("])}", s.at(start-2))) {
		return start
	}
	for range longest {
		dot, kind := s.dotStart(start)
		if start == end || kind <= plainDot || kind > max(form, bracketDot) || kind == stopDot && form != stopDot {
			break
		}
		next := s.localStart(dot)
		if next == dot || end-next > 2*maxLocal {
			break
		}
		start = next
	}
	return start
}

// strongLocal says whether a local part shows by its marks or figures that it is one.
func strongLocal(name []byte) bool {
	return bytes.IndexByte(name, '.') > 0 || bytes.IndexByte(name, '_') > 0 || hasDigit(name)
}

// decorates says whether what was read behind a line end and '@' and ends at end is a decorator or an annotation: @org.junit.Test.
func (s *scan) decorates(end int) bool {
	return props[s.at(end-1)]&pLower == 0 || s.at(end) == '(' || s.has(end, "\ndef ") || s.has(end, "\nclass ") || s.has(end, "\n@") ||
		props[s.t[s.whileBack(end, pLetter, maxLocal)]]&pUpper != 0
}

// hiddenEmail looks for an address whose '@' is written as the bracketed word [open,end): john [at] example.com, john(at)example(dot)com. One
// that is weak stands for other things too.
func (s *scan) hiddenEmail(open, end int, weak bool) {
	local, domain := open, end
	if s.at(local-1) == ' ' {
		local--
	}
	if s.at(domain) == ' ' {
		domain++
	}
	stop, top, form := s.anyDomain(domain)
	if stop == 0 || form == cutDot {
		return
	}
	start := s.hiddenStart(local, form)
	if start >= local || weak && (local < open || domain > end) || string(s.t[start:local]) == "git" {
		return
	}
	telling := commonTop(top) && (form < foreignDot || len(top) > 2) && (!weak || form > plainDot || strongLocal(s.t[start:local]))
	if telling || s.labelled(start, local, lMail) {
		s.add(Email, start, stop, byPrefix)
	}
}

// signWords are words for '@'; dotWords are words for '.' beside "dot". They are never written to.
var (
	signWords = [...]string{"a", "at", "ät", "arroba", "arobase", "chiocciola", "małpa", "собака"}
	dotWords  = [...]string{"punto", "ponto", "point", "punkt", "kropka", "точка"}
)

// signBefore says whether a part of an address may follow at i, behind a sign in brackets.
func (s *scan) signBefore(i int) bool {
	c := s.at(i)
	if c == ' ' {
		c = s.at(i + 1)
	}
	return alnum(c) || c >= utf8.RuneSelf
}

// bracketedSign looks at an '@' or a dot whose brackets close at i, behind a letter of such a word or a dot.
func (s *scan) bracketedSign(i int) {
	open := i - 2
	if s.t[i-1] != '.' {
		for k, word := range &signWords {
			if open = i - len(word) - 1; open > 0 && closing(s.t[open]) == s.t[i] && s.foldHas(open+1, word) {
				s.hiddenEmail(open, i+1, k == 0)
				return
			}
		}
		open = i - 4
	}
	if end, _ := s.dotEnd(open); end > i {
		if s.at(open-1) == ' ' {
			open--
		}
		s.atBefore(open)
	}
}
