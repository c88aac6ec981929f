package market

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

// Models is the view of all models.
func (m *Market) Models() *ModelList {
	models := &ModelList{Object: "list", Data: make([]ModelView, len(m.listings))}
	for i, l := range m.listings {
		models.Data[i] = *l.View()
	}
	return models
}

// View is the view of one model.
func (l *Listing) View() *ModelView {
	author, _, _ := strings.Cut(l.Model, "/")
	v := &ModelView{
		ID: l.Model, Object: "model", Created: l.Created.Unix(), OwnedBy: author, CanonicalSlug: l.Model, Name: l.Name,
		Architecture: l.architecture(), SupportedParameters: parameters(l.supports()), Offers: len(l.Offers), Simulated: l.simulated(),
	}
	context := 0
	for _, o := range l.Offers {
		context = max(context, o.Context)
	}
	v.ContextLength = known(context)
	top := l.cheapest()
	v.Pricing = pricing(top.Price)
	v.TopProvider = &TopProviderView{
		Name: top.Provider.Name, ContextLength: known(top.Context), MaxCompletionTokens: known(top.MaxOutput),
	}
	return v
}

// Endpoints is the view of a model's offers; nil when nobody offers it. figures are the market's by Offer.Index,
// or nil to leave out all that is live.
func (m *Market) Endpoints(model string, figures []Figures, now time.Time) *EndpointList {
	l := m.byModel[model]
	if l == nil {
		return nil
	}
	data := EndpointsOfModel{
		ID: l.Model, Name: l.Name, Created: l.Created.Unix(), Architecture: l.architecture(), Simulated: l.simulated(),
	}
	for _, o := range l.Offers {
		data.Endpoints = append(data.Endpoints, endpoint(l, o, figures, now))
	}
	return &EndpointList{Data: data}
}

// AllEndpoints is the view of every offer on the market, sorted by model.
func (m *Market) AllEndpoints(figures []Figures, now time.Time) []EndpointView {
	all := make([]EndpointView, 0, len(m.Offers))
	for _, l := range m.listings {
		for _, o := range l.Offers {
			all = append(all, endpoint(l, o, figures, now))
		}
	}
	return all
}

func endpoint(l *Listing, o *Offer, figures []Figures, now time.Time) EndpointView {
	v := EndpointView{
		Name: o.ID, ModelID: o.Model, ModelName: l.Name, ProviderName: o.Provider.Name, Tag: o.Provider.Name,
		ContextLength: known(o.Context), Pricing: pricing(o.Price), MaxCompletionTokens: known(o.MaxOutput),
		SupportedParameters: parameters(o.Supports), Type: o.Provider.Type, Regions: list(o.Regions),
		DataPolicy: DataView(o.Provider.Data), Simulated: o.Provider.Simulated,
	}
	if o.Quantization != "" {
		v.Quantization = &o.Quantization
	}
	if figures != nil {
		v.live(&figures[o.Index], o.Stats, now)
	}
	return v
}

func (v *EndpointView) live(f *Figures, stats *Stats, now time.Time) {
	v.State, v.Status, v.RestsForMS = f.State.String(), status(f.State), f.RestsFor.Milliseconds()
	v.InFlight = &f.InFlight
	v.UptimeLast5m, v.UptimeLast30m = percent(f.Uptime5), percent(f.Uptime30)
	v.LatencyLast5m, v.TotalLast5m = spreadOf(f.FirstToken), spreadOf(f.Latency)
	if f.Throughput > 0 {
		v.ThroughputLast5m = rounded(f.Throughput)
	}
	firstToken, rate := stats.last30(now)
	v.LatencyLast30m = spread(&firstToken, 1000, false)
	v.ThroughputLast30m = spread(&rate, rateUnit, true)

	t := stats.Totals()
	v.Totals = &TotalsView{Attempts: make(map[string]int64), InputTokens: t.InputTokens, OutputTokens: t.OutputTokens,
		CostUSD: json.Number(t.Cost.String())}
	for kind, n := range t.Attempts {
		if n > 0 {
			v.Totals.Attempts[Kind(kind).String()] = n
		}
	}
}

// ProvidersView is the view of all providers. figures may be nil, as for Endpoints.
func (m *Market) ProvidersView(figures []Figures) *ProviderList {
	providers := &ProviderList{Data: make([]ProviderView, len(m.Providers))}
	at := make(map[*Provider]*ProviderView, len(m.Providers))
	best := make(map[*Provider]State, len(m.Providers))
	for i, p := range m.Providers {
		providers.Data[i] = ProviderView{
			Name: p.Name, Slug: p.Name, Type: p.Type, Regions: list(p.Regions), DataPolicy: DataView(p.Data), Simulated: p.Simulated,
		}
		at[p], best[p] = &providers.Data[i], Barred
	}
	for _, o := range m.Offers {
		at[o.Provider].Models++
		if figures != nil {
			best[o.Provider] = min(best[o.Provider], figures[o.Index].State)
			at[o.Provider].State = best[o.Provider].String()
		}
	}
	return providers
}

// list makes an empty list of a missing one, since clients iterate over it.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// cheapest is the offer with the lowest price for three input tokens and one output token, about what a chat
// uses; offers of unknown price come last.
func (l *Listing) cheapest() *Offer {
	return slices.MinFunc(l.Offers, func(a, b *Offer) int {
		switch {
		case a.Price == nil && b.Price == nil:
			return 0
		case a.Price == nil:
			return 1
		case b.Price == nil:
			return -1
		}
		return cmp.Compare(blended(a.Price), blended(b.Price))
	})
}

func blended(p *config.Price) money.PerMillion { return 3*p.Input + p.Output }

func (l *Listing) simulated() bool {
	return slices.ContainsFunc(l.Offers, func(o *Offer) bool { return o.Provider.Simulated })
}

func (l *Listing) supports() (f Features) {
	for _, o := range l.Offers {
		f |= o.Supports
	}
	return f
}

func (l *Listing) architecture() *ArchitectureView {
	var about Features
	for _, o := range l.Offers {
		about |= o.Known
	}
	if about == 0 {
		return nil
	}
	in, out, supports := []string{"text"}, "text", l.supports()
	for _, f := range [...]struct {
		feature  Features
		modality string
	}{{Vision, "image"}, {Files, "file"}, {Audio, "audio"}} {
		if supports&f.feature != 0 {
			in = append(in, f.modality)
		}
	}
	if supports&Embeddings != 0 {
		out = "embeddings"
	}
	return &ArchitectureView{Modality: strings.Join(in, "+") + "->" + out, InputModalities: in, OutputModalities: []string{out}}
}

// parameters are the request parameters that stand for features, in OpenRouter's words.
func parameters(f Features) []string {
	params := []string{}
	for _, p := range [...]struct {
		feature Features
		names   []string
	}{
		{Tools, []string{"tools", "tool_choice"}},
		{JSONSchema | JSONObject, []string{"response_format"}},
		{JSONSchema, []string{"structured_outputs"}},
		{Reasoning, []string{"reasoning", "include_reasoning"}},
		{Logprobs, []string{"logprobs", "top_logprobs"}},
	} {
		if f&p.feature != 0 {
			params = append(params, p.names...)
		}
	}
	return params
}

func pricing(p *config.Price) *PricingView {
	if p == nil {
		return nil
	}
	return &PricingView{p.Input.PerToken(), p.Output.PerToken(), p.CacheRead.PerToken(), p.CacheWrite.PerToken()}
}

// status is the state as OpenRouter's scale has it: 0 in service, -2 degraded, -5 out for now, -10 out.
func status(s State) *int { return &[]int{0, 0, -2, -5, -10}[s] }

func known(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

func percent(share float64) *float64 {
	if share < 0 {
		return nil
	}
	return rounded(100 * share)
}

// rounded keeps four digits after the point, which is more than any of the figures is good for.
func rounded(v float64) *float64 {
	v = float64(int64(v*1e4+0.5)) / 1e4
	return &v
}

func spreadOf(p Percentiles) *SpreadView {
	if p.Count == 0 {
		return nil
	}
	ms := func(d time.Duration) float64 { return *rounded(float64(d) / float64(time.Millisecond)) }
	return &SpreadView{P50: ms(p.P50), P90: ms(p.P90), P99: ms(p.P99)}
}

// spread reads percentiles in the unit that makes per units of the histogram; more is better for rates, whose
// percentiles count from above.
func spread(c *counts, per float64, moreIsBetter bool) *SpreadView {
	n := c.total()
	if n == 0 {
		return nil
	}
	at := func(q float64) float64 {
		if moreIsBetter {
			q = 1 - q
		}
		return *rounded(c.quantile(q, n) / per)
	}
	p75 := at(0.75)
	return &SpreadView{P50: at(0.5), P75: &p75, P90: at(0.9), P99: at(0.99)}
}
