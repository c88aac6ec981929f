package traefiktest

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/soukproxy/souk/policy/handoff"
)

// Run runs every case.
func Run(t *testing.T, build Build) {
	t.Run("what the sidecar gets", func(t *testing.T) { whatArrives(t, build) })
	t.Run("what is refused", func(t *testing.T) { whatIsRefused(t, build) })
	t.Run("which configurations are refused", func(t *testing.T) { configurations(t, build) })
	t.Run("client certificates", func(t *testing.T) { certificates(t, build) })
	t.Run("bodies", func(t *testing.T) { bodies(t, build) })
	t.Run("answers", func(t *testing.T) { answers(t, build) })
	t.Run("a sidecar behind TLS", func(t *testing.T) { secure(t, build) })
	t.Run("a sidecar that is down", func(t *testing.T) { down(t, build) })
	t.Run("streams", func(t *testing.T) { streams(t, build) })
	t.Run("many callers at once", func(t *testing.T) { concurrent(t, build) })
}

// noService fails the test when the router's service is called.
func noService(t testing.TB) http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the request went past the sidecar") })
}

// gateway is a middleware in front of a service, on a real socket.
func gateway(t *testing.T, build Build, service http.Handler, config map[string]any) *httptest.Server {
	t.Helper()
	h, err := build(t.Context(), service, config, "souk@test")
	if err != nil {
		t.Fatal(err)
	}
	return Gateway(t, h)
}

func user(name string) http.Header { return http.Header{"X-User": {name}} }

func with(h http.Header, name string, values ...string) http.Header {
	h = h.Clone()
	h[name] = values
	return h
}

func whatArrives(t *testing.T, build Build) {
	basic := map[string]any{"header": "X-User", "credential": "basic-auth"}
	alice := handoff.Caller{ID: "alice", Via: "traefik", Credential: "basic-auth"}
	credentials := handoff.Applied{Credentials: handoff.Done}
	for _, c := range []struct {
		name   string
		config map[string]any
		header http.Header
		target string // /v1/chat/completions if empty
		want   handoff.Statement
	}{
		{"the identity of the configured header", nil, user("alice"), "", handoff.Statement{Caller: alice, Applied: credentials}},
		{"a path that is escaped, and a query", nil, user("alice"), "/v1/models/meta-llama%2Fx/a%20b?q=%3F&x=1",
			handoff.Statement{Caller: alice, Applied: credentials}},
		{"a question mark without a query", nil, user("alice"), "/v1/models?", handoff.Statement{Caller: alice, Applied: credentials}},
		{"the identity of a header that most requests have", map[string]any{"identity": map[string]any{"header": "x-real-IP"}}, http.Header{"X-Real-Ip": {"192.0.2.1"}},
			"", handoff.Statement{Caller: handoff.Caller{ID: "192.0.2.1", Via: "traefik"}, Applied: credentials}},
		{"slashes twice", nil, user("alice"), "//v1//models", handoff.Statement{Caller: alice, Applied: credentials}},
		{"no path", nil, user("alice"), "/", handoff.Statement{Caller: alice, Applied: credentials}},
		{"an identity that the client has struck out", nil, with(user("alice"), "Connection", "x-user"), "",
			handoff.Statement{Caller: alice, Applied: credentials}},
		{"an identity beyond ASCII", nil, user("zoë 100%"), "",
			handoff.Statement{Caller: handoff.Caller{ID: "zo%C3%AB 100%25", Via: "traefik", Credential: "basic-auth"}, Applied: credentials}},
		{"an identity with quotes", nil, user(`a"b\c, d="e"`), "",
			handoff.Statement{Caller: handoff.Caller{ID: `a"b\c, d="e"`, Via: "traefik", Credential: "basic-auth"}, Applied: credentials}},
		{"groups as scopes", map[string]any{"identity": map[string]any{"header": "X-User", "groupsHeader": "X-Groups"}},
			with(user("alice"), "X-Groups", "chat, embeddings,,träger"), "",
			handoff.Statement{Caller: handoff.Caller{ID: "alice", Via: "traefik", Scopes: []string{"chat", "embeddings", "tr%C3%A4ger"}}, Applied: credentials}},
		{"scopes of the configuration", map[string]any{"identity": map[string]any{"header": "X-User", "scopes": []string{"chat"}}},
			user("alice"), "", handoff.Statement{Caller: handoff.Caller{ID: "alice", Via: "traefik", Scopes: []string{"chat"}}, Applied: credentials}},
		{"an anonymous caller", map[string]any{"identity": map[string]any{"header": "X-User", "credential": "basic-auth", "anonymous": "public"}},
			http.Header{}, "", handoff.Statement{Caller: handoff.Caller{ID: "public", Via: "traefik"}, Applied: credentials}},
		{"constraints", map[string]any{"constraints": map[string]any{"region": []string{"eu"}, "type": []string{"company", "self_hosted"},
			"models": []string{"meta-llama/*"}, "maxPrice": "2.5"}}, user("alice"), "",
			handoff.Statement{Caller: alice, Applied: credentials, Constraints: handoff.Constraints{Regions: []string{"eu"},
				Types: []string{"company", "self_hosted"}, Models: []string{"meta-llama/*"}, MaxPrice: "2.5"}}},
		{"what was applied, and another gateway's name", map[string]any{"applied": []string{"guardrails", "redaction"}, "via": "edge-1", "identity": basic},
			user("alice"), "", handoff.Statement{Caller: handoff.Caller{ID: "alice", Via: "edge-1", Credential: "basic-auth"},
				Applied: handoff.Applied{Guardrails: handoff.Done, Redaction: handoff.Done}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := NewSidecar(t, Listen(t), nil)
			g := gateway(t, build, noService(t), Config(s.URL, c.config))
			target := c.target
			if target == "" {
				target = "/v1/chat/completions"
			}
			header := with(c.header, "Authorization", "Basic c2VjcmV0")
			header["Cookie"] = []string{"session=secret"}
			got := Send(t, Request(t, "POST", g.URL+target, `{"model":"m"}`, header))
			if got.Status != 200 || got.Body != "from the sidecar" {
				t.Fatalf("%d %s", got.Status, got.Body)
			}
			all := s.Got()
			if len(all) != 1 {
				t.Fatalf("the sidecar got %d requests", len(all))
			}
			r := all[0]
			if !reflect.DeepEqual(r.Verified.Statement, c.want) {
				t.Errorf("statement\n got %+v\nwant %+v", r.Verified.Statement, c.want)
			}
			if sent := strings.TrimSuffix(target, "?"); r.Request.RequestURI != sent {
				t.Errorf("target %q, want %q", r.Request.RequestURI, sent)
			}
			if string(r.Body) != `{"model":"m"}` {
				t.Errorf("body %q", r.Body)
			}
			for _, name := range []string{"Authorization", "Cookie", "Accept-Encoding"} {
				if v := r.Request.Header[name]; v != nil {
					t.Errorf("the sidecar got %s", name)
				}
			}
		})
	}
	t.Run("through a unix socket", func(t *testing.T) {
		l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
		if err != nil {
			t.Fatal(err)
		}
		s := NewSidecar(t, l, nil)
		g := gateway(t, build, noService(t), Config(s.URL, map[string]any{"key": map[string]any{"id": "traefik-1", "secretFile": secretFile(t)}}))
		if got := Send(t, Request(t, "GET", g.URL+"/v1/models", "", user("alice"))); got.Status != 200 {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
		if all := s.Got(); len(all) != 1 || all[0].Verified.Caller.ID != "alice" {
			t.Fatalf("%+v", all)
		}
	})
	t.Run("an identity under a name that Go would spell otherwise", func(t *testing.T) {
		s := NewSidecar(t, Listen(t), nil)
		h, err := build(t.Context(), noService(t), Config(s.URL, map[string]any{"identity": map[string]any{"header": "X-WebAuth-User", "anonymous": "public"}}), "souk@test")
		if err != nil {
			t.Fatal(err)
		}
		// As Traefik's basicAuth does.
		g := Gateway(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Keep") == "" {
				r.Header.Del("X-WebAuth-User")
			}
			if r.Header.Get("Nobody") == "" {
				r.Header["X-WebAuth-User"] = []string{"alice"}
			}
			h.ServeHTTP(w, r)
		}))
		for _, want := range []string{"public", "alice", "public", "alice"} { // whoever was there before
			sent := with(http.Header{}, "X-Webauth-User", "mallory")
			if want == "public" {
				sent.Set("Nobody", "1")
			}
			if got := Send(t, Request(t, "GET", g.URL+"/v1/models", "", sent)); got.Status != 200 {
				t.Fatalf("%d %s", got.Status, got.Body)
			}
			if all := s.Got(); len(all) != 1 || all[0].Verified.Caller.ID != want {
				t.Fatalf("%+v, want %s", all, want)
			}
		}
		header := with(http.Header{"Keep": {"1"}}, "X-Webauth-User", "mallory")
		if got := Send(t, Request(t, "GET", g.URL+"/v1/models", "", header)); got.Status != 400 || got.Code() != "duplicate_identity" {
			t.Fatalf("one under each spelling: %d %s", got.Status, got.Body)
		}
	})
}

func secretFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(Secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func whatIsRefused(t *testing.T, build Build) {
	many := strings.Repeat("g,", 65)
	for _, c := range []struct {
		name   string
		config map[string]any
		header http.Header
		status int
		code   string
	}{
		{"a request without an identity", nil, http.Header{}, 401, "no_identity"},
		{"an empty identity", nil, user(""), 401, "no_identity"},
		{"an identity that came twice", nil, with(http.Header{}, "X-User", "alice", "mallory"), 400, "duplicate_identity"},
		{"a client's own Souk-Caller", nil, with(user("alice"), "Souk-Caller", `id="root"`), 400, "reserved_header"},
		{"a Souk- header that nobody knows", nil, with(user("alice"), "Souk-Whatever", "1"), 400, "reserved_header"},
		{"a Souk- header in capitals", nil, with(user("alice"), "SOUK-APPLIED", "guardrails"), 400, "reserved_header"},
		{"a Souk- header that is empty", nil, with(user("alice"), "Souk-Constraints", ""), 400, "reserved_header"},
		{"a Souk- header without an identity", nil, http.Header{"Souk-Caller": {`id="root"`}}, 400, "reserved_header"},
		{"a client's own signature", nil, with(user("alice"), "Signature", "a=:AA==:"), 400, "reserved_header"},
		{"a client's own Signature-Input", nil, with(user("alice"), "signature-input", "a=()"), 400, "reserved_header"},
		{"a hand-off's header that the client strikes out", nil, with(user("alice"), "Connection", "keep-alive,Souk-Caller"), 400, "reserved_header"},
		{"a hand-off's signature that the client strikes out", nil, with(user("alice"), "Connection", "keep-alive", "SIGNATURE"), 400, "reserved_header"},
		{"a client certificate where there is none", map[string]any{"identity": map[string]any{"certificate": "uri"}}, user("alice"), 401, "no_identity"},
		{"an identity that is too long", nil, user(strings.Repeat("a", 1025)), 403, "caller_not_accepted"},
		{"a caller in no group", map[string]any{"identity": map[string]any{"header": "X-User", "groupsHeader": "X-Groups"}}, user("alice"), 403, "no_scope"},
		{"a caller in groups without a name", map[string]any{"identity": map[string]any{"header": "X-User", "groupsHeader": "X-Groups"}},
			with(user("alice"), "X-Groups", " , ,"), 403, "no_scope"},
		{"groups that came twice", map[string]any{"identity": map[string]any{"header": "X-User", "groupsHeader": "X-Groups"}},
			with(user("alice"), "X-Groups", "chat", "admin"), 400, "duplicate_identity"},
		{"more groups than a hand-off can say", map[string]any{"identity": map[string]any{"header": "X-User", "groupsHeader": "X-Groups"}},
			with(user("alice"), "X-Groups", many), 403, "caller_not_accepted"},
		{"a Souk- header that the client has struck out", nil, with(with(user("alice"), "Souk-Caller", `id="root"`), "Connection", "Souk-Caller"),
			400, "reserved_header"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := NewSidecar(t, Listen(t), nil)
			g := gateway(t, build, noService(t), Config(s.URL, c.config))
			got := Send(t, Request(t, "POST", g.URL+"/v1/chat/completions", `{"model":"m"}`, c.header))
			if got.Status != c.status || got.Code() != c.code || got.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%d %v %s; want %d %s", got.Status, got.Header, got.Body, c.status, c.code)
			}
			if n := len(s.Got()); n != 0 {
				t.Errorf("the sidecar got %d requests", n)
			}
		})
	}
	t.Run("near misses of what is refused go on", func(t *testing.T) {
		s := NewSidecar(t, Listen(t), nil)
		g := gateway(t, build, noService(t), Config(s.URL, nil))
		header := user("alice")
		for name, value := range map[string]string{"X-Souk-Resume": "true", "Souk": "1", "Signature-Agent": "bot", "Connection": "x-souk-something", "X-User-Agent": "mallory",
			"X-A": "\tsouk-caller: id", "Content-Digest": "sha-256=:AA==:"} {
			header.Set(name, value)
		}
		if got := Send(t, Request(t, "POST", g.URL+"/v1/chat/completions", "{}", header)); got.Status != 200 {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
		if r := s.Got()[0].Request; r.Header.Get("X-Souk-Resume") != "true" || r.Header.Get("Content-Digest") == "" {
			t.Errorf("headers were lost: %v", r.Header)
		}
	})
}

func configurations(t *testing.T, build Build) {
	https := func(tls map[string]any) map[string]any {
		return map[string]any{"sidecar": "https://souk.example", "tls": tls}
	}
	identity := func(more map[string]any) map[string]any { return map[string]any{"identity": more} }
	short := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(short, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		config map[string]any
		field  string // that the error names
	}{
		{"no sidecar", map[string]any{"sidecar": nil}, "sidecar"},
		{"a sidecar without a scheme", map[string]any{"sidecar": "127.0.0.1:8420"}, "sidecar"},
		{"a sidecar with a path", map[string]any{"sidecar": "http://127.0.0.1:8420/v1"}, "sidecar"},
		{"a sidecar behind TLS with a path", map[string]any{"sidecar": "https://souk.example/v1"}, "sidecar"},
		{"TLS without https", map[string]any{"tls": map[string]any{"serverName": "souk.example"}}, "tls"},
		{"a CA that is not there", https(map[string]any{"caFile": "/nonexistent/ca.pem"}), "tls.caFile"},
		{"a CA that is none", https(map[string]any{"caFile": short}), "tls.caFile"},
		{"a certificate without its key", https(map[string]any{"certFile": short}), "tls.certFile"},
		{"a certificate that is none", https(map[string]any{"certFile": short, "keyFile": short}), "tls.certFile"},
		{"a socket with a relative path", map[string]any{"sidecar": "unix://run/souk.sock"}, "sidecar"},
		{"no key", map[string]any{"key": nil}, "key"},
		{"a key without an id", map[string]any{"key": map[string]any{"secret": Secret}}, "key"},
		{"a short secret", map[string]any{"key": map[string]any{"id": "a", "secret": "hunter2"}}, "key"},
		{"two secrets", map[string]any{"key": map[string]any{"id": "a", "secret": Secret, "secretEnv": "A"}}, "key"},
		{"a file that is not there", map[string]any{"key": map[string]any{"id": "a", "secretFile": "/nonexistent/secret"}}, "key.secretFile"},
		{"a file that is empty", map[string]any{"key": map[string]any{"id": "a", "secretFile": short}}, "key.secretFile"},
		{"a variable that is not set", map[string]any{"key": map[string]any{"id": "a", "secretEnv": "SOUK_NOT_SET_ANYWHERE"}}, "key.secretEnv"},
		{"no identity", identity(nil), "identity"},
		{"two identities", identity(map[string]any{"header": "X-User", "certificate": "uri"}), "identity"},
		{"a part of a certificate that nobody knows", identity(map[string]any{"certificate": "serial"}), "identity.certificate"},
		{"an identity in a header of the hand-off", identity(map[string]any{"header": "Souk-Caller"}), "identity.header"},
		{"an identity in what is no header", identity(map[string]any{"header": "X User"}), "identity.header"},
		{"groups in a header of the hand-off", identity(map[string]any{"header": "X-User", "groupsHeader": "Signature"}), "identity.groupsHeader"},
		{"scopes twice", identity(map[string]any{"header": "X-User", "groupsHeader": "X-G", "scopes": []string{"chat"}}), "identity.scopes"},
		{"a credential beyond ASCII", identity(map[string]any{"header": "X-User", "credential": "schlüssel"}), "identity.credential"},
		{"something applied that nobody knows", map[string]any{"applied": []string{"redact"}}, "applied"},
		{"a type that nobody knows", map[string]any{"constraints": map[string]any{"type": []string{"firm"}}}, "constraints.type"},
		{"a star within a pattern", map[string]any{"constraints": map[string]any{"models": []string{"a*b"}}}, "constraints"},
		{"a price that is no number", map[string]any{"constraints": map[string]any{"maxPrice": "cheap"}}, "constraints"},
		{"a body rule that nobody knows", map[string]any{"body": "always"}, "body"},
		{"no room for bodies", map[string]any{"maxBody": -1}, "maxBody"},
		{"no time to connect", map[string]any{"connectTimeout": "0s"}, "connectTimeout"},
		{"what is no time", map[string]any{"connectTimeout": "soon"}, "connectTimeout"},
		{"failing open past redaction", map[string]any{"failOpen": true}, "failOpen"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := build(t.Context(), noService(t), Config("http://127.0.0.1:1", c.config), "souk@test")
			if err == nil || !strings.Contains(err.Error(), c.field+": ") && !strings.Contains(err.Error(), c.field+", ") {
				t.Fatalf("error %v; want one that names %s", err, c.field)
			}
			if strings.Contains(err.Error(), Secret) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error holds the secret: %v", err)
			}
		})
	}
}

func certificates(t *testing.T, build Build) {
	authority := newAuthority(t)
	alice := authority.issue(t, "alice", "spiffe://acme/alice", "alice.acme.test", "alice@acme.test")
	for _, c := range []struct {
		part   string
		want   string
		auth   tls.ClientAuthType
		status int
	}{
		{"commonName", "alice", tls.RequireAndVerifyClientCert, 200},
		{"subject", "CN=alice", tls.VerifyClientCertIfGiven, 200},
		{"uri", "spiffe://acme/alice", tls.RequireAndVerifyClientCert, 200},
		{"dns", "alice.acme.test", tls.RequireAndVerifyClientCert, 200},
		{"email", "alice@acme.test", tls.RequireAndVerifyClientCert, 200},
		{"commonName", "", tls.RequireAnyClientCert, 401}, // one that nobody has verified
	} {
		t.Run(c.part+" "+c.auth.String(), func(t *testing.T) {
			s := NewSidecar(t, Listen(t), nil)
			h, err := build(t.Context(), noService(t), Config(s.URL, map[string]any{"identity": map[string]any{"certificate": c.part}}), "souk@test")
			if err != nil {
				t.Fatal(err)
			}
			g := httptest.NewUnstartedServer(h)
			g.TLS = &tls.Config{ClientAuth: c.auth, ClientCAs: authority.pool}
			g.StartTLS()
			t.Cleanup(g.Close)
			transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{
				RootCAs: g.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, Certificates: []tls.Certificate{alice}}}
			res, err := transport.RoundTrip(Request(t, "POST", g.URL+"/v1/chat/completions", "{}", nil))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if text, _ := io.ReadAll(res.Body); res.StatusCode != c.status {
				t.Fatalf("%d %s; want %d", res.StatusCode, text, c.status)
			}
			if c.status != 200 {
				return
			}
			want := handoff.Caller{ID: c.want, Via: "traefik", Credential: "mtls"}
			if got := s.Got()[0].Verified.Caller; !reflect.DeepEqual(got, want) {
				t.Errorf("caller %+v, want %+v", got, want)
			}
		})
	}
}
