package main

import (
	"fmt"
	"slices"
	"strings"

	pb "github.com/Kong/go-pdk/server/kong_plugin_protocol"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/soukproxy/souk/policy/handoff"
)

// credentialAnonymous is how a caller without a credential is said to have proved itself.
const credentialAnonymous = "anonymous"

// identify says who asks, by what Kong's authentication plugins have found out. A caller is known when it has shown a credential: with
// none, the consumer that Kong names is the one that stands for strangers (config.anonymous of an authentication plugin), or there
// is none. Neither is an error to Kong.
func (r *route) identify(k bridge, h headers) (handoff.Caller, error) {
	credential, err := k.kong.Client.GetCredential()
	if err != nil {
		return handoff.Caller{}, fmt.Errorf("kong.client.get_credential: %w", err)
	}
	consumer, err := k.kong.Client.GetConsumer()
	if err != nil {
		return handoff.Caller{}, fmt.Errorf("kong.client.get_consumer: %w", err)
	}
	c := r.config
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
	groups, err := r.groups(k, h, consumer.Tags)
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
func (r *route) groups(k bridge, h headers, tags []string) ([]string, error) {
	switch r.config.GroupsFrom {
	case groupsTags:
		return tags, nil
	case groupsACL:
		// The acl plugin writes one line. Several are not its work.
		if len(h["x-consumer-groups"]) > 1 {
			return nil, refusal{400, "invalid_request_error", "reserved_header", "x-consumer-groups comes more than once; a client does not send it"}
		}
		return strings.Split(h.first("x-consumer-groups"), ","), nil
	case groupsAuthenticated:
		var out emptypb.Empty
		if err := k.kong.Ctx.Ask("kong.ctx.shared.get", &pb.String{V: "authenticated_groups"}, &out); err != nil {
			return nil, fmt.Errorf("kong.ctx.shared.get: %w", err)
		}
		return readValue(out.ProtoReflect().GetUnknown())
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
