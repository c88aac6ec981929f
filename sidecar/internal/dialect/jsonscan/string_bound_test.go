package jsonscan

import (
	"strings"
	"testing"
	"time"
)

// What is passed over whole must not be looked at again from behind every quote in it: such a text took up to a hundred times as long as
// byte by byte, which a processor does at three bytes a nanosecond where it can foresee them.
func TestAnEscapedQuoteCostsNoMoreThanAFewDozenBytes(t *testing.T) {
	measure := func(text []byte, skip func([]byte, int) int) time.Duration {
		best := time.Hour
		for range 5 {
			start := time.Now()
			if skip(text, 0) != len(text) {
				t.Fatal("it does not end at its end")
			}
			best = min(best, time.Since(start))
		}
		return best
	}
	for _, piece := range []string{`\\\"`, `\\\"\"\"\"`, `{\"a\":\"b\\\"c\",\n`} {
		text := []byte(`"` + strings.Repeat(piece, (256<<10)/len(piece)) + `"`)
		plain := measure(text, naiveSkip)
		if took := measure(text, skipString); took > 30*plain {
			t.Errorf("%s: %v; byte by byte it takes %v", piece, took, plain)
		}
	}
}
