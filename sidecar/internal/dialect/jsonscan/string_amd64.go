package jsonscan

import "github.com/segmentio/asm/cpu/x86"

// wide tells whether the processor has the instructions of skipAVX2. It is read once and never written.
var wide = x86.ABI().Has(x86.AVX2)

// skipBlocks returns how many bytes at the front of text hold neither the end of the string nor two backslashes in a row. text
// begins in a string, and not behind a backslash.
func skipBlocks(text []byte) int {
	if wide {
		return skipAVX2(text)
	}
	return skipSSE2(text)
}

//go:noescape
func skipAVX2(text []byte) int

//go:noescape
func skipSSE2(text []byte) int
