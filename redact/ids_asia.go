package redact

// chineseResident checks a citizen identity number (GB 11643-1999): a province, a date of birth, and ISO 7064 MOD
// 11-2 over seventeen digits. last is the eighteenth character when it is X, otherwise 0 and d has all eighteen.
func chineseResident(d []byte, last byte) bool {
	if !chineseProvince(two(d, 0)) {
		return false
	}
	year := two(d, 6)*100 + two(d, 8)
	if year < 1880 || year > 2099 || !day(year, two(d, 10), two(d, 12)) {
		return false
	}
	const weights = "\x07\x09\x0a\x05\x08\x04\x02\x01\x06\x03\x07\x09\x0a\x05\x08\x04\x02"
	sum := 0
	for k, v := range d[:17] {
		sum += int(v) * int(weights[k])
	}
	check := "10X98765432"[sum%11]
	if last != 0 {
		return check == 'X'
	}
	return check == d[17]+'0'
}

// chineseProvince are the first two digits that GB/T 2260 has.
func chineseProvince(p int) bool {
	switch {
	case p >= 11 && p <= 15, p >= 21 && p <= 23, p >= 31 && p <= 37, p >= 41 && p <= 46, p >= 50 && p <= 54, p >= 61 && p <= 65:
		return true
	}
	return p == 71 || p == 81 || p == 82 || p == 83
}

// chineseUSCC checks a unified social credit code (GB 32100-2015): 31 characters without I, O, S, V and Z, weights
// 3^k modulo 31.
func chineseUSCC(v []byte) bool {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	// The third to eighth character are a region of GB/T 2260; 10 is the state's own.
	if v[0] == '0' || !digit(v[2]) || !digit(v[3]) {
		return false
	}
	if p := int(v[2]-'0')*10 + int(v[3]-'0'); p != 10 && !chineseProvince(p) {
		return false
	}
	sum, weight := 0, 1
	for k, c := range v {
		c = upperCase(c)
		n := 0
		for n < len(alphabet) && alphabet[n] != c {
			n++
		}
		if n == len(alphabet) || k >= 2 && k < 8 && n > 9 {
			return false
		}
		if k < 17 {
			sum += n * weight
			weight = weight * 3 % 31
			continue
		}
		return (31-sum%31)%31 == n
	}
	return false
}

// digitsUSCC is chineseUSCC for a code of digits alone, as older ones are.
func digitsUSCC(d []byte) bool {
	var v [18]byte
	for k, c := range d {
		v[k] = c + '0'
	}
	return chineseUSCC(v[:])
}

// koreanRRN checks the form of a resident registration number: a date of birth and a digit for sex and century.
func koreanRRN(d []byte) bool {
	year := 1900
	switch d[6] {
	case 3, 4, 7, 8:
		year = 2000
	case 9, 0:
		year = 1800
	}
	return day(year+two(d, 0), two(d, 2), two(d, 4))
}

// koreanCheck checks the last digit of numbers given out before October 2020: weights 2 to 9 and 2 to 5, modulo 11, from 11 for citizens and
// from 13 for foreigners.
func koreanCheck(d []byte) bool {
	from := 11
	if d[6] >= 5 && d[6] <= 8 {
		from = 13
	}
	return (from-weighted(d[:12], "234567892345")%11)%10 == int(d[12])
}

// koreanNew says whether the holder was born when check digits had been given up (October 2020 on).
func koreanNew(d []byte) bool {
	return (d[6] == 3 || d[6] == 4) && two(d, 0)*100+two(d, 2) >= 2010 && two(d, 0) < 40
}

// japaneseMyNumber checks an individual number (総務省令第85号, 2014): weights 6 to 2 and 7 to 2, modulo 11.
func japaneseMyNumber(d []byte) bool {
	r := weighted(d[:11], "65432765432") % 11
	if r <= 1 {
		return d[11] == 0
	}
	return 11-r == int(d[11])
}

// thaiTNIN checks a Thai national identification number: weights 13 to 2, modulo 11.
func thaiTNIN(d []byte) bool {
	if d[0] == 0 || d[0] == 9 {
		return false
	}
	sum := 0
	for k, v := range d[:12] {
		sum += int(v) * (13 - k)
	}
	return (11-sum%11)%10 == int(d[12])
}

// singaporeNRIC checks an NRIC or FIN: weights 2765432, an offset by the first letter, a letter by modulo 11.
func singaporeNRIC(v []byte) bool {
	sum := 0
	for k, c := range v[1:8] {
		if !digit(c) {
			return false
		}
		sum += int(c-'0') * int("2765432"[k]-'0')
	}
	table := ""
	switch upperCase(v[0]) {
	case 'S':
		table = "JZIHGFEDCBA"
	case 'T':
		table, sum = "JZIHGFEDCBA", sum+4
	case 'F':
		table = "XWUTRQPNMLK"
	case 'G':
		table, sum = "XWUTRQPNMLK", sum+4
	case 'M':
		table, sum = "XWUTRQPNJLK", sum+3
	default:
		return false
	}
	return table[sum%11] == upperCase(v[8])
}

// indianPAN checks the form of a permanent account number (Income Tax Rules, rule 114): five letters, of which the
// fourth is the holder's status, four digits, a letter.
func indianPAN(v []byte) bool {
	for k, c := range v {
		if (k < 5 || k == 9) != letter(c) || k >= 5 && k < 9 && !digit(c) {
			return false
		}
	}
	return contains("PCHFATBLJGEK", upperCase(v[3]))
}
