package upstream

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/market"
)

// Registry owns what outlives a configuration: origins with their connections, breakers, keys' quarantines, and the
// retry budget. Compile makes the targets of a market from it.
type Registry struct {
	Dialer Dialer
	Budget *Budget // of failovers

	warming sync.WaitGroup // dials in the background

	log    *slog.Logger
	onMove func(*market.Offer, market.State)

	mu       sync.Mutex
	origins  map[string]*Origin
	breakers map[*market.Stats]*Breaker
	keys     map[[sha256.Size]byte]*Key
}

// NewRegistry is empty. Changes of an offer's breaker are logged and told to onMove, which must be quick.
func NewRegistry(log *slog.Logger, onMove func(*market.Offer, market.State)) *Registry {
	return &Registry{Budget: NewBudget(failoverFree), log: log, onMove: onMove, origins: map[string]*Origin{}, breakers: map[*market.Stats]*Breaker{}, keys: map[[sha256.Size]byte]*Key{}}
}

// Compile makes the targets of a market, indexed as its offers are. What the market no longer names is left alone
// until Commit, so that a configuration that fails leaves nothing behind.
func (r *Registry) Compile(m *market.Market) (*Targets, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := &Targets{registry: r, list: make([]Target, len(m.Offers)), origins: map[string]*Origin{}, breakers: map[*market.Stats]*Breaker{}, keys: map[[sha256.Size]byte]*Key{}}
	providers := map[*market.Provider]*Target{}
	for i, offer := range m.Offers {
		shared := providers[offer.Provider]
		if shared == nil {
			var err error
			if shared, err = t.provider(offer.Provider); err != nil {
				return nil, fmt.Errorf("provider %s: %w", offer.Provider.Name, err)
			}
			providers[offer.Provider] = shared
		}
		name, err := json.Marshal(offer.Upstream)
		if err != nil {
			return nil, err
		}
		target := *shared
		target.Offer, target.ModelJSON, target.Breaker = offer, name, t.breaker(offer)
		t.list[i] = target
	}
	return t, nil
}

// Targets are the compiled targets of one market.
type Targets struct {
	registry *Registry
	list     []Target
	origins  map[string]*Origin
	breakers map[*market.Stats]*Breaker
	keys     map[[sha256.Size]byte]*Key
}

// Of gives an offer's target.
func (t *Targets) Of(o *market.Offer) *Target { return &t.list[o.Index] }

// Commit makes these targets the running ones: what they no longer name is closed and forgotten.
func (t *Targets) Commit() {
	r := t.registry
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, o := range r.origins {
		if t.origins[id] != o {
			o.close()
		}
	}
	r.origins, r.breakers, r.keys = t.origins, t.breakers, t.keys
}

// Reap closes connections that have waited for too long; call it every few seconds.
func (r *Registry) Reap(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, o := range r.origins {
		o.reap(now)
	}
}

// Close closes every kept connection, and waits for the dials in the background.
func (r *Registry) Close() {
	r.warming.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, o := range r.origins {
		o.close()
	}
}

func (t *Targets) provider(p *market.Provider) (*Target, error) {
	cfg := p.Config
	base := p.BaseURL
	private := base.Scheme == "http" && cfg.CarriesCredential()
	id := strings.Join([]string{p.Name, base.Scheme, base.Host, cfg.TLSCA, fmt.Sprint(private)}, "\x00")
	origin := t.origins[id]
	if origin == nil {
		origin = t.registry.origins[id]
	}
	if origin == nil {
		var err error
		if origin, err = newOrigin(base, private, cfg.TLSCA, &t.registry.Dialer); err != nil {
			return nil, err
		}
	}
	t.origins[id] = origin
	target := &Target{Origin: origin, path: strings.TrimRight(base.EscapedPath(), "/"), tail: headTail(base, cfg), ring: t.ring(p.Name, base, cfg.Keys)}
	for _, key := range cfg.Keys {
		target.secrets = append(target.secrets, []byte(key.Reveal()))
	}
	for name, value := range cfg.Headers {
		target.names = append(target.names, name)
		if len(value.Reveal()) >= shortestSecret {
			target.secrets = append(target.secrets, []byte(value.Reveal()))
		}
	}
	return target, nil
}

func headTail(base *url.URL, cfg *config.Provider) []byte {
	tail := []byte("Host: " + base.Host + "\r\nAccept-Encoding: identity\r\n")
	names := make([]string, 0, len(cfg.Headers))
	for name := range cfg.Headers {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		tail = append(tail, name+": "+cfg.Headers[name].Reveal()+"\r\n"...)
	}
	return tail
}

func (t *Targets) breaker(o *market.Offer) *Breaker {
	b := t.breakers[o.Stats]
	if b == nil {
		b = t.registry.breakers[o.Stats]
	}
	if b == nil {
		log, onMove := t.registry.log, t.registry.onMove
		b = NewBreaker(func(s market.State, until time.Time) {
			o.Stats.SetState(s, until)
			onMove(o, s)
			if s != market.Probing {
				log.Info("offer "+s.String(), "offer", o.ID, "until", until)
			}
		})
	}
	t.breakers[o.Stats] = b
	return b
}

func (t *Targets) ring(provider string, base *url.URL, secrets []config.Secret) *keyRing {
	if len(secrets) == 0 {
		return nil
	}
	ring := &keyRing{}
	for i, secret := range secrets {
		id := sha256.Sum256([]byte(provider + "\x00" + base.Scheme + "://" + base.Host + "\x00" + secret.Reveal()))
		k := t.registry.keys[id]
		if k == nil {
			log, number := t.registry.log, i+1
			k = &Key{secret: secret, id: id, Breaker: NewBreaker(func(s market.State, until time.Time) {
				if s == market.Barred {
					log.Error("the provider refuses its key: quarantined", "provider", provider, "key", number, "until", until)
				}
			})}
		}
		t.keys[id] = k
		ring.keys = append(ring.keys, k)
	}
	return ring
}
