package market

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/fault"
)

func bazaar(t testing.TB) *Market {
	return mustBuild(t, &config.Config{
		Providers: []config.Provider{
			provider("alpha", "meta-llama/llama-3.3-70b-instruct", "acme/twin", "x/y", "x/y:free", "x/z:floor"),
			provider("beta", "meta-llama/llama-3.3-70b-instruct", "other/twin", "acme/coder"),
		},
		Aliases: map[string]string{"fast": "meta-llama/llama-3.3-70b-instruct", "cheap": "x/y:floor", "coder": "x/y", "brief": "llama-3.3-70b-instruct"},
	}, nil)
}

func TestNamesResolve(t *testing.T) {
	m := bazaar(t)
	const llama = "meta-llama/llama-3.3-70b-instruct"
	for _, c := range []struct{ name, ask, model, suffix string }{
		{"an id", llama, llama, ""},
		{"an id with a suffix", llama + ":floor", llama, SuffixFloor},
		{"an id with the other suffix", llama + ":nitro", llama, SuffixNitro},
		{"a bare slug", "llama-3.3-70b-instruct", llama, ""},
		{"a bare slug with a suffix", "llama-3.3-70b-instruct:nitro", llama, SuffixNitro},
		{"an alias", "fast", llama, ""},
		{"an alias of a bare slug", "brief", llama, ""},
		{"an alias with a suffix", "fast:nitro", llama, SuffixNitro},
		{"an alias that has a suffix", "cheap", "x/y", SuffixFloor},
		{"the caller's suffix comes before the alias's", "cheap:nitro", "x/y", SuffixNitro},
		{"an alias comes before a slug", "coder", "x/y", ""},
		{"an id with a colon", "x/y:free", "x/y:free", ""},
		{"a slug with a colon", "y:free", "x/y:free", ""},
		{"an id with a colon and a suffix", "x/y:free:floor", "x/y:free", SuffixFloor},
		{"an id that ends like a suffix", "x/z:floor", "x/z:floor", ""},
	} {
		model, suffix, err := m.Resolve(c.ask)
		if err != nil || model != c.model || suffix != c.suffix {
			t.Errorf("%s: %q means %q :%s (%v), want %q :%s", c.name, c.ask, model, suffix, err, c.model, c.suffix)
		}
	}
}

func TestNamesThatMeanNothingGetAHelpfulError(t *testing.T) {
	m := bazaar(t)
	for _, c := range []struct {
		name, ask string
		status    int
		says      []string
	}{
		{"a slug of two models", "twin", 400, []string{"acme/twin", "other/twin"}},
		{"a slug of two models with a suffix", "twin:floor", 400, []string{"acme/twin", "other/twin"}},
		{"a slip", "meta-lama/llama-3.3-70b-instruct", 404, []string{"nearest", "meta-llama/llama-3.3-70b-instruct"}},
		{"a slip in a bare slug", "lama-3.3-70b-instruct:floor", 404, []string{"meta-llama/llama-3.3-70b-instruct"}},
		{"a slip in an alias", "fasst", 404, []string{"fast"}},
		{"an unknown suffix", "x/y:turbo", 404, []string{"x/y"}},
		{"nothing like it", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", 404, []string{"GET /v1/models"}},
		{"empty", "", 404, []string{`""`}},
		{"a suffix alone", ":floor", 404, nil},
		{"a hostile long name", strings.Repeat("x/", 1<<20), 404, nil},
	} {
		_, _, err := m.Resolve(c.ask)
		var f *fault.Error
		if !errors.As(err, &f) || f.Status != c.status || f.Param != "model" {
			t.Errorf("%s: %v, want a %d for model", c.name, err, c.status)
			continue
		}
		for _, w := range c.says {
			if !strings.Contains(f.Message, w) {
				t.Errorf("%s: %q does not say %s", c.name, f.Message, w)
			}
		}
		if len(f.Message) > 1000 {
			t.Errorf("%s: the message has %d bytes", c.name, len(f.Message))
		}
	}
}

func TestResolvingAnIDAllocatesNothingAndKeepsNothing(t *testing.T) {
	m := bazaar(t)
	body := []byte("meta-llama/llama-3.3-70b-instruct")
	if n := testing.AllocsPerRun(100, func() {
		if _, _, err := m.Resolve(string(body)); err != nil {
			t.Error(err)
		}
	}); n > 1 { // the conversion in this test
		t.Errorf("%v allocations, want at most the conversion's", n)
	}
	name := string(body)
	if n := testing.AllocsPerRun(100, func() { _, _, _ = m.Resolve(name) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func TestTheNearestNamesComeFirst(t *testing.T) {
	var ids []string
	for i := range 3000 {
		ids = append(ids, fmt.Sprintf("author/model-number-%04d", i))
	}
	ids = append(ids, "openai/gpt-4o", "openai/gpt-4o-mini")
	m := mustBuild(t, &config.Config{Providers: []config.Provider{provider("alpha", ids...)}}, nil)
	for _, c := range []struct{ ask, first string }{
		{"openai/gpt4o", "openai/gpt-4o"},
		{"OpenAI/GPT-4o", "openai/gpt-4o"},
		{"gpt-4o-mni", "openai/gpt-4o-mini"},
		{"author/model-nmber-1234", "author/model-number-1234"},
	} {
		if got := m.Nearest(c.ask, 3); len(got) == 0 || got[0] != c.first || len(got) > 3 {
			t.Errorf("%q is near to %v, want %s first", c.ask, got, c.first)
		}
	}
	if got := m.Nearest("openai/gpt-4o", 0); len(got) != 0 {
		t.Errorf("asked for none, got %v", got)
	}
}

func FuzzResolve(f *testing.F) {
	m := bazaar(f)
	for _, seed := range []string{"fast", "twin:floor", "x/y:free", "::", "a/b/c", "\xff\xfe", strings.Repeat("é", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		model, suffix, err := m.Resolve(name)
		if err == nil {
			if m.Listing(model) == nil {
				t.Fatalf("%q means %q, which nobody offers", name, model)
			}
			if suffix != "" && suffix != SuffixFloor && suffix != SuffixNitro {
				t.Fatalf("%q has suffix %q", name, suffix)
			}
			return
		}
		var e *fault.Error
		if !errors.As(err, &e) || !utf8.ValidString(e.Message) || len(e.Message) > 2000 {
			t.Fatalf("%q: error %v", name, err)
		}
		for _, near := range m.Nearest(name, 3) {
			if _, _, err := m.Resolve(near); err != nil && !strings.Contains(near, "twin") {
				t.Fatalf("%q is near to %q, which means nothing: %v", name, near, err)
			}
		}
	})
}

func TestShortenCutsBetweenCharacters(t *testing.T) {
	for _, s := range []string{"", "abc", strings.Repeat("é", 200), "x" + strings.Repeat("é", 200), strings.Repeat("\x80", 300)} {
		if got := shorten(s); len(got) > maxName || utf8.ValidString(s) && !utf8.ValidString(got) || !strings.HasPrefix(s, got) {
			t.Errorf("%q became %q", s, got)
		}
	}
}

func BenchmarkResolveAnID(b *testing.B) {
	m := crowd(b, 10_000)
	name := m.Listings()[500].Model
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = m.Resolve(name)
	}
}

func BenchmarkNearestOfTenThousandModels(b *testing.B) {
	var ids []string
	for i := range 10_000 {
		ids = append(ids, fmt.Sprintf("author-%d/model-number-%d-instruct", i%97, i))
	}
	m := mustBuild(b, &config.Config{Providers: []config.Provider{provider("alpha", ids...)}}, nil)
	for _, c := range []struct{ name, ask string }{
		{"a slip", "author-5/model-nmber-777-instruct"},
		{"a hostile name", strings.Repeat("author-1/model-number-2-instruct", 1<<12)},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				m.Nearest(c.ask, 3)
			}
		})
	}
}
