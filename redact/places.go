package redact

import (
	"math/bits"
	"slices"
)

// places maps bytes of a normalised text to what they stand for in the caller's: a bit for each byte of the caller's text is set where
// something begins that one byte of the normalised text stands for, so that the k-th byte is what begins at the k-th bit that is set.
type places struct {
	begins []uint64
	before []int32 // how many bits are set before each stretch of begins; see count
}

// stretch is how many words are counted together.
const stretch = 8

// reset makes room for a text of n bytes.
func (p *places) reset(n int) {
	words := n/64 + 1
	p.begins = slices.Grow(p.begins[:0], words)[:words]
	clear(p.begins)
	p.before = p.before[:0]
}

// release lets go of what a large text has grown.
func (p *places) release(keep int) {
	if cap(p.begins) > keep/64 {
		*p = places{}
	}
}

// one sets the bit of a byte.
func (p *places) one(at int) { p.begins[at>>6] |= 1 << (at & 63) }

// all sets those of [from,to), in which every byte stands for itself.
func (p *places) all(from, to int) {
	word, last := from>>6, (to-1)>>6
	mask := ^uint64(0) << (from & 63)
	for ; word < last; word++ {
		p.begins[word] |= mask
		mask = ^uint64(0)
	}
	p.begins[word] |= mask & (^uint64(0) >> (63 - (to-1)&63))
}

// count is to be called when all bits are set.
func (p *places) count() {
	n := 0
	for k, word := range p.begins {
		if k%stretch == 0 {
			p.before = append(p.before, int32(n))
		}
		n += bits.OnesCount64(word)
	}
}

// at is where what byte k stands for begins.
func (p *places) at(k int) int {
	first, behind := 0, len(p.before)
	for behind-first > 1 {
		if mid := (first + behind) / 2; int(p.before[mid]) <= k {
			first = mid
		} else {
			behind = mid
		}
	}
	k -= int(p.before[first])
	word := first * stretch
	for n := bits.OnesCount64(p.begins[word]); n <= k; n = bits.OnesCount64(p.begins[word]) {
		k -= n
		word++
	}
	left := p.begins[word]
	for ; k > 0; k-- {
		left &= left - 1
	}
	return word<<6 | bits.TrailingZeros64(left)
}
