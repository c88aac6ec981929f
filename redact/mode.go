package redact

import "strings"

// Mode is what stands in a value's place.
type Mode uint8

// The modes. All but Partial can be restored; Hash and Format need the vault's key.
const (
	// Placeholder is the type and a number, or in a session a suffix: <EMAIL_1>.
	Placeholder Mode = iota
	// Partial leaves a few characters that tell values apart for a person, such as the last four digits of a card.
	Partial
	// Hash is the type and a keyed hash of the value (HMAC-SHA-256, 80 bits), the same in every request.
	Hash
	// Format is another value of the same form, which no check accepts.
	Format
	// Block refuses the request.
	Block

	modeCount
)

// modeName gives the modes' names in the configuration; it is never written to.
var modeName = [modeCount]string{"placeholder", "partial", "hash", "format", "block"}

// String is the mode's name in the configuration.
func (m Mode) String() string {
	if m < modeCount {
		return modeName[m]
	}
	return "unknown"
}

// ParseMode reads a mode's name; it is exact about case.
func ParseMode(name string) (Mode, bool) {
	for m := range modeName {
		if modeName[m] == name {
			return Mode(m), true
		}
	}
	return 0, false
}

// BlockedError says that a text holds what must not leave. It names types, never values.
type BlockedError struct {
	Types []Type // each once, in the catalogue's order
}

// Error implements error.
func (e *BlockedError) Error() string {
	var b strings.Builder
	b.WriteString("text holds what may not be sent: ")
	for i, t := range e.Types {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(t.String())
	}
	b.WriteString("; remove it and try again")
	return b.String()
}

// secret tells the types that give access: nothing of them may stay readable.
func secret(t Type) bool { return t >= AWSAccessKey && t <= GenericSecret }

// appendPartial writes what Partial leaves of a value.
func appendPartial(dst []byte, t Type, value []byte) []byte {
	at := strings.IndexByte(string(value), '@')
	switch {
	case secret(t) || t >= DateOfBirth:
		return append(dst, "***"...)
	case t == Email && at > 0:
		dst = appendKept(dst, value[:1])
		dst = append(dst, "***@"...)
		dst = appendKept(dst, value[at+1:min(at+2, len(value))])
		return append(dst, "***"...)
	case t == IPAddress || t == MACAddress || t == URL:
		return append(dst, "***"...)
	}
	// The last four of at least nine characters, as on receipts; less of what is shorter.
	keep := 4
	if n := alnums(value); n < 9 {
		keep = n / 4
	}
	tail := len(value)
	for tail > 0 && keep > 0 {
		if tail--; alnum(value[tail]) {
			keep--
		}
	}
	return appendKept(append(dst, "***"...), value[tail:])
}

// appendKept copies the letters and digits of text: anything else could need escaping where it is put.
func appendKept(dst, text []byte) []byte {
	for _, c := range text {
		if alnum(c) {
			dst = append(dst, c)
		}
	}
	return dst
}

func alnums(text []byte) int {
	n := 0
	for _, c := range text {
		if alnum(c) {
			n++
		}
	}
	return n
}
