package redact

// The check digit schemes that several identifiers share. All take digits as values 0 to 9, not characters.

// luhn is ISO/IEC 7812-1, annex B: every second digit from the right is doubled, its digits summed.
func luhn(d []byte) bool {
	sum := 0
	for k, v := range d {
		n := int(v)
		if (len(d)-k)&1 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

// weighted is the sum of digits times weights; weights are digits as characters, the shorter of both counts.
func weighted(d []byte, weights string) int {
	sum := 0
	for k := 0; k < len(d) && k < len(weights); k++ {
		sum += int(d[k]) * int(weights[k]-'0')
	}
	return sum
}

// verhoeff is J. Verhoeff, Error Detecting Decimal Codes (1969): the dihedral group D5 and a permutation.
func verhoeff(d []byte) bool {
	const (
		product = "0123456789123406789523401789563401289567401239567859876043216598710432765982104387659321049876543210"
		permute = "01234567891576283094580379614289160435279453126870428657390127938064157046913258"
	)
	c := 0
	for k := range d {
		v := int(permute[k%8*10+int(d[len(d)-1-k])] - '0')
		c = int(product[c*10+v] - '0')
	}
	return c == 0
}

// iso7064 is ISO/IEC 7064 MOD 11,10: a product that runs through the digits.
func iso7064(d []byte) bool {
	product := 10
	for _, v := range d[:len(d)-1] {
		sum := (int(v) + product) % 10
		if sum == 0 {
			sum = 10
		}
		product = sum * 2 % 11
	}
	check := 11 - product
	if check == 10 {
		check = 0
	}
	return check == int(d[len(d)-1])
}

// remainder is the number that the digits write, modulo m.
func remainder(d []byte, m int) int {
	r := 0
	for _, v := range d {
		r = (r*10 + int(v)) % m
	}
	return r
}

// same says whether all digits are one.
func same(d []byte) bool {
	for _, v := range d[1:] {
		if v != d[0] {
			return false
		}
	}
	return true
}

func two(d []byte, i int) int { return int(d[i])*10 + int(d[i+1]) }

// day says whether a day of a month exists; the year may be 0 when it is not known.
func day(y, m, d int) bool {
	if m < 1 || m > 12 || d < 1 || d > 31 {
		return false
	}
	switch m {
	case 4, 6, 9, 11:
		return d <= 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return d <= 29
		}
		return d <= 28
	}
	return true
}
