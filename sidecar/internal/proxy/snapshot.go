package proxy

import (
	"time"

	"github.com/soukproxy/souk/sidecar/internal/caller"
	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/route"
	"github.com/soukproxy/souk/sidecar/internal/telemetry"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
)

// Snapshot is all that a request sees of the configuration and the market: one generation, immutable. A request loads it once.
type Snapshot struct {
	Generation int64
	Config     *config.Config
	Market     *market.Market
	Book       *route.Book
	Targets    *upstream.Targets
	Keys       *caller.Keys
	Gateways   *caller.Gateways // nil: there are no keys to check hand-offs with
	Guard      *Guard           // nil: redaction is off
	Offers     []Served         // by Offer.Index
	Policy     route.Policy

	origins map[string]bool
	hosts   map[string]bool
}

// Served is what the request path keeps beside an offer.
type Served struct {
	Dialect *dialect.Dialect
	Metrics *telemetry.OfferMetrics
}

// NewSnapshot completes a snapshot from its parts.
func NewSnapshot(s Snapshot, dialects map[string]*dialect.Dialect, m *telemetry.Metrics) *Snapshot {
	s.Offers = make([]Served, len(s.Market.Offers))
	for i, o := range s.Market.Offers {
		s.Offers[i] = Served{Dialect: dialects[o.Provider.API], Metrics: m.OfferMetrics(o.ID, o.Provider.Name, o.Model, o.Provider.Simulated)}
	}
	s.Policy = route.Policy{Sort: s.Config.Routing.Sort, Attempts: s.Config.Routing.Attempts}
	s.origins = map[string]bool{}
	for _, origin := range s.Config.CORS {
		s.origins[origin] = true
	}
	s.hosts = map[string]bool{}
	for _, host := range s.Config.Hosts {
		s.hosts[host] = true
	}
	return &s
}

// WithBook is the same snapshot with newer figures.
func (s *Snapshot) WithBook(b *route.Book) *Snapshot {
	next := *s
	next.Book = b
	return &next
}

func (s *Snapshot) served(o *market.Offer) *Served { return &s.Offers[o.Index] }

// total is how long all attempts of a request may take together.
func (s *Snapshot) total() time.Duration { return s.Config.Routing.Timeouts.Total }
