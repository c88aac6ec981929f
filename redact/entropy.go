package redact

import (
	"bytes"
	"math/bits"
)

// entropy is Shannon's, in bits a byte, of at most maxSecret bytes.
func entropy(v []byte) float64 {
	var count [256]uint16
	for _, c := range v {
		count[c]++
	}
	sum := 0.0
	for _, c := range v {
		if n := count[c]; n > 0 {
			sum += weightedLog[n]
			count[c] = 0
		}
	}
	return (weightedLog[len(v)] - sum) / float64(len(v))
}

// weightedLog is n x log2(n); it is never written to.
var weightedLog = buildWeightedLog()

func buildWeightedLog() (l [maxSecret + 1]float64) {
	for n := 2; n < len(l); n++ {
		l[n] = float64(n) * log2(n)
	}
	return l
}

// log2 is the binary logarithm of n >= 1, bit by bit: that of package math would bring tables into a wasm build.
func log2(n int) float64 {
	whole := bits.Len(uint(n)) - 1
	sum, x := float64(whole), float64(n)/float64(int(1)<<whole)
	for bit := 0.5; bit > 1e-12; bit /= 2 {
		if x *= x; x >= 2 {
			x /= 2
			sum += bit
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

// traits are what is counted of a value in one pass.
type traits struct {
	of      property // of any of its bytes
	wide    bool     // not all of them are ASCII
	vowels  int
	changes int // where a capital stands beside what is none
}

func traitsOf(v []byte) (t traits) {
	before, all := property(0), byte(0)
	if len(v) > 0 {
		before = props[v[0]]
	}
	for _, c := range v {
		p := props[c]
		t.of |= p
		t.vowels += int(p / pVowel & 1)
		t.changes += int((p ^ before) / pUpper & 1)
		before, all = p, all|c
	}
	t.wide = all >= 0x80
	return t
}

// kinds is how many there are of digits, small letters and capitals.
func (t traits) kinds() int { return bits.OnesCount16(uint16(t.of & pAlnum)) }

// random says whether letters change case in a way that words do not, or vowels are as few as they are not in words.
func (t traits) random(v []byte) bool {
	return fewVowels(t.vowels, len(v)) || t.changes*3 >= len(v) && !pronounceable(v)
}

// fewVowels says whether so many vowels are fewer than any text of size bytes has.
func fewVowels(vowels, size int) bool { return vowels*6 < size }

// strongEnough weighs what a value looks like against what its key says. The entropy, which costs most, is looked at last.
func strongEnough(v []byte, what label, seen traits) bool {
	n := len(v)
	switch {
	case seen.of&pLetter == 0:
		// Digits alone: a person's password may be, a token is not.
		return what&lPassword != 0 && what&lKey == 0 && n >= 6 && n <= maxFigures && special(v) && entropy(v) >= 1.5 || what&lPassword != 0 && n >= 8 && n <= 10 && !special(v) && entropy(v) >= 2.0
	case what&lPassword != 0:
		kinds := seen.kinds()
		if kinds >= 2 && seen.of&pDigit != 0 || special(v) && kinds >= 2 || special(v) && seen.of&pDigit != 0 {
			return n >= 6 && entropy(v) >= 2.0
		}
		return n >= 20 && seen.random(v) && entropy(v) >= 3.6 ||
			n >= 8 && seen.changes*3 >= n && !camelCase(v) && (seen.changes*2 >= n || !pronounceable(v))
	default:
		if seen.of&pDigit != 0 {
			name := bytes.TrimRight(v, "0123456789")
			return n >= 10 && entropy(v) >= 2.8 && !(n-len(name) <= 4 && len(name) < n && !hasDigit(name) && identifier(name) && (pronounceable(name) && caseChanges(name)*3 < len(name) || camelCase(name)))
		}
		return n >= 20 && seen.random(v) && entropy(v) >= 3.6
	}
}

// random is that of the traits of v.
func random(v []byte) bool { return traitsOf(v).random(v) }

// pronounceable says whether vowels stand in letters as they do in words.
func pronounceable(v []byte) bool {
	vowels, run := 0, 0
	for _, c := range v {
		switch {
		case props[c]&pVowel != 0, c|0x20 == 'y':
			vowels++
			run = 0
		case letter(c):
			if run++; run > 4 {
				return false
			}
		default:
			run = 0
		}
	}
	return vowels*9 >= len(v)*2
}

// camelCase says whether v is words that begin with capitals, as names of code are.
func camelCase(v []byte) bool {
	small := 2
	for _, c := range v {
		switch {
		case props[c]&pLower != 0:
			small++
		case props[c]&pUpper == 0 || small < 2:
			return false
		default:
			small = 0
		}
	}
	return small >= 2
}

// caseChanges counts where a capital stands beside what is none.
func caseChanges(v []byte) int {
	n := 0
	for k := 1; k < len(v); k++ {
		if (props[v[k]]^props[v[k-1]])&pUpper != 0 {
			n++
		}
	}
	return n
}

// special says whether v has punctuation that identifiers do not have.
func special(v []byte) bool {
	for _, c := range v {
		if !alnum(c) && c != '_' && c != '.' && c != '-' && c != '/' {
			return true
		}
	}
	return false
}
