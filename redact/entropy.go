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
	if len(v) < n {
		return false
	}
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

// random says whether the letters of v change case in a way that words do not, or vowels are as few as they are not in words.
func (t tally) random(v []byte) bool {
	return fewVowels(t.of(nVowel), len(v)) || t.mixed(len(v)) && caseChanges(v)*3 >= len(v) && !pronounceable(v)
}

// fewVowels says whether so many vowels are fewer than any text of size bytes has.
func fewVowels(vowels, size int) bool { return vowels*6 < size }

// hopeless says whether v is no secret whatever its key says: it has no digit, and what else strongEnough wants is missing too.
func hopeless(v []byte, seen tally) bool {
	const least = 13 // different bytes, for an entropy of 3.6
	switch {
	case seen.of(nDigit) > 0:
		return false
	case len(v) < shortestWord:
		alike, plain := seen.of(nSmall) == 0 || seen.of(nCapital) == 0, seen.of(nSpecial) == 0
		return alike && plain || (alike || plain) && !seen.mixed(len(v))
	}
	return seen.of(nCapital) == 0 && (!fewVowels(seen.of(nVowel), len(v)) || !varied(v, least))
}

// strongEnough weighs what a value looks like against what its key says. The entropy, which costs most, is looked at last.
func strongEnough(v []byte, what label, seen tally) bool {
	n, figures, specials := len(v), seen.of(nDigit) > 0, seen.of(nSpecial) > 0
	switch {
	case !seen.letters():
		// Digits alone: a person's password may be, a token is not.
		return what&lPassword != 0 && (specials && what&lKey == 0 && n >= 6 && n <= maxFigures && entropy(v) >= 1.5 ||
			!specials && n >= 8 && n <= 10 && entropy(v) >= 2.0)
	case what&lPassword != 0:
		if kinds := seen.kinds(); kinds >= 2 && (figures || specials) || specials && figures {
			return n >= 6 && entropy(v) >= 2.0
		}
		return n >= 20 && seen.random(v) && entropy(v) >= 3.6 || n >= 8 && seen.scrambled(v)
	default:
		if figures && specials && n >= 8 && n < 12 && seen.kinds() > 1 && humanMarks(v) {
			return entropy(v) >= 2.4 // a person's
		}
		if figures && n >= 8 && n < 10 && seen.kinds() == 3 && caseChanges(v) > 2 {
			return entropy(v) >= 2.8
		}
		if figures {
			name := bytes.TrimRight(v, "0123456789")
			return n >= 10 && entropy(v) >= 2.8 && !(n-len(name) <= 4 && len(name) < n && !hasDigit(name) && identifier(name) && (pronounceable(name) && caseChanges(name)*3 < len(name) || camelCase(name)))
		}
		return (n >= 20 && entropy(v) >= 3.6 || n >= 10 && seen.of(nSpecial) > 1 && entropy(v) >= 2.8) && seen.random(v) || n >= 12 && seen.scrambled(v)
	}
}

// scrambled says whether the letters of v change case as often as those of no name do.
func (t tally) scrambled(v []byte) bool {
	changes := 0
	if t.mixed(len(v)) {
		changes = caseChanges(v)
	}
	return changes > 0 && changes*3 >= len(v) && !camelCase(v) && (changes*2 >= len(v) || !pronounceable(v))
}

// humanMarks says whether all punctuation of v is what people put into passwords.
func humanMarks(v []byte) bool {
	for _, c := range v {
		if !alnum(c) && !contains("!@#$%^&*?", c) {
			return false
		}
	}
	return true
}

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
func caseChanges(v []byte) (n int) {
	if len(v) == 0 {
		return 0
	}
	before := props[v[0]]
	for _, c := range v[1:] {
		p := props[c]
		n += int((p ^ before) / pUpper & 1)
		before = p
	}
	return n
}
