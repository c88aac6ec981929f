package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/golden"
)

// TestBrokenConfigurationsNameLineAndRemedy compares each testdata/broken/*.yaml with the errors beside it.
func TestBrokenConfigurationsNameLineAndRemedy(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil || len(files) < 24 {
		t.Fatalf("%d broken configurations, %v", len(files), err)
	}
	env := testEnv(map[string]string{
		"empty.key":     "\n",
		"two-lines.key": "verysecret\nverysecret\n",
		"alpha.key":     "verysecret\n",
	}, "ALPHA_KEY=verysecret-from-the-environment", "EMPTY=", "HANDOFF_SECRET=verysecret-and-long-enough")
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			cfg, err := Parse("souk.yaml", src, env)
			errs, ok := err.(Errors)
			if !ok || cfg != nil || len(errs) == 0 {
				t.Fatalf("got configuration %v and %T, want Errors", cfg, err)
			}
			lines := strings.Count(string(src), "\n") + 1
			for _, e := range errs {
				if e.Line < 1 || e.Line > lines || e.Column < 1 || e.Message == "" {
					t.Errorf("no position in the file or no message: %+v", e)
				}
			}
			if !slices.IsSortedFunc(errs, func(a, b Error) int { return a.Line - b.Line }) {
				t.Error("not in the order of the file")
			}
			got := errs.Error() + "\n"
			if strings.Contains(got, "very secret") || strings.Contains(got, "verysecret") {
				t.Errorf("a secret shows:\n%s", got)
			}
			golden.Check(t, strings.TrimSuffix(file, ".yaml")+".txt", []byte(got))
		})
	}
}
