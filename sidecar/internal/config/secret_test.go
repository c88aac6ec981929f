package config

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// shows lists every way in which a value is usually printed.
func shows(t *testing.T, v any) string {
	t.Helper()
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		fmt.Fprintf(&out, verb+"\n", v)
	}
	if b, err := json.Marshal(v); err == nil {
		out.Write(b)
	} else {
		t.Errorf("json: %v", err)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("text", "v", v)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "v", v)
	return out.String()
}

func TestASecretPrintsAsNothing(t *testing.T) {
	const marker = "hunter2MARKER"
	secret := NewSecret(marker)
	hidden := struct {
		secret  Secret
		secrets []Secret
		named   map[string]Secret
	}{secret, []Secret{secret}, map[string]Secret{"a": secret}}
	hex := fmt.Sprintf("%x", marker)
	for _, v := range []any{secret, &secret, []Secret{secret}, map[string]Secret{"a": secret}, hidden, struct{ S Secret }{secret}} {
		if out := shows(t, v); strings.Contains(out, marker) || strings.Contains(out, hex) {
			t.Errorf("%T shows its value:\n%s", v, out)
		}
	}
	if out, err := xml.Marshal(secret); err != nil || strings.Contains(string(out), marker) {
		t.Errorf("xml: %s, %v", out, err)
	}
	if secret.Reveal() != marker || secret.Empty() || !secret.Equal(NewSecret(marker)) || secret.Equal(NewSecret("x")) {
		t.Error("the value itself is wrong")
	}
	if zero := (Secret{}); zero.Reveal() != "" || !zero.Empty() || NewSecret("") != zero || !strings.Contains(fmt.Sprint(zero), "[secret]") {
		t.Error("the zero secret is wrong")
	}
}

const secretive = `
admin: {listen: 0.0.0.0:8421, token_file: token}
providers:
  - name: alpha
    base_url: https://api.alpha.example/v1
    api_key: ${MARK}
    headers: {Authorisation: "Basic MARKER-in-a-header", x-env: "${MARK}"}
    models: [{id: acme/one}]
  - {name: beta, base_url: https://b.example, api_keys: [MARKER-one, "${MARK}"], catalogue: true}
  - {name: gamma, base_url: https://c.example, api_key_file: file, catalogue: true}
handoff: {keys: [{id: k, secret: MARKER-handoff-secret}]}
store: {ledger: "postgres://u:MARKER@db/souk", shared: "redis://:MARKER@r"}
`

func TestAConfigurationNeverShowsItsSecrets(t *testing.T) {
	env := testEnv(map[string]string{"token": "MARKER-token\n", "file": "MARKER-file\r\n"}, "MARK=MARKER-env")
	cfg := parse(t, secretive, env)
	if cfg.Admin.Token.Reveal() != "MARKER-token" || cfg.Providers[2].Keys[0].Reveal() != "MARKER-file" || cfg.Providers[0].Keys[0].Reveal() != "MARKER-env" {
		t.Fatal("the secrets were not read")
	}
	out := shows(t, cfg) + shows(t, *cfg) + shows(t, cfg.Providers) + strings.Join(cfg.Warnings, "\n")
	for i := range cfg.Providers {
		out += shows(t, &cfg.Providers[i])
	}
	if i := strings.Index(out, "MARKER"); i >= 0 {
		t.Errorf("a secret shows: ...%s...", out[max(0, i-80):min(len(out), i+40)])
	}
	if !strings.Contains(out, "[secret]") {
		t.Error("the test looked at nothing")
	}
}

// TestNoErrorShowsASecret puts a secret in the place of every value and every key of the sample, as it is, by a
// variable and within a longer value, and looks at what is reported.
func TestNoErrorShowsASecret(t *testing.T) {
	const marker = "sk-MARKERmarker0123456789abcdefghijkl"
	env := testEnv(nil, "ALPHA_KEY=a", "HANDOFF_SECRET=souk-test-secret-0123456789abcdef", "MARK=hunter2", "ODD=hunter2 \n\x01ü")
	var doc yaml.Node
	if err := yaml.Unmarshal(hideBraces(sample(t)), &doc); err != nil {
		t.Fatal(err)
	}
	restoreBraces(&doc)
	errors := 0
	check := func(where string) {
		src, err := yaml.Marshal(&doc)
		if err != nil {
			t.Fatal(err)
		}
		cfg, err := Parse("souk.yaml", src, env)
		if err == nil {
			return
		}
		errors++
		if cfg != nil {
			t.Errorf("%s: errors and a configuration", where)
		}
		for _, out := range []string{err.Error(), fmt.Sprintf("%+v %#v", err, err)} {
			if strings.Contains(out, "MARKER") || strings.Contains(out, "hunter2") {
				t.Errorf("a secret in the place of %s shows:\n%s", where, out)
			}
		}
	}
	var walk func(n *yaml.Node, path string)
	walk = func(n *yaml.Node, path string) {
		if n.Kind == yaml.ScalarNode {
			was := *n
			n.Tag, n.Style = "!!str", yaml.DoubleQuotedStyle
			for _, v := range []string{marker, "${ODD}", "x${MARK}: ${MISSING}", "postgres://u:" + marker + "@h"} {
				n.Value = v
				check(path)
			}
			*n = was
		} else if n.Kind != yaml.DocumentNode {
			was := *n
			*n = yaml.Node{Kind: yaml.ScalarNode, Value: marker}
			check(path)
			*n = was
		}
		for i, child := range n.Content {
			walk(child, fmt.Sprintf("%s/%d", path, i))
		}
	}
	walk(&doc, "")
	if errors < 100 {
		t.Errorf("only %d broken configurations were made", errors)
	}
}
