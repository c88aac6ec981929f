package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/identitytest"
)

const withFiles = `
listen: {tcp: 127.0.0.1:8420, tls: {cert: tls/cert.pem, key: tls/key.pem, client_ca: tls/cert.pem}}
admin: {token_file: token}
providers:
  - {name: alpha, base_url: https://a.example, api_key_file: alpha.key, tls_ca: tls/cert.pem, models: [{id: acme/one}]}
`

func TestLoadReadsTheFilesThatAConfigurationNames(t *testing.T) {
	dir := t.TempDir()
	id := identitytest.New(t, "localhost")
	write := func(name, content string) string {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	read := func(path string) string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	cert, key := read(id.CertFile), read(id.KeyFile)
	path := write("souk.yaml", withFiles)
	files := []string{path, write("tls/cert.pem", cert), write("tls/key.pem", key), write("token", "admin-token\r\n"), write("alpha.key", "alpha-key\n")}
	cfg, err := Load(path, SystemEnv())
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Path != path || cfg.Admin.Token.Reveal() != "admin-token" || cfg.Providers[0].Keys[0].Reveal() != "alpha-key" {
		t.Errorf("got %+v", cfg)
	}
	if l := cfg.Listen[0].TLS; l.Cert != files[1] || l.Key != files[2] || l.ClientCA != files[1] || cfg.Providers[0].TLSCA != files[1] {
		t.Errorf("got %+v", l)
	}
	got := Files(cfg)
	slices.Sort(got)
	slices.Sort(files)
	if !slices.Equal(got, files) {
		t.Errorf("files: got %v, want %v", got, files)
	}

	write("tls/key.pem", strings.Replace(key, "PRIVATE", "PUBLIC", 2))
	if _, err = Load(path, SystemEnv()); err == nil || !strings.Contains(err.Error(), "listen.tls: cert and key do not work together") {
		t.Errorf("a wrong key: got %v", err)
	}
	write("alpha.key", strings.Repeat("x", maxFile+1))
	if _, err = Load(path, SystemEnv()); err == nil || !strings.Contains(err.Error(), "providers[0].api_key_file: the file is larger than 4 MiB") {
		t.Errorf("a giant key: got %.300v", err)
	}
	write("souk.yaml", strings.Repeat("#", maxFile+1))
	if _, err = Load(path, SystemEnv()); err == nil || !strings.Contains(err.Error(), ":1:1: the file is larger than 4 MiB") {
		t.Errorf("a giant file: got %.300v", err)
	}
}

func TestAMissingConfigurationSaysWhichFile(t *testing.T) {
	_, err := Load("nowhere/souk.yaml", SystemEnv())
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "nowhere/souk.yaml") {
		t.Errorf("got %v", err)
	}
	var errs Errors
	if errors.As(err, &errs) {
		t.Error("a file that is not there has no lines")
	}
}
