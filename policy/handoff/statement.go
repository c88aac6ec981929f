package handoff

import (
	"strconv"
	"strings"
)

// Statement is what a gateway says about a request. All its texts are printable ASCII: see Text.
type Statement struct {
	Caller      Caller
	Applied     Applied
	Constraints Constraints
}

// Caller is who asks, as the gateway knows it.
type Caller struct {
	ID         string   // required
	Via        string   // the gateway, such as kong
	Credential string   // how the caller proved itself, such as key-auth
	Scopes     []string // operations it may ask for, such as chat; nil: the gateway does not say
}

// Mark is whether a gateway says that it applied something.
type Mark int8

// The marks.
const (
	Unsaid Mark = iota
	Done
	NotDone
)

// Applied is what the gateway has done to a request before it passes it on.
type Applied struct {
	Credentials Mark // it has checked who asks
	Guardrails  Mark
	Redaction   Mark
}

// Constraints are where a request may go. They only ever narrow what the sidecar's configuration allows.
type Constraints struct {
	Regions  []string // nil: any
	Types    []string // of provider: company, community, self_hosted; nil: any
	Models   []string // model ids, or the beginning of some followed by *; nil: any
	MaxPrice string   // USD per million tokens, for input and for output, such as 2.5; at most 3 decimals; empty: no cap
}

// Headers are a hand-off as it is sent, by name: see HeaderCaller and the names beside it. An empty value is a header that must not
// be sent, whoever may have set it before.
type Headers struct {
	Caller      string
	Applied     string
	Constraints string
	Digest      string
	Input       string
	Signature   string
}

// Fields are the headers that have a value.
func (h *Headers) Fields() []Field {
	fields := make([]Field, 0, 6)
	for _, f := range []Field{
		{HeaderCaller, h.Caller}, {HeaderApplied, h.Applied}, {HeaderConstraints, h.Constraints},
		{HeaderDigest, h.Digest}, {HeaderInput, h.Input}, {HeaderSignature, h.Signature},
	} {
		if f.Value != "" {
			fields = append(fields, f)
		}
	}
	return fields
}

// Prepared is a statement as headers, ready to be signed with any number of requests. It is immutable.
type Prepared struct {
	headers Headers
	covered string // the components that its headers are, but for Souk-Caller
	lines   string // the lines of the signature base that they are
	input   string // Signature-Input up to created
	rest    string // the signature base behind the path, up to created
}

// Headers are those that are the same whatever is signed: Souk-Caller, Souk-Applied and Souk-Constraints.
func (p *Prepared) Headers() Headers {
	return Headers{Caller: p.headers.Caller, Applied: p.headers.Applied, Constraints: p.headers.Constraints}
}

// about is a statement about a request, if its signature base cannot be read as another's.
func (p *Prepared) about(r *Request) (*Prepared, error) {
	if r.Path == "" || r.Path[0] != '/' || strings.ContainsAny(r.Method+r.Path, "?# \t\r\n") ||
		strings.ContainsAny(r.Query, "# \t\r\n") || !only(r.Digest, printable) {
		return nil, unsignable()
	}
	if r.Query != "" || r.Digest != "" {
		return with(p, r.Query, r.Digest), nil
	}
	return p, nil
}

// with is a statement about a request with a query or a digest.
func with(p *Prepared, query, digest string) *Prepared {
	q := &Prepared{headers: p.headers, covered: p.covered, lines: p.lines}
	q.headers.Digest = digest
	queryName, queryLine, digestName, digestLine := "", "", "", ""
	if query != "" {
		queryName, queryLine = ` "@query"`, `"@query": ?`+query+"\n"
	}
	if digest != "" {
		digestName, digestLine = ` "content-digest"`, `"content-digest": `+digest+"\n"
	}
	params := `("@method" "@path"` + queryName + ` "souk-caller"` + p.covered + digestName + ");created="
	q.input = Label + "=" + params
	q.rest = "\n" + queryLine + p.lines + digestLine + signatureParams + params
	return q
}

// How lines of the signature base begin.
const (
	pathLine        = "\n\"@path\": "
	signatureParams = `"@signature-params": `
)

// Prepare writes a statement as headers, and refuses what they cannot say. What stays the same from request to request need not be
// written anew: see Template.
func (s *Statement) Prepare() (*Prepared, error) {
	t, err := NewTemplate(s.Applied, s.Constraints)
	if err != nil {
		return nil, err
	}
	return t.Prepare(&s.Caller)
}

// Template is what a gateway says with every request of a route, whoever asks.
type Template struct {
	rest   Prepared // all but what the caller makes of it
	params string   // @signature-params up to created
}

// NewTemplate refuses constraints that cannot be said.
func NewTemplate(a Applied, c Constraints) (*Template, error) {
	constraints, err := c.value()
	if err != nil {
		return nil, err
	}
	if len(constraints) > MaxHeader {
		return nil, refuse(Invalid, "souk-constraints would be longer than 8192 bytes; say less")
	}
	t := &Template{}
	if applied := a.value(); applied != "" {
		t.rest.headers.Applied = applied
		t.rest.covered = ` "souk-applied"`
		t.rest.lines = `"souk-applied": ` + applied + "\n"
	}
	if constraints != "" {
		t.rest.headers.Constraints = constraints
		t.rest.covered += ` "souk-constraints"`
		t.rest.lines += `"souk-constraints": ` + constraints + "\n"
	}
	t.params = `("@method" "@path" "souk-caller"` + t.rest.covered + ");created="
	t.rest.input = Label + "=" + t.params
	return t, nil
}

// Prepare makes it a statement about a caller.
func (t *Template) Prepare(c *Caller) (*Prepared, error) {
	caller, err := c.value()
	if err != nil {
		return nil, err
	}
	p := t.rest
	p.headers.Caller = caller
	p.lines = strings.Join([]string{`"souk-caller": `, caller, "\n", t.rest.lines}, "")
	p.rest = strings.Join([]string{"\n", p.lines, signatureParams, t.params}, "")
	return &p, nil
}

// value is the header's. The most common kind of caller comes first, since interpreted it is worth its lines.
func (c *Caller) value() (string, error) {
	if c.ID == "" || c.Via == "" || c.Credential == "" || c.Scopes != nil || len(c.ID)+len(c.Via)+len(c.Credential) > MaxText ||
		strings.Trim(c.ID+c.Via+c.Credential, printable) != "" {
		return c.anyValue()
	}
	return strings.Join([]string{"id=", strconv.Quote(c.ID), ", via=", strconv.Quote(c.Via), ", credential=", strconv.Quote(c.Credential)}, ""), nil
}

func (c *Caller) anyValue() (string, error) {
	if c.ID == "" {
		return "", refuse(Invalid, "the caller has no id; without an identity there is nothing to hand off")
	}
	if len(c.ID) > MaxText || len(c.Via) > MaxText || len(c.Credential) > MaxText {
		return "", refuse(Invalid, "the caller's id, via or credential is longer than 1024 bytes")
	}
	if !only(c.ID+c.Via+c.Credential, printable) {
		return "", refuse(Invalid, "the caller's id, via or credential"+useText)
	}
	out := "id=" + strconv.Quote(c.ID)
	if c.Via != "" {
		out += ", via=" + strconv.Quote(c.Via)
	}
	if c.Credential != "" {
		out += ", credential=" + strconv.Quote(c.Credential)
	}
	if c.Scopes != nil {
		scopes, err := list("the caller's scopes", c.Scopes)
		if err != nil {
			return "", err
		}
		out += ", scopes=" + scopes
	}
	if len(out) > MaxHeader {
		return "", refuse(Invalid, "souk-caller would be longer than 8192 bytes; say less")
	}
	return out, nil
}

func (a *Applied) value() string {
	out := a.Credentials.member("credentials") + a.Guardrails.member("guardrails") + a.Redaction.member("redaction")
	return strings.TrimPrefix(out, ", ")
}

func (m Mark) member(key string) string {
	switch m {
	case Done:
		return ", " + key
	case NotDone:
		return ", " + key + "=?0"
	}
	return ""
}

func (c *Constraints) value() (string, error) {
	out := ""
	if c.Regions != nil {
		regions, err := list("the constraint region", c.Regions)
		if err != nil {
			return "", err
		}
		out += ", region=" + regions
	}
	if c.Types != nil {
		types, err := list("the constraint type", c.Types)
		if err != nil {
			return "", err
		}
		out += ", type=" + types
	}
	if c.Models != nil {
		models, err := list("the constraint models", c.Models)
		if err != nil {
			return "", err
		}
		if !patterns(c.Models) {
			return "", refuse(Invalid, "in the constraint models, * stands only at the end of a pattern")
		}
		out += ", models=" + models
	}
	if c.MaxPrice != "" {
		if !decimal(c.MaxPrice) {
			return "", refuse(Invalid, "the constraint max-price is a number such as 2.5, with at most 12 digits before and 3 behind the point")
		}
		out += ", max-price=" + c.MaxPrice
	}
	return strings.TrimPrefix(out, ", "), nil
}

// patterns tells whether * stands only at the end of each.
func patterns(models []string) bool {
	for _, m := range models {
		if i := strings.IndexByte(m, '*'); i >= 0 && i < len(m)-1 {
			return false
		}
	}
	return true
}

// decimal tells whether a text is a number of RFC 8941, section 3.3.2, that is not negative.
func decimal(text string) bool {
	whole, fraction, point := strings.Cut(text, ".")
	if whole == "" || len(whole) > 12 || !only(whole, digits) {
		return false
	}
	return !point || fraction != "" && len(fraction) <= 3 && only(fraction, digits)
}

const useText = " holds characters that are not printable ASCII; handoff.Text writes them so that a header can hold them"

// list writes an inner list of strings (RFC 8941, section 4.1.1.1). An empty one is refused: nil is what says nothing, and who
// means that nothing is allowed has no request to pass on. Of printable ASCII strconv.Quote makes a string of RFC 8941, section 4.1.6.
func list(what string, items []string) (string, error) {
	if len(items) == 0 || len(items) > MaxItems {
		return "", refuse(Invalid, what+" is a list of 1 to 64 strings; leave it nil to say nothing")
	}
	if !only(strings.Join(items, ""), printable) {
		return "", refuse(Invalid, what+useText)
	}
	out := ""
	for _, item := range items {
		if item == "" || len(item) > MaxText {
			return "", refuse(Invalid, what+" holds a string that is empty, or longer than 1024 bytes")
		}
		out += " " + strconv.Quote(item)
	}
	return "(" + out[1:] + ")", nil
}
