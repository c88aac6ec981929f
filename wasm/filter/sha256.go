package filter

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// hmacSHA256 is HMAC-SHA-256 (RFC 2104, FIPS 180-4) under a key that is padded, of texts that begin alike. The standard library's takes
// most of a request's time in a WebAssembly module, where it has no assembly and a loop with indices is slow: this one takes half of
// that for a block. Its rounds are written out by eights over local variables, and the bounds of arrays are checked once for eight. And
// it hashes fewer blocks: those of the key once, and those that texts begin with once for all of them.
func hmacSHA256(inner, outer []byte) func(beginning []byte) func(rest []byte) [sha256.Size]byte {
	innerState, outerState := initial, initial
	innerState.blocks(inner)
	outerState.blocks(outer)
	return func(beginning []byte) func(rest []byte) [sha256.Size]byte {
		begun := innerState
		whole := len(beginning) &^ (sha256.BlockSize - 1)
		begun.blocks(beginning[:whole])
		left := append([]byte(nil), beginning[whole:]...)
		return func(rest []byte) [sha256.Size]byte {
			text := make([]byte, 0, 5*sha256.BlockSize)
			text = append(append(text, left...), rest...)
			s := begun
			sum := s.finish(text, sha256.BlockSize+whole)
			s = outerState
			return s.finish(sum[:], sha256.BlockSize)
		}
	}
}

// state is a hash under way: eight words.
type state [8]uint32

// initial is never written to.
var initial = state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}

// finish hashes the rest of a text of which the state has had some bytes in whole blocks, and gives the sum.
func (s *state) finish(text []byte, had int) (sum [sha256.Size]byte) {
	whole := len(text) &^ (sha256.BlockSize - 1)
	s.blocks(text[:whole])
	var last [2 * sha256.BlockSize]byte
	n := copy(last[:], text[whole:])
	last[n] = 0x80
	end := sha256.BlockSize
	if n >= sha256.BlockSize-8 {
		end = 2 * sha256.BlockSize
	}
	binary.BigEndian.PutUint64(last[end-8:], uint64(had+len(text))*8)
	s.blocks(last[:end])
	for i, word := range s {
		binary.BigEndian.PutUint32(sum[4*i:], word)
	}
	return sum
}

// rounds are the constants of the rounds (FIPS 180-4, section 4.2.2); it is never written to.
var rounds = [64]uint32{
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}

// The functions of FIPS 180-4, section 4.1.2.

func choice(x, y, z uint32) uint32   { return x&(y^z) ^ z }
func majority(x, y, z uint32) uint32 { return x&y | z&(x|y) }

func sum0(x uint32) uint32 {
	return bits.RotateLeft32(x, -2) ^ bits.RotateLeft32(x, -13) ^ bits.RotateLeft32(x, -22)
}

func sum1(x uint32) uint32 {
	return bits.RotateLeft32(x, -6) ^ bits.RotateLeft32(x, -11) ^ bits.RotateLeft32(x, -25)
}

func sigma0(x uint32) uint32 { return bits.RotateLeft32(x, -7) ^ bits.RotateLeft32(x, -18) ^ x>>3 }
func sigma1(x uint32) uint32 { return bits.RotateLeft32(x, -17) ^ bits.RotateLeft32(x, -19) ^ x>>10 }

// blocks hashes whole blocks (FIPS 180-4, section 6.2.2).
func (s *state) blocks(p []byte) {
	var w [64]uint32
	for len(p) >= 64 {
		for i := 0; i < 16; i++ {
			w[i] = binary.BigEndian.Uint32(p[4*i:])
		}
		for i := 16; i < 64; i += 4 {
			v := (*[20]uint32)(w[i-16:])
			v[16] = sigma1(v[14]) + v[9] + sigma0(v[1]) + v[0]
			v[17] = sigma1(v[15]) + v[10] + sigma0(v[2]) + v[1]
			v[18] = sigma1(v[16]) + v[11] + sigma0(v[3]) + v[2]
			v[19] = sigma1(v[17]) + v[12] + sigma0(v[4]) + v[3]
		}
		a, b, c, d, e, f, g, h := s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]
		for i := 0; i < 64; i += 8 {
			v, q := (*[8]uint32)(w[i:]), (*[8]uint32)(rounds[i:])
			h += sum1(e) + choice(e, f, g) + q[0] + v[0]
			d, h = d+h, h+sum0(a)+majority(a, b, c)
			g += sum1(d) + choice(d, e, f) + q[1] + v[1]
			c, g = c+g, g+sum0(h)+majority(h, a, b)
			f += sum1(c) + choice(c, d, e) + q[2] + v[2]
			b, f = b+f, f+sum0(g)+majority(g, h, a)
			e += sum1(b) + choice(b, c, d) + q[3] + v[3]
			a, e = a+e, e+sum0(f)+majority(f, g, h)
			d += sum1(a) + choice(a, b, c) + q[4] + v[4]
			h, d = h+d, d+sum0(e)+majority(e, f, g)
			c += sum1(h) + choice(h, a, b) + q[5] + v[5]
			g, c = g+c, c+sum0(d)+majority(d, e, f)
			b += sum1(g) + choice(g, h, a) + q[6] + v[6]
			f, b = f+b, b+sum0(c)+majority(c, d, e)
			a += sum1(f) + choice(f, g, h) + q[7] + v[7]
			e, a = e+a, a+sum0(b)+majority(b, c, d)
		}
		s[0] += a
		s[1] += b
		s[2] += c
		s[3] += d
		s[4] += e
		s[5] += f
		s[6] += g
		s[7] += h
		p = p[64:]
	}
}
