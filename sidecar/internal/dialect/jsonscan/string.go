package jsonscan

import "bytes"

// skipString: text[pos] is the opening quote. It returns the index after the closing one, or -1.
func skipString(text []byte, pos int) int {
	start := pos + 1
	i := bytes.IndexByte(text[start:], '"')
	if i < 0 {
		return -1
	}
	if quote := start + i; !escaped(text, start, quote) {
		return quote + 1
	}
	return skipEscaped(text, start, start+i+1)
}

// skipEscaped goes on behind an escaped quote. Prompts are full of them, and a search that stops at each costs more than all
// else that a proxy does with a large body: so blocks in which every quote stands behind a single backslash are
// passed over whole, where the processor helps.
func skipEscaped(text []byte, start, at int) int {
	for {
		at += skipBlocks(text[at:])
		// It stopped because of something in the next block: to look at that again from behind each quote in it would go over it
		// as often as it holds quotes.
		for stop := at + block; at < stop; {
			i := bytes.IndexByte(text[at:], '"')
			if i < 0 {
				return -1
			}
			at += i + 1
			if !escaped(text, start, at-1) {
				return at
			}
		}
	}
}

// block is how many bytes skipBlocks looks at in one step, at most.
const block = 64

// escaped tells whether an odd number of backslashes stands before text[at].
func escaped(text []byte, start, at int) bool {
	back := at - 1
	for back >= start && text[back] == '\\' {
		back--
	}
	return (at-1-back)&1 != 0
}
