package route

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

// ParsePreferences reads the JSON provider object of a request. It is strict: what it does not understand, it
// does not ignore. A null is as good as absent, for the object itself and for each of its fields; so is an
// empty list. Errors are 400 and name the field.
//
// As OpenRouter does, it takes sort as a name or as {by, partition}, and the preferred_ fields as a number or
// as {p50, p75, p90, p99}, of which the lowest percentile that is given counts: souk compares it with the p50.
// The request and image prices of max_price are read and have no effect, since offers have no such prices.
func ParsePreferences(raw []byte) (*Preferences, *fault.Error) {
	r := &reader{path: "provider"}
	p := new(Preferences)
	fields := map[string]func(json.RawMessage){
		"order":              func(v json.RawMessage) { p.Order = r.strings(v) },
		"only":               func(v json.RawMessage) { p.Only = r.strings(v) },
		"ignore":             func(v json.RawMessage) { p.Ignore = r.strings(v) },
		"allow_fallbacks":    func(v json.RawMessage) { b := r.boolean(v); p.AllowFallbacks = &b },
		"require_parameters": func(v json.RawMessage) { p.RequireParameters = r.boolean(v) },
		"data_collection":    func(v json.RawMessage) { p.DataCollection = r.oneOf(v, Allow, Deny) },
		"zdr":                func(v json.RawMessage) { p.ZDR = r.boolean(v) },
		"quantizations":      func(v json.RawMessage) { p.Quantizations = r.strings(v) },
		"sort":               func(v json.RawMessage) { p.Sort = r.sort(v) },
		"max_price":          func(v json.RawMessage) { p.MaxPrice = r.maxPrice(v) },

		"preferred_min_throughput": func(v json.RawMessage) { p.MinThroughput = r.percentile(v, "tokens per second") },
		"preferred_max_latency":    func(v json.RawMessage) { p.MaxLatency = r.percentile(v, "seconds") },

		"region": func(v json.RawMessage) { p.Regions = r.stringOrList(v) },
		"type": func(v json.RawMessage) {
			p.Types = r.stringOrList(v)
			for _, t := range p.Types {
				r.check(slices.Contains(providerTypes(), t), "holds %q, which is not a type; use %s", t, strings.Join(providerTypes(), ", "))
			}
		},
		"min_uptime": func(v json.RawMessage) {
			p.MinUptime = r.number(v, 0, 100, "a percentage from 0 to 100")
			if p.MinUptime <= 1 {
				p.MinUptime *= 100 // a share: nobody asks for an uptime of one percent
			}
		},
	}
	if !r.whole(raw) {
		return nil, r.err
	}
	r.object(raw, fields)
	if r.err != nil {
		return nil, r.err
	}
	return p, nil
}

func providerTypes() []string {
	return []string{config.TypeCompany, config.TypeCommunity, config.TypeSelfHosted}
}

// sort reads an order's name or OpenRouter's {by, partition}.
func (r *reader) sort(v json.RawMessage) string {
	var by string
	if kindOf(v) != kindObject {
		return r.oneOf(v, sortNames[:]...)
	}
	r.object(v, map[string]func(json.RawMessage){
		"by": func(v json.RawMessage) { by = r.oneOf(v, sortNames[:]...) },
		"partition": func(v json.RawMessage) {
			partition := r.oneOf(v, "model", "none")
			r.check(partition != "none", `is "none", but souk sorts the offers of each model by themselves; use "model"`)
		},
	})
	return by
}

func (r *reader) maxPrice(v json.RawMessage) *MaxPrice {
	m := new(MaxPrice)
	price := func(into **money.PerMillion) func(json.RawMessage) {
		return func(v json.RawMessage) {
			p := r.price(v)
			*into = &p
		}
	}
	var unused *money.PerMillion
	r.object(v, map[string]func(json.RawMessage){
		"prompt": price(&m.Prompt), "completion": price(&m.Completion),
		"request": price(&unused), "image": price(&unused),
	})
	if m.Prompt == nil && m.Completion == nil {
		return nil
	}
	return m
}

// price reads USD per million tokens, exactly, from a number or a string.
func (r *reader) price(v json.RawMessage) money.PerMillion {
	text := string(v)
	switch kindOf(v) {
	case kindText:
		text = r.text(v)
	case kindNumber:
	default:
		r.fail("is %s; it should be a price in USD per million tokens, such as 0.80", kindOf(v))
		return 0
	}
	n, err := money.Parse(text)
	r.check(err == nil, "is not a price in USD per million tokens: %v", err)
	return money.PerMillion(n)
}

// percentile reads a number above 0, or the lowest of a percentile object.
func (r *reader) percentile(v json.RawMessage, unit string) float64 {
	want := "a number of " + unit + " above 0"
	if kindOf(v) != kindObject {
		return r.number(v, tiny, huge, want+", or {p50, p75, p90, p99}")
	}
	var values [4]float64
	fields := make(map[string]func(json.RawMessage), len(values))
	for i, name := range []string{"p50", "p75", "p90", "p99"} {
		fields[name] = func(v json.RawMessage) { values[i] = r.number(v, tiny, huge, want) }
	}
	r.object(v, fields)
	for _, value := range values {
		if value > 0 {
			return value
		}
	}
	return 0
}
