package redact

// iban looks for an account number (ISO 13616) that begins at a: the country's length (SWIFT IBAN Registry) and
// ISO 7064 MOD 97-10. Groups may be parted by a space, '-' or '.'.
func (s *scan) iban(a int) bool {
	if a+15 > len(s.t) || !letter(s.t[a]) || !letter(s.t[a+1]) || !digit(s.t[a+2]) || !digit(s.t[a+3]) {
		return false
	}
	size, figures := ibanLength(upperCase(s.t[a]), upperCase(s.t[a+1]))
	if size == 0 {
		return false
	}
	v := [34]byte{upperCase(s.t[a]), upperCase(s.t[a+1]), s.t[a+2], s.t[a+3]}
	n, i, parted, broken := 4, a+4, false, false
	for n < size && i < len(s.t) {
		c := s.t[i]
		if what := props[c]; what&pAlnum != 0 {
			if figures && what&pDigit == 0 {
				return false
			}
			if what&pLower != 0 {
				c -= 32
			}
			v[n] = c
			n++
			i++
			continue
		}
		next, line := s.ibanGap(i)
		if next == 0 {
			return false
		}
		i, parted, broken = next, true, broken || line
	}
	if n < size || alnum(s.at(i)) || !parted && !ibanBefore(s.at(a-1)) {
		return false
	}
	// The four first characters go to the end.
	checks := mod97(mod97(0, v[4:size]), v[:4]) == 1
	if !checks && broken {
		return false
	}
	// A wrong one is no other number either.
	s.numberEnd = max(s.numberEnd, i)
	s.phoneEnd = max(s.phoneEnd, i)
	if !checks {
		return false
	}
	s.add(IBAN, a, i, byBoth)
	return true
}

// ibanGap is where the next group begins behind the separator at i, 0 when there is none, and whether another line does there.
func (s *scan) ibanGap(i int) (next int, line bool) {
	const widest = 6
	for k := i; k < i+widest; k++ {
		switch c := s.at(k); {
		case alnum(c):
			return k, line
		case c == '\n' && !line && k < len(s.t):
			line = true
		case c == ' ', c == '\t', c == '\r', (c == '-' || c == '.') && k < i+2, c == '>' && line:
		default:
			return 0, false
		}
	}
	return 0, false
}

// mod97 goes on with the remainder of a number by 97, in which letters count as 10 to 35 (ISO 7064).
func mod97(r uint64, v []byte) uint64 {
	const large = 1 << 56 // a letter more does not overflow
	for _, c := range v {
		if digit(c) {
			r = r*10 + uint64(c-'0')
		} else {
			r = r*100 + uint64(c-'A') + 10
		}
		if r >= large {
			r %= 97
		}
	}
	return r % 97
}

// ibanBefore says whether a number may begin behind c.
func ibanBefore(c byte) bool { return !alnum(c) }

// ibanLength is the country's, 0 where there is none (SWIFT IBAN Registry, and the countries that use its form
// without being in it). figures says that there are no letters behind the check digits.
func ibanLength(a, b byte) (size int, figures bool) {
	n := ibanLengths[int(a-'A')*26+int(b-'A')]
	return int(n &^ ibanFigures), n&ibanFigures != 0
}

const ibanFigures = 0x80

// ibanLengths is by the country's two letters, with ibanFigures where that is so; it is never written to.
var ibanLengths = buildIBANLengths()

func buildIBANLengths() (l [26 * 26]uint8) {
	const lengths = "AD24AE23AL28AO25AT20AZ28BA20BE16BF28BG22BH22BI27BJ28BR29BY28CF27CG27CH21CI28CM27CR22CV25CY28CZ24DE22DJ27" +
		"DK18DO28DZ26EE20EG29ES24FI18FK18FO18FR27GA27GB22GE22GI23GL18GQ27GR27GT28GW25HN28HR21HU28IE22IL23IQ23IR26IS26IT27" +
		"JO30KM27KW30KZ20LB28LC32LI21LT20LU20LV21LY25MA28MC27MD24ME22MG27MK19ML28MN20MR27MT31MU30MZ25NE28NI28NL18NO15OM23" +
		"PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SN28SO23ST25SV28TD27TG28TL23TN24TR26UA29VA22VG24XK20YE30"
	const figures = "AEATBABECRCZDEDKEEESFIFOGLHRHUILISLTMEMRNOPLPTRSSESISKTLTNXKVA"
	at := func(s string, k int) *uint8 { return &l[int(s[k]-'A')*26+int(s[k+1]-'A')] }
	for k := 0; k < len(lengths); k += 4 {
		*at(lengths, k) = (lengths[k+2]-'0')*10 + lengths[k+3] - '0'
	}
	for k := 0; k < len(figures); k += 2 {
		*at(figures, k) |= ibanFigures
	}
	return l
}
