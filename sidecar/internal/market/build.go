package market

import (
	"fmt"
	"net/url"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
)

// Default timeouts, for what neither model, provider nor routing sets. The first token of an offer that reasons
// may come after it has thought.
const (
	defaultConnect             = time.Second
	defaultFirstToken          = 10 * time.Second
	defaultFirstTokenReasoning = 120 * time.Second
	defaultAnswer              = 2 * time.Minute
	defaultIdle                = 10 * time.Second
	defaultTotal               = 10 * time.Minute
)

// Build compiles a configuration into a market. Offers that prev (which may be nil) has under the same id keep
// their statistics, the very same Stats; the others start empty. The catalogue is loaded only when a provider
// asks for it.
func Build(cfg *config.Config, prev *Market, now func() time.Time) (*Market, error) {
	b := builder{cfg: cfg, market: &Market{}, now: now(), stats: map[string]*Stats{}, taken: map[string]bool{}}
	if prev != nil {
		for _, o := range prev.Offers {
			b.stats[o.ID] = o.Stats
		}
	}
	for i := range cfg.Providers {
		if err := b.provider(&cfg.Providers[i]); err != nil {
			return nil, fmt.Errorf("%sprovider %q: %w", place(cfg, &cfg.Providers[i]), cfg.Providers[i].Name, err)
		}
	}
	b.market.list(prev, b.now)
	if err := b.market.nameModels(cfg.Aliases); err != nil {
		return nil, err
	}
	return b.market, nil
}

// place is where a provider stands in its file, as a prefix for errors.
func place(cfg *config.Config, p *config.Provider) string {
	if cfg.Path == "" || p.Line == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", cfg.Path, p.Line)
}

type builder struct {
	cfg       *config.Config
	market    *Market
	now       time.Time
	stats     map[string]*Stats // of the market before, by offer id
	taken     map[string]bool   // offer ids
	catalogue *catalogue
}

// terms are a configured or catalogued model on its way to an offer.
type terms struct {
	config.Model
	name  string
	known Features
	own   string // the catalogue's own id; empty for a model that is not in it
}

func (b *builder) provider(c *config.Provider) error {
	p := &Provider{
		Name: c.Name, Type: c.Type, API: c.API, BaseURL: c.BaseURL, Regions: c.Regions,
		Data: c.Data, Simulated: c.Simulated, Config: c,
	}
	models, err := b.models(c, p)
	if err != nil {
		return err
	}
	b.market.Providers = append(b.market.Providers, p)
	for i := range models {
		o := b.offer(p, &models[i])
		if b.taken[o.ID] {
			return fmt.Errorf("model %q is there twice: remove one", o.Model)
		}
		b.taken[o.ID] = true
		b.market.Offers = append(b.market.Offers, o)
	}
	return nil
}

// models are the configured ones, completed from the catalogue where it knows them, then the catalogue's others.
func (b *builder) models(c *config.Provider, p *Provider) ([]terms, error) {
	var models, extra []terms
	if c.Catalogue {
		if b.catalogue == nil {
			b.catalogue = loadCatalogue()
		}
		found, err := b.catalogue.find(c)
		if err != nil {
			return nil, err
		}
		extra = b.catalogue.terms(found)
		if p.BaseURL == nil {
			if p.BaseURL, err = url.Parse(endpointOf(found)); err != nil || p.BaseURL.Host == "" {
				return nil, fmt.Errorf("the catalogue has no address for %q: set base_url", found.ID)
			}
		}
	}
	catalogued := make(map[string]int, len(extra))
	for i := range extra {
		catalogued[extra[i].ID] = i
	}
	overridden := make([]bool, len(extra))
	for _, m := range c.Models {
		t := terms{Model: m}
		if m.Supports != nil {
			t.known = allFeatures
		}
		if i, ok := catalogued[m.ID]; ok {
			overridden[i] = true
			t.complete(&extra[i])
		}
		models = append(models, t)
	}
	for i := range extra {
		if !overridden[i] {
			models = append(models, extra[i])
		}
	}
	return models, nil
}

// complete takes from the catalogue what the configuration leaves open.
func (t *terms) complete(from *terms) {
	t.name, t.own = from.name, from.own
	if t.Price == nil {
		t.Price = from.Price
	}
	if t.Context == 0 {
		t.Context = from.Context
	}
	if t.Supports == nil {
		t.Supports, t.known = from.Supports, from.known
	}
	// The default upstream name is a guess that the catalogue betters.
	if t.Upstream == "" || t.Upstream == slugOf(t.ID) {
		t.Upstream = from.Upstream
	}
}

func (b *builder) offer(p *Provider, t *terms) *Offer {
	o := &Offer{
		ID: p.Name + "/" + t.ID, Index: len(b.market.Offers), Provider: p,
		Model: t.ID, Name: t.name, Upstream: t.Upstream,
		Price: t.Price, Context: t.Context, MaxOutput: t.MaxOutput, Quantization: t.Quantization,
		Regions: t.Regions, Supports: ParseFeatures(t.Supports), Known: t.known, SupportsKnown: t.known == allFeatures,
	}
	if o.Upstream == "" {
		o.Upstream = slugOf(o.Model)
	}
	if o.Regions == nil {
		o.Regions = p.Regions
	}
	o.Timeouts = timeouts(o.Supports, t.Timeouts, p.Config.Timeouts, b.cfg.Routing.Timeouts)
	for _, floor := range []*config.Floor{t.Floor, p.Config.Floor, b.cfg.Routing.Floor} {
		if floor != nil {
			o.Floor = *floor
			break
		}
	}
	if t.own != "" {
		b.market.names.own(t.own, o.Model)
	}
	if o.Stats = b.stats[o.ID]; o.Stats == nil {
		o.Stats = NewStats(b.now)
	}
	return o
}

// timeouts takes each field from the first that sets it, then from the defaults.
func timeouts(supports Features, from ...config.Timeouts) config.Timeouts {
	defaults := config.Timeouts{
		Connect: defaultConnect, FirstToken: defaultFirstToken, Answer: defaultAnswer,
		Idle: defaultIdle, Total: defaultTotal,
	}
	if supports&Reasoning != 0 {
		defaults.FirstToken = defaultFirstTokenReasoning
	}
	var t config.Timeouts
	for _, f := range append(from, defaults) {
		first(&t.Connect, f.Connect)
		first(&t.FirstToken, f.FirstToken)
		first(&t.Answer, f.Answer)
		first(&t.Idle, f.Idle)
		first(&t.Total, f.Total)
	}
	return t
}

func first(d *time.Duration, or time.Duration) {
	if *d == 0 {
		*d = or
	}
}
