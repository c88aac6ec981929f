package redact

// spanishLetters is the table of the control letter of DNI and NIE (Real Decreto 1553/2005; Orden INT/2058/2008).
const spanishLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

// spanishNIF checks eight digits and the letter number mod 23 of the table.
func spanishNIF(d []byte, check byte) bool {
	return spanishLetters[remainder(d, 23)] == check
}

// spanishNIE checks a NIE: X, Y or Z count as 0, 1 or 2 before seven digits.
func spanishNIE(first byte, d []byte, check byte) bool {
	n := int(first - 'X')
	for _, v := range d {
		n = (n*10 + int(v)) % 23
	}
	return spanishLetters[n] == check
}

// italianFiscalCode checks the sixteen characters of a codice fiscale (Decreto ministeriale 23/12/1976): the form,
// and the check letter from two value tables for odd and even places.
func italianFiscalCode(v []byte) bool {
	// Values of 0-9 and A-Z at odd places.
	const (
		odd   = "\x01\x00\x05\x07\x09\x0d\x0f\x11\x13\x15"
		oddAZ = "\x01\x00\x05\x07\x09\x0d\x0f\x11\x13\x15\x02\x04\x12\x14\x0b\x03\x06\x08\x0c\x0e\x10\x0a\x16\x19\x18\x17"
	)
	sum := 0
	for k, c := range v[:15] {
		c = upperCase(c)
		number := digit(c)
		switch k {
		case 0, 1, 2, 3, 4, 5, 11:
			if number {
				return false
			}
		case 8:
			if !contains("ABCDEHLMPRST", c) {
				return false
			}
		default:
			// Digits are replaced by letters where two people would have one code (omocodia).
			if !number && !contains("LMNPQRSTUV", c) {
				return false
			}
		}
		switch {
		case k&1 == 0 && number:
			sum += int(odd[c-'0'])
		case k&1 == 0:
			sum += int(oddAZ[c-'A'])
		case number:
			sum += int(c - '0')
		default:
			sum += int(c - 'A')
		}
	}
	return upperCase(v[15]) == byte('A'+sum%26)
}

// frenchNIR checks thirteen digits and a key of 97 minus the number mod 97 (INSEE, décret 82-103). Corsica's
// departments 2A and 2B are digits 19 and 18 here.
func frenchNIR(d []byte) bool {
	if d[0] == 0 || d[0] == 5 || d[0] == 6 || d[0] == 9 {
		return false
	}
	month := two(d, 3)
	if month == 0 || month > 12 && month < 20 || month > 42 && month < 50 {
		return false
	}
	return 97-remainder(d[:13], 97) == two(d, 13)
}

// germanTax checks a steuerliche Identifikationsnummer (§ 139b AO; BZSt): ISO 7064 MOD 11,10, no leading zero, and
// a digit that occurs more than once among the first ten.
func germanTax(d []byte) bool {
	if d[0] == 0 || !iso7064(d) {
		return false
	}
	var count [10]int
	repeated := 0
	for _, v := range d[:10] {
		if count[v]++; count[v] == 2 {
			repeated++
		}
	}
	return repeated >= 1
}

// britishNHS checks an NHS number (NHS Data Dictionary): weights 10 to 2, modulo 11.
func britishNHS(d []byte) bool {
	sum := 0
	for k, v := range d[:9] {
		sum += int(v) * (10 - k)
	}
	check := 11 - sum%11
	if check == 11 {
		check = 0
	}
	return check == int(d[9])
}

// britishNINO checks the form of a National Insurance number (HMRC NIM39110): prefixes that are not given out.
func britishNINO(v []byte) bool {
	a, b := upperCase(v[0]), upperCase(v[1])
	if contains("DFIQUV", a) || contains("DFIOQUV", b) || !letter(a) || !letter(b) {
		return false
	}
	switch string([]byte{a, b}) {
	case "BG", "GB", "NK", "KN", "TN", "NT", "ZZ":
		return false
	}
	last := upperCase(v[8])
	if last < 'A' || last > 'D' {
		return false
	}
	for _, c := range v[2:8] {
		if !digit(c) {
			return false
		}
	}
	return true
}

// polishPESEL checks a PESEL (ustawa o ewidencji ludności, art. 15): the date, the century in the month, weights
// 1379 1379 13.
func polishPESEL(d []byte) bool {
	y, m := two(d, 0), two(d, 2)
	if m%20 == 0 || m%20 > 12 {
		return false
	}
	century := [5]int{1900, 2000, 2100, 2200, 1800}[m/20]
	return day(century+y, m%20, two(d, 4)) && (10-weighted(d[:10], "1379137913")%10)%10 == int(d[10])
}

// dutchBSN checks a burgerservicenummer by the elfproef: weights 9 to 2 and -1; eight digits have a leading zero.
func dutchBSN(d []byte) bool {
	sum, weight := 0, len(d)
	if len(d) == 8 && d[0] == 0 {
		return false
	}
	for _, v := range d[:len(d)-1] {
		sum += int(v) * weight
		weight--
	}
	return (sum-int(d[len(d)-1]))%11 == 0
}

// swedishPersonnummer checks the date and the Luhn digit of ten digits (Skatteverket SKV 704); 61 to 91 as a day is a
// samordningsnummer.
func swedishPersonnummer(d []byte) bool {
	year := 0
	if len(d) == 12 {
		if year = two(d, 0)*100 + two(d, 2); year < 1850 || year > 2099 {
			return false
		}
		d = d[2:]
	} else {
		year = 2000 + two(d, 0)
	}
	dd := two(d, 4)
	if dd > 60 {
		dd -= 60
	}
	if !day(year, two(d, 2), dd) && !(two(d, 2) == 2 && dd == 29 && len(d) == 10) {
		return false
	}
	return luhn(d)
}

// finnishHETU checks a henkilötunnus (Laki väestötietojärjestelmästä 661/2009): the date, the century sign, and one
// of 31 control characters by the nine digits mod 31. sign is the century's: v[6].
func finnishHETU(v []byte) bool {
	var d [9]byte
	for k, at := range [9]int{0, 1, 2, 3, 4, 5, 7, 8, 9} {
		if !digit(v[at]) {
			return false
		}
		d[k] = v[at] - '0'
	}
	century := 1900
	switch upperCase(v[6]) {
	case '+':
		century = 1800
	case '-', 'Y', 'X', 'W', 'V', 'U':
	case 'A', 'B', 'C', 'D', 'E', 'F':
		century = 2000
	default:
		return false
	}
	if !day(century+two(d[:], 4), two(d[:], 2), two(d[:], 0)) {
		return false
	}
	return "0123456789ABCDEFHJKLMNPRSTUVWXY"[remainder(d[:], 31)] == upperCase(v[10])
}

// belgianNRN checks a numéro de registre national (arrêté royal du 3 avril 1984): 97 minus nine digits mod 97, with
// a 2 before them for births from 2000 on. Months may have 20 or 40 added (BIS numbers).
func belgianNRN(d []byte) bool {
	m := two(d, 2)
	if m > 12 {
		m -= 20
	}
	if m > 12 {
		m -= 20
	}
	if m < 0 || m > 12 || two(d, 4) > 31 || two(d, 6)*10+int(d[8]) == 0 || two(d, 6)*10+int(d[8]) == 999 {
		return false
	}
	if m == 0 || two(d, 4) == 0 {
		return false
	}
	check := two(d, 9)
	n := remainder(d[:9], 97)
	return 97-n == check || 97-(2*1_000_000_000%97+n)%97 == check
}

// turkishID checks a T.C. kimlik numarası (5490 sayılı Kanun): the tenth digit from sums of odd and even places, the
// eleventh from the sum of ten.
func turkishID(d []byte) bool {
	if d[0] == 0 {
		return false
	}
	odd := int(d[0]) + int(d[2]) + int(d[4]) + int(d[6]) + int(d[8])
	even := int(d[1]) + int(d[3]) + int(d[5]) + int(d[7])
	if ((odd*7-even)%10+10)%10 != int(d[9]) {
		return false
	}
	return (odd+even+int(d[9]))%10 == int(d[10])
}

func upperCase(c byte) byte {
	if props[c]&pLower != 0 {
		return c - 32
	}
	return c
}

func contains(set string, c byte) bool {
	for k := 0; k < len(set); k++ {
		if set[k] == c {
			return true
		}
	}
	return false
}
