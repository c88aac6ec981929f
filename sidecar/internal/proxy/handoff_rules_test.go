package proxy_test

import (
	"crypto/tls"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/soukproxy/souk/policy/handoff"
	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/identitytest"
	"github.com/soukproxy/souk/sidecar/internal/money"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
	"github.com/soukproxy/souk/sidecar/internal/route"
)

func TestAHandOffsConstraintsNarrowThePlan(t *testing.T) {
	t.Parallel()
	alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Good), proxytest.NewFake(t, "bravo", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: func(c *config.Config) {
		handedOff(c)
		for i, p := range []*config.Provider{&c.Providers[0], &c.Providers[1]} {
			p.Regions = []string{"us", "eu"}[i : i+1]
			p.Type = []string{config.TypeCompany, config.TypeSelfHosted}[i]
			dollars := []money.PerMillion{money.PerMillion(money.USD), money.PerMillion(3 * money.USD)}[i]
			p.Models[0].Price = &config.Price{Input: dollars / 2, Output: dollars, CacheRead: dollars / 2, CacheWrite: dollars / 2}
		}
	}})
	gateway := proxytest.NewGateway(t, "kong-1", 0)
	for _, c := range []struct {
		name        string
		constraints handoff.Constraints
		prefer      string
		served      string // by whom; empty: refused
		status      int
	}{
		{"nothing", handoff.Constraints{}, "", "alpha", 200},
		{"a region", handoff.Constraints{Regions: []string{"eu"}}, "", "bravo", 200},
		{"a type", handoff.Constraints{Types: []string{"self_hosted", "community"}}, "", "bravo", 200},
		{"a model's pattern", handoff.Constraints{Models: []string{"other/x", "test/*"}}, "", "alpha", 200},
		{"a price", handoff.Constraints{MaxPrice: "1.000"}, "", "alpha", 200},
		{"a region that the request asks for another of", handoff.Constraints{Regions: []string{"eu"}}, `"provider":{"region":"us"}`, "", 503},
		{"a region that the request asks for as well", handoff.Constraints{Regions: []string{"eu", "us"}}, `"provider":{"region":"eu"}`, "bravo", 200},
		{"a price beyond all prices", handoff.Constraints{MaxPrice: "999999999999"}, "", "alpha", 200},
		{"a region without offers", handoff.Constraints{Regions: []string{"ap"}}, "", "", 403},
		{"a type that nobody is", handoff.Constraints{Types: []string{"charity"}}, "", "", 403},
		{"other models", handoff.Constraints{Models: []string{"other/*"}}, "", "", 403},
		{"a price below all", handoff.Constraints{MaxPrice: "0.5"}, "", "", 403},
		{"a region and a price that exclude one each", handoff.Constraints{Regions: []string{"eu"}, MaxPrice: "1"}, "", "", 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := proxytest.Alice()
			st.Constraints = c.constraints
			var members []string
			if c.prefer != "" {
				members = append(members, c.prefer)
			}
			body := proxytest.Ask(false, members...)
			a := ask(t, s, body, gateway.Chat(st, nil)...)
			switch {
			case c.served != "":
				checkGoodAnswer(t, a, c.served, 1, false)
			case c.status == 403:
				wantCode(t, a, 403, "offers_not_allowed")
			default:
				wantCode(t, a, c.status, "no_offer")
			}
			conn := s.Dial(t)
			conn.Post("/v1/route", body, gateway.Sign(handoff.Request{Method: "POST", Path: "/v1/route"}, st, nil)...)
			var plan route.Explanation
			if a := conn.Answer(); a.StatusCode != 200 || json.Unmarshal([]byte(a.Text), &plan) != nil {
				t.Fatalf("the plan is %d %s", a.StatusCode, a.Text)
			}
			if c.served == "" && len(plan.Plan) != 0 || c.served != "" && (len(plan.Plan) == 0 || plan.Plan[0].Provider != c.served) {
				t.Errorf("the plan is %+v", plan)
			}
		})
	}
}

func TestAHandOffsScopesBoundWhatItsCallerMayAsk(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: handedOff})
	st := proxytest.Alice()
	st.Caller.Scopes = []string{"embeddings", "gold"}
	a := ask(t, s, proxytest.Ask(false), proxytest.NewGateway(t, "kong-1", 0).Chat(st, nil)...)
	wantCode(t, a, 403, "scope_not_allowed")
	if !strings.Contains(a.Text, "acme/alice") || alpha.Asked() != 0 {
		t.Errorf("the answer is %s", a.Text)
	}
}

func TestABodyIsSignedWhereTheConfigurationSaysSo(t *testing.T) {
	t.Parallel()
	body := proxytest.Ask(false)
	packed := proxytest.Gzip(body)
	gateway := proxytest.NewGateway(t, "kong-1", 0)
	with := func(signed []byte, more ...string) func() []string {
		return func() []string { return append(gateway.Chat(proxytest.Alice(), signed), more...) }
	}
	for rule, cases := range map[string][]struct {
		name, body string
		fields     func() []string
		code       string
	}{
		config.BodyAuto: {
			{"no digest over loopback", body, with(nil), ""},
			{"a digest", body, with([]byte(body)), ""},
			{"a digest of another body", body, with([]byte(body + " ")), "handoff_digest"},
			{"a client's own digest", body, with(nil, "Content-Digest: sha-256=:AA==:"), ""},
		},
		config.BodyRequired: {
			{"no digest", body, with(nil), "handoff_not_covered"},
			{"a digest that is not covered", body, with(nil, "Content-Digest: "+handoff.DigestOf([]byte(body))), "handoff_not_covered"},
			{"a digest", body, with([]byte(body)), ""},
			{"a digest twice", body, with([]byte(body), "Content-Digest: "+handoff.DigestOf([]byte(body))), "handoff_duplicate"},
			{"a digest of the body as it was sent, compressed", packed, with([]byte(packed), "Content-Encoding: gzip"), ""},
			{"a digest of the body before it was compressed", packed, with([]byte(body), "Content-Encoding: gzip"), "handoff_digest"},
		},
		config.BodyOff: {
			{"no digest", body, with(nil), ""},
			{"a digest of another body", body, with([]byte("x")), ""},
		},
	} {
		alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) {
			handedOff(c)
			c.Handoff.Body = rule
		}})
		for _, c := range cases {
			t.Run(rule+": "+c.name, func(t *testing.T) {
				a := ask(t, s, c.body, c.fields()...)
				if c.code == "" {
					checkGoodAnswer(t, a, "alpha", 1, false)
				} else {
					wantCode(t, a, 401, c.code)
				}
			})
		}
	}
}

func TestAHandOffIsTakenOnEveryKindOfListener(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	id := identitytest.New(t, "localhost", "127.0.0.1")
	socket := filepath.Join(t.TempDir(), "souk.sock")
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) {
		handedOff(c)
		c.Listen = []config.Listener{{TCP: "127.0.0.1:0"}, {Unix: socket, Mode: 0o600}, {TCP: "127.0.0.1:0", TLS: &config.TLS{Cert: id.CertFile, Key: id.KeyFile}},
			{TCP: "localhost:0", TLS: &config.TLS{Cert: id.CertFile, Key: id.KeyFile, ClientCA: id.CAFile}}}
	}})
	gateway := proxytest.NewGateway(t, "kong-1", 0)
	secure := &tls.Config{RootCAs: id.Pool, ServerName: "localhost", Certificates: []tls.Certificate{id.Cert}}
	for i, client := range []*tls.Config{nil, nil, secure, secure} {
		at := s.Addrs()[i]
		c := proxytest.Dial(t, at.Network(), at.String(), client)
		lines := gateway.Chat(proxytest.Alice(), nil)
		c.Chat(proxytest.Ask(false), lines...)
		checkGoodAnswer(t, c.Answer(), "alpha", 1, false)
		c.Chat(proxytest.Ask(false), lines...)
		wantCode(t, c.Answer(), 401, "handoff_replayed")
		c.Chat(proxytest.Ask(false), `Souk-Caller: id="admin"`)
		wantCode(t, c.Answer(), 401, "handoff_missing")
	}
}

func TestARequestInAbsoluteFormIsSignedByItsPath(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: handedOff})
	lines := proxytest.NewGateway(t, "kong-1", 0).Sign(handoff.Request{Method: "POST", Path: proxytest.ChatPath, Query: "a=%20b"}, proxytest.Alice(), nil)
	c := s.Dial(t)
	c.Post("http://souk.example"+proxytest.ChatPath+"?a=%20b", proxytest.Ask(false), append(lines, "Host: souk.example")...)
	checkGoodAnswer(t, c.Answer(), "alpha", 1, false)
}

func TestWhatNeedsNoProviderNeedsAHandOffToo(t *testing.T) {
	t.Parallel()
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(proxytest.NewFake(t, "alpha", proxytest.Good)), Change: func(c *config.Config) {
		handedOff(c)
		c.Handoff.Body = config.BodyRequired
	}})
	gateway := proxytest.NewGateway(t, "kong-1", 0)
	get := func(path string, fields ...string) *proxytest.Answer {
		c := s.Dial(t)
		c.Send(proxytest.Request("GET", path, "", fields...))
		return c.Answer()
	}
	wantCode(t, get("/v1/models"), 401, "handoff_missing")
	lines := gateway.Sign(handoff.Request{Method: "GET", Path: "/v1/key"}, proxytest.Alice(), nil)
	for range 2 { // no attempt starts, so it is not spent
		if a := get("/v1/key", lines...); a.StatusCode != 200 || !strings.Contains(a.Text, `"label":"acme/alice"`) {
			t.Errorf("the answer is %d %s", a.StatusCode, a.Text)
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if a := get(path); a.StatusCode != 200 {
			t.Errorf("%s is %d", path, a.StatusCode)
		}
	}
}

func TestRedactionIsLeftOutOnlyWhereTheGatewayIsBelievedToHaveDoneIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		vouch []string
		said  handoff.Mark
		sent  bool // what is personal reaches the provider
	}{
		{"believed and done", []string{config.VouchRedaction}, handoff.Done, true},
		{"believed and not done", []string{config.VouchRedaction}, handoff.NotDone, false},
		{"believed and not said", []string{config.VouchRedaction}, handoff.Unsaid, false},
		{"done and not believed", []string{config.VouchCredentials, config.VouchGuardrails}, handoff.Done, false},
	} {
		alpha := proxytest.NewFake(t, "alpha", parrot)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(cfg *config.Config) {
			handedOff(cfg)
			restoring(cfg)
			cfg.Handoff.Keys = []config.HandoffKey{proxytest.HandOffKey("kong-1", c.vouch...)}
		}})
		st := proxytest.Alice()
		st.Applied.Redaction = c.said
		if a := ask(t, s, say(false, secrets), proxytest.NewGateway(t, "kong-1", 0).Chat(st, nil)...); a.StatusCode != 200 {
			t.Fatalf("%s: %d %s", c.name, a.StatusCode, a.Text)
		}
		if got := alpha.Last().Body; strings.Contains(got, address) != c.sent {
			t.Errorf("%s: the provider got %s", c.name, got)
		}
		vouched := 0.0
		if c.sent {
			vouched = 1
		}
		if n := s.Metric("souk_redaction_vouched_total"); n != vouched {
			t.Errorf("%s: %v requests are counted as vouched for", c.name, n)
		}
	}
}

func TestA401NamesWhatIsTaken(t *testing.T) {
	t.Parallel()
	const signature = `Signature tag="souk-handoff", alg="hmac-sha256"`
	for _, c := range []struct {
		auth  string
		taken []string
	}{
		{config.AuthNone, nil}, // only the Souk header was wrong, and nothing would make it right
		{config.AuthKeys, []string{"Bearer"}},
		{config.AuthHandoff, []string{signature}},
		{config.AuthAny, []string{"Bearer", signature}},
	} {
		alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(cfg *config.Config) {
			handedOff(cfg)
			cfg.Auth = c.auth
		}})
		conn := s.Dial(t)
		for _, request := range []string{
			proxytest.Request("POST", proxytest.ChatPath, proxytest.Ask(false), "Souk-X: y"),
			proxytest.Request("GET", "/v1/models", "", "Souk-X: y"),
		} {
			conn.Send(request)
			a := conn.Answer()
			if got := a.Header.Values("WWW-Authenticate"); a.StatusCode != 401 || !slices.Equal(got, c.taken) {
				t.Errorf("auth: %s: %d with the challenges %q, expected 401 with %q", c.auth, a.StatusCode, got, c.taken)
			}
		}
		conn.Chat("{}", "Authorization: Bearer x", "Authorization: Bearer y")
		if a := conn.Answer(); a.StatusCode != 400 || a.Header.Get("WWW-Authenticate") != "" {
			t.Errorf("auth: %s: %d with the challenge %q", c.auth, a.StatusCode, a.Header.Get("WWW-Authenticate"))
		}
	}
}
