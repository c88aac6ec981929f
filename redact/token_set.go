package redact

import "slices"

// wordSet finds the words of a fixed set in text, the longest first. It is a sorted list that is narrowed byte by byte, which needs
// no more memory than the words and is linear in the text times the length of a word.
type wordSet struct {
	words []string
	first [256]span // the words that begin with a byte
}

// span is words[lo:hi].
type span struct{ lo, hi int32 }

// newWordSet keeps words, which must not be empty, and sorts them in place.
func newWordSet(words []string) *wordSet {
	order(len(words), func(i, j int) bool { return words[i] < words[j] }, func(i, j int) { words[i], words[j] = words[j], words[i] })
	words = slices.Compact(words)
	s := &wordSet{words: words}
	for i, w := range words {
		at := &s.first[w[0]]
		if at.hi == 0 {
			at.lo = int32(i)
		}
		at.hi = int32(i + 1)
	}
	return s
}

// with is the set and more words, of which it has none yet. What was sorted is not sorted again, so that a set may grow word by word.
func (s *wordSet) with(more []string) *wordSet {
	added := newWordSet(more)
	if s == nil || len(added.words) == 0 {
		return added
	}
	all := &wordSet{words: make([]string, 0, len(s.words)+len(added.words))}
	at := 0
	for _, w := range added.words {
		n, _ := slices.BinarySearch(s.words[at:], w)
		all.words = append(append(all.words, s.words[at:at+n]...), w)
		at += n
	}
	all.words = append(all.words, s.words[at:]...)
	lo := int32(0)
	for c := range all.first {
		if n := s.first[c].hi - s.first[c].lo + added.first[c].hi - added.first[c].lo; n > 0 {
			all.first[c] = span{lo, lo + n}
			lo += n
		}
	}
	return all
}

// narrow keeps the words of in whose byte at depth is c; they agree on what is before it, and none is shorter than depth+1.
func (s *wordSet) narrow(in span, depth int, c byte) span {
	if depth == 0 {
		return s.first[c]
	}
	if in.lo < in.hi && s.words[in.lo][depth] == c && s.words[in.hi-1][depth] == c {
		return in // what many words begin with, as those between them do
	}
	return span{lo: s.search(in, depth, int(c)), hi: s.search(in, depth, int(c)+1)}
}

// search is the first word of in whose byte at depth is at least c.
func (s *wordSet) search(in span, depth, c int) int32 {
	lo, hi := in.lo, in.hi
	for lo < hi {
		mid := int32(uint32(lo+hi) >> 1)
		if int(s.words[mid][depth]) < c {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// longest is the length of the longest word that text begins with, 0 for none.
func (s *wordSet) longest(text []byte) int {
	in := span{0, int32(len(s.words))}
	best := 0
	for k := 0; k < len(text); k++ {
		if in = s.narrow(in, k, text[k]); in.lo == in.hi {
			return best
		}
		if len(s.words[in.lo]) == k+1 {
			best = k + 1
			if in.lo++; in.lo == in.hi {
				return best
			}
		}
	}
	return best
}
