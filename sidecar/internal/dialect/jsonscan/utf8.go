package jsonscan

import "github.com/segmentio/asm/utf8"

// ValidUTF8 tells whether text is valid UTF-8 (RFC 3629).
func ValidUTF8(text []byte) bool { return utf8.Valid(text) }
