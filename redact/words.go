package redact

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"runtime"
)

// Bytes are looked at eight at a time where most of them are of no interest: a wasm build takes as long for one byte as for
// the eight of a word, and the native one gains too.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
	lows  = 0x7F7F7F7F7F7F7F7F
)

// markTriggers marks, with the high bit, the bytes of a little-endian word that may be triggers: '0' to '_', '-', ')' and '}', which is
// all triggers in classes and the capitals and brackets between them. No sum carries into the next byte.
func markTriggers(word uint64) uint64 {
	low := word & lows
	atLeast0 := low + (0x80-'0')*ones
	pastUnder := low + (0x80-'_'-1)*ones
	notDash := low&^(('-'^')')*ones) ^ ')'*ones + lows // nor ')', which is one bit away
	notBrace := low ^ '}'*ones + lows
	return (atLeast0&^pastUnder | ^(notDash & notBrace)) &^ word & highs
}

// nextTrigger is the place of the next byte from i on that markTriggers marks, or at least the end. A loop of its own is short, which most of
// all a wasm build needs: a jump in Go's code goes through a table of all places in the function.
func nextTrigger(t []byte, i int) int {
	for ; i+32 <= len(t); i += 32 {
		b := (*[32]byte)(t[i:])
		if m := markTriggers(binary.LittleEndian.Uint64(b[:])); m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
		if m := markTriggers(binary.LittleEndian.Uint64(b[8:])); m != 0 {
			return i + 8 + bits.TrailingZeros64(m)/8
		}
		if m := markTriggers(binary.LittleEndian.Uint64(b[16:])); m != 0 {
			return i + 16 + bits.TrailingZeros64(m)/8
		}
		if m := markTriggers(binary.LittleEndian.Uint64(b[24:])); m != 0 {
			return i + 24 + bits.TrailingZeros64(m)/8
		}
	}
	for ; i+8 <= len(t); i += 8 {
		if m := markTriggers(binary.LittleEndian.Uint64(t[i:])); m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for i < len(t) && classes[t[i]] == plain {
		i++
	}
	return i
}

// wordStarts marks, with the high bit, the bytes of a little-endian word where a word can begin: letters behind what is no letter, and capitals
// behind what is no capital, as in camelCase. Of bytes from the first one on that is not ASCII it says nothing. What stands before the
// first byte does not count.
func wordStarts(word uint64) uint64 {
	small := word&lows | 0x20*ones
	letters := (small + (0x80-'a')*ones) &^ (small + (0x80-'z'-1)*ones) & highs
	capitals := letters &^ (word << 2) // the bit that small letters have more
	return letters&^(letters<<8) | capitals&^(capitals<<8)
}

// firstOf marks, with the high bit, the first byte of a little-endian word that is a or b, each repeated in all bytes of its
// word; bytes after the first may be marked too.
func firstOf(word, a, b uint64) uint64 {
	return zeros(word^a) | zeros(word^b)
}

// zeros marks, with the high bit, the first zero byte of a little-endian word; bytes after it may be marked too.
func zeros(word uint64) uint64 { return (word - ones) &^ word & highs }

// indexByte is bytes.IndexByte. A wasm build has no vector instructions for that one, and TinyGo's goes byte by byte.
func indexByte(text []byte, c byte) int {
	if runtime.GOARCH != "wasm" {
		return bytes.IndexByte(text, c)
	}
	return indexWord(text, c)
}

// indexWord is bytes.IndexByte by words.
func indexWord(text []byte, c byte) int {
	rest, all := text, uint64(c)*ones
	for len(rest) >= 16 {
		low := zeros(binary.LittleEndian.Uint64(rest) ^ all)
		high := zeros(binary.LittleEndian.Uint64(rest[8:]) ^ all)
		if low != 0 {
			return len(text) - len(rest) + bits.TrailingZeros64(low)/8
		}
		if high != 0 {
			return len(text) - len(rest) + 8 + bits.TrailingZeros64(high)/8
		}
		rest = rest[16:]
	}
	for i, b := range rest {
		if b == c {
			return len(text) - len(rest) + i
		}
	}
	return -1
}
