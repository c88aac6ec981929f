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

// markTriggers marks, with the high bit, the bytes of a little-endian word that may be triggers: '0' to '_', '-' and ')', which is
// all triggers in classes and the capitals and brackets between them. No sum carries into the next byte.
func markTriggers(word uint64) uint64 {
	low := word & lows
	atLeast0 := low + (0x80-'0')*ones
	pastUnder := low + (0x80-'_'-1)*ones
	notDash := low ^ '-'*ones + lows
	notClose := low ^ ')'*ones + lows
	return (atLeast0&^pastUnder | ^(notDash & notClose)) &^ word & highs
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
