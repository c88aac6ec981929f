package redact

// australianTFN checks a tax file number (ATO): weights 1,4,3,7,5,8,6,9,10 modulo 11; of eight digits 10,7,8,4,6,3,5,1.
func australianTFN(d []byte) bool {
	if len(d) == 8 {
		return (int(d[0])*10+weighted(d[1:], "7846351"))%11 == 0
	}
	return (weighted(d[:8], "14375869")+int(d[8])*10)%11 == 0
}

// australianABN checks a business number (ABR): the first digit less one, weights 10,1,3,...,19, modulo 89.
func australianABN(d []byte) bool {
	if d[0] == 0 {
		return false
	}
	sum := (int(d[0]) - 1) * 10
	for k, v := range d[1:] {
		sum += int(v) * (2*k + 1)
	}
	return sum%89 == 0
}

// australianMedicare checks a Medicare card number (Services Australia): 2 to 6 first, weights 1379 1379 modulo 10.
func australianMedicare(d []byte) bool {
	return d[0] >= 2 && d[0] <= 6 && d[9] > 0 && weighted(d[:8], "13791379")%10 == int(d[8])
}

// australianMedicareLong checks a Medicare card number with the holder's place on the card behind it, 1 to 9.
func australianMedicareLong(d []byte) bool { return d[10] > 0 && australianMedicare(d[:10]) }

// southAfricanID checks an identity number (Identification Act 68 of 1997): a date of birth, a citizenship of 0, 1 or
// 2, and a Luhn digit.
func southAfricanID(d []byte) bool {
	if d[10] > 2 || !luhn(d) {
		return false
	}
	return day(2000+two(d, 0), two(d, 2), two(d, 4)) || day(1900+two(d, 0), two(d, 2), two(d, 4))
}
