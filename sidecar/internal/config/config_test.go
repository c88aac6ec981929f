package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testEnv is an environment of the given variables (NAME=value) and files; anything else is missing.
func testEnv(files map[string]string, variables ...string) Env {
	values := map[string]string{}
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		values[name] = value
	}
	return Env{
		LookupEnv: func(name string) (string, bool) { v, ok := values[name]; return v, ok },
		Environ:   func() []string { return variables },
		ReadFile: func(path string) ([]byte, error) {
			if content, ok := files[filepath.ToSlash(path)]; ok {
				return []byte(content), nil
			}
			return nil, &os.PathError{Op: "open", Path: path, Err: os.ErrNotExist}
		},
	}
}

// minimal is a provider that makes a configuration valid.
const minimal = `
providers:
  - name: alpha
    base_url: https://api.alpha.example/v1
    models: [{id: acme/one}]
`

func parse(t *testing.T, src string, env Env) *Config {
	t.Helper()
	cfg, err := Parse("souk.yaml", []byte(src), env)
	if err != nil {
		t.Fatalf("unexpected errors:\n%v", err)
	}
	return cfg
}
