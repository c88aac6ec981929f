package config

import (
	"strings"
	"testing"
)

func TestSizesAreBytesKibibytesOrKilobytes(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "512": 512, "512B": 512, "64KiB": 64 << 10, "32MiB": 32 << 20, "2GiB": 2 << 30,
		"1KB": 1000, "1MB": 1_000_000, "1gb": 1_000_000_000, "32 MiB": 32 << 20, "32mib": 32 << 20,
		"9223372036854775807": 1<<63 - 1,
	} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("%q: got %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "MiB", "-1", "+1", "1.5MiB", "1TiB", "1  MiB", "MiB1", "0x10", "1_000", "9223372036854775808", "9223372036854775807KiB"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q: got %d, want an error", text, got)
		}
	}
}

func FuzzSize(f *testing.F) {
	f.Add("32MiB")
	f.Add("9223372036854775807KB")
	f.Fuzz(func(t *testing.T, s string) {
		if v, err := parseSize(s); err == nil && v < 0 {
			t.Fatalf("%q is %d", s, v)
		}
	})
}

func TestVariablesAreExpandedInStrings(t *testing.T) {
	env := testEnv(nil, "A=one", "B=two", "EMPTY=", "NEST=${A}")
	for _, c := range []struct{ name, text, want, problem string }{
		{"text without a variable stays", "plain", "plain", ""},
		{"a whole value", "${A}", "one", ""},
		{"parts of a value", "x-${A}-${B}.y", "x-one-two.y", ""},
		{"two dollar signs are one", "a$$b$${A}", "a$b${A}", ""},
		{"other dollar signs stay", "$A $ 5$", "$A $ 5$", ""},
		{"an empty variable is set", "x${EMPTY}y", "xy", ""},
		{"a default for an unset variable", "${NO:-d e}", "d e", ""},
		{"a default for an empty variable", "${EMPTY:-d}", "d", ""},
		{"no default for a set variable", "${A:-d}", "one", ""},
		{"an empty default", "x${NO:-}", "x", ""},
		{"values are not expanded again", "${NEST}", "${A}", ""},
		{"a missing variable is named", "x${MISSING_ONE}", "", "MISSING_ONE is not set"},
		{"a near variable is suggested", "${EMPTI}", "", "did you mean EMPTY?"},
		{"an open reference", "x${A", "", "without its }"},
		{"an empty name", "${}", "", "the name of an environment variable"},
		{"a name with a space", "${A B}", "", "the name of an environment variable"},
		{"a name that begins with a digit", "${1A}", "", "the name of an environment variable"},
		{"another form of default", "${NO-d}", "", "the name of an environment variable"},
		{"a default within a default", "${NO:-${A}}", "", "plain text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, problem := expand(c.text, env)
			if got != c.want || (problem == "") != (c.problem == "") || !strings.Contains(problem, c.problem) {
				t.Errorf("got %q, problem %q", got, problem)
			}
		})
	}
}

func TestReferencesNeedNoQuotesInFlowStyle(t *testing.T) {
	env := testEnv(nil, "A=one", "N=3")
	cfg := parse(t, "# ${A}\nrouting: {attempts: ${N}}\nproviders: [{name: alpha, base_url: 'https://${A}.example', api_keys: [${A}, x${N}, ${NO:-d}], models: [{id: acme/${A}}]}]\n", env)
	p := cfg.Providers[0]
	if cfg.Routing.Attempts != 3 || p.BaseURL.Host != "one.example" || len(p.Keys) != 3 || p.Keys[1].Reveal() != "x3" || p.Models[0].ID != "acme/one" {
		t.Errorf("got %+v", p)
	}
	_, err := Parse("souk.yaml", []byte("routing: {attempts: ${N}, sort: ${A}}\n"+minimal), env)
	if want := "souk.yaml:1:33: routing.sort: unknown value this value"; err == nil || !strings.HasPrefix(err.Error(), "souk.yaml:1:33: routing.sort: unknown value") || strings.Contains(err.Error(), "one") {
		t.Errorf("got %v, want %s", err, want)
	}
}

func FuzzHideBraces(f *testing.F) {
	for _, s := range []string{"${A}", "$${A}", "${A:-x}${", "${A\n}", openBrace + "${A}"} {
		f.Add(s)
	}
	restore := strings.NewReplacer(openBrace, "{", closeBrace, "}")
	f.Fuzz(func(t *testing.T, s string) {
		hidden := string(hideBraces([]byte(s)))
		if strings.Contains(s, openBrace) || strings.Contains(s, closeBrace) {
			if hidden != s {
				t.Fatalf("%q became %q", s, hidden)
			}
		} else if restore.Replace(hidden) != s {
			t.Fatalf("%q came back as %q", s, restore.Replace(hidden))
		}
	})
}

func TestTheNearestNameIsSuggested(t *testing.T) {
	known := []string{"api", "api_key", "api_keys", "base_url", "name", "models"}
	for name, want := range map[string]string{
		"base_ur": "base_url", "baseUrl": "base_url", "base-url": "base_url", "nmae": "name", "model": "models",
		"apikey": "api_key", "apikeys": "api_keys", "ap": "api", "zebra": "", "": "", "kubernetes": "", strings.Repeat("a", 100): "",
	} {
		if got := nearest(name, known); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestFeatureAndScopeNamesAreFreshCopies(t *testing.T) {
	Features()[0], Scopes()[0] = "changed", "changed"
	if Features()[0] != "tools" || Scopes()[0] != "chat" {
		t.Error("a caller changed the list")
	}
}
