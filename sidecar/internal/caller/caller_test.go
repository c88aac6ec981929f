package caller

import (
	"strings"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/fault"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"meta-llama/llama-3.3-70b-instruct", "meta-llama/llama-3.3-70b-instruct", true},
		{"meta-llama/llama-3.3-70b-instruct", "meta-llama/llama-3.3-70b-instruct:free", false},
		{"meta-llama/*", "meta-llama/llama-3.3-70b-instruct", true},
		{"meta-llama/*", "meta-llama/", true},
		{"meta-llama/*", "meta-llama", false},
		{"meta-llama/*", "META-LLAMA/x", false},
		{"meta-llama/llama-3*", "meta-llama/llama-3.1-8b", true},
		{"meta-llama/llama-3*", "meta-llama/llama-4", false},
		{"*", "anything/at-all", true},
		{"*", "", true},
		{"", "", true},
		{"", "a", false},
		{"*/llama", "meta/llama", false},
		{"a*b", "axb", false},
		{"a**", "a*x", true},
		{"a**", "ax", false},
	} {
		if got := Match(c.pattern, c.name); got != c.want {
			t.Errorf("Match(%q, %q) = %v, want %v", c.pattern, c.name, got, c.want)
		}
	}
}

func TestAllowsOp(t *testing.T) {
	for _, c := range []struct {
		name    string
		caller  Caller
		op      string
		allowed bool
	}{
		{"an anonymous caller may do anything", Caller{}, "chat", true},
		{"a key without scopes may do anything", Caller{Name: "ci"}, "embeddings", true},
		{"a scope that is listed", Caller{Name: "ci", Scopes: []string{"completions", "chat"}}, "chat", true},
		{"a scope that is not listed", Caller{Name: "ci", Scopes: []string{"completions", "chat"}}, "embeddings", false},
		{"the start of a scope", Caller{Name: "ci", Scopes: []string{"completions", "chat"}}, "cha", false},
		{"no operation", Caller{Name: "ci", Scopes: []string{"completions", "chat"}}, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.caller.AllowsOp(c.op)
			if c.allowed {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			if err == nil || err.Status != 403 || err.Type != fault.TypePermission || err.Code != "scope_not_allowed" {
				t.Fatalf("got %+v, want a 403 scope_not_allowed", err)
			}
			for _, part := range []string{`"ci"`, c.op, "completions, chat"} {
				if !strings.Contains(err.Message, part) {
					t.Errorf("message %q does not mention %s", err.Message, part)
				}
			}
		})
	}
}

func TestMayUse(t *testing.T) {
	for _, c := range []struct {
		name    string
		models  []string
		model   string
		allowed bool
	}{
		{"without patterns any model", nil, "openai/gpt", true},
		{"the second pattern", []string{"openai/*", "google/gemma"}, "google/gemma", true},
		{"none of the patterns", []string{"openai/*", "google/gemma"}, "google/gemma-2", false},
		{"no model, when there are patterns", []string{"openai/*"}, "", false},
	} {
		if got := (&Caller{Name: "ci", Models: c.models}).MayUse(c.model); got != c.allowed {
			t.Errorf("%s: %v, want %v", c.name, got, c.allowed)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("meta-llama/*", "meta-llama/x")
	f.Add("*", "")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		got := Match(pattern, name)
		if !strings.HasSuffix(pattern, "*") && got != (pattern == name) {
			t.Errorf("without a * at the end only the name itself fits: %q, %q", pattern, name)
		}
		if got && !Match(name+"*", name) {
			t.Errorf("a name does not fit its own prefix: %q", name)
		}
		if !Match(name+"*", name+pattern) {
			t.Errorf("%q does not fit %q", name+pattern, name+"*")
		}
	})
}
