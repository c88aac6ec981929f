package redact

import "testing"

func TestBeginningsHaveEveryIssuedCard(t *testing.T) {
	for prefix := range 10_000 {
		for size := 12; size <= maxDigits; size++ {
			d := [maxDigits]byte{byte(prefix / 1000), byte(prefix / 100 % 10), byte(prefix / 10 % 10), byte(prefix % 10)}
			if issued(d[:size]) && beginnings[prefix/100]>>(size-fewest)&1 == 0 {
				t.Errorf("cards of %d digits that begin with %04d are not looked at", size, prefix)
			}
		}
	}
}
