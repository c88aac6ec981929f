package redact

// kinds are the kinds of telephone lines: the types of a vCard's TEL (RFC 6350, section 6.4.1), and what else people call them.
var kinds = [...]string{"office", "home", "work", "fax", "mobile", "mob", "cell", "desk", "direct", "main", "tel", "phone", "pager", "voice"}

// kindBehind says whether the kind of its line is all that follows a number that ends at i, as address books have it: "office", "-Fax",
// "(home)".
func (s *scan) kindBehind(i int) bool {
	switch s.at(i) {
	case ' ', '-':
		i++
	case '(':
	default:
		return false
	}
	if s.at(i) == '(' {
		i++
	}
	end := s.while(i, pUpper|pLower, 8)
	if end == i || !contains("\n\r,;)|<\"\\", s.at(end)) {
		return false
	}
	for _, kind := range kinds {
		if equalFold(s.t[i:end], kind) {
			return true
		}
	}
	return false
}
