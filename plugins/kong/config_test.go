package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/soukproxy/souk/plugins/kong/kongtest"
)

func TestWrongConfigurationsAreNamedByField(t *testing.T) {
	for _, test := range []struct {
		name   string
		config map[string]any
		want   string // how the error begins
	}{
		{"a secret that is too short", map[string]any{"secret": "short"}, "secret: shorter than 16"},
		{"a secret that the vault does not have", map[string]any{"secret": ""}, "secret: shorter than 16"},
		{"a secret that Kong has not resolved", map[string]any{"secret": "{vault://env/souk-secret}"}, "secret: Kong has not resolved"},
		{"a secret that is a number", map[string]any{"secret": 12345678901234567}, "secret: number is not a string"},
		{"no key id", map[string]any{"key_id": nil}, "key_id: missing"},
		{"a key id that no header can hold", map[string]any{"key_id": "a b"}, "key_id or secret: "},
		{"a scheme that Kong does not speak", map[string]any{"sidecar_scheme": "unix"}, "sidecar_scheme: "},
		{"a host with a port", map[string]any{"sidecar_host": "127.0.0.1:8420"}, "sidecar_host: "},
		{"a host that is a URL", map[string]any{"sidecar_host": "http://souk"}, "sidecar_host: "},
		{"an IPv6 address", map[string]any{"sidecar_host": "::1"}, "sidecar_host: "},
		{"port 0", map[string]any{"sidecar_port": 0}, "sidecar_port: 0 is not within"},
		{"port 65536", map[string]any{"sidecar_port": 65536}, "sidecar_port: 65536 is not within"},
		{"a port that is a text", map[string]any{"sidecar_port": "8420"}, "sidecar_port: string is not a int"},
		{"a prefix without a slash", map[string]any{"strip_prefix": "openai"}, "strip_prefix: "},
		{"a prefix that ends with a slash", map[string]any{"add_prefix": "/v1/"}, "add_prefix: "},
		{"a prefix with a query", map[string]any{"add_prefix": "/v1?a"}, "add_prefix: "},
		{"a lifetime beyond a minute", map[string]any{"lifetime": 61}, "lifetime: "},
		{"an unknown identity", map[string]any{"identity": "email"}, "identity: "},
		{"an unknown source of groups", map[string]any{"groups_from": "ldap"}, "groups_from: "},
		{"a prefix of groups without groups", map[string]any{"groups_prefix": "souk:"}, "groups_prefix: "},
		{"a via that is not ASCII", map[string]any{"via": "köng"}, "via: "},
		{"scopes of an anonymous caller that may not be", map[string]any{"anonymous_scopes": []string{"chat"}}, "anonymous_scopes: "},
		{"an unknown mark", map[string]any{"guardrails": "yes"}, "guardrails: "},
		{"a mark that only redaction has", map[string]any{"guardrails": "not_needed"}, "guardrails: "},
		{"an unknown type of provider", map[string]any{"type": []string{"companies"}}, "type: "},
		{"an empty list of regions", map[string]any{"region": []string{}}, "region: an empty list"},
		{"an empty list as Kong's encoder writes it", map[string]any{"region": map[string]any{}}, "region: an empty list"},
		{"a star within a model", map[string]any{"models": []string{"meta*/llama"}}, "region, type, models or max_price: "},
		{"a negative price", map[string]any{"max_price": -1}, "max_price: "},
		{"a price of too many decimals", map[string]any{"max_price": 0.12345}, "region, type, models or max_price: "},
		{"fail_open past required redaction", map[string]any{"fail_open": true, "redaction": "required"}, "fail_open: "},
		{"fail_open past redaction that nobody spoke of", map[string]any{"fail_open": true}, "fail_open: "},
		{"fail_open past required guardrails", map[string]any{"fail_open": true, "redaction": "applied", "guardrails": "required"}, "fail_open: "},
		{"fail_open over TLS without a URL to probe", map[string]any{"fail_open": true, "redaction": "applied", "sidecar_scheme": "https"}, "probe_url: required"},
		{"a URL to probe that is none", map[string]any{"fail_open": true, "redaction": "applied", "probe_url": "/readyz"}, "probe_url: "},
		{"credentials that the sidecar is to check", map[string]any{"credentials": "required"}, "credentials: "},
		{"an interval of 1 ms", map[string]any{"probe_interval": 1}, "probe_interval: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			data, err := json.Marshal(configured(test.config))
			if err != nil {
				t.Fatal(err)
			}
			r, err := compile(data, environment{now: nil, random: nil})
			if err == nil {
				t.Fatalf("accepted: %v", r.config)
			}
			if !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got %v, want %s...", err, test.want)
			}
			if strings.Contains(err.Error(), testSecret) {
				t.Errorf("the error holds the secret: %v", err)
			}
		})
	}
}

func TestWhatKongAddsToAConfigurationIsPassedOver(t *testing.T) {
	c, err := parse([]byte(`{"key_id":"k","secret":"` + testSecret + `","__seq__":7,"__key__":"plugins:x","route_id":"r","$refs":{"secret":"{vault://env/x}"},"a_later_field":[],"anonymous":null,"region":null,"max_price":2.5}`))
	if err != nil {
		t.Fatal(err)
	}
	if c.Region != nil || c.constraints().MaxPrice != "2.5" {
		t.Errorf("got %+v", c)
	}
}

func TestASecretDoesNotPrintItself(t *testing.T) {
	c, err := parse([]byte(`{"key_id":"k","secret":"` + testSecret + `"}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if out := fmt.Sprintf(format, c); strings.Contains(out, testSecret) {
			t.Errorf("%s prints the secret: %s", format, out)
		}
		if out := fmt.Sprintf(format, *c); strings.Contains(out, testSecret) {
			t.Errorf("%s prints the secret: %s", format, out)
		}
	}
}

func TestAWrongConfigurationEndsEveryRequestAndSaysWhyInKongsLog(t *testing.T) {
	plugin := kongtest.Start(t, built)
	i := instance(t, plugin, map[string]any{"sidecar_host": "127.0.0.1:8420"}) // which the schema cannot refuse
	for range 2 {
		x := alice()
		i.Access(x)
		if status, code := codeOf(t, x); status != 500 || code != "gateway_configuration" || x.Fault != nil {
			t.Fatalf("status %d, code %s, fault %v", status, code, x.Fault)
		}
		if x.Host != "origin.example" || len(x.Lines) != 1 || x.Lines[0].Level != "err" || !strings.Contains(x.Lines[0].Text, "sidecar_host: ") {
			t.Errorf("host %s, lines %v", x.Host, x.Lines)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"key_id":"k","secret":"` + testSecret + `","region":["eu"],"max_price":2.5}`)
	f.Add(`{"region":{},"secret":null,"sidecar_port":1e3}`)
	f.Fuzz(func(t *testing.T, data string) {
		c, err := parse([]byte(data))
		if err != nil {
			return
		}
		if c.SidecarPort < 1 || c.SidecarPort > 65535 || len(c.Secret) < 16 || c.FailOpen && c.Redaction != markApplied && c.Redaction != markNotNeeded {
			t.Errorf("accepted %s as %+v", data, c)
		}
	})
}
