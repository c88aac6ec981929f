package redact

// card reports a payment card: the issuer's range with a length it gives out (ISO/IEC 7812; the schemes' published
// ranges), and Luhn.
func (s *scan) card(n *number) {
	d := n.d
	if !luhn(d) || !issued(d) && !s.calledCard(n) {
		return
	}
	odd := false // not grouped as cards are
	switch n.shape {
	case g4444, g465, g464, g444, g4441, g4442, g44443, g44442, g44441, 4<<10 | 5<<5 | 6, 4<<10 | 4<<5 | 5, 8<<5 | 8, 6<<5 | 13, 4<<15 | 4<<10 | 4<<5 | 3, 4<<15 | 4<<10 | 5<<5:
		if n.sep == '/' && !s.announced(n, lCard) {
			return
		}
	default:
		if !n.bare && (!n.free && !(n.whole && s.announced(n, lCard)) || (n.least == 2 && n.most == 2 || n.least == 1 && n.most > 1) && !s.announced(n, lCard)) {
			return
		}
		if n.sep == '.' && n.shape < 1<<10 {
			return // a decimal
		}
		odd = !n.bare
	}
	if n.bare && len(d) <= 13 && (s.vetoed(n) || s.anothers(n, 0)) {
		return // short ones are as often an order's, a time's or a bar code's
	}
	if len(d) == 18 && chineseResident(d, 0) {
		return // an identity card's
	}
	if len(d) > 16 && n.bare && !s.announced(n, lCard) && (!longCard(d) || s.listed(n)) {
		return // an integer among others
	}
	if n.inner && (s.nobodys(n, 24, lOrder|lCode) || n.fours && !s.announced(n, lCard)) {
		return // a piece of a longer number
	}
	if odd && s.vetoed(n) || n.shape == 8<<5|8 && s.at(n.start-1) == ':' && alnum(s.at(n.start-2)) {
		return // an order's; a range
	}
	if n.bare && (s.nobodys(n, 4, lOrder|lCode) || (len(d) != 16 || d[0] < 2) && s.nobodys(n, 4, lTime)) {
		return // microseconds have sixteen digits from 1 on
	}
	r := byChecksum
	if s.announced(n, lCard) {
		r = byBoth
	} else if odd {
		r = byPrefix
	}
	s.add(CreditCard, n.start, n.end, r)
}

// calledCard says whether the text calls the number a card and nothing else. Its range may then be any: issuers have more than the schemes
// publish. Numbers from 89 on are those of SIM cards (ITU-T E.118).
func (s *scan) calledCard(n *number) bool {
	return n.labels&lIDs == 0 && two(n.d, 0) != 89 && s.announced(n, lCard)
}

// listed says whether the number stands in a list of numbers.
func (s *scan) listed(n *number) bool {
	before, after := n.start-1, n.end
	for contains(" \"'", s.at(before)) {
		before--
	}
	for contains(" \"'", s.at(after)) {
		after++
	}
	if s.at(before) == ',' || s.at(before) == '[' {
		return true
	}
	return s.at(after) == ',' && (digit(s.at(after+1)) || space(s.at(after+1)) && !letter(s.at(after+2)) && s.at(after+2) < 0x80)
}

// longCard says whether a scheme gives out more than sixteen digits every day.
func longCard(d []byte) bool {
	p4 := two(d, 0)*100 + two(d, 2)
	return p4/100 == 62 || p4 == 5018 || p4 == 5020 || p4 == 5038 || p4 == 5893 || p4 == 6304 || p4/10 == 676 || p4 == 6759
}

// issued says whether a scheme gives out numbers of this length in this range.
func issued(d []byte) bool {
	size := len(d)
	p2, p3 := two(d, 0), two(d, 0)*10+int(d[2])
	p4 := p3*10 + int(d[3])
	p6 := p4*100 + two(d, 4)
	long := size >= 16 && size <= 19
	switch {
	case d[0] == 4: // Visa
		return size == 16 || size == 13 || size == 19
	case p2 >= 51 && p2 <= 55, p4 >= 2221 && p4 <= 2720: // Mastercard
		return size == 16
	case p2 == 34, p2 == 37: // American Express
		return size == 15
	case p3 >= 300 && p3 <= 305, p4 == 3095, p2 == 36, p2 == 38, p2 == 39: // Diners Club
		return size == 14 || long && p2 != 38
	case p4 >= 3528 && p4 <= 3589: // JCB
		return long
	case p4 == 2131, p4 == 1800: // JCB
		return size == 15
	case p4 == 6011, p3 >= 644 && p3 <= 649, p2 == 65, p6 >= 622126 && p6 <= 622925: // Discover, RuPay, Elo, Troy
		return long
	case p2 == 62, p4 >= 8100 && p4 <= 8171: // UnionPay
		return long
	case p4 >= 2200 && p4 <= 2204: // Mir
		return long
	case p4 == 9792: // Troy
		return size == 16
	case p4 == 5018, p4 == 5020, p4 == 5038, p4 == 5893, p4 == 6304, p4 == 6759, p4 == 6761, p4 == 6762, p4 == 6763, p4 == 604, p4 == 6390: // Maestro
		return size >= 12 && size <= 19
	case p2 == 50, p2 >= 56 && p2 <= 58, p2 == 60, p2 == 63, p2 == 67, p2 == 81, p2 == 82: // Maestro, RuPay, Hipercard, Verve, Elo
		return long
	case p4 == 9558, p4 == 9559: // debit cards of Chinese banks before UnionPay
		return long
	}
	return false
}
