package schema

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"testing"

	"github.com/soukproxy/souk/e2etest"
)

// check asks souk itself.
func check(t *testing.T, file string) {
	t.Helper()
	if out, err := exec.Command(e2etest.Binary(t), "check", "-c", file).CombinedOutput(); err != nil {
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
