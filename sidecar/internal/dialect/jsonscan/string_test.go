package jsonscan

import (
	"math/rand/v2"
	"testing"
)

// naiveSkip is what skipString does, a byte at a time.
func naiveSkip(text []byte, pos int) int {
	for i := pos + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

func TestSkipStringFindsTheEndThatABytewiseWalkFinds(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pieces := []string{`\"`, `\\`, `\\\"`, `\n`, `"`, `a`, `text without anything in it that matters, `, `\\\\`, `é`, `\u0022`}
	for range 200_000 {
		text := []byte{'"'}
		for range rng.IntN(24) {
			p := pieces[rng.IntN(len(pieces))]
			if p == `"` && rng.IntN(4) > 0 {
				continue // mostly long strings
			}
			text = append(text, p...)
		}
		if rng.IntN(3) > 0 {
			text = append(text, '"', ',', '"', 'x', '"')
		}
		if got, want := skipString(text, 0), naiveSkip(text, 0); got != want {
			t.Fatalf("%q: %d, want %d", text, got, want)
		}
	}
}
