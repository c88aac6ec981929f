package handoff

import (
	"crypto/hmac"
	"strings"
	"time"
)

// VerifierOptions are what a Verifier works with; all but Window and Memory are needed.
type VerifierOptions struct {
	Keys   []Key
	Window time.Duration // how far created may be from the clock; 0: 5 s
	Now    func() time.Time
	Since  time.Time // the memory knows every nonce that was spent since then: signatures created before it are refused
	Memory *Memory   // of spent nonces; nil: a new one that holds none of them longer than until they expire
}

// Verifier checks hand-offs. Any number of goroutines may use one.
type Verifier struct {
	keys   []Key
	window int64 // nanoseconds
	now    func() time.Time
	since  int64 // Unix time in nanoseconds
	memory *Memory
}

// NewVerifier checks the options.
func NewVerifier(o VerifierOptions) (*Verifier, error) {
	if len(o.Keys) == 0 || o.Now == nil {
		return nil, refuse(Invalid, "a verifier needs a key and a clock")
	}
	if o.Window == 0 {
		o.Window = 5 * time.Second
	}
	if o.Window < 0 {
		return nil, refuse(Invalid, "the window is negative")
	}
	if o.Memory == nil {
		o.Memory = NewMemory(0, 0)
	}
	v := &Verifier{window: int64(o.Window), now: o.Now, since: o.Since.UnixNano(), memory: o.Memory}
	if o.Since.IsZero() { // whose UnixNano is undefined
		v.since = 0
	}
	for _, key := range o.Keys {
		if err := key.check(); err != nil {
			return nil, err
		}
		if v.secret(key.ID) != nil {
			return nil, refuse(Invalid, "two keys have the id "+key.ID)
		}
		v.keys = append(v.keys, Key{ID: key.ID, Secret: append([]byte(nil), key.Secret...)})
	}
	return v, nil
}

func (v *Verifier) secret(id string) []byte {
	for i := range v.keys {
		if v.keys[i].ID == id {
			return v.keys[i].Secret
		}
	}
	return nil
}

// BodyRule is what a Verifier asks of content-digest.
type BodyRule int8

// The rules.
const (
	DigestIfCovered BodyRule = iota // a digest that is signed has to be the body's
	DigestRequired                  // and a request with a body has to have one
	DigestIgnored                   // a digest is signed like any other header; nobody looks at the body
)

// Received is a request as the verifier got it.
type Received struct {
	Method string
	Path   string  // as in the request line, not decoded
	Query  string  // without its ?
	Fields []Field // the request's headers; those that a hand-off does not have are passed over
	Body   []byte  // as received, content-encoding included
	Rule   BodyRule

	// Arrived is when the request's head was there: a signature is fresh or stale as of then, however long the body takes. Zero: now.
	Arrived time.Time
}

// Verified is a hand-off whose signature is right.
type Verified struct {
	Statement
	KeyID   string
	Nonce   string
	Created int64    // Unix time in seconds
	Expires int64    // likewise
	Covered []string // what was signed, in the signature's order
}

// Verify tells what a hand-off says, or why it is refused. It spends nothing: the same hand-off can be verified again until it is spent.
func (v *Verifier) Verify(r Received) (Verified, error) {
	h, err := collect(r.Fields)
	if err != nil {
		return Verified{}, err
	}
	in, err := parseInput(h.input)
	if err != nil {
		return Verified{}, err
	}
	secret := v.secret(in.keyID)
	if secret == nil {
		return Verified{}, refuse(UnknownKey, "no key with this keyid is configured")
	}
	if err := h.covered(&r, &in); err != nil {
		return Verified{}, err
	}
	now := v.now().Unix()
	arrived := now
	if !r.Arrived.IsZero() {
		arrived = r.Arrived.Unix()
	}
	if err := v.fresh(&in, arrived); err != nil {
		return Verified{}, err
	}
	base, err := h.base(&r, &in)
	if err != nil {
		return Verified{}, err
	}
	if !hmac.Equal([]byte(h.signature), []byte(Label+"=:"+mac(secret, base)+":")) {
		return Verified{}, refuse(Wrong, "the signature is another; a covered part has changed on the way, or the secrets differ")
	}
	if r.Rule != DigestIgnored && in.covers("content-digest") && h.digest != DigestOf(r.Body) {
		return Verified{}, refuse(Digest, "content-digest is not the sha-256 of the body, which is all it may hold")
	}
	out := Verified{KeyID: in.keyID, Nonce: in.nonce, Created: in.created, Expires: in.expires, Covered: in.covered.names}
	if err := h.statement(&out.Statement); err != nil {
		return Verified{}, err
	}
	if err := v.memory.check(&out, now); err != nil {
		return Verified{}, err
	}
	return out, nil
}

// SignatureBase is the text whose signature a Verifier computes of a request (RFC 9421, section 2.5): where a signature is wrong, it shows
// in which line the two sides differ.
func SignatureBase(r Received) (string, error) {
	h, err := collect(r.Fields)
	if err != nil {
		return "", err
	}
	in, err := parseInput(h.input)
	if err != nil {
		return "", err
	}
	base, err := h.base(&r, &in)
	return string(base), err
}

// KeyIDOf is the id of the key that a request says it was signed with; nothing has been verified of it.
func KeyIDOf(fields []Field) (string, error) {
	h, err := collect(fields)
	if err != nil {
		return "", err
	}
	in, err := parseInput(h.input)
	return in.keyID, err
}

// Spend uses a hand-off up, when the first attempt for its request starts. An error means that it was used up in the meantime, and the
// request must not go on.
func (v *Verifier) Spend(x *Verified) error {
	return v.memory.spend(x, v.now().Unix())
}

// fresh judges a signature by when its request arrived, in whole seconds, as the times in a signature are.
func (v *Verifier) fresh(in *input, now int64) error {
	const second = int64(time.Second)
	age := now - in.created
	switch {
	case age > v.window/second:
		return refuse(Stale, "the signature was created longer ago than the window; compare the clocks")
	case -age > v.window/second:
		return refuse(Stale, "the signature was created ahead of this clock by more than the window; compare the clocks")
	case now > in.expires:
		return refuse(Stale, "the signature is past its expires")
	case in.created < v.since/second || in.created == v.since/second && v.since%second > 0:
		return refuse(Stale, "the signature was created before this verifier started, or in the same second")
	}
	return nil
}

// received are the headers of a hand-off.
type received struct {
	input     string
	signature string
	digest    string
	digests   int
	souk      []Field  // with names in lower case
	names     distinct // of those, in their order
}

func collect(fields []Field) (received, error) {
	h := received{}
	inputs, signatures := 0, 0
	for _, f := range fields {
		switch {
		case Reserved(f.Name):
			name := lowered(f.Name)
			if h.souk == nil {
				h.souk, h.names.names = make([]Field, 0, 4), make([]string, 0, 4)
			}
			if !h.names.add(name) {
				return h, refuse(Duplicate, safe(name)+" came more than once")
			}
			h.souk = append(h.souk, Field{name, strings.Trim(f.Value, " \t")})
		case strings.EqualFold(f.Name, HeaderInput):
			inputs++
			h.input = f.Value
		case strings.EqualFold(f.Name, HeaderSignature):
			signatures++
			h.signature = strings.Trim(f.Value, " \t")
		case strings.EqualFold(f.Name, HeaderDigest):
			h.digests++
			h.digest = strings.Trim(f.Value, " \t")
		}
	}
	if inputs > 1 || signatures > 1 {
		return h, refuse(Duplicate, "signature-input or signature came more than once")
	}
	if inputs == 0 || signatures == 0 {
		return h, refuse(Missing, "a request that is handed off has the headers signature-input and signature")
	}
	return h, nil
}

// lowered is a header's name in lower case, as a signature covers it.
func lowered(name string) string {
	for _, known := range []string{"souk-caller", "souk-applied", "souk-constraints"} {
		if strings.EqualFold(name, known) {
			return known
		}
	}
	return strings.ToLower(name)
}

// safe is a header's name as an error may show it.
func safe(name string) string {
	if len(name) > 64 || !only(name, token) {
		return "a souk header"
	}
	return name
}

// covered refuses a signature that leaves something out.
func (h *received) covered(r *Received, in *input) error {
	missing := ""
	switch {
	case !in.covers("@method"):
		missing = "@method"
	case !in.covers("@path"):
		missing = "@path"
	case !in.covers("souk-caller"):
		missing = "souk-caller"
	case r.Query != "" && !in.covers("@query"):
		missing = "@query"
	case r.Rule == DigestRequired && len(r.Body) > 0 && !in.covers("content-digest"):
		missing = "content-digest"
	}
	for _, f := range h.souk {
		if missing == "" && !in.covers(f.Name) {
			missing = safe(f.Name)
		}
	}
	if missing != "" {
		return refuse(NotCovered, "the signature does not cover "+missing)
	}
	return nil
}

func (in *input) covers(name string) bool {
	return in.covered.find(name) >= 0
}

// base is the signature base (RFC 9421, section 2.5).
func (h *received) base(r *Received, in *input) ([]byte, error) {
	if strings.ContainsAny(r.Method, " \r\n") || strings.ContainsAny(r.Path, "? \r\n") || strings.ContainsAny(r.Query, " \r\n") {
		return nil, refuse(Malformed, "the request line holds a space or a line end too many")
	}
	b := make([]byte, 0, 1024)
	for _, name := range in.covered.names {
		value := ""
		switch name {
		case "@method":
			value = r.Method
		case "@path":
			value = r.Path
		case "@query":
			value = "?" + r.Query
		case "content-digest":
			if h.digests > 1 {
				return nil, refuse(Duplicate, "content-digest came more than once")
			}
			if h.digests == 0 {
				return nil, refuse(Missing, "content-digest is covered and was not sent")
			}
			value = h.digest
		default:
			found := false
			if value, found = h.value(name); !found {
				return nil, refuse(Missing, name+" is covered and was not sent")
			}
		}
		if len(value) > MaxHeader && name[0] != '@' || strings.ContainsAny(value, "\r\n") {
			return nil, refuse(Malformed, name+" holds a line end or is longer than 8192 bytes")
		}
		b = append(b, '"')
		b = append(b, name...)
		b = append(b, '"', ':', ' ')
		b = append(b, value...)
		b = append(b, '\n')
	}
	b = append(b, signatureParams...)
	return append(b, in.params...), nil
}

func (h *received) value(name string) (string, bool) {
	if i := h.names.find(name); i >= 0 {
		return h.souk[i].Value, true
	}
	return "", false
}

func (h *received) statement(s *Statement) (err error) {
	for _, f := range h.souk {
		switch f.Name {
		case "souk-caller":
			s.Caller, err = ParseCaller(f.Value)
		case "souk-applied":
			s.Applied, err = ParseApplied(f.Value)
		case "souk-constraints":
			s.Constraints, err = ParseConstraints(f.Value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
