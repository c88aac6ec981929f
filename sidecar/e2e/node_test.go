package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/e2etest"
)

// nodeFolder is a folder with the Node programs and the packages that they import. Node looks for packages in the folders
// above a program's own, and the checkout has none: they are kept in a cache outside it.
func nodeFolder(t testing.TB) string {
	t.Helper()
	modules := os.Getenv("SOUK_E2E_NODE_MODULES")
	if modules == "" {
		t.Fatal("SOUK_E2E_NODE_MODULES does not name the installed packages of sidecar/e2e/node: run sidecar/e2e/run.sh, which installs them")
	}
	dir := t.TempDir()
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	programs, err := filepath.Glob("node/*.mjs")
	if err != nil || len(programs) == 0 {
		t.Fatalf("no programs in sidecar/e2e/node (%v)", err)
	}
	for _, program := range programs {
		text, err := os.ReadFile(program)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, filepath.Base(program)), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func node(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		t.Fatalf("%v: install Node 20 or newer", err)
	}
	return path
}

// nodeEnv tells the Node programs where to call.
func (m *market) nodeEnv() []string {
	var sims []string
	for _, p := range m.providers {
		sims = append(sims, p.name+"="+p.origin())
	}
	return []string{"SOUK_E2E_URL=" + m.url, "SOUK_E2E_KEY=" + m.key(), "SOUK_E2E_AUTH=" + m.auth, "SOUK_E2E_SIMS=" + strings.Join(sims, ","),
		"SOUK_E2E_PROVIDER_KEY=" + providerKey, "NODE_NO_WARNINGS=1"}
}

// TestNode runs the tests of the OpenAI SDK for Node and of the Vercel AI SDK.
func TestNode(t *testing.T) {
	dir := nodeFolder(t)
	for _, auth := range []string{"keys", "none"} {
		t.Run("auth "+auth, func(t *testing.T) {
			m := open(t, terms{auth: auth})
			run := e2etest.Start(t, dir, m.nodeEnv(), node(t), "--test", "--test-concurrency=1", "--test-reporter=tap")
			code := run.Exit(t, 3*time.Minute)
			text := run.Output()
			for line := range strings.SplitSeq(text, "\n") {
				if measured, ok := strings.CutPrefix(line, "# node "); ok {
					fmt.Println("node " + measured)
				}
			}
			if code != 0 || !strings.Contains(text, "# pass ") || strings.Contains(text, "# pass 0\n") {
				t.Errorf("node --test ended with %d:\n%s", code, text)
			}
		})
	}
}
