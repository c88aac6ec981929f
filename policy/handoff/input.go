package handoff

import (
	"strconv"
	"strings"
)

// maxLifetime is how long after created a signature may expire, in seconds.
const maxLifetime = 60

// A nonce has at least 96 bits: 16 characters of base64.
const minNonce, maxNonce = 16, 128

// input is what Signature-Input says.
type input struct {
	covered distinct // names of components
	params  string   // the list and its parameters as sent: the value of @signature-params
	created int64    // Unix time in seconds
	expires int64    // likewise
	nonce   string
	keyID   string
}

// parseInput reads the one value of Signature-Input that a hand-off has: the member souk-handoff and nothing else. Signatures of other
// parties are refused rather than passed over, because the gateway writes both headers anew: whatever else is in them came past
// it. The text has to be as RFC 8941, section 4.1 writes it, without spaces that it lets pass, so that what was signed is
// what was sent, byte by byte.
func parseInput(value string) (input, error) {
	in := input{}
	value = strings.Trim(value, " ")
	if len(value) > MaxHeader || !ascii(value) {
		return in, malformedInput("it is longer than 8192 bytes, or holds characters that are not printable ASCII")
	}
	if !strings.HasPrefix(value, Label+"=(") {
		return in, malformedInput("its first and only signature is labelled " + Label)
	}
	in.params = value[len(Label)+1:]
	list, params, closed := strings.Cut(in.params[1:], ")")
	if !closed {
		return in, malformedInput("its list of components is not closed")
	}
	in.covered.names = make([]string, 0, 8)
	for _, item := range strings.Split(list, " ") {
		name := strings.Trim(item, `"`)
		if item != `"`+name+`"` || !component(name) {
			return in, malformedInput(`it covers what a hand-off does not: "@method", "@path", "@query", "content-digest" and "souk-..." are known, in lower case, without parameters and with one space between`)
		}
		if !in.covered.add(name) {
			return in, malformedInput("it covers " + name + " twice")
		}
	}
	err := in.parameters(params) // not in the return: whether in is read before or after a call there is the compiler's choice
	return in, err
}

func malformedInput(detail string) error { return refuse(Malformed, "signature-input: "+detail) }

func component(name string) bool {
	switch name {
	case "@method", "@path", "@query", "content-digest", "souk-caller", "souk-applied", "souk-constraints":
		return true
	}
	return strings.HasPrefix(name, "souk-") && only(name, lower+digits+"-_")
}

// parameters reads created, expires, nonce, keyid, alg and tag, each once and in any order.
func (in *input) parameters(rest string) error {
	alg, tag, count := "", "", 0
	for rest != "" {
		name, after, ok := strings.Cut(rest, "=")
		if !ok || name == "" || name[0] != ';' {
			return malformedInput("a parameter is not ;name=value, or something follows the signature; other signatures do not go here")
		}
		value := ""
		if strings.HasPrefix(after, `"`) {
			value, rest, ok = strings.Cut(after[1:], `"`)
		} else {
			value, ok = after[:len(after)-len(strings.TrimLeft(after, digits))], true
			rest = after[len(value):]
		}
		quoted := len(after) > 0 && after[0] == '"'
		if !ok || value == "" || strings.IndexByte(value, '\\') >= 0 {
			return malformedInput("the value of a parameter is neither a number nor a string")
		}
		before := false
		switch {
		case name == ";created" && !quoted:
			before, in.created = in.created != 0, number(value)
		case name == ";expires" && !quoted:
			before, in.expires = in.expires != 0, number(value)
		case name == ";nonce" && quoted:
			before, in.nonce = in.nonce != "", value
		case name == ";keyid" && quoted:
			before, in.keyID = in.keyID != "", value
		case name == ";alg" && quoted:
			before, alg = alg != "", value
		case name == ";tag" && quoted:
			before, tag = tag != "", value
		default:
			return malformedInput("a parameter is unknown; it has created, expires (numbers), nonce, keyid, alg, tag (strings)")
		}
		if before {
			return malformedInput("a parameter comes twice")
		}
		count++
	}
	if count != 6 || in.created <= 0 || in.expires <= 0 {
		return malformedInput("a parameter is missing or out of range; it has created, expires, nonce, keyid, alg and tag")
	}
	if alg != Algorithm || tag != Label {
		return malformedInput("alg is " + Algorithm + " and tag is " + Label)
	}
	if len(in.nonce) < minNonce || len(in.nonce) > maxNonce {
		return malformedInput("the nonce has less than 96 bits (16 characters of base64), or more than 128 characters")
	}
	if in.expires <= in.created || in.expires-in.created > maxLifetime {
		return malformedInput("expires is not 1 to 60 seconds after created")
	}
	return nil
}

// number reads an integer of RFC 8941, section 3.3.1; -1 is one that is too long or not as that would be written.
func number(text string) int64 {
	if len(text) > 15 || text[0] == '0' {
		return -1
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1
	}
	return n
}
