package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// sampleEnv is what testdata/contract.yaml reads.
func sampleEnv() Env {
	return testEnv(nil, "ALPHA_KEY=alpha-secret", "HANDOFF_SECRET=souk-test-secret-0123456789abcdef")
}

func sample(t testing.TB) []byte {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("testdata", "contract.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func TestTheSampleOfTheDocumentationIsReadWhole(t *testing.T) {
	cfg := parse(t, string(sample(t)), sampleEnv())
	p := cfg.Providers[0]
	m := p.Models[0]
	for _, c := range []struct {
		what string
		ok   bool
	}{
		{"listen", len(cfg.Listen) == 1 && cfg.Listen[0].TCP == "127.0.0.1:8420"},
		{"admin", cfg.Admin.Listen == "127.0.0.1:8421" && cfg.Admin.Token.Empty()},
		{"auth", cfg.Auth == AuthNone},
		{"keys", len(cfg.Keys) == 1 && cfg.Keys[0].Name == "ci" && cfg.Keys[0].SHA256[0] == 0x9f && cfg.Keys[0].Scopes[0] == "chat" && cfg.Keys[0].Models[0] == "meta-llama/*"},
		{"limits", cfg.Limits == Limits{Body: 32 << 20, Answer: 64 << 20, Event: 8 << 20, Headers: 64 << 10}},
		{"provider", p.Name == "alpha" && p.Type == TypeCompany && p.API == "openai" && p.StreamUsage && !p.Catalogue && p.Line == 10},
		{"base_url", p.BaseURL.String() == "https://api.alpha.example/v1"},
		{"api_key", len(p.Keys) == 1 && p.Keys[0].Reveal() == "alpha-secret"},
		{"regions", slices.Equal(p.Regions, []string{"eu"})},
		{"data", *p.Data.RetentionDays == 0 && !*p.Data.Trains},
		{"model", m.ID == "meta-llama/llama-3.3-70b-instruct" && m.Upstream == "llama-3.3-70b" && m.Context == 131072 && m.MaxOutput == 8192 && m.Quantization == "fp8"},
		{"price", *m.Price == Price{Input: 500_000_000, Output: 800_000_000, CacheRead: 50_000_000, CacheWrite: 600_000_000}},
		{"supports", slices.Equal(m.Supports, []string{"tools", "vision", "json_schema", "reasoning", "prefill"})},
		{"sort", cfg.Routing.Sort == SortBalanced && cfg.Routing.Attempts == 4 && cfg.Routing.Keepalive == 5*time.Second},
		{"timeouts", cfg.Routing.Timeouts == Timeouts{Connect: time.Second, FirstToken: 10 * time.Second, Answer: 2 * time.Minute, Idle: 10 * time.Second, Total: 10 * time.Minute}},
		{"aliases", cfg.Aliases["fast"] == m.ID},
		{"handoff", cfg.Handoff.Keys[0].ID == "kong-1" && cfg.Handoff.Window == 5*time.Second && cfg.Handoff.Body == "auto" && len(cfg.Handoff.Keys[0].Secret.Reveal()) == 33},
		{"redact", cfg.Redact.Mode == "off"},
		{"store", cfg.Store.Ledger.Reveal() == "sqlite:souk.db"},
	} {
		if !c.ok {
			t.Errorf("%s was not read as written", c.what)
		}
	}
	want := []string{
		"line 6: keys has no effect with auth: none; set auth: keys to ask for one",
		"line 37: handoff has no effect with auth: none; set auth: handoff, or any",
		"line 42: store.ledger has no effect in this version",
	}
	if !slices.Equal(cfg.Warnings, want) {
		t.Errorf("warnings:\n%s\nwant:\n%s", strings.Join(cfg.Warnings, "\n"), strings.Join(want, "\n"))
	}
}

func TestDefaultsHoldWhereTheFileSaysNothing(t *testing.T) {
	cfg := parse(t, minimal, Env{})
	want := defaults()
	p := cfg.Providers[0]
	if len(cfg.Listen) != 1 || cfg.Listen[0] != want.Listen[0] || cfg.Admin != want.Admin || cfg.Auth != AuthNone ||
		cfg.Limits != want.Limits || cfg.Log != (Log{"stdout", "info"}) || cfg.Routing != want.Routing || cfg.Drain != 30*time.Second {
		t.Errorf("got %+v", cfg)
	}
	if p.Type != TypeCompany || p.API != "openai" || !p.StreamUsage || p.Keys != nil || p.Regions != nil || p.Data != (DataPolicy{}) {
		t.Errorf("provider: got %+v", p)
	}
	if m := p.Models[0]; m.Upstream != "one" || m.Price != nil || m.Supports != nil || m.Context != 0 {
		t.Errorf("model: got %+v", m)
	}
	if len(cfg.Warnings) != 0 {
		t.Errorf("warnings: %v", cfg.Warnings)
	}
	if cfg.Routing.Timeouts.FirstToken != 0 {
		t.Error("first_token has a default of its own for each offer")
	}
}

func TestEverySettingIsReadAsWritten(t *testing.T) {
	const src = `
listen:
  - localhost:8420
  - {unix: run/souk.sock, mode: 0600}
  - {unix: /run/other.sock}
admin: {listen: off}
log: {access: ./access.log, level: debug}
drain: 0s
cors: [https://app.example, "http://localhost:3000"]
routing: {sort: uptime, attempts: 16, keepalive: 0s, resume: true, deliver: whole, floor: {tokens_per_second: 2.5, window: 20s}}
providers:
  - name: near
    type: self_hosted
    base_url: http://10.0.0.7:8000/v1/
    api_keys: ["${A}", "b$$c", "${NONE:-fallback}"]
    headers: {X-Team: "team ${TEAM}"}
    stream_usage: false
    traceparent: true
    simulated: true
    timeouts: {connect: 50ms, idle: 1m}
    floor: {tokens_per_second: 1}
    probe: {every: 1m, model: acme/one}
    models:
      - &model
        id: acme/one
        supports: []
        regions: [us, eu-west-1]
        timeouts: {first_token: 90s}
        floor: {tokens_per_second: 0}
        price: {input: "0.000000001", output: 1e-3}
  - name: far
    base_url: https://far.example
    catalogue: true
    models: [*model]
  - {name: other, base_url: https://other.example, catalogue: true, catalogue_id: openai}
aliases: {fast: not/listed}
`
	cfg, err := Parse("conf/souk.yaml", []byte(src), testEnv(nil, "A=a", "TEAM=blue"))
	if err != nil {
		t.Fatal(err)
	}
	near, far := cfg.Providers[0], cfg.Providers[1]
	m := near.Models[0]
	for _, c := range []struct {
		what string
		ok   bool
	}{
		{"listen", cfg.Listen[0].TCP == "localhost:8420" && cfg.Listen[1] == Listener{Unix: filepath.Join("conf", "run", "souk.sock"), Mode: 0o600} && cfg.Listen[2].Mode == 0o660},
		{"admin", cfg.Admin.Listen == "off"},
		{"log", cfg.Log == Log{Access: filepath.Join("conf", "access.log"), Level: "debug"}},
		{"drain", cfg.Drain == 0},
		{"cors", len(cfg.CORS) == 2},
		{"routing", cfg.Routing.Sort == SortUptime && cfg.Routing.Attempts == 16 && cfg.Routing.Keepalive == 0 && cfg.Routing.Deliver == DeliverWhole && cfg.Routing.Resume && *cfg.Routing.Floor == Floor{2.5, 20 * time.Second} && len(cfg.Warnings) == 0},
		{"base_url", near.BaseURL.String() == "http://10.0.0.7:8000/v1"},
		{"api_keys", near.Keys[0].Reveal() == "a" && near.Keys[1].Reveal() == "b$c" && near.Keys[2].Reveal() == "fallback"},
		{"headers", near.Headers["X-Team"].Reveal() == "team blue"},
		{"switches", !near.StreamUsage && near.Traceparent && near.Simulated},
		{"timeouts", near.Timeouts == Timeouts{Connect: 50 * time.Millisecond, Idle: time.Minute} && m.Timeouts.FirstToken == 90*time.Second},
		{"floors", *near.Floor == Floor{1, 10 * time.Second} && *m.Floor == Floor{0, 10 * time.Second} && far.Floor == nil},
		{"probe", *near.Probe == Probe{time.Minute, "acme/one"} && far.Probe == nil},
		{"supports nothing", m.Supports != nil && len(m.Supports) == 0},
		{"price", *m.Price == Price{Input: 1, Output: 1_000_000, CacheRead: 1, CacheWrite: 1}},
		{"an alias of YAML", far.Models[0].ID == "acme/one"},
		{"catalogue", far.CatalogueID == "far" && cfg.Providers[2].CatalogueID == "openai" && near.CatalogueID == ""},
		{"aliases", cfg.Aliases["fast"] == "not/listed"},
	} {
		if !c.ok {
			t.Errorf("%s was not read as written", c.what)
		}
	}
}
