package jsonscan

import "testing"

// The two kernels differ in how far they come at the end of a text, and in nothing else.
func FuzzSkipKernels(f *testing.F) {
	f.Add([]byte(`plain text that is longer than a block of sixty-four bytes, \" with an escape \\ and a pair of them`))
	f.Fuzz(func(t *testing.T, text []byte) {
		limit := len(text)
		for i := range text {
			if text[i] == '"' && !escaped(text, 0, i) || i > 0 && text[i] == '\\' && escaped(text, 0, i) {
				limit = i // of what may be passed over
				break
			}
		}
		if n := skipSSE2(text); n > limit {
			t.Errorf("SSE2 passes over %d bytes of %q, beyond %d", n, text, limit)
		}
		if !wide {
			return
		}
		if n := skipAVX2(text); n > limit {
			t.Errorf("AVX2 passes over %d bytes of %q, beyond %d", n, text, limit)
		}
	})
}
