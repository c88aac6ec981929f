package redact

// unannounced says whether the number [a,b) is one group of so few digits that only a label makes it something, and has none.
func (s *scan) unannounced(a, b int) bool {
	size, before, after, next := b-a, s.at(a-1), s.at(b), s.at(b+1)
	switch {
	case size > 10 || props[after]&pGroup != 0 && props[next]&(pGroup|pDigit) != 0 && !s.beginsCode(b+1):
		return false
	case before == '+' || before == '(' || after == '\n' || after == ')' || s.bracketAt(b):
		return false // of a telephone number, or of one that goes on below
	case size < fewestDialled:
		return size != 4 || !s.yearAt(a) // a year has a date around it
	case s.t[a] == '0' || size == 8 && (s.yearAt(a) || s.yearAt(b-4)):
		return false // a trunk zero, a date
	case s.tied(b) && (size < fewest || s.joinedRight(b) || s.joinedLeft(a)):
		return true
	}
	return s.around(a, b) == 0
}

// beginsCode says whether a digit and a letter stand at i: no group of digits. Between a date and a time stands a T.
func (s *scan) beginsCode(i int) bool {
	c := s.at(i + 1)
	return digit(s.at(i)) && letter(c) && c != 'T'
}
