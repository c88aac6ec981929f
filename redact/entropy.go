package redact

import "math"

// entropy is Shannon's, in bits a byte.
func entropy(v []byte) float64 {
	var count [256]uint16
	for _, c := range v {
		count[c]++
	}
	sum := 0.0
	for _, c := range v {
		if n := count[c]; n > 0 {
			p := float64(n) / float64(len(v))
			sum -= p * math.Log2(p)
			count[c] = 0
		}
	}
	return sum
}

// varied says whether v has at least n different bytes: "xxxxxxxx" and "YOUR_KEY_HERE" stand for a value.
func varied(v []byte, n int) bool {
	var seen [4]uint64
	for _, c := range v {
		bit := uint64(1) << (c & 63)
		if seen[c>>6]&bit == 0 {
			seen[c>>6] |= bit
			if n--; n <= 0 {
				return true
			}
		}
	}
	return false
}
