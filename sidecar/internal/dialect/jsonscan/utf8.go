package jsonscan

import (
	"encoding/binary"
	"unicode/utf8"
)

// ValidUTF8 is utf8.Valid for text that is mostly ASCII: it looks at 64 bytes a step, where utf8.Valid looks at
// 8, and only hands over what is left from the first other byte on.
func ValidUTF8(b []byte) bool {
	const high = 0x8080808080808080
	for len(b) >= 64 {
		block := b[:64:64]
		le := binary.LittleEndian
		bits := le.Uint64(block) | le.Uint64(block[8:]) | le.Uint64(block[16:]) | le.Uint64(block[24:]) |
			le.Uint64(block[32:]) | le.Uint64(block[40:]) | le.Uint64(block[48:]) | le.Uint64(block[56:])
		if bits&high != 0 {
			break
		}
		b = b[64:]
	}
	return utf8.Valid(b)
}
