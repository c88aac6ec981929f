package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/soukproxy/souk/policy/handoff"
	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
	"github.com/soukproxy/souk/sidecar/internal/route"
)

// run runs souk on a standard input.
func runSouk(t *testing.T, in string, args ...string) (string, error) {
	t.Helper()
	root := newRoot()
	var out bytes.Buffer
	root.SetIn(strings.NewReader(in))
	root.SetOut(&out)
	root.SetErr(io.Discard)
	root.SetArgs(args)
	err := root.Execute()
	return out.String(), err
}

const vectorSecret = "souk-test-secret-0123456789abcdef"

const vector = `Souk-Caller: id="acme/alice", via="kong", credential="key-auth", scopes=("chat" "embeddings")
Souk-Applied: credentials, guardrails, redaction=?0
Souk-Constraints: region=("eu"), type=("company" "self_hosted"), models=("meta-llama/*"), max-price=2.5
Signature-Input: souk-handoff=("@method" "@path" "souk-caller" "souk-applied" "souk-constraints");created=1763800000;expires=1763800005;nonce="q83vEjRWeJCrze8SNFZ4kA";keyid="kong-1";alg="hmac-sha256";tag="souk-handoff"
Signature: souk-handoff=:k4pPMG6rc7N0lfXwTMArTDcWxrSOjxhHywBwUJ/dOT0=:
`

// asCurl is the vector as curl -v prints a request.
func asCurl() string {
	var b strings.Builder
	b.WriteString("  % Total    % Received\n* Connected to 127.0.0.1 (127.0.0.1) port 8420\n> POST /v1/chat/completions HTTP/1.1\r\n> Host: 127.0.0.1:8420\r\n")
	for line := range strings.Lines(vector) {
		b.WriteString("> " + strings.TrimSuffix(line, "\n") + "\r\n")
	}
	return b.String() + "> \r\n} [12 bytes data]\n< HTTP/1.1 401 Unauthorized\n< Souk-Caller: id=\"x\"\n{\"error\":{}}\n"
}

func TestTheVectorIsVerifiedHoweverItIsGiven(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "secret")
	yaml := filepath.Join(dir, "souk.yaml")
	for name, text := range map[string]string{
		file: vectorSecret + "\n",
		yaml: "handoff: {keys: [{id: other, secret: 0123456789abcdef}, {id: kong-1, secret_file: secret}]}\nproviders: [{name: a, base_url: 'https://a.example/v1', models: [{id: acme/one}]}]\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var flags []string
	for line := range strings.Lines(vector) {
		flags = append(flags, "-H", strings.TrimSuffix(line, "\n"))
	}
	for _, c := range []struct {
		name, in string
		args     []string
		env      string
	}{
		{"headers alone", vector, []string{"--secret", vectorSecret}, ""},
		{"a request", "POST /v1/chat/completions HTTP/1.1\r\n" + vector + "\r\n{}", []string{"--secret-file", file}, ""},
		{"what curl -v prints", asCurl(), []string{"-c", yaml}, ""},
		{"flags", "", append([]string{"-c", yaml, "--key", "kong-1", "-X", "POST", "--path", "/v1/chat/completions"}, flags...), ""},
		{"a secret in the environment", vector, nil, vectorSecret},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("SOUK_HANDOFF_SECRET", c.env)
			args := append([]string{"handoff", "verify", "--at", "1763800001"}, c.args...)
			got, err := runSouk(t, c.in, args...)
			if err != nil || !strings.HasPrefix(got, "accepted ") || !strings.Contains(got, "key kong-1") || !strings.Contains(got, `id="acme/alice"`) || strings.Contains(got, vectorSecret) {
				t.Errorf("got %v:\n%s", err, got)
			}
			got, err = runSouk(t, c.in, append(args, "--json")...)
			var v handoffView
			if err != nil || json.Unmarshal([]byte(got), &v) != nil || !v.Accepted || v.Caller["id"] != "acme/alice" || v.Applied["redaction"] || len(v.Signed) != 5 {
				t.Errorf("got %v:\n%s", err, got)
			}
		})
	}
}

func FuzzReadRequest(f *testing.F) {
	f.Add(vector)
	f.Add(asCurl())
	f.Add("GET /v1/models?a=1 HTTP/1.1\r\nHost: x\r\n\r\nA: b")
	f.Fuzz(func(t *testing.T, in string) {
		var r handoff.Received
		if err := readRequest(strings.NewReader(in), &r); err != nil {
			return
		}
		for _, h := range r.Fields {
			if h.Name == "" || strings.ContainsAny(h.Name, ": \t\n") || strings.ContainsAny(h.Value, "\n") {
				t.Fatalf("read %+v of %q", h, in)
			}
		}
		if strings.Contains(r.Path, "?") || r.Method == "" != (r.Path == "") {
			t.Fatalf("read %s %s of %q", r.Method, r.Path, in)
		}
	})
}

func TestARefusedHandOffIsNamed(t *testing.T) {
	t.Setenv("SOUK_HANDOFF_SECRET", vectorSecret)
	for _, c := range []struct {
		name, in string
		args     []string
		reason   handoff.Reason
	}{
		{"now", vector, nil, handoff.Stale},
		{"with another secret", vector, []string{"--at", "1763800001", "--secret", strings.ToUpper(vectorSecret)}, handoff.Wrong},
		{"with another method", vector, []string{"--at", "1763800001", "-X", "GET"}, handoff.Wrong},
		{"of another key", vector, []string{"--at", "2025-11-22T08:26:41Z", "--key", "kong-2"}, handoff.UnknownKey},
		{"without a signature", "Souk-Caller: id=\"a\"\n", nil, handoff.Missing},
		{"of nothing", "", nil, handoff.Missing},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := runSouk(t, c.in, append([]string{"handoff", "verify"}, c.args...)...)
			if handoff.ReasonOf(err) != c.reason || strings.Contains(err.Error(), vectorSecret) {
				t.Errorf("got %v, want %s", err, c.reason)
			}
			out, err := runSouk(t, c.in, append([]string{"handoff", "verify", "--json"}, c.args...)...)
			if err == nil {
				t.Fatal("no error with --json")
			}
			var v struct {
				Accepted bool
				Reason   handoff.Reason
			}
			if c.reason != handoff.Missing && (json.Unmarshal([]byte(out), &v) != nil || v.Accepted || v.Reason != c.reason) {
				t.Errorf("got %s", out)
			}
		})
	}
	base, err := runSouk(t, vector, "handoff", "verify", "--base", "--at", "1763800001", "--secret", strings.ToUpper(vectorSecret))
	if err == nil || !strings.HasPrefix(base, "\"@method\": POST\n\"@path\": /v1/chat/completions\n") {
		t.Errorf("got %v and %s", err, base)
	}
}

func TestWhatSignPrintsVerifyAccepts(t *testing.T) {
	t.Setenv("SOUK_HANDOFF_SECRET", vectorSecret)
	body := filepath.Join(t.TempDir(), "body.json")
	if err := os.WriteFile(body, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	headers, err := runSouk(t, "", "handoff", "sign", "--key", "kong-1", "--id", "Élodie", "--via", "test", "--credential", "jwt", "--scopes", "chat,embeddings",
		"--applied", "credentials, redaction=?0", "--constraints", `region=("eu"), max-price=0.5`, "--path", "/v1/chat/completions?a=1", "--body", body)
	if err != nil {
		t.Fatal(err)
	}
	got, err := runSouk(t, headers, "handoff", "verify", "--path", "/v1/chat/completions?a=1", "--body", body)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{`id="%C3%89lodie"`, `scopes=("chat" "embeddings")`, "redaction=?0", "max-price=0.5", "?a=1", "checked"} {
		if !strings.Contains(got, word) {
			t.Errorf("%s is missing in\n%s", word, got)
		}
	}
	if err := os.WriteFile(body, []byte("{} "), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = runSouk(t, headers, "handoff", "verify", "--path", "/v1/chat/completions?a=1", "--body", body); handoff.ReasonOf(err) != handoff.Digest {
		t.Errorf("another body: got %v", err)
	}
}

func TestHandoffCommandsThatCannotBeUnderstood(t *testing.T) {
	t.Setenv("SOUK_HANDOFF_SECRET", "")
	for _, args := range [][]string{
		{"handoff"}, {"handoff", "sign"}, {"handoff", "sign", "--id", "a", "--secret", vectorSecret}, {"handoff", "verify", "--at", "yesterday"},
		{"handoff", "verify", "extra"}, {"handoff", "verify", "-H", "nothing"}, {"handoff", "verify", "--nothing"},
	} {
		_, err := runSouk(t, "", args...)
		if usage := (usageError{}); !errors.As(err, &usage) {
			t.Errorf("souk %s: got %v", strings.Join(args, " "), err)
		}
	}
	for _, in := range []string{"not a header\n", "Name : value\n"} {
		if _, err := runSouk(t, in, "handoff", "verify", "--secret", vectorSecret); err == nil || handoff.ReasonOf(err) != "" {
			t.Errorf("%q: got %v", in, err)
		}
	}
	if _, err := runSouk(t, "", "handoff", "sign", "--id", "a", "--key", "k", "--secret", "short"); handoff.ReasonOf(err) != handoff.Invalid {
		t.Errorf("a short secret: got %v", err)
	}
}

func TestExplainAsksAsAGateway(t *testing.T) {
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) {
		c.Auth = config.AuthHandoff
		c.Handoff.Keys, c.Handoff.Body = []config.HandoffKey{proxytest.HandOffKey("souk-1")}, config.BodyRequired
		c.Providers[0].Regions = []string{"us"}
	}})
	explain := func(args ...string) (*route.Explanation, error) {
		out, err := runSouk(t, "", append([]string{"explain", proxytest.Model, "--json", "--url", "http://" + s.Addr().String()}, args...)...)
		if err != nil {
			return nil, err
		}
		plan := &route.Explanation{}
		return plan, json.Unmarshal([]byte(out), plan)
	}
	if _, err := explain(); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("without a hand-off: got %v", err)
	}
	if _, err := explain("--constraints", `region=("us")`); err == nil || !strings.Contains(err.Error(), "SOUK_HANDOFF_KEY") {
		t.Errorf("constraints without a hand-off: got %v", err)
	}
	t.Setenv("SOUK_HANDOFF_KEY", "souk-1")
	t.Setenv("SOUK_HANDOFF_SECRET", proxytest.HandOffSecret)
	if plan, err := explain("--constraints", `region=("us")`); err != nil || len(plan.Plan) != 1 {
		t.Errorf("got %+v, %v", plan, err)
	}
	plan, err := explain("--constraints", `region=("eu")`)
	if err != nil || len(plan.Plan) != 0 || len(plan.Excluded) != 1 || !strings.Contains(plan.Excluded[0].Why, "caller's") {
		t.Errorf("got %+v, %v", plan, err)
	}
	file := filepath.Join(t.TempDir(), "souk.yaml")
	if err := os.WriteFile(file, []byte("providers: [{name: a, base_url: 'https://a.example/v1', regions: [us], models: [{id: acme/one}]}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for region, offers := range map[string]int{"us": 1, "eu": 0} {
		out, err := runSouk(t, "", "explain", "acme/one", "--json", "-c", file, "--constraints", `region=("`+region+`")`)
		plan := route.Explanation{}
		if err != nil || json.Unmarshal([]byte(out), &plan) != nil || len(plan.Plan) != offers {
			t.Errorf("%s: got %v %s", region, err, out)
		}
	}
}
