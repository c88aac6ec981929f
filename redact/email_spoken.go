package redact

import (
	"encoding/binary"
	"unicode/utf8"
)

// Addresses as people say them, jane.doe at example dot com, or spell them: j a n e @ e x . o r g.

// spokenEmails looks for " dot " in all of the text, where no trigger need be, and for an address around it. One in capitals is found from
// its "AT".
func (s *scan) spokenEmails() {
	for i := nextSpoken(s.t, 0); i < len(s.t); i = nextSpoken(s.t, i+1) {
		s.atBefore(i)
	}
}

// nextSpoken is the place of the next " dot " from i on, or the end. A step looks at 24 places for " do" alone, with which one word in three
// hundred begins. bytes.Index takes three times as long where spaces are neither frequent nor rare.
func nextSpoken(t []byte, i int) int {
	const word, step = " dot ", 24
	for ; i < len(t); i += step {
		if i+step+2 <= len(t) {
			b := (*[step + 2]byte)(t[i:])
			if beginsSpoken(b[:])|beginsSpoken(b[6:])|beginsSpoken(b[12:])|beginsSpoken(b[18:]) == 0 {
				continue
			}
		}
		for k := i; k < min(i+step, len(t)-len(word)+1); k++ {
			if t[k] == ' ' && string(t[k:k+len(word)]) == word {
				return k
			}
		}
	}
	return len(t)
}

// beginsSpoken marks, as zeros does, the places among the first six of eight bytes at which " do" begins.
func beginsSpoken(b []byte) uint64 {
	word := binary.LittleEndian.Uint64(b)
	return zeros((word ^ ' '*ones) | (word>>8 ^ 'd'*ones) | (word>>16 ^ 'o'*ones))
}

// atBefore looks for an address whose first label of the domain ends at a hidden dot at i, behind " at ".
func (s *scan) atBefore(i int) {
	const longest = 63 // bytes of a label
	from := s.whileBack(i, pAlnum|pURLSafe, longest)
	if from == i || from < 5 || !s.foldHas(from-4, " at ") {
		return
	}
	s.spokenEmail(from-4, from, false)
}

// foreignAt looks for an address at i, behind a ':', whose '@' is a word of another language: Correo: jane arroba example punto com.
func (s *scan) foreignAt(i int) {
	if s.at(i) == ' ' {
		i++
	}
	end := s.while(i, pLocal, maxLocal)
	if end == i || s.at(end) != ' ' {
		return
	}
	switch s.at(end + 1) {
	case 'a', 'A', 'c', 'C', 'm', 'M', "с"[0]:
		for _, word := range signWords[foreignSigns:] {
			if from := end + 1 + len(word); s.foldHas(end+1, word) && s.at(from) == ' ' {
				s.spokenEmail(end, from+1, true)
				return
			}
		}
	}
}

// spokenEmail looks for an address with a word for '@' between its local part, which ends at local, and its domain. The dots of the domain
// must be words too, or in brackets, and what stands before must look like a local part.
func (s *scan) spokenEmail(local, domain int, foreign bool) {
	end, top, form := s.anyDomain(domain)
	if end == 0 || !commonTop(top) || form < bracketDot && !foreign || form == foreignDot && !foreign || form == cutDot {
		return
	}
	start := s.hiddenStart(local, form)
	if start >= local || !letter(s.t[start]) && s.t[start] < utf8.RuneSelf {
		return
	}
	if name := s.t[start:local]; strongLocal(name) || contains(string(name), '+') || contains(string(name), ' ') || s.namesPerson(start, local) {
		s.add(Email, start, end, byPrefix)
	}
}

// namesPerson says whether the plain word [start,end) before "at" is a local part and no word of a sentence such as "meet me at": it stands
// behind a mark or the word "at" or "is" and begins with a small letter, as a sentence does not, or it has a label.
func (s *scan) namesPerson(start, end int) bool {
	const no = "me|us|you|him|her|it|them|one|all|look|online|meet|up|in|out|on|here|page|site|website|blog|shop|store|work|team|people"
	before := s.at(start - 1)
	if before == ' ' {
		before = s.at(start - 2)
	}
	if s.t[end-1] == 'g' || s.t[end-1] == 'd' || oneOf(no, s.t[start:end]) || s.has(start-5, " the ") || s.has(start-5, " our ") {
		return false
	}
	if props[s.t[start]]&pUpper == 0 && (contains("\n:,;<(\"'", before) || s.has(start-4, " at ") || s.has(start-4, " is ")) {
		return true
	}
	return s.labelled(start, end, lMail)
}

// spacedEmail looks for an address with a space behind each character, '@' at i, that a label announces.
func (s *scan) spacedEmail(i int) {
	start, end := i, i
	for i-start < 2*maxLocal && s.at(start-1) == ' ' && props[s.at(start-2)]&pLocal != 0 && props[s.at(start-3)]&pAlnum == 0 {
		start -= 2
	}
	dot := 0
	for end-i < 2*maxDomain && s.at(end+1) == ' ' && (alnum(s.at(end+2)) || s.at(end+2) == '.' || s.at(end+2) == '-') && !alnum(s.at(end+3)) {
		if end += 2; s.t[end] == '.' {
			if s.at(end+1) != ' ' {
				end -= 2 // a full stop behind it
				break
			}
			dot = end
		}
	}
	if start < i && dot > i+2 && end-dot >= 4 && s.labelled(start, i, lMail) {
		s.add(Email, start, end+1, byPrefix)
	}
}
