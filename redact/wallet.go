package redact

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// wallet says whether the word v is an address of a chain, by the chain's own check.
func wallet(v []byte) bool {
	switch {
	case len(v) == 42 && v[0] == '0' && v[1]|0x20 == 'x':
		return ethereum(v[2:])
	case len(v) >= 25 && len(v) <= 35:
		switch v[0] {
		case '1', '3', 'L', 'M', 'D', 'X', 'T', 't', 'A', '9', '2', 'm', 'n':
			return base58Check(v, &bitcoinDigits)
		case 'r':
			return base58Check(v, &rippleDigits)
		}
		return false
	case len(v) == 95 && (v[0] == '4' || v[0] == '8'):
		return monero(v)
	}
	return false
}

// The values of base58 digits, -1 where a byte is none; they are never written to.
var (
	bitcoinDigits = base58Digits("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
	rippleDigits  = base58Digits("rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz")
)

func base58Digits(alphabet string) (d [256]int8) {
	for c := range d {
		d[c] = -1
	}
	for k := range len(alphabet) {
		d[alphabet[k]] = int8(k)
	}
	return d
}

// base58Check decodes v to 25 bytes and compares the last four with a double SHA-256 (Bitcoin developer reference,
// Base58Check; the XRP Ledger has another order of characters). Versions are those of Bitcoin, Litecoin, Dogecoin,
// Dash, Tron and the XRP Ledger.
func base58Check(v []byte, digits *[256]int8) bool {
	// Five characters at a time into seven 32-bit limbs.
	var limb [7]uint32
	for i := 0; i < len(v); i += 5 {
		chunk, scale := uint64(0), uint64(1)
		for k := i; k < len(v) && k < i+5; k++ {
			n := digits[v[k]]
			if n < 0 {
				return false
			}
			chunk = chunk*58 + uint64(n)
			scale *= 58
		}
		for k := range limb {
			chunk += uint64(limb[k]) * scale
			limb[k] = uint32(chunk)
			chunk >>= 32
		}
		if chunk != 0 {
			return false
		}
	}
	var raw [28]byte
	for k, n := range limb {
		binary.BigEndian.PutUint32(raw[24-4*k:], n)
	}
	if raw[0] != 0 || raw[1] != 0 || raw[2] != 0 {
		return false
	}
	b := raw[3:]
	switch b[0] {
	case 0x00, 0x05, 0x30, 0x32, 0x1E, 0x16, 0x4C, 0x10, 0x41, 0x6F, 0xC4, 0x17:
	default:
		return false
	}
	one := sha256.Sum256(b[:21])
	two := sha256.Sum256(one[:])
	return string(two[:4]) == string(b[21:])
}

// bech32 checks an address by BIP 173 and BIP 350 (bech32 and bech32m): v is all of it, of one case.
func bech32(v []byte) bool {
	const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	split := -1
	for k, c := range v {
		if c == '1' {
			split = k
		}
	}
	if split < 1 || len(v)-split < 7 {
		return false
	}
	check := uint32(1)
	step := func(n uint32) {
		top := check >> 25
		check = check&0x1FFFFFF<<5 ^ n
		for k, g := range [5]uint32{0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3} {
			if top>>k&1 == 1 {
				check ^= g
			}
		}
	}
	lower := props[v[0]] & pLower
	for _, c := range v {
		if letter(c) && props[c]&pLower != lower {
			return false
		}
	}
	for _, c := range v[:split] {
		step(uint32(c|0x20) >> 5)
	}
	step(0)
	for _, c := range v[:split] {
		step(uint32(c|0x20) & 31)
	}
	for _, c := range v[split+1:] {
		n := 0
		if letter(c) {
			c |= 0x20
		}
		for n < 32 && alphabet[n] != c {
			n++
		}
		if n == 32 {
			return false
		}
		step(uint32(n))
	}
	return check == 1 || check == 0x2BC830A3
}

// segwit says whether the word v has the human-readable part of a chain and is valid bech32.
func segwit(v []byte) bool {
	if len(v) < 14 || len(v) > 110 {
		return false
	}
	for _, hrp := range [...]string{"bc1", "tb1", "ltc1", "addr1", "cosmos1", "bcrt1", "stake1", "osmo1", "terra1", "inj1", "celestia1"} {
		if len(v) > len(hrp)+10 && equalFold(v[:len(hrp)], hrp) {
			return bech32(v)
		}
	}
	return false
}

// equalFold compares with a word of small letters and digits.
func equalFold(v []byte, word string) bool {
	if len(v) != len(word) {
		return false
	}
	for k, c := range v {
		if c != word[k] && (!letter(c) || c|0x20 != word[k]) {
			return false
		}
	}
	return true
}

// ethereum checks forty hexadecimal digits by EIP-55: of mixed case, the case of every letter is a bit of the
// Keccak-256 of the address in small letters.
func ethereum(v []byte) bool {
	var low [40]byte
	up, down := false, false
	for k, c := range v {
		if !hex(c) {
			return false
		}
		low[k] = c
		if letter(c) {
			low[k] |= 0x20
			if props[c]&pUpper != 0 {
				up = true
			} else {
				down = true
			}
		}
	}
	if !varied(low[:], 5) {
		return false
	}
	if !up || !down {
		return true
	}
	sum := keccak256(low[:])
	for k, c := range v {
		nibble := sum[k/2] >> (4 * (1 - k&1)) & 15
		if letter(c) && (nibble >= 8) != (props[c]&pUpper != 0) {
			return false
		}
	}
	return true
}

// monero checks an address of 95 characters: eleven characters code eight bytes, the last four bytes are the start of
// the Keccak-256 of the rest (Monero, CryptoNote standard 007).
func monero(v []byte) bool {
	var raw [72]byte
	n := 0
	for i := 0; i < len(v); i += 11 {
		part := v[i:min(i+11, len(v))]
		sum := uint64(0)
		for _, c := range part {
			d := bitcoinDigits[c]
			if d < 0 {
				return false
			}
			hi, lo := bits.Mul64(sum, 58)
			next, carry := bits.Add64(lo, uint64(d), 0)
			if hi != 0 || carry != 0 {
				return false
			}
			sum = next
		}
		size := 8
		if len(part) == 7 {
			size = 5
		}
		for k := range size {
			raw[n+k] = byte(sum >> (8 * (size - 1 - k)))
		}
		n += size
	}
	sum := keccak256(raw[:n-4])
	return string(sum[:4]) == string(raw[n-4:n])
}

// keccak256 is Keccak as it was before FIPS 202 changed its padding, of at most 135 bytes.
func keccak256(v []byte) [32]byte {
	var block [136]byte
	copy(block[:], v)
	block[len(v)] = 1
	block[135] |= 0x80
	var a [25]uint64
	for k := range 17 {
		a[k] = binary.LittleEndian.Uint64(block[8*k:])
	}
	keccakF(&a)
	var out [32]byte
	for k := range 4 {
		binary.LittleEndian.PutUint64(out[8*k:], a[k])
	}
	return out
}

// keccakF is the permutation Keccak-f[1600] (FIPS 202, section 3.3).
func keccakF(a *[25]uint64) {
	round := [24]uint64{
		0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B, 0x0000000080000001,
		0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
		0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
		0x000000000000800A, 0x800000008000000A, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
	}
	turn := [24]int{1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44}
	lane := [24]int{10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1}
	for _, constant := range round {
		c0 := a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20]
		c1 := a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21]
		c2 := a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22]
		c3 := a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23]
		c4 := a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24]
		d0, d1 := c4^bits.RotateLeft64(c1, 1), c0^bits.RotateLeft64(c2, 1)
		d2, d3 := c1^bits.RotateLeft64(c3, 1), c2^bits.RotateLeft64(c4, 1)
		d4 := c3 ^ bits.RotateLeft64(c0, 1)
		for y := 0; y <= 20; y += 5 {
			row := a[y : y+5 : y+5]
			row[0] ^= d0
			row[1] ^= d1
			row[2] ^= d2
			row[3] ^= d3
			row[4] ^= d4
		}
		last := a[1]
		for k, at := range &lane {
			last, a[at] = a[at], bits.RotateLeft64(last, turn[k])
		}
		for y := 0; y <= 20; y += 5 {
			row := a[y : y+5 : y+5]
			c0, c1, c2, c3, c4 := row[0], row[1], row[2], row[3], row[4]
			row[0] = c0 ^ ^c1&c2
			row[1] = c1 ^ ^c2&c3
			row[2] = c2 ^ ^c3&c4
			row[3] = c3 ^ ^c4&c0
			row[4] = c4 ^ ^c0&c1
		}
		a[0] ^= constant
	}
}
