package redact

import "unicode/utf8"

// Addresses as people say them, behind a sign that is seen: jane.doe AT example DOT com, jane at example[dot]com.

// atBefore looks for an address whose first label of the domain ends at a hidden dot at i, behind " at ".
func (s *scan) atBefore(i int) {
	const longest = 63 // bytes of a label
	from := s.whileBack(i, pAlnum|pURLSafe, longest)
	if from == i || from < 5 || !s.foldHas(from-4, " at ") {
		return
	}
	s.spokenEmail(from-4, from)
}

// spokenEmail looks for an address with a word for '@' between its local part, which ends at local, and its domain. The dots of the domain
// must be words too, or in brackets, and what stands before must look like a local part.
func (s *scan) spokenEmail(local, domain int) {
	end, top, form := s.anyDomain(domain)
	if end == 0 || !commonTop(top) || form < bracketDot || form >= foreignDot {
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
