package redact

// americanSSN is what the SSA gives out (POMS RM 10201.035): area not 000, 666 or 9xx, group not 00, serial not 0000;
// and not the two that advertisements made void.
func americanSSN(d []byte) bool {
	area := int(d[0])*100 + two(d, 1)
	serial := two(d, 5)*100 + two(d, 7)
	if area == 0 || area == 666 || area >= 900 || two(d, 3) == 0 || serial == 0 {
		return false
	}
	return !(area == 78 && two(d, 3) == 5 && serial == 1120) && !(area == 219 && two(d, 3) == 9 && serial == 9999)
}

// americanITIN is 9xx with a group of 50-65, 70-88, 90-92 or 94-99 (IRS, IRM 3.21.263).
func americanITIN(d []byte) bool {
	g := two(d, 3)
	return d[0] == 9 && (g >= 50 && g <= 65 || g >= 70 && g <= 88 || g >= 90 && g <= 92 || g >= 94)
}

// americanEIN is a prefix that the IRS gives out (IRS, How EINs are assigned and valid EIN prefixes).
func americanEIN(d []byte) bool {
	switch p := two(d, 0); p {
	case 0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97:
		return false
	}
	return true
}

// americanABA checks a routing number (ABA): weights 3, 7, 1 modulo 10, and a Federal Reserve prefix.
func americanABA(d []byte) bool {
	p := two(d, 0)
	if !(p <= 12 || p >= 21 && p <= 32 || p >= 61 && p <= 72 || p == 80) {
		return false
	}
	return weighted(d, "371371371")%10 == 0
}

// americanNPI checks a National Provider Identifier (45 CFR 162.406): Luhn over 80840 and the ten digits.
func americanNPI(d []byte) bool {
	if d[0] != 1 && d[0] != 2 {
		return false
	}
	var all [15]byte
	copy(all[:], "\x08\x00\x08\x04\x00")
	copy(all[5:], d)
	return luhn(all[:])
}

// canadianSIN checks a Social Insurance Number (Service Canada): Luhn. None was given out from 0 or 8 on, but examples and test data are: a
// number that its label calls one is masked.
func canadianSIN(d []byte) bool { return luhn(d) }

// brazilianCPF checks a CPF (Receita Federal, IN 1548/2015): two digits modulo 11, weights 10 to 2 and 11 to 2.
func brazilianCPF(d []byte) bool {
	return mod11(d[:9], 10) == int(d[9]) && mod11(d[:10], 11) == int(d[10])
}

func mod11(d []byte, weight int) int {
	sum := 0
	for _, v := range d {
		sum += int(v) * weight
		weight--
	}
	if r := sum % 11; r >= 2 {
		return 11 - r
	}
	return 0
}

// brazilianCNPJ checks a CNPJ; characters count as their code less 48, so that the alphanumeric ones of 2026 (IN RFB
// 2.229/2024) check too.
func brazilianCNPJ(d []byte) bool {
	return cnpjDigit(d[:12]) == int(d[12]) && cnpjDigit(d[:13]) == int(d[13])
}

func cnpjDigit(d []byte) int {
	sum, weight := 0, 2
	for k := len(d) - 1; k >= 0; k-- {
		sum += int(d[k]) * weight
		if weight++; weight > 9 {
			weight = 2
		}
	}
	if r := sum % 11; r >= 2 {
		return 11 - r
	}
	return 0
}
