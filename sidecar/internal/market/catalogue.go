package market

import (
	"cmp"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"

	"charm.land/catwalk/pkg/catwalk"
	"charm.land/catwalk/pkg/embedded"
	"github.com/agnivade/levenshtein"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

// catalogue is the built-in list of providers, their models and prices (catwalk). Loading it parses 0.7 MB of
// JSON, so it is done only for a configuration that asks for it, and what is not used is not kept.
type catalogue struct {
	providers []catwalk.Provider
	canon     canon
}

// aggregator is the catalogued provider whose model ids are the canonical ones.
const aggregator = "openrouter"

func loadCatalogue() *catalogue {
	c := &catalogue{providers: embedded.GetAll()}
	for i := range c.providers {
		if c.providers[i].ID == aggregator {
			c.canon = newCanon(c.providers[i].Models)
		}
	}
	return c
}

// find is the catalogue's entry for a provider: by the id that the configuration gives, by the provider's own
// name, or by the host that it is reached at.
func (c *catalogue) find(p *config.Provider) (*catwalk.Provider, error) {
	id := cmp.Or(p.CatalogueID, p.Name)
	for i := range c.providers {
		if strings.EqualFold(string(c.providers[i].ID), id) {
			return &c.providers[i], nil
		}
	}
	if strings.EqualFold(id, p.Name) && p.BaseURL != nil && p.BaseURL.Host != "" {
		for i := range c.providers {
			endpoint, err := url.Parse(endpointOf(&c.providers[i]))
			if err == nil && strings.EqualFold(endpoint.Hostname(), p.BaseURL.Hostname()) {
				return &c.providers[i], nil
			}
		}
	}
	return nil, fmt.Errorf("the catalogue has no provider %q: set catalogue_id to one that it has (nearest: %s), or list the models instead",
		shorten(id), strings.Join(c.nearest(id, 3), ", "))
}

func (c *catalogue) nearest(id string, n int) []string {
	id = strings.ToLower(shorten(id))
	ids := make([]string, len(c.providers))
	for i := range c.providers {
		ids[i] = string(c.providers[i].ID)
	}
	slices.SortStableFunc(ids, func(a, b string) int {
		return levenshtein.ComputeDistance(id, a) - levenshtein.ComputeDistance(id, b)
	})
	return ids[:min(n, len(ids))]
}

// endpointOf is the address of a catalogued provider; empty when it has none that is the same for everybody. For
// some the catalogue names an environment variable that overrides the provider's well-known address.
func endpointOf(p *catwalk.Provider) string {
	switch p.APIEndpoint {
	case "$OPENAI_API_ENDPOINT":
		return "https://api.openai.com/v1"
	case "$ANTHROPIC_API_ENDPOINT":
		return "https://api.anthropic.com/v1"
	case "$GEMINI_API_ENDPOINT":
		return "https://generativelanguage.googleapis.com/v1beta/openai"
	}
	if strings.HasPrefix(p.APIEndpoint, "$") {
		return ""
	}
	return p.APIEndpoint
}

// terms are a catalogued provider's models under their canonical ids, in the catalogue's order.
func (c *catalogue) terms(p *catwalk.Provider) []terms {
	all := make([]terms, len(p.Models))
	for i, id := range c.canon.ids(p) {
		m := &p.Models[i]
		all[i] = terms{
			Model: config.Model{ID: id, Upstream: m.ID, Price: priceOf(m), Context: int(m.ContextWindow), Supports: supportsOf(m)},
			name:  m.Name,
			known: Tools | Vision | Reasoning,
			own:   m.ID,
		}
	}
	return all
}

// priceOf takes the prices of input and output. Those of cached tokens are left out: the catalogue means
// different things by them from provider to provider. Nothing at all is unknown (plans paid by the month say
// that), unless the model's name says that it is free.
func priceOf(m *catwalk.Model) *config.Price {
	if m.CostPer1MIn == 0 && m.CostPer1MOut == 0 && !strings.HasSuffix(m.ID, "free") {
		return nil
	}
	if m.CostPer1MIn < 0 || m.CostPer1MOut < 0 {
		return nil
	}
	in, out := perMillion(m.CostPer1MIn), perMillion(m.CostPer1MOut)
	return &config.Price{Input: in, Output: out, CacheRead: in, CacheWrite: in}
}

// perMillion rounds to the micro-dollar, which undoes what binary fractions do to the catalogue's decimals.
func perMillion(usd float64) money.PerMillion {
	return money.PerMillion(math.Round(usd*1e6)) * 1000
}

// supportsOf: the catalogue lists only models that call tools, and says which see images and which reason.
func supportsOf(m *catwalk.Model) []string {
	supports := Tools
	if m.SupportsImages {
		supports |= Vision
	}
	if m.CanReason {
		supports |= Reasoning
	}
	return supports.Names()
}
