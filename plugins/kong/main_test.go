package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/soukproxy/souk/plugins/kong/kongtest"
	"github.com/soukproxy/souk/policy/handoff"
)

const testSecret = "souk-test-secret-0123456789abcdef"

var built string // the plugin, built

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "souk-handoff")
	if err == nil {
		built, err = kongtest.Build(dir, ".", "souk-handoff")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// configured is the least configuration, and more. One probe in a minute does not find out that no sidecar is there.
func configured(more map[string]any) map[string]any {
	out := map[string]any{"key_id": "kong-1", "secret": testSecret, "probe_interval": 60000}
	maps.Copy(out, more)
	return out
}

func instance(t testing.TB, plugin *kongtest.Plugin, more map[string]any) *kongtest.Instance {
	t.Helper()
	i, err := plugin.Instance(configured(more))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func verifier(t testing.TB) *handoff.Verifier {
	t.Helper()
	v, err := handoff.NewVerifier(handoff.VerifierOptions{
		Keys: []handoff.Key{{ID: "kong-1", Secret: []byte(testSecret)}}, Window: time.Minute, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// verify checks what goes on to the sidecar, and spends it.
func verify(t testing.TB, v *handoff.Verifier, x *kongtest.Exchange) handoff.Verified {
	t.Helper()
	fields := make([]handoff.Field, len(x.Header))
	for i, f := range x.Header {
		fields[i] = handoff.Field(f)
	}
	out, err := v.Verify(handoff.Received{Method: x.Method, Path: x.Path, Query: x.Query, Fields: fields})
	if err == nil {
		err = v.Spend(&out)
	}
	if err != nil {
		t.Fatalf("the sidecar would refuse this: %v\n%v", err, x.Header)
	}
	return out
}

// alice is a request by a consumer with a credential.
func alice() *kongtest.Exchange {
	return &kongtest.Exchange{
		Method: "POST", Path: "/v1/chat/completions", Scheme: "https", Host: "origin.example", Port: 443, Status: 200,
		Header:       kongtest.Header{{Name: "Content-Type", Value: "application/json"}, {Name: "apikey", Value: "key-of-alice"}},
		Consumer:     &kongtest.Consumer{ID: "c0ffee00-0000-4000-8000-000000000001", Username: "alice", CustomID: "acme/alice", Tags: []string{"souk:chat", "souk:embeddings", "team-a"}},
		CredentialID: "c0ffee00-0000-4000-8000-000000000002",
	}
}

// codeOf is the code of the error that the plugin answered with.
func codeOf(t testing.TB, x *kongtest.Exchange) (status int, code string) {
	t.Helper()
	if x.Exit == nil {
		return 0, ""
	}
	var body struct {
		Error struct{ Message, Type, Code string }
	}
	if err := json.Unmarshal(x.Exit.Body, &body); err != nil || body.Error.Message == "" || body.Error.Type == "" {
		t.Errorf("the error is not in OpenAI's shape: %s", x.Exit.Body)
	}
	if got := x.Exit.Header["content-type"]; len(got) != 1 || got[0] != "application/json" {
		t.Errorf("the error's content-type is %v", got)
	}
	return x.Exit.Status, body.Error.Code
}
