package config

import (
	"maps"
	"slices"
	"strings"
	"time"
)

func (d *decoder) providers(n node) {
	d.list(n, "[{name: alpha, base_url: ...}]", func(item node) { d.provider(item) })
}

func (d *decoder) provider(n node) {
	p := Provider{Type: TypeCompany, API: "openai", StreamUsage: true, Line: n.target().Line}
	known := fields{
		"name":         func(v node) { p.Name = d.pattern(v, isName, nameRule) },
		"type":         func(v node) { p.Type = d.enum(v, TypeCompany, TypeCommunity, TypeSelfHosted) },
		"api":          func(v node) { p.API = d.api(v) },
		"base_url":     func(v node) { d.baseURL(v, &p) },
		"headers":      func(v node) { p.Headers = d.headers(v) },
		"stream_usage": func(v node) { p.StreamUsage = d.boolean(v) },
		"traceparent":  func(v node) { p.Traceparent = d.boolean(v) },
		"regions":      func(v node) { p.Regions = d.regions(v) },
		"data":         func(v node) { p.Data = d.dataPolicy(v) },
		"catalogue":    func(v node) { p.Catalogue = d.boolean(v) },
		"catalogue_id": func(v node) { p.CatalogueID = d.pattern(v, isName, nameRule) },
		"models":       func(v node) { p.Models = d.models(v) },
		"timeouts":     func(v node) { d.timeouts(v, &p.Timeouts, false) },
		"floor":        func(v node) { p.Floor = d.floor(v) },
		"tls_ca":       func(v node) { p.TLSCA = d.authority(v) },
		"simulated":    func(v node) { p.Simulated = d.boolean(v) },
		"probe":        func(v node) { p.Probe = d.probe(v) },
	}
	maps.Copy(known, d.providerKeys(&p))
	seen := d.mapping(n, known)
	if seen == nil {
		d.refs.open = true
		return
	}
	d.checkProvider(n, seen, &p)
	if p.Catalogue && p.CatalogueID == "" {
		p.CatalogueID = p.Name
	}
	d.cfg.Providers = append(d.cfg.Providers, p)
}

func (d *decoder) checkProvider(n node, seen map[string]node, p *Provider) {
	d.require(n, seen, "name", "a provider needs a name, such as name: alpha")
	d.require(n, seen, "base_url", "a provider needs the URL that its API is under, such as https://api.alpha.example/v1")
	if first, twice := d.refs.providers[p.Name]; twice && p.Name != "" {
		d.errorf(seen["name"], "the provider on line %d has this name; names must differ", first.yaml.Line)
	} else {
		d.refs.providers[p.Name] = n
	}
	models, hasModels := seen["models"]
	switch {
	case p.Catalogue:
		d.refs.open = true
	case !hasModels:
		d.errorf(n, "models is missing; list the provider's models, or set catalogue: true where the built-in catalogue knows it")
		d.refs.open = true
	case len(p.Models) == 0 && d.clean(models):
		d.errorf(models, "is empty; list the provider's models, or set catalogue: true where the built-in catalogue knows it")
	}
	if at, ok := seen["probe"]; ok && p.Probe != nil && !p.Catalogue && d.clean(n) &&
		!slices.ContainsFunc(p.Models, func(m Model) bool { return m.ID == p.Probe.Model }) {
		d.errorf(at, "model must be one of the provider's models")
	}
	if v, ok := seen["catalogue_id"]; ok && !p.Catalogue {
		d.errorf(v, "has no effect without catalogue: true; add it or remove this")
	}
	for name := range p.Headers {
		if strings.EqualFold(name, "authorization") && len(p.Keys) > 0 {
			d.errorf(seen["headers"], "authorization and an API key are both set; remove one")
		}
	}
	if p.BaseURL == nil || p.BaseURL.Scheme == "https" {
		return
	}
	if v, ok := seen["tls_ca"]; ok {
		d.errorf(v, "has no effect on an http:// base_url; write https:// or remove this")
	}
	if p.CarriesCredential() && !privateHost(p.BaseURL.Hostname()) {
		d.errorf(seen["base_url"], "http:// would send the provider's key in the clear; write https://, or use a private address")
	}
}

// probe reads how often souk asks by itself, and for what.
func (d *decoder) probe(n node) *Probe {
	const least = 5 * time.Second
	p := &Probe{}
	seen := d.mapping(n, fields{
		"every": func(v node) { p.Every = d.duration(v, least) },
		"model": func(v node) { p.Model = d.pattern(v, isModelID, modelRule) },
	})
	if seen == nil {
		return nil
	}
	d.require(n, seen, "every", "a probe needs how long no caller has asked before souk does, such as 1m; each costs money")
	d.require(n, seen, "model", "a probe needs the id of one of the provider's models")
	return p
}

func (d *decoder) baseURL(n node, p *Provider) {
	s := d.text(n)
	if s == "" {
		return
	}
	u, err := parseBaseURL(s)
	if err != nil {
		d.errorf(n, "%v", err)
		return
	}
	p.BaseURL = u
}

func (d *decoder) api(n node) string {
	switch s := d.text(n); s {
	case "", "openai":
		return s
	case "anthropic", "gemini", "responses":
		d.errorf(n, "%s is not available in this version; use openai", s)
	default:
		d.errorf(n, "unknown value %s; use openai", quoted(n))
	}
	return ""
}

func (d *decoder) regions(n node) []string {
	return d.texts(n, "[eu]", func(item node) string { return d.pattern(item, isWord, wordRule) })
}

func (d *decoder) dataPolicy(n node) DataPolicy {
	var p DataPolicy
	d.mapping(n, fields{
		"retention_days": func(v node) { days := d.integer(v, 0, 100_000); p.RetentionDays = &days },
		"trains":         func(v node) { trains := d.boolean(v); p.Trains = &trains },
	})
	return p
}

func (d *decoder) models(n node) []Model {
	var list []Model
	own := map[string]node{}
	d.list(n, "[{id: meta-llama/llama-3.3-70b-instruct}]", func(item node) {
		m, ok := d.model(item)
		if !ok {
			d.refs.open = true
			return
		}
		if first, twice := own[m.ID]; twice {
			d.errorf(item, "this model is also on line %d of the same provider; remove one", first.yaml.Line)
			return
		}
		own[m.ID] = item
		d.refs.models[m.ID] = true
		list = append(list, m)
	})
	return list
}

// model reads one offer; ok tells whether it has an id.
func (d *decoder) model(n node) (m Model, ok bool) {
	const mostTokens = 1_000_000_000
	seen := d.mapping(n, fields{
		"id":           func(v node) { m.ID = d.pattern(v, isModelID, modelRule) },
		"upstream":     func(v node) { m.Upstream = d.text(v) },
		"price":        func(v node) { m.Price = d.prices(v) },
		"context":      func(v node) { m.Context = d.integer(v, 1, mostTokens) },
		"max_output":   func(v node) { m.MaxOutput = d.integer(v, 1, mostTokens) },
		"quantization": func(v node) { m.Quantization = d.pattern(v, isWord, wordRule) },
		"supports": func(v node) {
			m.Supports = d.texts(v, "[tools, vision]", func(item node) string { return d.enum(item, Features()...) })
		},
		"regions":  func(v node) { m.Regions = d.regions(v) },
		"timeouts": func(v node) { d.timeouts(v, &m.Timeouts, false) },
		"floor":    func(v node) { m.Floor = d.floor(v) },
	})
	if seen == nil {
		return m, false
	}
	d.require(n, seen, "id", "a model needs an id author/slug, such as meta-llama/llama-3.3-70b-instruct")
	if m.ID == "" {
		return m, false
	}
	if m.Upstream == "" {
		_, m.Upstream, _ = strings.Cut(m.ID, "/")
	}
	return m, true
}

func (d *decoder) prices(n node) *Price {
	var p Price
	seen := d.mapping(n, fields{
		"input":       func(v node) { p.Input = d.price(v) },
		"output":      func(v node) { p.Output = d.price(v) },
		"cache_read":  func(v node) { p.CacheRead = d.price(v) },
		"cache_write": func(v node) { p.CacheWrite = d.price(v) },
	})
	if seen == nil {
		return nil
	}
	d.require(n, seen, "input", "a price needs input and output in USD per million tokens; 0 is free")
	d.require(n, seen, "output", "a price needs input and output in USD per million tokens; 0 is free")
	if _, ok := seen["cache_read"]; !ok {
		p.CacheRead = p.Input
	}
	if _, ok := seen["cache_write"]; !ok {
		p.CacheWrite = p.Input
	}
	return &p
}
