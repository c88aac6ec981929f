package sim

import (
	"strings"
	"unicode/utf8"
)

// words are what simulated text is made of; each is one token, with the space before it. It is never changed.
var words = strings.Split(" the| a| souk| market| stall| price| offer| buyer| seller| spice| carpet| lantern| copper| silk| tea|"+
	" coin| scale| morning| evening| caravan| road| gate| square| shade| bread| olive| date| honey| saffron| indigo|"+
	" brass| ledger| bargain| weighs| carries| opens| closes| waits| answers| asks| counts| trades| sings| glows|"+
	" near| under| beyond| before| after| with| without| and| while| until| slowly| quickly| twice| always| again| old| new| small| wide| bright| quiet", "|")

// text makes n tokens, the first of which is the provider's mark.
func text(name string, r *random, n int) []string {
	tokens := make([]string, 0, n)
	tokens = append(tokens, mark(name))
	sentence := 0 // words since the last full stop
	for len(tokens) < n {
		word := words[r.intn(len(words))]
		switch sentence++; {
		case sentence == 1:
			word = " " + strings.ToUpper(word[1:2]) + word[2:]
		case sentence > 5 && r.intn(6) == 0 || len(tokens) == n-1:
			word, sentence = word+".", 0
		}
		tokens = append(tokens, word)
	}
	return tokens
}

// fragments cuts a text into tokens of a few bytes, never inside a character.
func fragments(s string, r *random) []string {
	var tokens []string
	for s != "" {
		n := min(2+r.intn(7), len(s))
		for n < len(s) && !utf8.RuneStart(s[n]) {
			n++
		}
		tokens = append(tokens, s[:n])
		s = s[n:]
	}
	return tokens
}

// tokensIn estimates the tokens of a text: four bytes each, rounded up.
func tokensIn(s string) int { return (len(s) + 3) / 4 }
