package redact

// unannounced says whether the number [a,b) is one group of so few digits that only a label makes it something, and has none.
func (s *scan) unannounced(a, b int) bool {
	size, before, after, next := b-a, s.at(a-1), s.at(b), s.at(b+1)
	switch {
	case size > 10 || props[after]&pGroup != 0 && props[next]&(pGroup|pDigit) != 0 && !s.beginsCode(b+1):
		return false
	case size < fewestDialled && before != '+' && before != '(' && s.goesBelow(b):
		return s.around(a, a)&(lIDs|lCard|lPhone|lCall|lBirth) == 0
	case before == '+' || before == '(' || after == '\n' || after == ')' || s.bracketAt(b):
		return false // of a telephone number, or of one that goes on below
	case size < fewestDialled:
		return size != 4 || !s.yearAt(a) // a year has a date around it
	case before == '_' && size < fewest:
		return true // only a telephone number is as short, and that is no part of a name: see readPhone
	case s.t[a] == '0' || size == 8 && (s.yearAt(a) || s.yearAt(b-4)):
		return false // a trunk zero, a date
	case s.tied(b) && (size < fewest || s.joinedRight(b) || s.joinedLeft(a)):
		return true
	}
	return s.around(a, b) == 0
}

// shortPair is the end of the run when it is the group [a,b) and one more and they have fewer digits than a telephone number, an identifier
// or a date, 0 otherwise: most amounts and measures are such, 1.00 or 12.5. A mark that parts groups and a digit stand behind b.
func (s *scan) shortPair(a, b int) int {
	end := b + 2
	for digit(s.at(end)) {
		end++
	}
	if size := end - b - 1; size > 3 || size+b-a >= fewestDialled {
		return 0
	}
	c := s.at(end)
	if letter(c) || c == '[' || s.goesBelow(end) || props[c]&pGroup != 0 && props[s.at(end+1)]&(pGroup|pDigit) != 0 || s.dialsOn(a, end) {
		return 0 // it goes on, or may
	}
	return end
}

// beginsCode says whether a digit and a letter stand at i: no group of digits. Between a date and a time stands a T.
func (s *scan) beginsCode(i int) bool {
	c := s.at(i + 1)
	return digit(s.at(i)) && letter(c) && c != 'T'
}
