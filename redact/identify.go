package redact

// identify offers a number, whose labels have been read, to the identifiers that have as many digits.
func (s *scan) identify(n *number) {
	d := n.d
	if same(d) || n.sep == '_' && n.labels&(lIDs|lCard) == 0 {
		return // a name
	}
	switch len(d) {
	case 8:
		s.check(n, NLBSN, lBSN|lNational, n.bare, dutchBSN)
		s.check(n, AUTFN, lTFN|lTax, n.bare, australianTFN)
	case 9:
		s.nine(n)
	case 10:
		s.check(n, UKNHS, lNHS, n.grouped(g334), britishNHS)
		s.check(n, AUMedicare, lMedicare, n.grouped(g451, 4<<10|5<<5|1), australianMedicare)
		s.check(n, USNPI, lNPI, n.bare, americanNPI)
		s.swedish(n)
	case 11:
		s.eleven(n)
	case 12:
		s.aadhaar(n)
		s.check(n, JPMyNumber, lMyNumber|lNational, n.grouped(g444), japaneseMyNumber)
		s.card(n)
		s.swedish(n)
	case 13:
		s.thirteen(n)
	case 14:
		if brazilianCNPJ(d) {
			s.formatted(n, BRCNPJ, n.shape == g23342 && !n.bare, lCNPJ|lTax)
		}
		s.card(n)
	case 15:
		if (n.grouped(g1222332, g1222338, g132) || n.free || n.whole && s.announced(n, lFR)) && frenchNIR(d) && !(n.bare && s.nobodys(n, 16, lOrder|lTime|lCode)) {
			s.sure(n, FRNIR, lFR|lNational|lSSN)
		}
		s.card(n)
	case 16, 17, 19:
		s.card(n)
	case 18:
		if (n.grouped(g684, g6444) || n.free || n.whole && s.announced(n, lCN)) && chineseResident(d, 0) {
			s.sure(n, CNResidentID, lCN|lNational)
		}
		s.check(n, CNUSCC, lUSCC|lTax, n.bare, digitsUSCC)
		s.card(n)
	}
}

// announced is labelled for a number whose surroundings are known.
func (s *scan) announced(n *number, what label) bool {
	return n.labels&what != 0 && s.labelled(n.start, n.end, what)
}

// nobodys is nobody for a number whose surroundings are known.
func (s *scan) nobodys(n *number, limit int, what label) bool {
	return n.labels&what != 0 && s.nobody(n.start, n.end, limit, what)
}

// sure reports a number whose check digits and shape speak for themselves; a label makes it surer.
func (s *scan) sure(n *number, t Type, what label) {
	r := byChecksum
	if s.announced(n, what) {
		r = byBoth
	}
	s.add(t, n.start, n.end, r)
}

// check reports a number of a shape that is the identifier's, or that stands alone, when a label announces it and its check digits
// hold.
func (s *scan) check(n *number, t Type, what label, shape bool, holds func([]byte) bool) {
	decimal := n.sep == '.' && n.shape < 1<<10
	if n.labels&what != 0 && (shape || n.whole && !decimal) && holds(n.d) && !s.nobodys(n, 4, lOrder) && s.labelled(n.start, n.end, what) {
		s.add(t, n.start, n.end, byBoth)
	}
}

// formatted reports a number whose check digits hold: in its country's format as it is, otherwise with a label.
func (s *scan) formatted(n *number, t Type, format bool, what label) {
	switch {
	case s.announced(n, what):
		if format || n.bare || n.whole {
			s.add(t, n.start, n.end, byBoth)
		}
	case format:
		s.add(t, n.start, n.end, byChecksum)
	}
}

// vetoed says whether the text calls a bare number an order's, a version's, a time's or a bar code's.
func (s *scan) vetoed(n *number) bool {
	return s.nobodys(n, 16, lOrder|lRef|lVersion|lTime|lCode) || s.at(n.start-1) == '#' && !letter(s.at(n.start-2))
}

// anothers says whether a label announces the number as another identifier than own.
func (s *scan) anothers(n *number, own label) bool {
	return s.announced(n, lIDs&^(own|lNational|lTax|lZA)) && !s.announced(n, own)
}

// nine are the identifiers of nine digits.
func (s *scan) nine(n *number) {
	d := n.d
	if americanSSN(d) {
		s.american(n, USSSN, lSSN)
	}
	if americanITIN(d) {
		s.american(n, USITIN, lITIN|lSSN|lTax)
	}
	s.check(n, CASIN, lSIN, n.grouped(g333), canadianSIN)
	s.check(n, NLBSN, lBSN|lNational, n.grouped(g333, g423), dutchBSN)
	tfn := lTFN | lTax
	if n.shape == g27 {
		tfn = lTFN // any country's "tax id" written 12-3456789 is an EIN
	}
	s.check(n, AUTFN, tfn, n.grouped(g333), australianTFN)
	s.check(n, USABARouting, lABA, n.grouped(g441, g333), americanABA)
	if (n.bare || n.shape == g27 && (n.sep == '-' || n.whole) || n.broken) && americanEIN(d) {
		want := lEIN
		if !n.bare {
			want |= lTax
		}
		if n.labels&want != 0 && s.unspent(n.start, n.end, want) >= 0 {
			s.add(USEIN, n.start, n.end, byPrefix)
		}
	}
}

// american are SSN and ITIN, which have no check digits: 3-2-4 with dashes is their shape.
func (s *scan) american(n *number, t Type, what label) {
	switch {
	case n.labels&what != 0 && s.unspent(n.start, n.end, what) >= 0:
		if n.shape == g324 || (n.bare || n.whole) && !s.nobodys(n, 16, lOrder|lTime) {
			s.add(t, n.start, n.end, byBoth)
		}
	case n.shape == g324 && n.sep == '-':
		if !s.nobodys(n, 16, lOrder|lCode) && s.at(n.start-1) != '-' {
			s.add(t, n.start, n.end, byShape)
		}
	}
}

// eleven are the identifiers of eleven digits.
func (s *scan) eleven(n *number) {
	d := n.d
	if format := n.shape == g3332; (format || n.labels&(lCPF|lTax) != 0) && brazilianCPF(d) {
		s.formatted(n, BRCPF, format, lCPF|lTax)
	}
	if belgianNRN(d) {
		format := n.shape == g22232
		if s.announced(n, lBE|lNational) {
			s.add(BENRN, n.start, n.end, byBoth)
		} else if format || (n.grouped(g632) || n.shape == g64<<5|2) && !s.nobodys(n, 16, lOrder|lTime|lCode) && !s.anothers(n, lBE) {
			s.add(BENRN, n.start, n.end, byChecksum)
		}
	}
	if n.labels&lIDs == 0 {
		return // the others need a label
	}
	s.check(n, DETaxID, lDETax|lTax, n.grouped(g2333, g3332), germanTax)
	s.check(n, PLPESEL, lPESEL|lNational, n.bare, polishPESEL)
	s.check(n, AUABN, lABN|lTax, n.grouped(g2333), australianABN)
	s.check(n, TRID, lTR|lNational, n.grouped(g3332), turkishID)
	if n.shape != 0 && (n.bare || n.sep != ' ') { // behind a line end or a space a number of its own may stand
		s.check(n, AUMedicare, lMedicare, n.grouped(g4511, 4<<10|5<<5|2), australianMedicareLong)
	}
}

// swedish are personnummer of ten and twelve digits.
func (s *scan) swedish(n *number) {
	d := n.d
	if !swedishPersonnummer(d) {
		return
	}
	switch {
	case s.announced(n, lSE|lNational):
		s.add(SEPersonnummer, n.start, n.end, byBoth)
	case !n.grouped(g64, g84):
	case len(d) == 10 && n.sep != '-', n.sep == '.':
		// Ten digits in a row are too often seconds or an order.
	case len(d) == 12 && n.bare && (two(d, 0)*100+two(d, 2) >= 2005 && two(d, 8) < 24 && two(d, 10) < 60 || s.vetoed(n)):
		// Year, month, day, hour and minute.
	case len(d) == 12 && two(d, 0) < 19 || s.nobodys(n, 16, lOrder|lCode):
	default:
		s.add(SEPersonnummer, n.start, n.end, byChecksum)
	}
}

// inThai says whether Thai is written near the number.
func (s *scan) inThai(start, end int) bool {
	for i := max(0, start-24); i < min(len(s.t), end+24)-1; i++ {
		if s.t[i] == 0xE0 && (s.t[i+1] == 0xB8 || s.t[i+1] == 0xB9) {
			return true
		}
	}
	return false
}

// aadhaar is spaced 4-4-4, or bare with a label.
func (s *scan) aadhaar(n *number) {
	if n.d[0] < 2 || !(n.whole || n.grouped(g444)) || !verhoeff(n.d) {
		return
	}
	switch {
	case s.announced(n, lAadhaar):
		s.add(INAadhaar, n.start, n.end, byBoth)
	case !n.bare && n.grouped(g444) && !n.inner && (n.sep == ' ' || n.sep == '-') && !s.nobodys(n, 16, lOrder|lCode) && !s.anothers(n, lAadhaar):
		s.add(INAadhaar, n.start, n.end, byChecksum)
	}
}

// thirteen are the identifiers of thirteen digits. Bare ones look like milliseconds and bar codes.
func (s *scan) thirteen(n *number) {
	d := n.d
	millis := n.bare && d[0] == 1 && d[1] >= 2
	if thaiTNIN(d) && (n.whole || n.grouped(g14521)) {
		if s.announced(n, lTH|lNational) {
			s.add(THTNIN, n.start, n.end, byBoth)
		} else if !n.grouped(g14521) {
			// In other groups it is another's as often.
		} else if !n.bare || s.inThai(n.start, n.end) && !s.vetoed(n) && !s.anothers(n, lTH) {
			s.add(THTNIN, n.start, n.end, byChecksum)
		}
	}
	if koreanRRN(d) && (n.whole || n.grouped(g67)) {
		if (koreanCheck(d) || koreanNew(d)) && s.announced(n, lKR) {
			s.add(KRRRN, n.start, n.end, byBoth)
		} else if !n.grouped(g67) {
			// likewise
		} else if koreanCheck(d) && (!n.bare || !millis && !s.vetoed(n) && !s.anothers(n, lKR)) {
			s.add(KRRRN, n.start, n.end, byChecksum)
		} else if !n.bare && n.sep == '-' && koreanNew(d) && !s.vetoed(n) {
			s.add(KRRRN, n.start, n.end, byShape)
		}
	}
	s.check(n, ZAID, lZA|lNational, n.grouped(g6421, g643, 6<<15|4<<10|1<<5|2), southAfricanID)
	s.card(n)
}
