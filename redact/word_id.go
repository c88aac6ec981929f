package redact

// nineCharacters are identifiers of nine letters and digits.
func (s *scan) nineCharacters(a, b int) {
	v := s.t[a:b]
	if digit(v[0]) {
		if d, ok := values(v[:8]); ok && spanishNIF(d[:8], upperCase(v[8])) {
			s.add(ESNIF, a, b, byChecksum)
		}
		return
	}
	first := upperCase(v[0])
	switch {
	case letter(v[1]):
		if britishNINO(v) {
			s.add(UKNINO, a, b, byChecksum)
		}
	case first >= 'X' && first <= 'Z':
		if d, ok := values(v[1:8]); ok && spanishNIE(first, d[:7], upperCase(v[8])) {
			s.add(ESNIE, a, b, byChecksum)
		}
	case first == 'K' || first == 'L':
		if d, ok := values(v[1:8]); ok && letter(v[8]) && spanishNIF(d[:7], upperCase(v[8])) {
			s.add(ESNIF, a, b, byChecksum)
		}
	case contains("STFGM", first):
		if letter(v[8]) && singaporeNRIC(v) {
			s.add(SGNRIC, a, b, byChecksum)
		} else if first == 'M' {
			if d, ok := values(v[1:8]); ok && spanishNIF(d[:7], upperCase(v[8])) {
				s.add(ESNIF, a, b, byChecksum)
			}
		}
	}
}

// eighteen are the Chinese identifiers of eighteen characters.
func (s *scan) eighteen(a, b int) {
	v := s.t[a:b]
	if d, ok := values(v[:17]); ok {
		if v[17]|0x20 == 'x' && chineseResident(d[:17], 'X') {
			s.add(CNResidentID, a, b, byChecksum)
		}
	}
	if chineseUSCC(v) {
		s.add(CNUSCC, a, b, byChecksum)
	}
}

// spacedFiscalCode looks for a codice fiscale in groups, RSSMRA 85T10 A562 S, around its third, [a,b).
func (s *scan) spacedFiscalCode(a, b int) {
	var v [16]byte
	start, end, n := a, b, 6
	for n > 0 && start > 0 {
		c := s.t[start-1]
		if letter(c) {
			n--
			v[n] = c
		} else if c != ' ' || !letter(s.at(start-2)) {
			return
		}
		start--
	}
	if n > 0 {
		return
	}
	copy(v[6:], s.t[a:b])
	for n = 11; n < len(v) && end < len(s.t); end++ {
		if c := s.t[end]; alnum(c) {
			v[n] = c
			n++
		} else if c != ' ' || !alnum(s.at(end+1)) {
			return
		}
	}
	if n == len(v) && !alnum(s.at(start-1)) && !alnum(s.at(end)) && italianFiscalCode(v[:]) {
		s.add(ITFiscalCode, start, end, byBoth)
	}
}

// spacedResident looks for a Chinese identity number whose last character is X in groups, 6 8 4, of which [a,b) is the last.
func (s *scan) spacedResident(a, b int) {
	start := a - 16
	if start < 0 || s.t[start+6] != ' ' || alnum(s.at(start-1)) {
		return
	}
	var v [17]byte
	copy(v[:], s.t[start:start+6])
	copy(v[6:], s.t[start+7:start+15])
	copy(v[14:], s.t[a:a+3])
	if d, ok := values(v[:]); ok && chineseResident(d[:17], 'X') {
		s.add(CNResidentID, start, b, byBoth)
	}
}

// corsican is a French NIR of a department 2A or 2B, in one word.
func (s *scan) corsican(a, b int) {
	v := s.t[a:b]
	if !digit(v[0]) || v[5] != '2' {
		return
	}
	var d [15]byte
	for k, c := range v {
		if k >= 13 {
			k += 15 - len(v) // behind the space before the key
		}
		switch {
		case c == ' ':
		case digit(c):
			d[k] = c - '0'
		case k == 6 && c|0x20 == 'a':
			d[5], d[6] = 1, 9
		case k == 6 && c|0x20 == 'b':
			d[5], d[6] = 1, 8
		default:
			return
		}
	}
	if frenchNIR(d[:]) {
		s.add(FRNIR, a, b, byChecksum)
	}
}

// values turns digits into their values.
func values(v []byte) (d [18]byte, ok bool) {
	for k, c := range v {
		if !digit(c) {
			return d, false
		}
		d[k] = c - '0'
	}
	return d, true
}

func allHex(v []byte) bool {
	for _, c := range v {
		if !hex(c) {
			return false
		}
	}
	return true
}
