package filtertest

import (
	"strings"

	"github.com/soukproxy/souk/policy/handoff"
)

// Secret is the one of the hand-off's vectors.
const Secret = "souk-test-secret-0123456789abcdef"

// Case is an exchange under a configuration, and what is to become of it.
type Case struct {
	Name   string
	Config string
	Exchange

	Status   int    // of the filter's own answer; 0: the request reaches the sidecar
	Code     string // of the error in that answer
	Unsigned bool   // it reaches the sidecar without a hand-off, and is refused there

	// What the sidecar sees of a request that reaches it.
	Statement handoff.Statement
	Path      string // :path; empty: as it came
	SentBody  string // empty: as it came
	Sent      [][2]string

	Restored string // the answer's body; empty: as it came
}

// NGINX tells whether the case is one of ngx_wasm_module.
func (c *Case) NGINX() bool { return strings.Contains(c.Config, `"host":"nginx"`) }

// Config is a configuration with the vectors' key, and more.
func Config(more string) string {
	return `{"key":{"id":"kong-1","secret_env":"HANDOFF_SECRET"},"via":"gw"` + more + `}`
}

// Headers are those of a request from alice, and more.
func Headers(more ...[2]string) [][2]string {
	return append([][2]string{
		{":method", "POST"}, {":path", "/v1/chat/completions"}, {":scheme", "https"}, {":authority", "llm.example"},
		{"content-type", "application/json"}, {"user-agent", "test/1.0"}, {"accept", "*/*"}, {"x-user", "alice"},
	}, more...)
}

func by(id string, change ...func(*handoff.Statement)) handoff.Statement {
	s := handoff.Statement{Caller: handoff.Caller{ID: id, Via: "gw"}, Applied: handoff.Applied{Credentials: handoff.Done}}
	for _, c := range change {
		c(&s)
	}
	return s
}

func scopes(scopes ...string) func(*handoff.Statement) {
	return func(s *handoff.Statement) { s.Caller.Scopes = scopes }
}

func credential(name string) func(*handoff.Statement) {
	return func(s *handoff.Statement) { s.Caller.Credential = name }
}

func redacted(s *handoff.Statement) { s.Applied.Redaction = handoff.Done }

const (
	header = `,"identity":{"header":"x-user"}`
	mtls   = `,"identity":{"property":["connection","uri_san_peer_certificate"],"credential":"mtls"}`
	nginx  = `,"host":"nginx"`
	mask   = `,"redact":{"mode":"mask"}`
	back   = `,"redact":{"mode":"restore"}`
	chat   = `{"model":"fast","messages":[{"role":"user","content":"write to john@example.com"}]}`
	masked = `{"model":"fast","messages":[{"role":"user","content":"write to <EMAIL_1>"}]}`
)

// Cases are all that a filter has to do.
func Cases() []Case {
	all := append(identityCases(), spoofCases()...)
	all = append(all, pathCases()...)
	all = append(all, bodyCases()...)
	return append(all, answerCases()...)
}

func identityCases() []Case {
	plain := Exchange{Headers: Headers()}
	nobody := Exchange{Headers: Headers()[:7]}
	peer := Exchange{Headers: Headers()[:7], Properties: map[string]string{
		"connection/uri_san_peer_certificate": "spiffe://acme/alice", "ngx/ssl_client_verify": "FAILED:expired",
		"metadata/filter_metadata/envoy.filters.http.jwt_authn/payload/sub": "jos\u00e9", "metadata/groups": "chat, embeddings",
	}}
	with := func(more ...[2]string) Exchange { return Exchange{Headers: Headers(more...)} }
	return []Case{
		{Name: "a caller by a header", Config: Config(header), Exchange: plain, Statement: by("alice")},
		{Name: "a caller by a header in another case", Config: Config(`,"identity":{"header":"X-User"}` + nginx), Exchange: Exchange{Headers: append(Headers()[:7], [2]string{"X-USER", "alice"})}, Statement: by("alice")},
		{Name: "a caller by its certificate", Config: Config(mtls), Exchange: peer, Statement: by("spiffe://acme/alice", credential("mtls"))},
		{Name: "a caller by its token", Config: Config(`,"identity":{"property":["metadata","filter_metadata","envoy.filters.http.jwt_authn","payload","sub"],"groups_property":["metadata","groups"]}`),
			Exchange: peer, Statement: by("jos%C3%A9", scopes("chat", "embeddings"))},
		{Name: "a certificate that NGINX did not accept", Config: Config(`,"identity":{"property":["connection","uri_san_peer_certificate"],"verified":{"property":["ngx","ssl_client_verify"],"is":"SUCCESS"}}`),
			Exchange: peer, Status: 401, Code: "no_identity"},
		{Name: "nobody", Config: Config(header), Exchange: nobody, Status: 401, Code: "no_identity"},
		{Name: "nobody, to be answered with 403", Config: Config(`,"identity":{"header":"x-user","missing":403}`), Exchange: nobody, Status: 403, Code: "no_identity"},
		{Name: "an empty name", Config: Config(header), Exchange: Exchange{Headers: append(Headers()[:7], [2]string{"x-user", ""})}, Status: 401, Code: "no_identity"},
		{Name: "nobody, where a stranger may ask", Config: Config(`,"identity":{"header":"x-user","anonymous":"stranger","scopes":["chat"]}`), Exchange: nobody,
			Statement: by("stranger", credential("anonymous"), scopes("chat"))},
		{Name: "a caller that calls itself as strangers are called", Config: Config(`,"identity":{"header":"x-user","anonymous":"alice","credential":"key"}`), Exchange: plain, Statement: by("alice", credential("key"))},
		{Name: "groups as scopes", Config: Config(`,"identity":{"header":"x-user","groups_header":"x-groups"}`), Exchange: with([2]string{"x-groups", "chat, embeddings,"}), Statement: by("alice", scopes("chat", "embeddings"))},
		{Name: "no group", Config: Config(`,"identity":{"header":"x-user","groups_header":"x-groups"}`), Exchange: plain, Status: 403, Code: "no_scope"},
		{Name: "groups of nothing but commas", Config: Config(`,"identity":{"header":"x-user","groups_header":"x-groups"}`), Exchange: with([2]string{"x-groups", " ,\t, "}), Status: 403, Code: "no_scope"},
		{Name: "the same header as name and group", Config: Config(`,"identity":{"header":"x-user","groups_header":"x-user"}`), Exchange: plain, Statement: by("alice", scopes("alice"))},
		{Name: "a name that is not UTF-8", Config: Config(header), Exchange: Exchange{Headers: append(Headers()[:7], [2]string{"x-user", "zo\xeb \"\\%"})}, Statement: by("zo%EB \"\\%25")},
		{Name: "a name of 2000 letters", Config: Config(header), Exchange: Exchange{Headers: append(Headers()[:7], [2]string{"x-user", strings.Repeat("a", 2000)})}, Status: 403, Code: "caller_not_accepted"},
		{Name: "all that a gateway can say", Config: Config(header + `,"applied":{"credentials":true,"guardrails":true,"redaction":false},"constraints":{"region":["eu"],"type":["company","self_hosted"],"models":["meta-llama/*"],"max_price":2.5},"route":{"header":"x-cluster","value":"souk"},"authority":"souk.local"`),
			Exchange: plain, Sent: [][2]string{{"x-cluster", "souk"}, {":authority", "souk.local"}},
			Statement: handoff.Statement{Caller: handoff.Caller{ID: "alice", Via: "gw"}, Applied: handoff.Applied{Credentials: handoff.Done, Guardrails: handoff.Done, Redaction: handoff.NotDone},
				Constraints: handoff.Constraints{Regions: []string{"eu"}, Types: []string{"company", "self_hosted"}, Models: []string{"meta-llama/*"}, MaxPrice: "2.5"}}},
	}
}

func spoofCases() []Case {
	var all []Case
	refused := func(name, code string, more ...[2]string) {
		for _, host := range []string{"", nginx} {
			all = append(all, Case{Name: name + host, Config: Config(header + `,"route":{"header":"x-cluster","value":"souk"}` + host), Exchange: Exchange{Headers: Headers(more...)}, Status: 400, Code: code})
		}
	}
	refused("a client's own caller", "reserved_header", [2]string{"souk-caller", `id="root"`})
	refused("one in capitals", "reserved_header", [2]string{"SOUK-CONSTRAINTS", `max-price=9`})
	refused("one that is not known yet", "reserved_header", [2]string{"souk-later", "1"})
	refused("one that is empty", "reserved_header", [2]string{"souk-applied", ""})
	refused("one twice", "reserved_header", [2]string{"souk-applied", "redaction"}, [2]string{"souk-applied", "redaction"})
	refused("one with _ for -", "reserved_header", [2]string{"souk_caller", `id="root"`})
	refused("a signature", "reserved_header", [2]string{"signature", "sig1=:AAAA:"})
	refused("what a signature covers", "reserved_header", [2]string{"Signature_Input", `sig1=("@method")`})
	refused("a connection that has the host drop a constraint", "reserved_header", [2]string{"connection", "close, Souk-Constraints"})
	refused("the same in a second line", "reserved_header", [2]string{"connection", "close"}, [2]string{"Connection", "signature"})
	refused("a second name", "duplicate_identity", [2]string{"x-user", "bob"})
	refused("a second name in another case", "duplicate_identity", [2]string{"X-User", "alice"})
	refused("two routes", "duplicate_route", [2]string{"x-cluster", "a"}, [2]string{"x-cluster", "b"})

	var many [][2]string
	for range 120 {
		many = append(many, [2]string{"x-filler", "1"})
	}
	all = append(all,
		Case{Name: "a second line of groups", Config: Config(`,"identity":{"header":"x-user","groups_header":"x-groups"}`), Exchange: Exchange{Headers: Headers([2]string{"x-groups", "a"}, [2]string{"x-groups", "b"})}, Status: 400, Code: "duplicate_identity"},
		Case{Name: "one that NGINX does not show, behind a hundred others", Config: Config(header + nginx), Exchange: Exchange{Headers: Headers(append(many, [2]string{"souk-caller", `id="root"`})...)}, Status: 400, Code: "too_many_headers"},
		Case{Name: "more headers than NGINX shows, by one", Config: Config(header + nginx), Exchange: Exchange{Headers: Headers(many[:93]...)}, Status: 400, Code: "too_many_headers"},
		Case{Name: "as many headers as NGINX shows", Config: Config(header + nginx), Exchange: Exchange{Headers: Headers(many[:92]...)}, Statement: by("alice")},
		Case{Name: "many headers on Envoy", Config: Config(header), Exchange: Exchange{Headers: Headers(many...)}, Statement: by("alice")},
		Case{Name: "headers whose names only begin alike", Config: Config(header), Exchange: Exchange{Headers: Headers([2]string{"soukous", "1"}, [2]string{"x-souk-deliver", "whole"}, [2]string{"signature-agent", "x"}, [2]string{"connection", "close"})}, Statement: by("alice")},
		Case{Name: "a client's own route", Config: Config(header + `,"route":{"header":"x-cluster","value":"souk"}`), Exchange: Exchange{Headers: Headers([2]string{"X-Cluster", "origin"})}, Statement: by("alice"), Sent: [][2]string{{"X-Cluster", "souk"}}},
	)
	return all
}

func pathCases() []Case {
	at := func(path string) Exchange {
		x := Exchange{Headers: Headers()}
		x.Headers[1][1] = path
		return x
	}
	decoded := at("/v1/models/a/b c")
	decoded.Properties = map[string]string{"ngx/request_uri": "/v1/models/a%2Fb%20c?x=%3F"}
	return []Case{
		{Name: "a query", Config: Config(header), Exchange: at("/v1/models?limit=2&after=a%20b"), Statement: by("alice")},
		{Name: "an empty query", Config: Config(header), Exchange: at("/v1/models?"), Statement: by("alice")},
		{Name: "escapes", Config: Config(header), Exchange: at("/v1/models/author%2Fsl%C3%BCg"), Statement: by("alice")},
		{Name: "a path that NGINX has decoded", Config: Config(header + nginx), Exchange: decoded, Statement: by("alice")},
		{Name: "a prefix to strip", Config: Config(header + `,"strip_prefix":"/openai"`), Exchange: at("/openai/v1/models?a=b"), Statement: by("alice"), Path: "/v1/models?a=b"},
		{Name: "a path that is the prefix", Config: Config(header + `,"strip_prefix":"/openai"`), Exchange: at("/openai"), Statement: by("alice"), Path: "/"},
		{Name: "half a segment is no prefix", Config: Config(header + `,"strip_prefix":"/open"`), Exchange: at("/openai/v1"), Statement: by("alice")},
		{Name: "one prefix for another", Config: Config(header + `,"strip_prefix":"/api/openai","add_prefix":"/v1"`), Exchange: at("/api/openai/models"), Statement: by("alice"), Path: "/v1/models"},
		{Name: "a fragment", Config: Config(header), Exchange: at("/v1#a"), Status: 400, Code: "request_not_signable"},
		{Name: "a space in the query", Config: Config(header), Exchange: at("/v1?a b"), Status: 400, Code: "request_not_signable"},
		{Name: "no path", Config: Config(header), Exchange: at("*"), Status: 400, Code: "request_not_signable"},
	}
}
