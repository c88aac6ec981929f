package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// FuzzParse holds that no text makes Parse panic or take long, and that errors have positions and show no
// secret.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, "testdata/contract.yaml") {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte(secretive))
	env := testEnv(map[string]string{"alpha.key": "MARKER-in-a-file"}, "ALPHA_KEY=MARKER-in-a-variable", "MARK=MARKER", "HANDOFF_SECRET=MARKER-that-is-long-enough")
	f.Fuzz(func(t *testing.T, src []byte) {
		cfg, err := Parse("souk.yaml", src, env)
		if (cfg == nil) == (err == nil) {
			t.Fatalf("configuration %v, error %v", cfg, err)
		}
		if err == nil {
			if len(cfg.Providers) == 0 || len(cfg.Listen) == 0 || len(Files(cfg)) == 0 {
				t.Fatalf("accepted, but incomplete: %+v", cfg)
			}
			return
		}
		errs, ok := err.(Errors)
		if !ok || len(errs) == 0 || len(errs) > maxErrors {
			t.Fatalf("%d errors of type %T", len(errs), err)
		}
		for _, e := range errs {
			if e.Line < 1 || e.Column < 1 || e.Message == "" || strings.ContainsAny(e.Error(), "\n\r") {
				t.Fatalf("bad error: %+v", e)
			}
		}
		if !strings.Contains(string(src), "MARKER") && strings.Contains(err.Error(), "MARKER") {
			t.Fatalf("a secret shows: %v", err)
		}
	})
}

func TestFilesMadeToExhaustMemoryAreRefusedQuickly(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("providers:\n  - {name: p, base_url: https://a.example, models: [{id: a/b}], regions: &a [")
	for i := range 2000 {
		fmt.Fprintf(&bomb, "r%d,", i)
	}
	bomb.WriteString("]}\n")
	for i := range 500 {
		fmt.Fprintf(&bomb, "  - {name: p%d, base_url: https://a.example, models: [{id: a/b, regions: *a}], regions: *a}\n", i)
	}
	long := "providers:\n  - {name: p, base_url: https://a.example, regions: [&a \"" + strings.Repeat("$$", 1<<14) + "\"" + strings.Repeat(",*a", 1<<16) + "]}"
	for _, c := range []struct{ name, src, want string }{
		{"a giant file", strings.Repeat("#", maxFile+1), "larger than 4 MiB"},
		{"an alias bomb", bomb.String(), "with fewer aliases"},
		{"one long value, expanded again and again", long, "regions"},
		{"nested lists", strings.Repeat("[", 1<<20), "nested more than 64 deep"},
		{"nested mappings", strings.Repeat("{a: ", 1<<18), "nested more than 64 deep"},
		{"nested block lists", strings.Repeat("- ", 1<<18), "nested more than 64 deep"},
		{"a list that holds itself", "cors: &a [*a, *a]\nproviders: *a\n", "cors[0]"},
		{"a provider that holds itself", "providers: &a [{name: a, models: *a}]\n", "models"},
		{"the same wrong key again and again", strings.Repeat("aliasez: 1\n", 1<<14) + minimal, "more errors are not shown"},
		{"one long key", strings.Repeat("x", 1<<20) + ": 1\n" + minimal, "?: unknown key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			_, err := Parse("souk.yaml", []byte(c.src), Env{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %.300v, want an error with %q", err, c.want)
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			} else {
				t.Log(took)
			}
			if len(err.Error()) > 1<<16 {
				t.Errorf("a report of %d bytes", len(err.Error()))
			}
		})
	}
}
