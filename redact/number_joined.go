package redact

// joinedLeft says whether the number that begins at i is the tail of something: a version, a UUID, a longer
// number, an amount.
func (s *scan) joinedLeft(i int) bool {
	c, p := s.at(i-1), s.at(i-2)
	switch c {
	case '+', '@', '^':
		return true
	case '~':
		return p != '~' // two strike it out
	case '$':
		return true
	case '.':
		return alnum(p)
	case '-', '_', '/', ',':
		if c == '-' && (space(p) || p == '(' || p == ',' || p == '[') {
			return true // a negative number
		}
		if digit(p) {
			return c != '/' && c != ',' || c == ',' && digitsOnly(s.t[max(0, i-4):i-1]) && s.thousands(i)
		}
		if c == '-' && hex(p) {
			// A group of a UUID stands before it.
			from := s.whileBack(i-1, pAlnum, 13)
			return hasDigit(s.t[from : i-1])
		}
	}
	return false
}

// thousands says whether what stands at i behind a comma may be the last digits of an amount, rather than the next field of a line.
func (s *scan) thousands(i int) bool {
	end := s.while(i, pDigit, 4)
	return end == i+3 && s.at(end) != '-'
}

// joinedRight says whether the number that ends at i goes on as something else.
func (s *scan) joinedRight(i int) bool {
	c, q := s.at(i), s.at(i+1)
	switch c {
	case '%', '@', 'T': // a time follows, see readRun
		return true
	case '-':
		if !alnum(q) {
			return false
		}
		end := s.while(i+1, pAlnum, 13)
		return hasDigit(s.t[i+1:end]) || s.at(end) == '-'
	case '.', '_':
		return digit(q)
	case ':':
		return digit(q) && !digit(s.at(i+3)) && !space(s.at(i+3))
	}
	return false
}

func digitsOnly(v []byte) bool {
	for _, c := range v {
		if !digit(c) && c != ',' {
			return false
		}
	}
	return true
}
