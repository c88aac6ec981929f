package redact

const (
	maxPhoneDigits = 16 // fifteen (ITU-T E.164) and a trunk zero in brackets
	maxPhoneGroups = 9
	fewestDialled  = 6 // digits of the shortest national number; with a country's code there are more
)

// phoneText is a telephone number as it is written.
type phoneText struct {
	start  int // with '+' or '('
	digits [maxPhoneDigits]byte
	n      int
	groups int
	from   [maxPhoneGroups]int32 // offset of each group
	to     [maxPhoneGroups]int32
	count  [maxPhoneGroups]int8 // digits up to and with each group
	sep    [maxPhoneGroups]byte
	plus   bool
	inner  bool // other groups stand before it
	open   bool // the first group is in brackets
	close  [maxPhoneGroups]bool
}

// size is how many digits group k has.
func (p *phoneText) size(k int) int {
	if k == 0 {
		return int(p.count[0])
	}
	return int(p.count[k] - p.count[k-1])
}

// cut leaves the first k groups.
func (p *phoneText) cut(k int) {
	p.groups, p.n = k, int(p.count[k-1])
}

// end is where the last group ends, with its bracket.
func (p *phoneText) end() int {
	last := p.groups - 1
	e := int(p.to[last])
	if p.close[last] && p.sep[last] == '(' {
		e++
	}
	return e
}

// phone looks for a telephone number whose first digit is at a: international behind '+' or 00, or national. inner says
// that groups of digits stand before it.
func (s *scan) phone(a int, inner bool) {
	if a < s.phoneEnd {
		return
	}
	p := phoneText{inner: inner}
	s.readPhone(&p, a)
	if p.n < fewestDialled {
		return
	}
	if p.plus {
		s.international(&p, 0)
		return
	}
	all := p.groups
	if p.n >= 10 && p.count[0] >= 2 && p.digits[0] == 0 && p.digits[1] == 0 && s.international(&p, 2) {
		return
	}
	p.cut(all)
	if p.n >= 12 && p.count[0] >= 3 && p.digits[0] == 0 && p.digits[1] == 1 && p.digits[2] == 1 && s.international(&p, 3) {
		return
	}
	p.cut(all) // international has left the first group
	s.national(&p)
}

// bracketed looks at the group [a,b), of fewer digits than a telephone number, that has '+' or a bracket at its side and no group right
// behind it: with enough digits behind it and what parts them it begins one, else it is nothing. Three groups in brackets, one by one, are
// a list. It gives the offset to go on from.
func (s *scan) bracketed(a, b int) int {
	if a < s.numberEnd || a < s.phoneEnd {
		return b
	}
	const farthest = 24
	digits, bracket := b-a, 0
	for k, c := range s.t[b:min(len(s.t), a+farthest)] {
		switch what := props[c]; {
		case what&pDigit != 0:
			if digits++; digits < fewestDialled {
				continue
			}
			if bracket > 0 && s.at(a-1) == '(' && s.bracketsGoOn(bracket) {
				return b
			}
			return s.number(a, b)
		case what&pDial == 0:
			return b
		case c == '(':
			if bracket > 0 {
				return b
			}
			bracket = b + k
		}
	}
	return b
}

// bracketsGoOn says whether the brackets that open at i hold digits, and others that do open right behind them.
func (s *scan) bracketsGoOn(i int) bool {
	i = s.while(i+1, pDigit, fewestDialled)
	if s.at(i) != ')' {
		return false
	}
	if i++; s.at(i) == ' ' {
		i++
	}
	return s.at(i) == '(' && digit(s.at(i+1))
}

// readPhone reads groups of digits with the separators that telephone numbers have.
func (s *scan) readPhone(p *phoneText, a int) {
	p.start = a
	if s.at(p.start-1) == '(' {
		p.start--
		p.open = true
	}
	if s.at(p.start-1) == '+' {
		p.start--
		p.plus = true
		if !p.open && s.at(p.start-1) == '(' {
			p.start--
			p.open = true
		}
	}
	if p.open && p.plus && alnum(s.at(p.start-1)) {
		p.open, p.start = false, p.start+1 // call(+30 694 840 2657)
	}
	if before := s.at(p.start - 1); alnum(before) || before == '+' || before == '_' && alnum(s.at(p.start-2)) || !p.plus && !p.inner && s.joinedPhone(p.start) && !s.linked(p.start) {
		return
	}
	p.plus = p.plus || s.linked(p.start)
	i, sep := a, byte(0)
	for p.groups < maxPhoneGroups {
		from := i
		for i < len(s.t) && digit(s.t[i]) && p.n < maxPhoneDigits {
			p.digits[p.n] = s.t[i] - '0'
			p.n++
			i++
		}
		if i == from || letter(s.at(i)) && !s.extensionMark(i) || digit(s.at(i)) {
			if p.n = 0; p.groups > 0 {
				p.n = int(p.count[p.groups-1])
			}
			return
		}
		k := p.groups
		p.from[k], p.to[k], p.count[k], p.sep[k] = int32(from), int32(i), int8(p.n), sep
		p.groups++
		next := 0
		sep, next = s.phoneSep(p, k, i)
		if next == 0 {
			return
		}
		i = next
	}
}

// phoneSep reads what stands between two groups; next is 0 when the number ends.
func (s *scan) phoneSep(p *phoneText, k, i int) (sep byte, next int) {
	if p.plus && s.goesBelow(i) && s.unfinished(p) {
		return ' ', s.nextLine(i)
	}
	for n := 0; n < 4; n++ {
		switch c := s.at(i + n); {
		case digit(c):
			if n == 0 {
				return 0, 0
			}
			// Where dashes or dots part the groups, a space ends the number: "404-268-8350 12". Short first
			// groups are area codes: "070-123 45 67".
			if sep == ' ' && k > 0 && p.sep[k] != ' ' && p.sep[k] != ')' && !(k == 1 && p.digits[0] == 0) && !p.plus {
				return 0, 0
			}
			return sep, i + n
		case c == ' ':
			if sep == 0 {
				sep = ' '
			}
		case c == ')':
			if bare := k == 0 && p.digits[0] == 0 && !p.open; p.close[k] || !p.open && !bare && (p.sep[k] != '(' || k == 0) || n > 0 {
				return 0, 0
			}
			p.close[k] = true
			sep = ')'
		case c == '(':
			if sep == '(' || k > 1 {
				return 0, 0
			}
			sep = '('
		case c == '-' || c == '.' || c == '/':
			if sep != 0 && sep != ' ' && sep != ')' || c == '.' && s.at(i+n+1) == ' ' {
				return 0, 0
			}
			if sep != ')' {
				sep = c
			}
		default:
			return 0, 0
		}
	}
	return 0, 0
}

// unfinished says whether an international number has fewer digits as yet than its country's plan.
func (s *scan) unfinished(p *phoneText) bool {
	code, least, _ := s.f.codes.code(p.digits[:p.n])
	return code != 0 && p.n-code < least
}

// foldHas is has, whatever the case of the text; word is in small letters.
func (s *scan) foldHas(i int, word string) bool {
	return i >= 0 && i+len(word) <= len(s.t) && equalFold(s.t[i:i+len(word)], word)
}

// international checks a number behind '+', 00 or 011: an assigned country code and a length of its plan. skip is how
// many digits the prefix has.
func (s *scan) international(p *phoneText, skip int) bool {
	code, low, high := s.f.codes.code(p.digits[skip:p.n])
	if code == 0 || skip > 0 && p.digits[skip+code] == 0 && !p.anyClose() {
		return false
	}
	if p.plus && s.offPlan(p, code, low, high) {
		s.report(p, byPrefix)
		return true
	}
	for k := p.groups; k >= 1; k-- {
		p.cut(k)
		rest := p.n - skip - code
		// A trunk zero in brackets is written, not dialled: +44 (0)20.
		if rest > 0 && p.digits[skip+code] == 0 && rest-1 >= low && rest-1 <= high && code != 2 || rest > 1 && p.digits[skip+code] == 0 && rest-1 >= low {
			rest--
		}
		if rest < low || rest > high {
			continue
		}
		if after := s.at(p.end()); alnum(after) && !s.extensionMark(p.end()) || after == '_' && s.at(p.start-1) != '_' {
			return false
		}
		if skip > 0 && p.groups == 1 && !s.labelled(p.start, p.end(), lPhone|lCall) {
			return false
		}
		if skip > 0 && s.goesOn(p) || skip > 0 && s.nobody(p.start, p.end(), 24, lOrder|lVersion|lCode) {
			return false
		}
		s.report(p, byPrefix)
		return true
	}
	return false
}

// offPlan says whether a number behind '+' is one although its length is not of the country's plan: as many digits as any number has
// (ITU-T E.164, section 6), a label, and nothing that goes on. Plans change, and people write trunk zeros.
func (s *scan) offPlan(p *phoneText, code, low, high int) bool {
	rest := p.n - code
	if rest >= low && rest <= high || p.n < 9 || p.n > 15 || p.groups > 5 {
		return false
	}
	for k := 1; k < p.groups; k++ {
		if p.sep[k] == '/' {
			return false // another number
		}
	}
	return !s.notPhone(p, p.end()) && s.unspent(p.start, p.end(), lPhone|lCall) >= 0
}

// report notes the number, with its extension.
func (s *scan) report(p *phoneText, r rank) {
	end := s.extension(p.end())
	start := p.start
	if p.open && !p.closes() {
		start = int(p.from[0]) // a bracket that is the sentence's
		if p.plus {
			start--
		}
	}
	s.add(Phone, start, end, r)
	s.phoneEnd = max(s.phoneEnd, end)
	if r == byPrefix {
		s.numberEnd = max(s.numberEnd, end)
	}
}

// closes says whether a bracket that was opened before the first group is closed behind it.
func (p *phoneText) closes() bool {
	if !p.open {
		return false
	}
	// Behind the last group it closes what the sentence opened.
	for k := 0; k < p.groups-1; k++ {
		if p.close[k] && p.sep[k] != '(' {
			return p.plus || k == 0
		}
	}
	return false
}

// anyClose says whether a bracket is closed anywhere in the number.
func (p *phoneText) anyClose() bool {
	for k := 0; k < p.groups; k++ {
		if p.close[k] {
			return true
		}
	}
	return false
}

// national checks a number without a country code: strong grouping is enough, anything else needs a label.
func (s *scan) national(p *phoneText) {
	// Without a label only strong groupings count; whether there is one does not depend on where the number ends.
	end := p.end()
	kind := s.kindBehind(end)
	called := kind || s.unspent(p.start, end, lPhone|lCall) >= 0
	all := p.groups
	for k := p.groups; k >= 1; k-- {
		p.cut(k)
		if p.n < fewestDialled {
			return
		}
		if end = p.end(); p.n > 13 || !called && !p.mayBeStrong() || s.notPhone(p, end) {
			continue
		}
		switch s.grouping(p) {
		case strong:
			if p.inner && !called && p.groups > 1 && p.sep[1] == ' ' && p.sep[p.groups-1] == ' ' {
				return // more groups of one long number
			}
			if s.nobody(p.start, end, 24, lOrder|lVersion|lCode|lTime) || !called && s.unspent(p.start, end, lIDs&^(lNational|lTax|lZA|lTFN|lPAN)) >= 0 {
				return
			}
			if called {
				s.report(p, byContext)
			} else {
				s.report(p, byShape)
			}
			return
		case weak:
			if !called {
				continue
			}
			if kind && k == all && p.n >= 7 {
				s.report(p, byContext)
				return
			}
			if s.introduced(p, end) && !s.nobody(p.start, end, 24, lOrder|lVersion|lCode|lTime) {
				s.report(p, byContext)
				return
			}
			if p.n >= 7 && p.n <= 12 && !p.likeSSN() && (k == all || p.sep[k] != p.sep[max(k-1, 0)]) && (p.groups > 1 || p.n >= 8) && s.called(p.start, end) {
				s.report(p, byShape)
				return
			}
		}
	}
}
