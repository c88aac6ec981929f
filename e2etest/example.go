package e2etest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// HandOffSecret is what an example's files take from the variable HANDOFF_SECRET.
const HandOffSecret = "souk-test-secret-0123456789abcdef"

// Example is a folder of examples that runs from its own files. What a test cannot share with the machine is replaced in copies:
// addresses, and paths under /etc and /run.
type Example struct {
	Dir  string // the copies
	swap []string
}

// Copy copies an example's files and replaces texts in them, in pairs of old and new. Each old one has to be there: a file that has
// changed must not pass for one that was tested.
func Copy(t testing.TB, folder string, swap ...string) *Example {
	t.Helper()
	e := &Example{Dir: t.TempDir(), swap: swap}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	used := make([]bool, len(swap)/2)
	for _, f := range files {
		if f.IsDir() || strings.HasSuffix(f.Name(), ".md") {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		text := string(raw)
		for i := range used {
			used[i] = used[i] || strings.Contains(text, swap[2*i])
			text = strings.ReplaceAll(text, swap[2*i], swap[2*i+1])
		}
		e.Write(t, f.Name(), text)
	}
	for i, was := range used {
		if !was {
			t.Fatalf("no file of %s has %q", folder, swap[2*i])
		}
	}
	return e
}

// Path is a file of the copy.
func (e *Example) Path(name string) string { return filepath.Join(e.Dir, name) }

// Read is a file of the copy.
func (e *Example) Read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(e.Path(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Write makes a file of the copy anew, in one step: a gateway may be watching it.
func (e *Example) Write(t testing.TB, name, text string) {
	t.Helper()
	fresh := e.Path("." + name + ".new")
	if err := os.WriteFile(fresh, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(fresh, e.Path(name)); err != nil {
		t.Fatal(err)
	}
}

// Souk starts the sidecar on one of the example's files, with additions to the environment.
func (e *Example) Souk(t testing.TB, file string, env ...string) *Process {
	t.Helper()
	p, _ := Serve(t, e.Dir, e.Path(file), append(env, "HANDOFF_SECRET="+HandOffSecret)...)
	return p
}
