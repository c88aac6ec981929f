package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/soukproxy/souk/plugins/kong/kongtest"
	"github.com/soukproxy/souk/policy/handoff"
)

func TestWhoAsksIsHandedOffSigned(t *testing.T) {
	plugin := kongtest.Start(t, built)
	stranger := func(x *kongtest.Exchange) { x.Consumer, x.CredentialID = nil, "" }
	for _, test := range []struct {
		name   string
		config map[string]any
		change func(*kongtest.Exchange)
		want   handoff.Caller // no id: refused
		status int
		code   string
	}{
		{"a consumer by its username", nil, nil, handoff.Caller{ID: "alice", Via: "kong"}, 0, ""},
		{"a consumer by its custom id, with how it proved itself", map[string]any{"identity": "custom_id", "credential": "key-auth", "via": "edge"}, nil,
			handoff.Caller{ID: "acme/alice", Via: "edge", Credential: "key-auth"}, 0, ""},
		{"a consumer by its id", map[string]any{"identity": "id"}, nil, handoff.Caller{ID: "c0ffee00-0000-4000-8000-000000000001", Via: "kong"}, 0, ""},
		{"a credential without a consumer, by its id", map[string]any{"identity": "credential"}, func(x *kongtest.Exchange) { x.Consumer = nil },
			handoff.Caller{ID: "c0ffee00-0000-4000-8000-000000000002", Via: "kong"}, 0, ""},
		{"a name beyond ASCII is escaped", nil, func(x *kongtest.Exchange) { x.Consumer.Username = "Jürgen 50%" },
			handoff.Caller{ID: "J%C3%BCrgen 50%25", Via: "kong"}, 0, ""},
		{"a name with quotes and line ends stays one string", nil, func(x *kongtest.Exchange) { x.Consumer.Username = "a\", id=\"root\r\n" },
			handoff.Caller{ID: "a\", id=\"root%0D%0A", Via: "kong"}, 0, ""},

		{"nobody", nil, stranger, handoff.Caller{}, 401, "no_identity"},
		{"a consumer without the identity that is asked for", map[string]any{"identity": "custom_id"}, func(x *kongtest.Exchange) { x.Consumer.CustomID = "" }, handoff.Caller{}, 401, "no_identity"},
		{"the consumer that stands for strangers, who have no credential", nil, func(x *kongtest.Exchange) { x.CredentialID = "" }, handoff.Caller{}, 401, "no_identity"},
		{"nobody, where strangers may ask", map[string]any{"anonymous": "stranger", "anonymous_scopes": []string{"chat"}}, stranger,
			handoff.Caller{ID: "stranger", Via: "kong", Credential: "anonymous", Scopes: []string{"chat"}}, 0, ""},
		{"a consumer where strangers may ask", map[string]any{"anonymous": "stranger", "anonymous_scopes": []string{"chat"}}, nil, handoff.Caller{ID: "alice", Via: "kong"}, 0, ""},
		{"a name of 2000 letters", nil, func(x *kongtest.Exchange) { x.Consumer.Username = strings.Repeat("a", 2000) }, handoff.Caller{}, 403, "caller_not_accepted"},

		{"tags as scopes", map[string]any{"groups_from": "tags", "groups_prefix": "souk:"}, nil, handoff.Caller{ID: "alice", Via: "kong", Scopes: []string{"chat", "embeddings"}}, 0, ""},
		{"all tags as scopes", map[string]any{"groups_from": "tags"}, nil, handoff.Caller{ID: "alice", Via: "kong", Scopes: []string{"souk:chat", "souk:embeddings", "team-a"}}, 0, ""},
		{"authenticated groups as scopes", map[string]any{"groups_from": "authenticated_groups"}, func(x *kongtest.Exchange) {
			x.Shared = map[string]any{"authenticated_groups": []any{"chat", "chat", "embeddings"}}
		}, handoff.Caller{ID: "alice", Via: "kong", Scopes: []string{"chat", "embeddings"}}, 0, ""},
		{"one authenticated group", map[string]any{"groups_from": "authenticated_groups"}, func(x *kongtest.Exchange) {
			x.Shared = map[string]any{"authenticated_groups": []any{"chat"}}
		}, handoff.Caller{ID: "alice", Via: "kong", Scopes: []string{"chat"}}, 0, ""},
		{"groups of the acl plugin as scopes", map[string]any{"groups_from": "acl_header", "groups_prefix": "llm-"}, func(x *kongtest.Exchange) {
			x.Header.Set("X-Consumer-Groups", "admins, llm-chat,llm-embeddings")
		}, handoff.Caller{ID: "alice", Via: "kong", Scopes: []string{"chat", "embeddings"}}, 0, ""},
		{"no group that gives a scope", map[string]any{"groups_from": "tags", "groups_prefix": "other:"}, nil, handoff.Caller{}, 403, "no_scope"},
		{"no authenticated groups at all", map[string]any{"groups_from": "authenticated_groups"}, nil, handoff.Caller{}, 403, "no_scope"},
		{"a group that is the prefix alone", map[string]any{"groups_from": "tags", "groups_prefix": "team-a"}, nil, handoff.Caller{}, 403, "no_scope"},
		{"two lines of groups are not the acl plugin's", map[string]any{"groups_from": "acl_header"}, func(x *kongtest.Exchange) {
			x.Header.Set("X-Consumer-Groups", "chat", "embeddings")
		}, handoff.Caller{}, 400, "reserved_header"},
		{"a stranger where groups give scopes", map[string]any{"groups_from": "tags", "anonymous": "stranger"}, stranger, handoff.Caller{}, 403, "no_scope"},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := alice()
			if test.change != nil {
				test.change(x)
			}
			instance(t, plugin, test.config).Access(x)
			if x.Fault != nil {
				t.Fatal(x.Fault)
			}
			if status, code := codeOf(t, x); status != test.status || code != test.code {
				t.Fatalf("status %d, code %q, want %d, %q", status, code, test.status, test.code)
			}
			if test.status != 0 {
				if x.Host != "origin.example" || x.Header.Get("Signature") != "" {
					t.Errorf("a refused request was changed: %s, %v", x.Host, x.Header)
				}
				return
			}
			if got := verify(t, verifier(t), x); !reflect.DeepEqual(got.Caller, test.want) {
				t.Errorf("got %+v, want %+v", got.Caller, test.want)
			}
			if x.Scheme != "http" || x.Host != "127.0.0.1" || x.Port != 8420 {
				t.Errorf("the request goes to %s://%s:%d", x.Scheme, x.Host, x.Port)
			}
		})
	}
}

func TestWhatTheGatewaySaysIsAsConfigured(t *testing.T) {
	plugin := kongtest.Start(t, built)
	for _, test := range []struct {
		name    string
		config  map[string]any
		applied handoff.Applied
		limits  handoff.Constraints
	}{
		{"credentials alone by default", nil, handoff.Applied{Credentials: handoff.Done}, handoff.Constraints{}},
		{"nothing", map[string]any{"credentials": "unsaid"}, handoff.Applied{}, handoff.Constraints{}},
		{"all three", map[string]any{"guardrails": "applied", "redaction": "applied"}, handoff.Applied{Credentials: handoff.Done, Guardrails: handoff.Done, Redaction: handoff.Done}, handoff.Constraints{}},
		{"what the sidecar has to do", map[string]any{"guardrails": "applied", "redaction": "required"}, handoff.Applied{Credentials: handoff.Done, Guardrails: handoff.Done, Redaction: handoff.NotDone}, handoff.Constraints{}},
		{"redaction that is not needed is not spoken of", map[string]any{"redaction": "not_needed"}, handoff.Applied{Credentials: handoff.Done}, handoff.Constraints{}},
		{"constraints", map[string]any{"region": []string{"eu"}, "type": []string{"company", "self_hosted"}, "models": []string{"meta-llama/*"}, "max_price": 2.5},
			handoff.Applied{Credentials: handoff.Done}, handoff.Constraints{Regions: []string{"eu"}, Types: []string{"company", "self_hosted"}, Models: []string{"meta-llama/*"}, MaxPrice: "2.5"}},
		{"a price of zero is a constraint", map[string]any{"max_price": 0}, handoff.Applied{Credentials: handoff.Done}, handoff.Constraints{MaxPrice: "0"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := alice()
			instance(t, plugin, test.config).Access(x)
			got := verify(t, verifier(t), x)
			if got.Applied != test.applied || !reflect.DeepEqual(got.Constraints, test.limits) {
				t.Errorf("got %+v and %+v", got.Applied, got.Constraints)
			}
		})
	}
}

func TestAClientsOwnHandOffIsRefused(t *testing.T) {
	plugin := kongtest.Start(t, built)
	i := instance(t, plugin, nil)
	many := func(n int) kongtest.Header {
		var h kongtest.Header
		for k := range n {
			h = append(h, kongtest.Field{Name: fmt.Sprintf("X-%d", k), Value: "1"})
		}
		return h
	}
	for _, test := range []struct {
		name   string
		header kongtest.Header
		status int
		code   string
	}{
		{"souk-caller", kongtest.Header{{Name: "Souk-Caller", Value: `id="root"`}}, 400, "reserved_header"},
		{"souk-constraints in another case", kongtest.Header{{Name: "sOUK-cONSTRAINTS", Value: `max-price=9`}}, 400, "reserved_header"},
		{"any header of souk's", kongtest.Header{{Name: "Souk-Later", Value: "1"}}, 400, "reserved_header"},
		{"an empty one", kongtest.Header{{Name: "Souk-Applied", Value: ""}}, 400, "reserved_header"},
		{"one twice", kongtest.Header{{Name: "Souk-Applied", Value: "redaction"}, {Name: "Souk-Applied", Value: "redaction"}}, 400, "reserved_header"},
		{"one with _ for -", kongtest.Header{{Name: "Souk_Caller", Value: `id="root"`}}, 400, "reserved_header"},
		{"one whose value is not UTF-8", kongtest.Header{{Name: "Souk-Caller", Value: "\xff\xfe"}}, 400, "reserved_header"},
		{"signature", kongtest.Header{{Name: "Signature", Value: "sig1=:AAAA:"}}, 400, "reserved_header"},
		{"signature-input", kongtest.Header{{Name: "Signature-Input", Value: `sig1=("@method")`}}, 400, "reserved_header"},
		{"a connection that has Kong drop a constraint", kongtest.Header{{Name: "Connection", Value: "close, Souk-Constraints"}}, 400, "reserved_header"},
		{"the same in a second line", kongtest.Header{{Name: "Connection", Value: "close"}, {Name: "Connection", Value: "signature"}}, 400, "reserved_header"},
		{"one behind 999 others", append(many(999), kongtest.Field{Name: "Souk-Caller", Value: `id="root"`}), 400, "too_many_headers"},
		{"one that Kong does not show behind 1000 others", append(many(1000), kongtest.Field{Name: "Souk-Caller", Value: `id="root"`}), 400, "too_many_headers"},
		{"900 headers of other names", many(900), 0, ""},
		{"a header that is not UTF-8", kongtest.Header{{Name: "X-Name", Value: "J\xfcrgen"}}, 0, ""},
		{"a header whose name only begins alike", kongtest.Header{{Name: "Soukous", Value: "1"}, {Name: "X-Souk-Provider-Preferences", Value: "{}"}, {Name: "Signature-Agent", Value: "x"}}, 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := alice()
			x.Header = append(x.Header, test.header...)
			i.Access(x)
			if status, code := codeOf(t, x); status != test.status || code != test.code || x.Fault != nil {
				t.Fatalf("status %d, code %q, fault %v", status, code, x.Fault)
			}
			if test.status == 0 {
				if got := verify(t, verifier(t), x); got.Caller.ID != "alice" {
					t.Errorf("the caller is %s", got.Caller.ID)
				}
			} else if changes := func(method string) bool { return strings.HasPrefix(method, "kong.service.") }; x.Host != "origin.example" || slices.ContainsFunc(x.Calls, changes) {
				t.Errorf("host %s, calls %v", x.Host, x.Calls)
			}
		})
	}
}

func TestThePathIsSignedAsTheSidecarReceivesIt(t *testing.T) {
	plugin := kongtest.Start(t, built)
	for _, test := range []struct {
		name        string
		config      map[string]any
		path, query string
		want        string // the path behind the phase
		status      int
		code        string
	}{
		{"as it is", nil, "/v1/chat/completions", "", "/v1/chat/completions", 0, ""},
		{"with a query", nil, "/v1/models", "limit=2&after=a%20b", "/v1/models", 0, ""},
		{"with escapes", nil, "/v1/models/author%2Fsl%C3%BCg", "", "/v1/models/author%2Fsl%C3%BCg", 0, ""},
		{"with raw bytes beyond ASCII", nil, "/v1/\xff", "q=\xff", "/v1/\xff", 0, ""},
		{"with a prefix stripped", map[string]any{"strip_prefix": "/openai"}, "/openai/v1/models", "", "/v1/models", 0, ""},
		{"with a prefix stripped down to nothing", map[string]any{"strip_prefix": "/openai"}, "/openai", "", "/", 0, ""},
		{"with a prefix that is only half a segment", map[string]any{"strip_prefix": "/open"}, "/openai/v1/models", "", "/openai/v1/models", 0, ""},
		{"with one prefix for another", map[string]any{"strip_prefix": "/api/openai", "add_prefix": "/v1"}, "/api/openai/models", "a=b", "/v1/models", 0, ""},
		{"with a prefix and text that Kong escapes", map[string]any{"add_prefix": "/v1"}, "/m/ü x", "", "/v1/m/%C3%BC%20x", 0, ""},
		{"rewritten, but not UTF-8", map[string]any{"add_prefix": "/v1"}, "/\xff", "", "", 400, "path_not_utf8"},
		{"with a ? that a plugin left in it", nil, "/v1/a?b", "", "", 400, "request_not_signable"},
		{"with a line end in the query", nil, "/v1", "a\nb", "", 400, "request_not_signable"},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := alice()
			x.Path, x.Query = test.path, test.query
			instance(t, plugin, test.config).Access(x)
			if status, code := codeOf(t, x); status != test.status || code != test.code || x.Fault != nil {
				t.Fatalf("status %d, code %q, fault %v", status, code, x.Fault)
			}
			if test.status != 0 {
				return
			}
			verify(t, verifier(t), x)
			if x.Path != test.want {
				t.Errorf("the path is %q, want %q", x.Path, test.want)
			}
		})
	}
}

func TestEachRequestHasANonceOfItsOwn(t *testing.T) {
	plugin := kongtest.Start(t, built)
	i := instance(t, plugin, map[string]any{"lifetime": 60})
	v := verifier(t)
	for range 50 {
		x := alice()
		i.Access(x)
		if got := verify(t, v, x); got.Expires-got.Created != 60 || got.KeyID != "kong-1" {
			t.Fatalf("got %+v", got)
		}
	}
}
