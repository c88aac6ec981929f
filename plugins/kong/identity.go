package main

import (
	"slices"
	"strings"

	"github.com/soukproxy/souk/policy/handoff"
)

// credentialAnonymous is how a caller without a credential is said to have proved itself.
const credentialAnonymous = "anonymous"

// identify says who asks, by what Kong's authentication plugins have found out. A caller is known when it has shown a credential: with
// none, the consumer that Kong names is the one that stands for strangers (config.anonymous of an authentication plugin), or there
// is none. Neither is an error to Kong.
func (r *route) identify(n *known) (handoff.Caller, error) {
	c, credential, consumer := r.config, &n.credential, &n.consumer
	id := map[string]string{
		byUsername: consumer.Username, byCustomID: consumer.CustomId, byID: consumer.Id, byCredential: credential.Id,
	}[c.Identity]
	if credential.Id == "" {
		id = ""
	}
	if id == "" {
		if c.Anonymous == "" {
			return handoff.Caller{}, refusal{401, "authentication_error", "no_identity",
				"the gateway does not know who asks: its authentication found no " + c.Identity}
		}
		stranger := handoff.Caller{ID: c.Anonymous, Via: c.Via, Credential: credentialAnonymous, Scopes: c.AnonymousScopes}
		return stranger, r.scoped(c.AnonymousScopes)
	}
	groups, err := r.groups(n)
	if err != nil {
		return handoff.Caller{}, err
	}
	scopes := r.scopes(groups)
	return handoff.Caller{ID: handoff.Text(id), Via: c.Via, Credential: c.Credential, Scopes: scopes}, r.scoped(scopes)
}

// scoped refuses a caller who would have every scope because it is in no group.
func (r *route) scoped(scopes []string) error {
	if r.config.GroupsFrom != groupsNone && len(scopes) == 0 {
		return refusal{403, "permission_error", "no_scope", "the caller is in no group that gives it a scope"}
	}
	return nil
}

// groups are the caller's, as configured.
func (r *route) groups(n *known) ([]string, error) {
	switch r.config.GroupsFrom {
	case groupsTags:
		return n.consumer.Tags, nil
	case groupsACL:
		// The acl plugin writes one line. Several are not its work.
		if len(n.headers["x-consumer-groups"]) > 1 {
			return nil, refusal{400, "invalid_request_error", "reserved_header", "x-consumer-groups comes more than once; a client does not send it"}
		}
		return strings.Split(n.headers.first("x-consumer-groups"), ","), nil
	case groupsAuthenticated:
		return n.groups, nil
	}
	return nil, nil
}

// scopes are the groups that begin with the prefix, without it, each once.
func (r *route) scopes(groups []string) []string {
	var out []string
	for _, group := range groups {
		scope, found := strings.CutPrefix(strings.TrimSpace(group), r.config.GroupsPrefix)
		if scope = handoff.Text(scope); found && scope != "" && !slices.Contains(out, scope) {
			out = append(out, scope)
		}
	}
	return out
}
