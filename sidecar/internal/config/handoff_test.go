package config

import (
	"slices"
	"testing"
	"time"
)

func TestHandOffKeysAreReadFromTheEnvironmentAndFromFiles(t *testing.T) {
	const src = `
auth: any
listen: 0.0.0.0:8420
handoff:
  keys:
    - {id: kong-1, secret: "${HANDOFF_SECRET}"}
    - {id: kong-2, secret_file: keys/kong, vouch: [credentials, redaction]}
  window: 10s
  body: required
` + minimal
	env := testEnv(map[string]string{"keys/kong": "fedcba9876543210fedcba9876543210\n"}, "HANDOFF_SECRET=0123456789abcdef")
	cfg, err := Parse("souk.yaml", []byte(src), env)
	if err != nil {
		t.Fatal(err)
	}
	h := cfg.Handoff
	if cfg.Auth != AuthAny || len(h.Keys) != 2 || h.Window != 10*time.Second || h.Body != BodyRequired || len(cfg.Warnings) != 0 {
		t.Fatalf("got %s %+v %v", cfg.Auth, h, cfg.Warnings)
	}
	if k := h.Keys[0]; k.ID != "kong-1" || k.Secret.Reveal() != "0123456789abcdef" || !slices.Equal(k.Vouch, []string{VouchCredentials}) {
		t.Errorf("got %+v", k)
	}
	if k := h.Keys[1]; k.Secret.Reveal() != "fedcba9876543210fedcba9876543210" || !slices.Equal(k.Vouch, []string{VouchCredentials, VouchRedaction}) {
		t.Errorf("got %+v", k)
	}
	if !slices.Contains(cfg.files, "keys/kong") {
		t.Errorf("the secret's file is not watched: %v", cfg.files)
	}
}

func TestWhatHasNoEffectUnderAnAuthModeIsSaid(t *testing.T) {
	const keys = "keys: [{name: ci, sha256: \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"}]\n"
	const handoff = "handoff: {keys: [{id: kong-1, secret: 0123456789abcdef}]}\n"
	for _, c := range []struct {
		auth string
		want []string
	}{
		{"none", []string{"line 2: keys has no effect with auth: none; set auth: keys to ask for one", "line 3: handoff has no effect with auth: none; set auth: handoff, or any"}},
		{"keys", []string{"line 3: handoff has no effect with auth: keys; set auth: handoff, or any"}},
		{"handoff", []string{"line 2: keys has no effect with auth: handoff; set auth: any to ask for one"}},
		{"any", nil},
	} {
		cfg := parse(t, "auth: "+c.auth+"\n"+keys+handoff+minimal, Env{})
		if !slices.Equal(cfg.Warnings, c.want) {
			t.Errorf("auth: %s: got %q, want %q", c.auth, cfg.Warnings, c.want)
		}
	}
}
