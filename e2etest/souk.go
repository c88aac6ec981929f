package e2etest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Binary is the souk that is tested: the one that SOUK_E2E_BIN names, or the checkout's bin/souk.
func Binary(t testing.TB) string {
	t.Helper()
	path := os.Getenv("SOUK_E2E_BIN")
	if path == "" {
		path = filepath.Join(Root(t), "bin", "souk")
	}
	path, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Fatalf("%v: run make build first, or name the binary in SOUK_E2E_BIN", err)
	}
	return path
}

// Root is the folder of the checkout, whichever of its folders the test runs in.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for {
		text, _ := os.ReadFile(filepath.Join(dir, "go.mod")) // most folders have none
		if bytes.Contains(text, []byte("\nmodule github.com/soukproxy/souk\n")) {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("the test does not run in a checkout of souk")
		}
		dir = filepath.Dir(dir)
	}
}

var (
	simAt  = regexp.MustCompile(`simulated provider \S+ at http://([^/\s]+)`)
	soukAt = regexp.MustCompile(`"listening","address":"([^"]+)"`)
)

// Provider starts a simulated provider on a port (0: any), with more flags, and returns its address,
// host:port.
func Provider(t testing.TB, name string, port int, more ...string) (p *Process, address string) {
	t.Helper()
	args := append([]string{"sim", "--listen", fmt.Sprintf("127.0.0.1:%d", port), "--name", name}, more...)
	p = Start(t, "", nil, Binary(t), args...)
	at, err := p.Await(simAt, 0)
	if err != nil {
		t.Fatalf("simulated provider %s: %v", name, err)
	}
	return p, at[1]
}

// Serve starts the sidecar on a configuration file, in a folder and with additions to the environment, and returns the address of its
// first listener: host:port, or a socket's path.
func Serve(t testing.TB, dir, file string, env ...string) (p *Process, address string) {
	t.Helper()
	p = Start(t, dir, env, Binary(t), "serve", "-c", file)
	at, err := p.Await(soukAt, 0)
	if err != nil {
		t.Fatalf("souk serve: %v", err)
	}
	return p, at[1]
}
