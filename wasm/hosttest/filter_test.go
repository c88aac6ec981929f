package hosttest

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/soukproxy/souk/policy/handoff/handofftest"
	"github.com/soukproxy/souk/wasm/filter/filtertest"
)

var clock = Clock{At: filtertest.Now, Random: filtertest.Random{Bytes: filtertest.Nonce}}

func TestEveryBuildDoesWhatTheNativeFilterDoes(t *testing.T) {
	eachBuild(t, func(t *testing.T, m *Module) {
		for _, c := range filtertest.Cases() {
			t.Run(c.Name, func(t *testing.T) {
				native, err := filtertest.NewNative(c.Config, clock.At, clock.Random)
				if err != nil {
					t.Fatal(err)
				}
				i := configured(t, m, c.Config, clock)
				want := c.Run(&filtertest.Proxy{NGINX: c.NGINX()}, native.Begin)
				got := c.Run(&filtertest.Proxy{NGINX: c.NGINX()}, i.Begin)
				for _, wrong := range c.Judge(&got) {
					t.Error(wrong)
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("it says\n%+v\nnatively\n%+v", got, want)
				}
			})
		}
	})
}

func TestEveryBuildRefusesABadConfigurationAndTellsNoSecret(t *testing.T) {
	eachBuild(t, func(t *testing.T, m *Module) {
		for config, want := range map[string]string{
			"":           "souk: the configuration is not JSON",
			`{"key":{}}`: "souk: key: exactly one of secret and secret_env is needed",
			`{"key":{"id":"k","secret":"` + filtertest.Secret + `"},"identity":{"header":"x"},"lifetime":99}`:     "souk: lifetime: ",
			`{"key":{"id":"k","secret_env":"EMPTY"},"identity":{"header":"x"}}`:                                   "souk: key.secret_env: ",
			`{"key":{"id":"k","secret":"` + filtertest.Secret[:15] + `"},"identity":{"header":"x"}}`:              "souk: key: ",
			`{"key":{"id":"k","secret_env":"HANDOFF_SECRET"},"identity":{"header":"x"},"redact":{"types":["A"]}}`: "souk: redact.types: ",
		} {
			_, err := m.Configure(t.Context(), config, clock)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %s", config, err, want)
			}
			if err != nil && strings.Contains(err.Error(), filtertest.Secret[:10]) {
				t.Errorf("%s: the log tells the secret", config)
			}
		}
	})
}

// The vectors' statements are made of configuration and headers as far as a gateway can be in their place.
func TestEveryBuildReproducesTheHandOffsVectors(t *testing.T) {
	v, err := handofftest.Load("../../policy/handoff/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	eachBuild(t, func(t *testing.T, m *Module) {
		reproduced := 0
		for _, c := range v.Sign {
			if len(c.Headers) == 0 {
				continue // a statement that cannot be made
			}
			t.Run(c.Name, func(t *testing.T) {
				nonce, err := base64.RawStdEncoding.DecodeString(c.Nonce)
				if err != nil {
					t.Fatal(err)
				}
				i := configured(t, m, asConfig(t, v, &c), Clock{At: c.At, Random: filtertest.Random{Bytes: string(nonce)}})
				target := c.Path
				if c.Query != "" {
					target += "?" + c.Query
				}
				x := filtertest.Exchange{Headers: [][2]string{{":method", c.Method}, {":path", target}, {"x-user", c.Statement.Caller.ID}}}
				if c.Body != nil {
					x.Body = []string{*c.Body}
				}
				r := x.Run(&filtertest.Proxy{}, i.Begin)
				if r.Local != nil || len(r.Faults) > 0 {
					t.Fatalf("refused: %+v", r)
				}
				for _, want := range c.Headers {
					if !slices.ContainsFunc(r.Headers, func(h [2]string) bool { return strings.EqualFold(h[0], want[0]) && h[1] == want[1] }) {
						t.Errorf("want %s: %s among %q", want[0], want[1], r.Headers)
					}
				}
				if len(r.Headers) != 3+len(c.Headers) {
					t.Errorf("got %q, want no more than %q", r.Headers, c.Headers)
				}
			})
			reproduced++
		}
		if reproduced < 6 {
			t.Errorf("only %d vectors were there to reproduce", reproduced)
		}
	})
}

// asConfig is the configuration with which a filter says what a vector says.
func asConfig(t *testing.T, v *handofftest.Vectors, c *handofftest.Sign) string {
	t.Helper()
	s, n := &c.Statement, &c.Statement.Constraints
	key := map[string]any{"id": c.KeyID}
	for _, k := range v.Keys {
		if k.ID == c.KeyID {
			key["secret"] = k.Secret
		}
	}
	identity := map[string]any{"header": "x-user"}
	config := map[string]any{"key": key, "identity": identity, "via": s.Caller.Via, "applied": map[string]bool{}}
	constraints := map[string]any{}
	put := func(to map[string]any, name string, value any, said bool) {
		if said {
			to[name] = value
		}
	}
	put(identity, "credential", s.Caller.Credential, s.Caller.Credential != "")
	put(identity, "scopes", s.Caller.Scopes, s.Caller.Scopes != nil)
	put(config, "applied", s.Applied, s.Applied != nil)
	put(config, "lifetime", c.Lifetime, c.Lifetime != 0)
	put(config, "body", "required", c.Body != nil)
	put(constraints, "region", n.Regions, n.Regions != nil)
	put(constraints, "type", n.Types, n.Types != nil)
	put(constraints, "models", n.Models, n.Models != nil)
	put(constraints, "max_price", json.Number(n.MaxPrice), n.MaxPrice != "")
	put(config, "constraints", constraints, len(constraints) > 0)
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func configured(t *testing.T, m *Module, config string, clock Clock) *Instance {
	t.Helper()
	i, err := m.Configure(t.Context(), config, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = i.Close() })
	return i
}
