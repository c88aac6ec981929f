package market

import (
	"math"
	"net/url"
	"strings"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/config"
)

func TestTheCatalogueIsWhole(t *testing.T) {
	c := loadCatalogue()
	if len(c.providers) < 30 {
		t.Fatalf("%d providers, want at least 30", len(c.providers))
	}
	priced, endpoints := 0, 0
	providers := map[string]bool{}
	for i := range c.providers {
		p := &c.providers[i]
		if p.ID == "" || providers[string(p.ID)] {
			t.Errorf("provider id %q is empty or there twice", p.ID)
		}
		providers[string(p.ID)] = true
		if e := endpointOf(p); e != "" {
			endpoints++
			if u, err := url.Parse(e); err != nil || u.Scheme != "https" || u.Host == "" {
				t.Errorf("%s is at %q", p.ID, e)
			}
		}
		seen := map[string]bool{}
		for j, m := range c.terms(p) {
			if !canonicalForm(m.ID) {
				t.Errorf("%s calls %q what became %q, not author/slug", p.ID, m.Upstream, m.ID)
			}
			if seen[m.ID] {
				t.Errorf("%s has %q twice", p.ID, m.ID)
			}
			seen[m.ID] = true
			if m.Upstream != p.Models[j].ID {
				t.Errorf("%s: upstream is %q, want %q", p.ID, m.Upstream, p.Models[j].ID)
			}
			if p.ID == aggregator && m.ID != m.Upstream {
				t.Errorf("the reference's own id %q became %q", m.Upstream, m.ID)
			}
			if m.Price == nil {
				continue
			}
			priced++
			free := strings.HasSuffix(m.Upstream, "free")
			if m.Price.Input < 0 || m.Price.Output < 0 || !free && m.Price.Input+m.Price.Output == 0 {
				t.Errorf("%s asks %+v for %s", p.ID, m.Price, m.ID)
			}
			if m.Price.CacheRead != m.Price.Input || m.Price.CacheWrite != m.Price.Input {
				t.Errorf("%s: cached tokens of %s are not at the input's price: %+v", p.ID, m.ID, m.Price)
			}
			if got, want := float64(m.Price.Input)/1e9, p.Models[j].CostPer1MIn; math.Abs(got-want) > 1e-6 {
				t.Errorf("%s: input of %s costs %v, want %v", p.ID, m.ID, got, want)
			}
		}
	}
	if priced < 500 || endpoints < 30 {
		t.Errorf("%d prices and %d addresses: the catalogue is thinner than it was", priced, endpoints)
	}
}

func canonicalForm(id string) bool {
	author, slug, ok := strings.Cut(id, "/")
	return ok && author != "" && slug != "" && !strings.Contains(slug, "/") && id == strings.ToLower(id) && !strings.ContainsAny(id, " \t\n")
}

func TestCatalogueIDsAreCanonical(t *testing.T) {
	c := loadCatalogue()
	for _, w := range []struct{ provider, upstream, want string }{
		{"openai", "gpt-4o", "openai/gpt-4o"},
		{"openai", "o3", "openai/o3"},
		{"anthropic", "claude-opus-4-8", "anthropic/claude-opus-4.8"},
		{"anthropic", "claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4.5"},
		{"gemini", "gemini-2.5-pro", "google/gemini-2.5-pro"},
		{"xai", "grok-4.3", "x-ai/grok-4.3"},
		{"fireworks", "accounts/fireworks/models/glm-5p2", "z-ai/glm-5.2"},
		{"baseten", "deepseek-ai/DeepSeek-V4-Pro", "deepseek/deepseek-v4-pro"},
		{"minimax", "MiniMax-M3", "minimax/minimax-m3"},
		{"cerebras", "zai-glm-4.7", "z-ai/glm-4.7"},
		{"synthetic", "hf:zai-org/GLM-5.2", "z-ai/glm-5.2"},
		{"synthetic", "syn:small:text", "synthetic/syn:small:text"},
		{"huggingface", "openai/gpt-oss-120b:groq", "openai/gpt-oss-120b:groq"},
		{"cortecs", "apertus-70b", "cortecs/apertus-70b"},
	} {
		found, err := c.find(&config.Provider{Name: w.provider})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for i, id := range c.canon.ids(found) {
			if found.Models[i].ID == w.upstream {
				got = id
			}
		}
		if got != w.want {
			t.Errorf("%s calls %q what became %q, want %q", w.provider, w.upstream, got, w.want)
		}
	}
}

func TestAProviderIsFoundInTheCatalogue(t *testing.T) {
	c := loadCatalogue()
	for _, w := range []struct{ name, told, id, base, want string }{
		{"by its name", "", "openai", "", "openai"},
		{"by its name in capitals", "", "OpenAI", "", "openai"},
		{"by the id it is given", "groq", "mine", "", "groq"},
		{"by its host", "", "mine", "https://openrouter.ai/api/v1", "openrouter"},
		{"by its host when the id repeats the name", "mine", "mine", "https://api.openai.com/v1", "openai"},
	} {
		p := &config.Provider{Name: w.id, CatalogueID: w.told}
		if w.base != "" {
			p.BaseURL, _ = url.Parse(w.base)
		}
		found, err := c.find(p)
		if err != nil || string(found.ID) != w.want {
			t.Errorf("%s: %v, %v; want %s", w.name, found, err, w.want)
		}
	}
}

func TestConfiguredModelsOverrideTheCatalogues(t *testing.T) {
	p := provider("anthropic")
	p.Catalogue = true
	p.Models = []config.Model{
		{ID: "anthropic/claude-sonnet-4.5", Upstream: "claude-sonnet-4.5", Price: &config.Price{Input: 1, Output: 2}},
		{ID: "anthropic/claude-opus-4.8", Upstream: "my-own-opus", Context: 77, Supports: []string{"tools"}},
		{ID: "anthropic/not-in-the-catalogue"},
	}
	m := mustBuild(t, &config.Config{Providers: []config.Provider{p}}, nil)
	if got := m.Providers[0].BaseURL.String(); got != "https://api.anthropic.com/v1" {
		t.Errorf("the address is %s", got)
	}
	sonnet, opus := m.Offers[0], m.Offers[1]
	if sonnet.Price.Input != 1 || sonnet.Upstream != "claude-sonnet-4-5-20250929" || sonnet.Context == 0 ||
		sonnet.Known != Tools|Vision|Reasoning || sonnet.SupportsKnown {
		t.Errorf("price is configured, the rest is the catalogue's: %+v", sonnet)
	}
	if opus.Upstream != "my-own-opus" || opus.Context != 77 || opus.Price == nil || opus.Supports != Tools || !opus.SupportsKnown {
		t.Errorf("upstream, context and features are configured, the price is the catalogue's: %+v", opus)
	}
	if len(m.Offers) < 10 || len(m.Listing("anthropic/claude-sonnet-4.5").Offers) != 1 {
		t.Errorf("%d offers, with %d of one model", len(m.Offers), len(m.Listing("anthropic/claude-sonnet-4.5").Offers))
	}
	for _, name := range []string{"claude-sonnet-4.5", "claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4.5"} {
		if model, _, err := m.Resolve(name); err != nil || model != "anthropic/claude-sonnet-4.5" {
			t.Errorf("%s means %q, %v", name, model, err)
		}
	}
}

func BenchmarkLoadCatalogue(b *testing.B) {
	for b.Loop() {
		loadCatalogue()
	}
}
