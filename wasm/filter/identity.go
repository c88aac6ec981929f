package filter

import (
	"strconv"
	"strings"

	"github.com/soukproxy/souk/policy/handoff"
)

// caller is who asks, as the host says it; and whether the statement says that the request was masked here.
type caller struct {
	id       string // empty: the anonymous one
	groups   string // with commas between
	redacted bool
}

// maxKnown is how many statements of each kind are kept, so that they need not be written anew with each request.
// maxKept is how long a path and a query may be, in bytes, with which one is kept.
const (
	maxKnown = 64
	maxKept  = 512
)

// known is what is said about a caller.
type known struct {
	statement *handoff.Prepared
	last      *handoff.Addressed // and with the caller's last request without a digest; callers mostly ask for one thing
	method    string             // of that request
	path      string
	query     string
}

// identify says who asks.
func (f *Filter) identify(host *Host, h *heads) (caller, *refusal) {
	i := &f.config.identity
	who := caller{id: h.identity, groups: h.groups}
	if i.property != nil {
		who.id = property(host, i.property)
	}
	if i.verified != nil && property(host, i.verified) != i.verifiedIs {
		who.id = ""
	}
	if i.groupsProperty != nil {
		who.groups = property(host, i.groupsProperty)
	}
	if who.id == "" && i.anonymous == "" {
		kind := "authentication_error"
		if i.missing == 403 {
			kind = "permission_error"
		}
		return who, &refusal{i.missing, kind, "no_identity", "the gateway does not know who sends this request"}
	}
	// To hand off no scopes at all would mean that all are allowed.
	if f.grouped() && strings.Trim(who.groups, " \t,") == "" {
		return who, &refusal{403, "permission_error", "no_scope", "the caller is in no group that gives it a scope"}
	}
	return who, nil
}

func (f *Filter) grouped() bool {
	return f.config.identity.groupsHeader != "" || f.config.identity.groupsProperty != nil
}

// property is a text that the host knows; what it does not know is empty.
func property(host *Host, path []string) string {
	text, err := host.Property(path)
	if err != nil {
		return ""
	}
	return string(text)
}

// said is what is said about a caller.
func (f *Filter) said(who caller) (*known, error) {
	all, template := &f.known, f.template
	if who.redacted {
		all, template = &f.knownRedacted, f.redacted
	}
	name := who.id
	if f.grouped() {
		name = strconv.Itoa(len(who.id)) + ":" + who.id + who.groups
	}
	if k := (*all)[name]; k != nil {
		return k, nil
	}
	i := &f.config.identity
	c := handoff.Caller{ID: handoff.Text(who.id), Via: f.config.via, Credential: i.credential, Scopes: texts(i.scopes)}
	if who.id == "" {
		c.ID, c.Credential = i.anonymous, "anonymous"
	}
	if f.grouped() {
		for _, group := range strings.Split(who.groups, ",") {
			if group = strings.Trim(group, " \t"); group != "" {
				c.Scopes = append(c.Scopes, handoff.Text(group))
			}
		}
	}
	p, err := template.Prepare(&c)
	if err != nil {
		return nil, err
	}
	if *all == nil || len(*all) >= maxKnown {
		*all = map[string]*known{}
	}
	k := &known{statement: p}
	(*all)[strings.Clone(name)] = k // the host lends its texts for this call only
	return k, nil
}

// about is what is said about the caller, and with a request.
func (k *known) about(signer *handoff.Signer, r *handoff.Request) (*handoff.Addressed, error) {
	if r.Digest != "" {
		return signer.Address(*r, k.statement)
	}
	if k.last != nil && k.method == r.Method && k.path == r.Path && k.query == r.Query {
		return k.last, nil
	}
	own := handoff.Request{Method: strings.Clone(r.Method), Path: strings.Clone(r.Path), Query: strings.Clone(r.Query)}
	a, err := signer.Address(own, k.statement)
	if err == nil && len(own.Path)+len(own.Query) <= maxKept {
		k.last, k.method, k.path, k.query = a, own.Method, own.Path, own.Query
	}
	return a, err
}

// texts writes each so that a header can hold it.
func texts(list []string) []string {
	if list == nil {
		return nil
	}
	out := make([]string, len(list))
	for i, text := range list {
		out[i] = handoff.Text(text)
	}
	return out
}
