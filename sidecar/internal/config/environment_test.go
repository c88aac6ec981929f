package config

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"charm.land/catwalk/pkg/catwalk"
	"charm.land/catwalk/pkg/embedded"
)

func TestProvidersAreFoundByTheirKeys(t *testing.T) {
	env := testEnv(nil,
		"OPENAI_API_KEY=MARKER-openai", "MISTRAL_API_KEY=MARKER-mistral", "TOGETHER_API_KEY=MARKER-together", "GROQ_API_KEY= MARKER-groq\n", "SHAREAI_API_KEY=MARKER-shareai", "XAI_API_KEY=",
		"DEEPSEEK_API_KEY=MARKER with a space", "ANTHROPIC_API_KEY=MARKER-anthropic", "GEMINI_API_KEY=MARKER-gemini")
	env.Fetch = func(url string, key Secret, _ time.Duration) ([]byte, error) {
		switch url + " " + key.Reveal() {
		case "https://api.shareai.now/api/v1/models MARKER-shareai":
			return []byte(`{"data":[{"id":"llama3.2:3b"},{"id":"acme/one"},{"id":"a/b/c"},{"id":""}]}`), nil
		case "https://api.together.xyz/v1/models MARKER-together":
			return []byte(`[{"id":"acme/two"}]`), nil
		}
		return nil, errors.New("status 401")
	}
	cfg, notes, err := FromEnvironment(env)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range cfg.Providers {
		got = append(got, fmt.Sprintf("%s %s %s %v %s %s", p.Name, p.Type, p.BaseURL, p.Catalogue, p.CatalogueID, p.Keys[0].Reveal()))
		for _, m := range p.Models {
			got = append(got, m.ID+"="+m.Upstream)
			if m.Price != nil {
				t.Errorf("%s has a price from nowhere", m.ID)
			}
		}
		if !p.StreamUsage || p.API != "openai" {
			t.Errorf("%s: %+v", p.Name, p)
		}
	}
	want := []string{
		"openai company https://api.openai.com/v1 true openai MARKER-openai",
		"shareai community https://api.shareai.now/api/v1 false  MARKER-shareai",
		"shareai/llama3.2:3b=llama3.2:3b", "acme/one=acme/one", "shareai/a-b-c=a/b/c",
		"groq company https://api.groq.com/openai/v1 true groq MARKER-groq",
		"together company https://api.together.xyz/v1 false  MARKER-together",
		"acme/two=acme/two",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	wantNotes := []string{
		"SHAREAI_API_KEY is set, but the built-in catalogue has no prices of shareai, so its offers come last; give prices in a souk.yaml",
		"MISTRAL_API_KEY is set, but the built-in catalogue has no models of mistral, and it does not say which it has (status 401); list its models in a souk.yaml",
		"DEEPSEEK_API_KEY holds a space, a line break or a character beyond ASCII, which no credential has; provider deepseek is left out",
		"TOGETHER_API_KEY is set, but the built-in catalogue has no prices of together, so its offers come last; give prices in a souk.yaml",
		"ANTHROPIC_API_KEY is set, but the anthropic dialect is not available in this version",
		"GEMINI_API_KEY is set, but the gemini dialect is not available in this version",
	}
	if !slices.Equal(notes, wantNotes) {
		t.Errorf("notes:\n%s", strings.Join(notes, "\n"))
	}
	if out := shows(t, cfg) + strings.Join(notes, "\n"); strings.Contains(out, "MARKER") {
		t.Error("a key shows")
	}
	if len(cfg.Listen) != 1 || cfg.Routing.Attempts != 4 || len(Files(cfg)) != 0 || cfg.Path != "" {
		t.Errorf("defaults: %+v", cfg)
	}
}

func TestAnEnvironmentWithoutProvidersIsAnErrorThatSaysWhatToSet(t *testing.T) {
	cfg, notes, err := FromEnvironment(testEnv(nil, "ANTHROPIC_API_KEY=x"))
	if cfg != nil || !errors.Is(err, ErrNoProviders) || !strings.Contains(err.Error(), "OPENAI_API_KEY") || len(notes) != 1 {
		t.Errorf("got %v, %v, %v", cfg, notes, err)
	}
}

func TestAKeyGoesWhereItsSDKWouldSendIt(t *testing.T) {
	for _, c := range []struct{ name, variable, want, note string }{
		{"elsewhere", "OPENAI_BASE_URL=https://llm.example/v1/", "https://llm.example/v1", ""},
		{"by the older variable", "OPENAI_API_BASE=https://llm.example", "https://llm.example", ""},
		{"to a private server", "OPENAI_BASE_URL=http://10.0.0.7:8000/v1", "http://10.0.0.7:8000/v1", ""},
		{"to OpenAI when the SDK is pointed at souk", "OPENAI_BASE_URL=http://localhost:8420/v1", "https://api.openai.com/v1", "souk's own address"},
		{"nowhere in the clear", "OPENAI_BASE_URL=http://llm.example/v1", "", "in the clear"},
		{"not to a metadata service", "OPENAI_BASE_URL=http://169.254.169.254/v1", "", "left out"},
		{"nowhere when it is no URL", "OPENAI_BASE_URL=llm.example", "", "left out"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg, notes, _ := FromEnvironment(testEnv(nil, "OPENAI_API_KEY=k", c.variable))
			got := ""
			if cfg != nil {
				got = cfg.Providers[0].BaseURL.String()
			}
			if got != c.want || !strings.Contains(strings.Join(notes, "\n"), c.note) || (c.note == "") != (len(notes) == 0) {
				t.Errorf("got %q, notes %q", got, notes)
			}
		})
	}
}

// TestTheTableOfKnownProvidersAgreesWithTheCatalogue finds what the catalogue gained, lost or moved.
func TestTheTableOfKnownProvidersAgreesWithTheCatalogue(t *testing.T) {
	leftOut := map[catwalk.InferenceProvider]string{
		"zai": "a subscription for coding tools", "zhipu-coding": "a subscription for coding tools",
		"opencode-go": "a subscription for coding tools", "opencode-zen": "shares its variable with opencode-go",
		"huggingface": "HF_TOKEN is for downloads too", "scaleway": "SCW_SECRET_KEY opens a whole account",
	}
	table := map[string]known{}
	for _, k := range knownProviders() {
		if _, twice := table[k.name]; twice || !isName(k.name) {
			t.Errorf("%s is twice in the table or no name", k.name)
		}
		if _, err := parseBaseURL(k.baseURL); err != nil {
			t.Errorf("%s: %v", k.name, err)
		}
		table[k.name] = k
	}
	seen := map[string]bool{}
	for _, p := range embedded.GetAll() {
		openai := p.Type == catwalk.TypeOpenAI || p.Type == catwalk.TypeOpenAICompat || p.Type == catwalk.TypeOpenRouter || p.Type == catwalk.TypeVercel
		if !openai || p.APIKey == "" || leftOut[p.ID] != "" {
			continue
		}
		seen[string(p.ID)] = true
		k, ok := table[string(p.ID)]
		endpoint := p.APIEndpoint
		if p.ID == catwalk.InferenceProviderOpenAI {
			endpoint = k.baseURL // the catalogue has a variable there
		}
		if !ok || !k.listed || "$"+k.variable != p.APIKey || k.baseURL != endpoint {
			t.Errorf("the catalogue has %s with %s at %s, the table %+v", p.ID, p.APIKey, p.APIEndpoint, k)
		}
	}
	for _, k := range table {
		if k.listed != seen[k.name] {
			t.Errorf("that the catalogue has %s: the table says %v, the catalogue %v", k.name, k.listed, seen[k.name])
		}
	}
}

// ollamaServer speaks Ollama's API on a real socket and returns an environment that leads to it.
func ollamaServer(t *testing.T, routes map[string]string) Env {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := routes[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(body))
	})}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(ln) }()
	t.Cleanup(func() { srv.Close(); <-done })
	env := SystemEnv()
	env.LookupEnv = testEnv(nil, "OLLAMA_HOST="+ln.Addr().String()).LookupEnv
	return env
}

func TestALocalOllamaServesItsModelsForNothing(t *testing.T) {
	const tags = `{"models":[
		{"name":"llama3.2:3b","details":{"quantization_level":"Q4_K_M"}},
		{"name":"qwen3:latest"},
		{"name":"hf.co/acme/tiny:Q8_0"},
		{"name":"gpt-oss:120b-cloud","remote_host":"https://ollama.com:443"},
		{"name":"deepseek-v3:671b-cloud"},
		{"name":"bad name"}]}`
	for _, c := range []struct {
		name   string
		routes map[string]string
		want   string
		note   string
	}{
		{"with its own list", map[string]string{"/api/tags": tags}, "ollama/llama3.2:3b=llama3.2:3b:q4_k_m ollama/qwen3=qwen3:latest: ollama/hf.co-acme-tiny:Q8_0=hf.co/acme/tiny:Q8_0:", ""},
		{"with a compatible list", map[string]string{"/v1/models": `{"data":[{"id":"acme/one"},{"id":"acme/one"}]}`}, "ollama/acme-one=acme/one:", ""},
		{"without models", map[string]string{"/api/tags": `{"models":[]}`}, "", "ollama pull"},
		{"with something else", map[string]string{"/api/tags": `<html>`}, "", "cannot be listed"},
		{"with nothing", nil, "", "cannot be listed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg, notes, err := FromEnvironment(ollamaServer(t, c.routes))
			if c.want == "" {
				if !errors.Is(err, ErrNoProviders) || len(notes) != 1 || !strings.Contains(notes[0], c.note) {
					t.Errorf("got %v, %v", notes, err)
				}
				return
			}
			if err != nil || len(cfg.Providers) != 1 || len(notes) != 0 {
				t.Fatalf("got %v, %v, %v", cfg, notes, err)
			}
			p := cfg.Providers[0]
			var got []string
			for _, m := range p.Models {
				got = append(got, m.ID+"="+m.Upstream+":"+m.Quantization)
				if m.Price == nil || *m.Price != (Price{}) {
					t.Errorf("%s has the price %v", m.ID, m.Price)
				}
			}
			if strings.Join(got, " ") != c.want || p.Type != TypeSelfHosted || p.Catalogue || len(p.Keys) != 0 || p.BaseURL.Path != "/v1" {
				t.Errorf("got %v, %+v", got, p)
			}
		})
	}
}

func TestAnAbsentOllamaIsWorthANoteOnlyWhenAskedFor(t *testing.T) {
	for _, c := range []struct{ host, note string }{
		{"", ""}, {"10.255.255.1", "nothing answers"}, {"http://169.254.169.254", "cannot be used"}, {"http://[", "cannot be used"},
	} {
		env := testEnv(nil, "OPENAI_API_KEY=k", "OLLAMA_HOST="+c.host)
		env.Probe = func(string, time.Duration) bool { return false }
		env.Fetch = func(string, Secret, time.Duration) ([]byte, error) {
			t.Error("asked without an answer")
			return nil, errors.ErrUnsupported
		}
		_, notes, err := FromEnvironment(env)
		if err != nil || !strings.Contains(strings.Join(notes, "\n"), c.note) || (c.note == "") != (len(notes) == 0) {
			t.Errorf("%q: got %q, %v", c.host, notes, err)
		}
	}
}

func TestOllamaHostIsReadAsOllamaReadsIt(t *testing.T) {
	for host, want := range map[string]string{
		"": "http://127.0.0.1:11434", "0.0.0.0": "http://127.0.0.1:11434", "0.0.0.0:1234": "http://127.0.0.1:1234",
		"gpu": "http://gpu:11434", "gpu:80": "http://gpu:80", "https://gpu.example": "https://gpu.example:11434", "[::1]:99": "http://[::1]:99",
	} {
		if got, err := ollamaURL(host); err != nil || got.String() != want {
			t.Errorf("%q: got %v, %v, want %s", host, got, err, want)
		}
	}
}
