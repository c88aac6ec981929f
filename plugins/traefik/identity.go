package traefik

import (
	"crypto/tls"
	"net/http"
	"net/http/httputil"
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
	line string // how its line begins in what is searched
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

// ordinary are headers that most requests have, in Go's spelling, and that tell nothing of who asks.
func ordinary(i *identity) map[string]bool {
	names := map[string]bool{}
	for _, name := range []string{
		"Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Content-Length", "Content-Type",
		"Cookie", "Idempotency-Key", "Openai-Organization", "Openai-Project", "Origin", "Referer", "Traceparent", "Tracestate",
		"User-Agent", "X-Api-Key", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Forwarded-Server",
		"X-Real-Ip", "X-Request-Id", "X-Stainless-Arch", "X-Stainless-Async", "X-Stainless-Lang", "X-Stainless-Os",
		"X-Stainless-Package-Version", "X-Stainless-Read-Timeout", "X-Stainless-Retry-Count", "X-Stainless-Runtime",
		"X-Stainless-Runtime-Version", "X-Stainless-Timeout",
	} {
		names[name] = !strings.EqualFold(name, i.header.name) && !strings.EqualFold(name, i.groups.name)
	}
	return names
}

// reserved refuses a request with a header that only this middleware may set, or one that Connection would take away.
func reserved(p *httputil.ProxyRequest, lines string) bool {
	found := strings.Contains(lines, "\nsouk-") || strings.Contains(lines, "\nsignature:") || strings.Contains(lines, "\nsignature-input:")
	for _, name := range strings.Split(strings.Join(p.In.Header["Connection"], ","), ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		found = found || handoff.Reserved(name) || name == "signature" || name == "signature-input"
	}
	if found {
		refuse(p, reservedHeader())
	}
	return found
}

// spelled is the value of a header that came once, but not in Go's spelling of its name: Traefik's basicAuth sets it so.
func spelled(s *source, header http.Header) string { return strings.Join(header[s.name], "") }

// identify tells who sends a request, as the texts that a statement is made of, or why it is refused.
func identify(i *identity, r *http.Request, lines string) (id, groups string, refused *refusal) {
	if i.certificate != "" {
		id = certified(r.TLS, i.certificate)
	} else if n := strings.Count(lines, i.header.line); n > 1 {
		return "", "", duplicate(i.header.name)
	} else if n == 1 {
		if id = r.Header.Get(i.header.name); id == "" {
			id = spelled(&i.header, r.Header)
		}
	}
	if id == "" && i.anonymous == "" {
		return "", "", unauthorized()
	}
	if i.groups.name == "" {
		return id, "", nil
	}
	if strings.Count(lines, i.groups.line) > 1 {
		return "", "", duplicate(i.groups.name)
	}
	if groups = r.Header.Get(i.groups.name); groups == "" {
		groups = spelled(&i.groups, r.Header)
	}
	if strings.Trim(groups, " ,") == "" { // to hand off no scopes at all would mean that all are allowed
		return "", "", noGroups()
	}
	return id, groups, nil
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

// caller is who asks, as the hand-off says it.
func (i *identity) caller(id, groups string) handoff.Caller {
	c := handoff.Caller{ID: handoff.Text(id), Via: i.via, Credential: i.credential, Scopes: i.scopes}
	if id == "" {
		c.ID, c.Credential = i.anonymous, ""
	}
	if i.groups.name != "" {
		c.Scopes = nil
		for _, group := range strings.Split(groups, ",") {
			if group = strings.TrimSpace(group); group != "" {
				c.Scopes = append(c.Scopes, handoff.Text(group))
			}
		}
	}
	return c
}
