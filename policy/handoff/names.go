package handoff

import "strings"

// Headers of a hand-off. The sidecar receives each at most once.
const (
	HeaderCaller      = "Souk-Caller"
	HeaderApplied     = "Souk-Applied"
	HeaderConstraints = "Souk-Constraints"
	HeaderDigest      = "Content-Digest"  // RFC 9530
	HeaderInput       = "Signature-Input" // RFC 9421, section 4.1
	HeaderSignature   = "Signature"       // RFC 9421, section 4.2
)

// Label is the signature's label and its tag; Algorithm is its alg.
const (
	Label     = "souk-handoff"
	Algorithm = "hmac-sha256"
)

// Bounds of what is signed and believed, in bytes unless said otherwise.
const (
	MaxText   = 1024 // of one string, as it is sent
	MaxItems  = 64   // of one list, in items
	MaxHeader = 8192 // of one header's value
	MinSecret = 16
	MaxKeyID  = 64
)

// Reserved tells whether a header's name is the gateway's alone, in any case: an adapter answers 400 to a client that sends it.
func Reserved(name string) bool { return len(name) > 4 && strings.EqualFold(name[:5], "souk-") }

// Field is one header line. A header that was sent twice is two fields.
type Field struct {
	Name  string // in any case
	Value string
}

// Characters, as cutsets for strings.Trim: a text is made of nothing else if nothing is left of it. That is one call where a loop
// over the bytes would be interpreted.
const (
	digits    = "0123456789"
	lower     = "abcdefghijklmnopqrstuvwxyz"
	upper     = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	printable = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" + digits + lower + upper // of an sf-string: RFC 8941, section 3.3.3
	plain     = " !\"#$&'()*+,-./:;<=>?@[\\]^_`{|}~" + digits + lower + upper  // what Text leaves as it is
	words     = "-._~:@/+" + digits + lower + upper                            // of a key's id
	token     = "!#$%&'*+-.^_`|~" + digits + lower + upper                     // RFC 9110, section 5.6.2
)

// only tells whether a text has no characters but these.
func only(text, characters string) bool { return strings.Trim(text, characters) == "" }

// ascii tells whether a text is printable ASCII. Verifying is compiled everywhere, where a loop is the fastest.
func ascii(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// Text makes any text one that a header can hold: each byte outside printable ASCII, and each %, becomes % and two upper-case
// hexadecimal digits. Different texts stay different. Nothing turns it back: to the sidecar a caller's id is the text that
// Text made of it, in limits, logs and everywhere else. Adapters pass it all that comes from outside their configuration.
func Text(s string) string {
	if strings.Trim(s, plain) == "" {
		return s
	}
	return escaped(s)
}

func escaped(s string) string {
	const hex = "0123456789ABCDEF"
	out := make([]byte, 0, len(s)+32)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c > '~' || c == '%' {
			out = append(out, '%', hex[c>>4], hex[c&15])
		} else {
			out = append(out, c)
		}
	}
	return string(out)
}
