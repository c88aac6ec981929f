package handoff

// Reason is why a hand-off is refused, or cannot be made; the names are for people, logs and metrics.
type Reason string

// The reasons. All but Invalid are about what was received.
const (
	Missing    Reason = "missing"     // there is no signature, or a part of it or a header that it covers was not sent
	Duplicate  Reason = "duplicate"   // a header of the hand-off came more than once
	Malformed  Reason = "malformed"   // something is not as this package's README says
	UnknownKey Reason = "unknown_key" // no key has this id
	NotCovered Reason = "not_covered" // the signature leaves out what it has to cover
	Stale      Reason = "stale"       // created too long ago, ahead of the clock or before the verifier started; or expired
	Wrong      Reason = "wrong"       // the signature is another: a changed request or another secret
	Digest     Reason = "digest"      // the body is not the one that was signed
	Replayed   Reason = "replayed"    // the nonce is spent
	Full       Reason = "full"        // the replay memory holds all it can: no fault of the request
	Invalid    Reason = "invalid"     // a statement, a key or an option that cannot be used
)

// Error is a refusal. Detail says what was refused and what to do; it never holds a secret, a signature or a header's value.
type Error struct {
	Reason Reason
	Detail string
}

// Error is the reason by name, then the detail.
func (e *Error) Error() string { return "hand-off " + string(e.Reason) + ": " + e.Detail }

// ReasonOf is the reason of an error that this package made; it is empty for any other.
func ReasonOf(err error) Reason {
	if e, ok := err.(*Error); ok { // not errors.As: yaegi panics on it, and errors of this package come unwrapped
		return e.Reason
	}
	return ""
}

func refuse(r Reason, detail string) error { return &Error{Reason: r, Detail: detail} }
