package redact

// splitIDs are identifiers that have letters and separators, beginning at or just before the digits [a,b).
func (s *scan) splitIDs(a, b int) {
	switch b - a {
	case 1: // with a separator behind it
		s.corsicanSpaced(a)
		s.dottedNIE(a)
	case 2:
		if c := s.at(a - 1); (c == ' ' || c == '-' || c == '\n') && letter(s.at(a-2)) && letter(s.at(a-3)) && !alnum(s.at(a-4)) {
			s.ninoAt(a-3, a+10) // QQ 12 34 56 C
		}
		if s.at(b) == '.' {
			s.dottedNIF(a)
			s.alnumCNPJ(a)
		}
	case 6:
		s.sixDigits(a, b)
	case 7:
		if sep := s.at(a - 1); (sep == '-' || sep == ' ' || sep == '.') && contains("XYZ", upperCase(s.at(a-2))) && !alnum(s.at(a-3)) {
			at := b
			if !letter(s.at(at)) {
				at++
			}
			if d, _ := values(s.t[a:b]); at < len(s.t) && letter(s.t[at]) && !alnum(s.at(at+1)) && spanishNIE(upperCase(s.t[a-2]), d[:7], upperCase(s.t[at])) {
				s.add(ESNIE, a-2, at+1, byChecksum)
			}
		}
	case 8:
		if sep := s.at(b); (sep == '-' || sep == ' ' || sep == '.') && letter(s.at(b+1)) && !alnum(s.at(b+2)) && !s.joinedLeft(a) {
			d, _ := values(s.t[a:b])
			if spanishNIF(d[:8], upperCase(s.t[b+1])) {
				if s.labelled(a, b+2, lSpain|lNational) {
					s.add(ESNIF, a, b+2, byBoth)
				} else if sep == '-' && props[s.t[b+1]]&pUpper != 0 {
					s.add(ESNIF, a, b+2, byChecksum)
				}
			}
		}
	}
}

// sixDigits looks for a HETU or a NINO around the six digits [a,b).
func (s *scan) sixDigits(a, b int) {
	if v := s.at(b); (v == '-' || v == '+') && b+5 <= len(s.t) && !alnum(s.at(b+5)) && !s.joinedLeft(a) {
		if finnishHETU(s.t[a : b+5]) {
			s.add(FIHETU, a, b+5, byChecksum)
			return
		}
		if v == '+' && digitsOnly(s.t[b+1:b+5]) { // of people of a hundred years or more
			var c [10]byte
			copy(c[:6], s.t[a:b])
			copy(c[6:], s.t[b+1:])
			if d, ok := values(c[:]); ok && swedishPersonnummer(d[:10]) {
				s.add(SEPersonnummer, a, b+5, byChecksum)
			}
		}
	}
	if space(s.at(a-1)) && letter(s.at(a-2)) && letter(s.at(a-3)) && !alnum(s.at(a-4)) {
		s.ninoAt(a-3, b+2)
	}
}

// dottedNIF is 12.345.678-Z.
func (s *scan) dottedNIF(a int) {
	if a+11 > len(s.t) || s.t[a+2] != '.' || s.t[a+6] != '.' || s.joinedLeft(a) {
		return
	}
	var c [8]byte
	copy(c[:2], s.t[a:])
	copy(c[2:5], s.t[a+3:])
	copy(c[5:], s.t[a+7:])
	at := a + 10
	if !letter(s.at(at)) {
		at++
	}
	if d, ok := values(c[:]); ok && letter(s.at(at)) && !alnum(s.at(at+1)) && spanishNIF(d[:8], upperCase(s.t[at])) {
		s.add(ESNIF, a, at+1, byChecksum)
	}
}

// dottedNIE is X-6.694.921-N.
func (s *scan) dottedNIE(a int) {
	const size = len("6.694.921-N")
	if a+size > len(s.t) || s.t[a+1] != '.' || s.t[a+5] != '.' || s.at(a-1) != '-' || !contains("XYZ", upperCase(s.at(a-2))) || alnum(s.at(a-3)) || alnum(s.at(a+size)) {
		return
	}
	c := [7]byte{s.t[a]}
	copy(c[1:4], s.t[a+2:])
	copy(c[4:], s.t[a+6:])
	if d, ok := values(c[:]); ok && letter(s.t[a+10]) && spanishNIE(upperCase(s.t[a-2]), d[:7], upperCase(s.t[a+10])) {
		s.add(ESNIE, a-2, a+size, byChecksum)
	}
}

// ninoAt checks a National Insurance number whose parts are spaced, at a and of at most limit.
func (s *scan) ninoAt(a, limit int) {
	var v [9]byte
	n, i, line := 0, a, false
	for ; n < 9 && i < len(s.t) && i <= limit; i++ {
		switch c := s.t[i]; {
		case alnum(c):
			v[n] = c
			n++
		case n < 2:
			return
		case c == '\n' && !line:
			line = true
			limit += len("\r\n  ")
		case c != ' ' && c != '-' && c != '\r':
			return
		}
	}
	if n == 9 && !line && !alnum(s.at(i)) && props[v[0]]&pUpper != 0 && britishNINO(v[:]) {
		s.add(UKNINO, a, i, byChecksum)
		s.numberEnd = max(s.numberEnd, i)
		s.phoneEnd = max(s.phoneEnd, i)
	} else if n == 9 && !alnum(s.at(i)) && britishNINO(v[:]) && s.labelled(a, i, lNINO) {
		s.add(UKNINO, a, i, byBoth)
	}
}

// corsicanSpaced is "1 63 06 2A 102 294 86".
func (s *scan) corsicanSpaced(a int) {
	sep := s.at(a + 1)
	if a+21 > len(s.t) || sep != ' ' && sep != '-' && sep != '.' || s.t[a+8] != '2' || s.t[a+9]|0x20 != 'a' && s.t[a+9]|0x20 != 'b' {
		return
	}
	var d [15]byte
	n, i := 0, a
	for ; n < 15 && i < len(s.t); i++ {
		switch c := s.t[i]; {
		case digit(c):
			d[n] = c - '0'
			n++
		case n == 6 && i == a+9:
			d[5], d[6] = 1, 9-(c|0x20-'a')
			n++
		case c != sep && !(c == ' ' || c == '/') || !alnum(s.at(i+1)) && s.at(i+1) != '/' && s.at(i+1) != ' ':
			return
		}
	}
	if n == 15 && !alnum(s.at(i)) && frenchNIR(d[:]) {
		s.add(FRNIR, a, i, byChecksum)
		s.numberEnd = max(s.numberEnd, i)
		s.phoneEnd = max(s.phoneEnd, i)
	}
}

// alnumCNPJ is a formatted CNPJ with letters: 12.ABC.345/01DE-35.
func (s *scan) alnumCNPJ(a int) {
	const size = 18
	if a+size > len(s.t) || s.t[a+2] != '.' || s.t[a+6] != '.' || s.t[a+10] != '/' || s.t[a+15] != '-' {
		return
	}
	var d [14]byte
	n := 0
	for k, c := range s.t[a : a+size] {
		switch k {
		case 2, 6, 10, 15:
			continue
		}
		if c = upperCase(c); !alnum(c) {
			return
		}
		d[n] = c - '0'
		n++
	}
	if d[12] < 10 && d[13] < 10 && !alnum(s.at(a+size)) && brazilianCNPJ(d[:]) {
		s.add(BRCNPJ, a, a+size, byChecksum)
		s.phoneEnd = max(s.phoneEnd, a+size)
	}
}
