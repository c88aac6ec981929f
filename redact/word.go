package redact

import "unicode/utf8"

// word looks at the word (letters and digits) that holds the digit at i, and gives the offset to go on from. What identifiers it can
// be depends on its length.
func (s *scan) word(i int) int {
	t, a, b := s.t, i, i+1
	for b < len(t) && digit(t[b]) {
		b++
	}
	if (b == len(t) || !letter(t[b])) && (a == 0 || !alnum(t[a-1])) {
		if s.besideBreak(a, b) {
			s.cutWord(a, b)
		}
		if s.hangs(a, b) {
			s.spokenSecret(a, b)
		}
		switch {
		case b-a <= 3:
			return s.fewFigures(a, b)
		case b-a == 8 && s.at(b) == '-' && s.uuid(a):
			return a + uuidSize
		}
		return s.figures(a, b)
	}
	for a > 0 && alnum(t[a-1]) {
		a--
	}
	for b < len(t) && alnum(t[b]) {
		b++
	}
	if s.besideBreak(a, b) {
		s.cutWord(a, b)
	}
	switch {
	case b-a < shortestSpoken && s.at(a-1) == ' ' && props[s.at(b)]&pStop != 0:
		if b-a > 3 && !s.iban(a) {
			s.codePart(a, b)
		}
		return b // a short word that stands alone is nothing else
	case b-a == 8 && s.at(b) == '-' && s.uuid(a):
		return a + uuidSize
	case b-a > 128 || (b-a == 4 || b-a == 2 && a >= s.dashEnd) && s.dashedMAC(a, b):
		return b
	}
	s.mixed(a, b)
	return b
}

// hangs says whether a mark joins the digits [a,b) to letters as in passwords: Sommer#2023, 2023#Sommer, Berlin_1999.
func (s *scan) hangs(a, b int) bool {
	switch before := s.at(a - 1); {
	case props[before]&pJoint != 0:
		return props[s.at(a-2)]&(pLetter|pJoint) != 0
	case b-a > 1 && (before == '_' || before == '-' || before == '.') && props[s.at(a-2)]&pLower != 0:
		const longest = 16
		return props[s.at(s.whileBack(a-1, pLower, longest)-1)]&pUpper != 0
	}
	return props[s.at(b)]&pJoint != 0 && letter(s.at(b+1))
}

// uuidSize is the length of a UUID as it is written (RFC 9562, section 4).
const uuidSize = 36

// uuid says whether a UUID stands at i: nothing in it is anything else.
func (s *scan) uuid(i int) bool {
	if i+uuidSize > len(s.t) || alnum(s.at(i+uuidSize)) {
		return false
	}
	for k, c := range s.t[i : i+uuidSize] {
		if k == 8 || k == 13 || k == 18 || k == 23 {
			if c != '-' {
				return false
			}
		} else if !hex(c) {
			return false
		}
	}
	return true
}

// figures looks at a word of four digits or more, and gives the offset to go on from.
func (s *scan) figures(a, b int) int {
	before, after, next, size := s.at(a-1), s.at(b), s.at(b+1), b-a
	switch {
	case size > 128:
		return b
	case size == 4 && (after == '-' || after == '/') && before != '-':
		if end := s.timestamp(a); end > 0 {
			s.numberEnd = max(s.numberEnd, end)
			return end
		}
	case size == 4 && after == '.' && s.dashedMAC(a, b):
		return b
	case size >= 6 && size <= 8:
		s.splitIDs(a, b)
	}
	switch {
	case a < s.numberEnd:
		return b
	case size != 5, props[after]&pGroup != 0 && props[next]&(pDigit|pGroup) != 0, after == ' ' && next == '(', s.goesBelow(b):
		return s.number(a, b)
	case before == '+' || before == '(' || after == '(' || after == ')':
		return s.bracketed(a, b)
	}
	return b
}

// fewFigures is figures for three digits or fewer.
func (s *scan) fewFigures(a, b int) int {
	before, after, next, size := s.at(a-1), s.at(b), s.at(b+1), b-a
	switch {
	case size == 2 && after == ':' && before != ':':
		if end := s.clock(a); end > 0 {
			s.numberEnd = max(s.numberEnd, end)
			return end
		}
		return b
	case after >= utf8.RuneSelf:
		if s.has(b, "年") || s.has(b, "년") {
			s.eraDate(a, b)
		}
		return b
	case after == '-' && letter(next) && size == 2:
		s.dashedDate(a, b)
		if a >= s.dashEnd && s.dashedMAC(a, b) {
			return b
		}
	case s.breaksAt(b) && a >= s.numberEnd && s.leads(a) && s.nextLine(b) != 0:
		return s.number(a, b)
	case a >= s.numberEnd && closing(after) != 0 && (next == '.' || next|0x20 == 'd') && s.ipv4(a) > a:
		return b
	case before != '-' && isLast(after, next):
		return b // most of those that stand in prose, in code or a table
	case before != '-' && (after == '(' || after == ')'):
		return s.bracketed(a, b)
	case size == 2 && (before == '-' || after == '-') && a >= s.dashEnd && s.dashedMAC(a, b):
		return b
	case a >= s.numberEnd && props[after]&pGroup != 0 && digit(next):
		if after == '.' && s.dotBehind(b+2) {
			if s.ipv4(a) > a {
				return b
			}
		} else if end := s.shortPair(a, b); end > 0 {
			s.numberEnd = end
			if s.idle(end) {
				return end
			}
			return b
		}
	}
	if size == 2 && (after == '.' || letter(s.at(a-2))) || size == 1 && (s.at(a+8) == '2' && props[after]&pGroup != 0 || after == '.' && before == '-') {
		s.splitIDs(a, b)
	}
	switch {
	case a < s.numberEnd:
		return b
	case after == ' ' && next == '(', size > 1 && after == '\n' && digit(next):
		return s.number(a, b)
	case props[after]&pGroup != 0 && props[next]&(pDigit|pGroup) != 0 && !s.beginsCode(b+1):
		return s.number(a, b)
	case before == '+' || before == '(' || after == '(' || after == ')':
		return s.bracketed(a, b)
	}
	return b
}

// isLast says whether no more digits of a value can follow three or fewer, by the two bytes behind them. Letters may, behind '-' and '.':
// see dashedMAC and alnumCNPJ.
func isLast(after, next byte) bool {
	return props[after]&pTail == 0 || props[after]&pGroup != 0 && after != '-' && after != '.' && props[next]&pDial == 0
}

// dotBehind says whether the digits at i end at a dot, or at one in brackets.
func (s *scan) dotBehind(i int) bool {
	for digit(s.at(i)) {
		i++
	}
	return s.at(i) == '.' || closing(s.at(i)) != 0
}

// mixed looks at a word of letters and digits.
func (s *scan) mixed(a, b int) {
	v := s.t[a:b]
	size := b - a
	if size >= 4 && letter(v[0]) && letter(v[1]) && s.iban(a) {
		return
	}
	switch size {
	case 2:
		if s.at(b) == '.' {
			s.alnumCNPJ(a)
		}
	case 4, 5:
		s.codePart(a, b)
	case 8:
		if first := upperCase(v[0]); first >= 'X' && first <= 'Z' && s.at(b) == '-' && letter(s.at(b+1)) && !alnum(s.at(b+2)) {
			if d, ok := values(v[1:]); ok && spanishNIE(first, d[:7], upperCase(s.at(b+1))) {
				s.add(ESNIE, a, b+2, byChecksum)
			}
		}
	case 12:
		s.bareMAC(a, b)
	case 9:
		s.compactDate(a, b)
		if !s.joined(a, b) && digit(v[2]) && digit(v[7]) && !s.nobody(a, b, 12, lOrder|lCode) {
			s.nineCharacters(a, b)
		}
	case 10:
		if letter(v[0]) && indianPAN(v) && s.labelled(a, b, lPAN|lTax) {
			s.add(INPAN, a, b, byContext)
		}
	case 11:
		if finnishHETU(v) {
			s.add(FIHETU, a, b, byChecksum)
		}
	case 13:
		if s.at(b) == ' ' && digit(s.at(b+1)) && digit(s.at(b+2)) && !alnum(s.at(b+3)) {
			s.corsican(a, b+3)
		}
	case 15:
		s.corsican(a, b)
	case 16:
		if letter(v[0]) && italianFiscalCode(v) {
			s.add(ITFiscalCode, a, b, byChecksum)
		}
	case 18:
		s.eighteen(a, b)
	case 34:
		if (string(v[:2]) == "SK" || string(v[:2]) == "AC") && allHex(v[2:]) && varied(v[2:], 6) {
			s.add(TwilioKey, a, b, byPrefix)
		}
	case 36:
		s.databricks(a, b)
	}
	if size >= 25 && !s.joined(a, b) && (wallet(v) || segwit(v)) || size >= 14 && size < 25 && segwit(v) {
		s.add(CryptoWallet, a, b, byChecksum)
	}
	s.spokenSecret(a, b)
}

// codePart looks at a word of four or five that may be a part of an identifier in groups.
func (s *scan) codePart(a, b int) {
	switch v := s.t[a:b]; {
	case len(v) == 4:
		if v[3]|0x20 == 'x' && s.at(a-1) == ' ' {
			s.spacedResident(a, b)
		}
	case digit(v[0]) && letter(v[2]):
		s.spacedFiscalCode(a, b)
	}
}

// joined says whether the word [a,b) is a part of a name. Between two '_' it is slanted.
func (s *scan) joined(a, b int) bool {
	before, after := s.at(a-1) == '_', s.at(b) == '_'
	return before != after || before && (alnum(s.at(a-2)) || alnum(s.at(b+1)))
}

// databricks is a token of 32 hexadecimal digits, and a number of one digit when it was given out again.
func (s *scan) databricks(a, b int) {
	v := s.t[a:b]
	if string(v[:4]) != "dapi" || !allHex(v[4:]) || !varied(v[4:], 6) {
		return
	}
	if s.at(b) == '-' && digit(s.at(b+1)) && !alnum(s.at(b+2)) {
		b += 2
	}
	s.add(DatabricksToken, a, b, byPrefix)
}
