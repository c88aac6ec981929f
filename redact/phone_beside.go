package redact

// What stands beside a number and says whether it is one that is dialled.

// linked says whether a link that dials stands before the number at i, which is international then: wa.me/491715399191.
func (s *scan) linked(i int) bool {
	return s.has(i-6, "wa.me/") || s.has(i-7, "?phone=")
}

// joinedPhone says whether the number that begins at i hangs on something before it.
func (s *scan) joinedPhone(i int) bool {
	c, p := s.at(i-1), s.at(i-2)
	switch c {
	case '#':
		return !letter(p)
	case '*', '_', '~':
		return alnum(p) || c == '~' && p != '~' // marked bold, slanted or struck out
	case ',':
		return digit(p) && s.phoneEnd != i-1 && s.thousands(i)
	case '-', '.', '/', '$', '^':
		if c == '/' && s.phoneEnd == i-1 {
			return false
		}
		if c == '.' && letter(p) && s.distance(i, i, lPhone) == 1 {
			return false // tel.079 899 00 29
		}
		return alnum(p) || c != '-' && c != '.' && c != '/'
	case ':':
		return digit(p)
	case ' ':
		// "1Z 999 AA1 01 2345 6784": a word of capitals and digits before it makes one code of both.
		from := s.whileBack(i-1, pUpper|pDigit, 8)
		return p == '#' && !letter(s.at(i-3)) && !(s.at(i-3) == ' ' && letter(s.at(i-4))) || hasDigit(s.t[from:i-1]) && lettersOf(s.t[from:i-1]) > 0
	case '=':
		return false
	}
	return false
}

// nextDialled says whether the number at i is the next of a list after a telephone number.
func (s *scan) nextDialled(i int) bool {
	const mark = 3 // " / "
	if s.phoneEnd == 0 || s.phoneEnd >= i || i-s.phoneEnd > mark {
		return false
	}
	for _, c := range s.t[s.phoneEnd:i] {
		if !contains(" ,;/|(", c) {
			return false
		}
	}
	return true
}

// called says whether a weaker word announces the number from near by.
func (s *scan) called(start, end int) bool {
	d, near := s.unspent(start, end, lCall), 24
	if s.while(start, pDigit, maxPhoneDigits) == end && end-start < 9 {
		near = 8
	}
	return d >= 0 && d <= near && !s.nobody(start, end, 24, lOrder|lVersion|lCode|lTime)
}

// introduced says whether a word of telephone numbers announces this one: any grouping does, one group only near by, and the shortest only as
// the word's value, "phone: 426415".
func (s *scan) introduced(p *phoneText, end int) bool {
	d := s.unspent(p.start, end, lPhone)
	switch {
	case d < 0:
		return false
	case p.groups > 1, s.nextDialled(p.start):
		return true
	case p.n < 7:
		return d <= 2 && s.at(p.start-d) == ':'
	}
	return d <= 36 || d > reach && d <= reach+12
}
