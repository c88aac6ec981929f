package schema

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// binary is the souk that SOUK_E2E_BIN names, or bin/souk.
func binary(t *testing.T) string {
	t.Helper()
	path := os.Getenv("SOUK_E2E_BIN")
	if path == "" {
		path = "../../bin/souk"
	}
	path, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Fatalf("%v: run make build", err)
	}
	return path
}

// check asks souk itself.
func check(t *testing.T, file string) {
	t.Helper()
	if out, err := exec.Command(binary(t), "check", "-c", file).CombinedOutput(); err != nil {
		t.Errorf("souk check -c %s: %v\n%s", file, err, out)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, file string, text []byte) {
	t.Helper()
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func newReader(text []byte) *bufio.Reader { return bufio.NewReader(bytes.NewReader(text)) }
