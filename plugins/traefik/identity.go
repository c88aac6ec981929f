package traefik

import (
	"bytes"
	"crypto/tls"
	"net/http"
	"strings"

	"github.com/soukproxy/souk/policy/handoff"
)

// identity reads who asks. It is immutable.
type identity struct {
	header      source
	groups      source
	certificate string
	anonymous   string
	credential  string
	via         string
	scopes      []string
}

// source is a header to read.
type source struct {
	name string // as configured: Traefik's middlewares set it under just this name
	line string // how its line begins in lines
}

func newSource(name string) source {
	return source{name: name, line: "\n" + strings.ToLower(name) + ": "}
}

func (c *Config) identity(t *handoff.Template) (*identity, error) {
	i := c.Identity
	if (i.Header == "") == (i.Certificate == "") {
		return nil, invalid("identity", "exactly one of header and certificate is needed")
	}
	switch i.Certificate {
	case "", "commonName", "uri", "dns", "email", "subject":
	default:
		return nil, invalid("identity.certificate", "commonName, uri, dns, email and subject are known")
	}
	if i.GroupsHeader != "" && len(i.Scopes) > 0 {
		return nil, invalid("identity.scopes", "either these or groupsHeader; not both")
	}
	if !headerName(i.Header) {
		return nil, invalid("identity.header", "this is not a header that can hold an identity")
	}
	if !headerName(i.GroupsHeader) {
		return nil, invalid("identity.groupsHeader", "this is not a header that can hold groups")
	}
	if i.Credential == "" && i.Certificate != "" {
		i.Credential = "mtls"
	}
	who := &identity{
		header:      newSource(i.Header),
		groups:      newSource(i.GroupsHeader),
		certificate: i.Certificate,
		anonymous:   i.Anonymous,
		credential:  i.Credential,
		via:         c.Via,
		scopes:      orNil(i.Scopes),
	}
	sample := handoff.Caller{ID: "a", Via: c.Via, Credential: i.Credential, Scopes: who.scopes}
	if i.Anonymous != "" {
		sample.ID = i.Anonymous
	}
	if _, err := t.Prepare(&sample); err != nil {
		return nil, invalid("via, identity.credential, identity.scopes or identity.anonymous", err.Error())
	}
	return who, nil
}

// headerName tells whether a name, if it is given, may be a header's, and one that is not the hand-off's own.
func headerName(name string) bool {
	const token = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
	lower := strings.ToLower(name)
	return strings.Trim(lower, token) == "" && !handoff.Reserved(lower) && lower != "signature" && lower != "signature-input"
}

// lines are the header as it would be sent, in lower case and with a line end before each line. To search them is one call,
// whatever the number of headers; a loop over them would be interpreted. A value holds no line ends: http.Header.Write
// makes spaces of them.
func lines(header http.Header) (string, error) {
	var b bytes.Buffer
	b.WriteByte('\n')
	if err := header.Write(&b); err != nil {
		return "", err
	}
	return strings.ToLower(b.String()), nil
}

// reserved tells whether there is a header that only this middleware may set.
func reserved(lines string) bool {
	return strings.Contains(lines, "\nsouk-") ||
		strings.Contains(lines, "\nsignature") && (strings.Contains(lines, "\nsignature:") || strings.Contains(lines, "\nsignature-input:"))
}

// value is the one value of the header, empty if there is none; false: there are several.
func (s *source) value(header http.Header, lines string) (string, bool) {
	switch strings.Count(lines, s.line) {
	case 0:
		return "", true
	case 1:
		v := header.Get(s.name)
		if v == "" { // it is there under the name as it was configured, not in Go's spelling: Traefik's basicAuth does so
			v = strings.Join(header[s.name], "")
		}
		return v, true
	}
	return "", false
}

// caller is who sends a request: the texts that a Prepared is made of.
type caller struct {
	id     string
	groups string
}

// read tells who sends a request, or why it is refused.
func (i *identity) read(header http.Header, state *tls.ConnectionState, lines string) (caller, *refusal) {
	who := caller{}
	if i.certificate != "" {
		who.id = certified(state, i.certificate)
	} else {
		one := false
		if who.id, one = i.header.value(header, lines); !one {
			return who, badRequest("duplicate_identity", "The header "+i.header.name+" came more than once.")
		}
	}
	if who.id == "" && i.anonymous == "" {
		return who, unauthorized()
	}
	if i.groups.name == "" {
		return who, nil
	}
	one := false
	if who.groups, one = i.groups.value(header, lines); !one {
		return who, badRequest("duplicate_identity", "The header "+i.groups.name+" came more than once.")
	}
	if strings.Trim(who.groups, " ,") == "" { // to hand off no scopes at all would mean that all are allowed
		return who, forbidden("The caller is in no group.")
	}
	return who, nil
}

// certified is the configured part of the client's certificate; empty if it has none, or none that Traefik has verified.
func certified(state *tls.ConnectionState, part string) string {
	if state == nil || len(state.VerifiedChains) == 0 || len(state.VerifiedChains[0]) == 0 {
		return ""
	}
	leaf := state.VerifiedChains[0][0]
	switch {
	case part == "commonName":
		return leaf.Subject.CommonName
	case part == "subject":
		return leaf.Subject.String()
	case part == "uri" && len(leaf.URIs) > 0:
		return leaf.URIs[0].String()
	case part == "dns" && len(leaf.DNSNames) > 0:
		return leaf.DNSNames[0]
	case part == "email" && len(leaf.EmailAddresses) > 0:
		return leaf.EmailAddresses[0]
	}
	return ""
}

// statement is the caller as the hand-off says it.
func (i *identity) statement(who caller) handoff.Caller {
	c := handoff.Caller{ID: handoff.Text(who.id), Via: i.via, Credential: i.credential, Scopes: i.scopes}
	if who.id == "" {
		c.ID, c.Credential = i.anonymous, ""
	}
	if i.groups.name != "" {
		c.Scopes = nil
		for _, group := range strings.Split(who.groups, ",") {
			if group = strings.TrimSpace(group); group != "" {
				c.Scopes = append(c.Scopes, handoff.Text(group))
			}
		}
	}
	return c
}
