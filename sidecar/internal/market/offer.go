// Package market holds all offers with their live statistics: what every provider asks and how it has been
// doing, known before a request is routed.
package market

import (
	"net/url"
	"strings"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

// Provider is who serves offers. It is immutable.
type Provider struct {
	Name      string
	Type      string
	API       string   // dialect
	BaseURL   *url.URL // the configuration's, else the catalogue's
	Regions   []string
	Data      config.DataPolicy
	Simulated bool
	Config    *config.Provider
}

// Offer is one provider serving one model on stated terms. All of it but Stats is immutable; Stats outlives
// the configuration that named the offer.
type Offer struct {
	ID       string // provider/model, such as alpha/meta-llama/llama-3.3-70b-instruct
	Index    int    // its place in Market.Offers
	Provider *Provider
	Model    string // canonical id, author/slug
	Name     string // for people, from the catalogue; may be empty
	Upstream string // the name sent to the provider

	Price         *config.Price // nil: unknown
	Context       int           // tokens; 0: unknown
	MaxOutput     int           // tokens; 0: unknown
	Quantization  string
	Regions       []string
	Supports      Features
	Known         Features        // the features of which it is known whether the offer has them
	SupportsKnown bool            // whether that is every feature; the catalogue tells only some
	Timeouts      config.Timeouts // complete: model before provider before routing before default
	Floor         config.Floor    // the nearest that is set; zero: none

	Stats *Stats
}

// Lacks is the part of need that the offer is known not to support. A feature of which nothing is known is not
// lacking: see Known.
func (o *Offer) Lacks(need Features) Features { return need & o.Known &^ o.Supports }

// Features is a set of what an offer can do beyond plain text.
type Features uint32

// The features, named in configuration as in String.
const (
	Tools Features = 1 << iota
	Vision
	JSONSchema
	JSONObject
	Reasoning
	Prefill
	Audio
	Files
	Logprobs
	Embeddings
)

// allFeatures is the set of every feature.
const allFeatures = Embeddings<<1 - 1

var featureNames = []string{"tools", "vision", "json_schema", "json_object", "reasoning", "prefill", "audio", "files", "logprobs", "embeddings"}

// FeatureNames lists every feature as configuration names it.
func FeatureNames() []string { return featureNames }

// ParseFeatures turns names into a set; unknown names are ignored, since package config has refused them.
func ParseFeatures(names []string) Features {
	var f Features
	for _, name := range names {
		for i, known := range featureNames {
			if name == known {
				f |= 1 << i
			}
		}
	}
	return f
}

// Names lists the set in a fixed order.
func (f Features) Names() []string {
	var names []string
	for i, name := range featureNames {
		if f&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// String is the set as a comma-separated list.
func (f Features) String() string { return strings.Join(f.Names(), ",") }

// State is what an offer's breaker says of it.
type State int32

// The states, in the order of preference.
const (
	Up      State = iota // closed breaker
	Warming              // slow start after a rest
	Probing              // one request is trying it
	Resting              // open breaker, or told to wait by Retry-After
	Barred               // its key was refused (401, 402, 403), or its model is unknown there
)

func (s State) String() string {
	return [...]string{"up", "warming", "probing", "resting", "barred"}[s]
}

// Outcome is how one attempt ended, for the statistics.
type Outcome struct {
	Kind            Kind
	FirstToken      time.Duration // a stream's; 0: no content arrived, or the answer was not streamed
	FirstTokenAfter time.Duration // > 0: the wait for the first token was given up after this long
	Duration        time.Duration // the whole attempt
	InputTokens     int64
	OutputTokens    int64
	Cost            money.Nano
	At              time.Time // when it ended
}

// Kind sorts outcomes by whose doing they were; only ProviderFault counts against uptime.
type Kind uint8

// The kinds of outcome.
const (
	Success       Kind = iota
	ProviderFault      // refused, reset, timed out, 5xx, truncated, malformed
	RateLimited        // 429
	CallerFault        // 4xx that the caller's request earned, content filters
	Cancelled          // the caller hung up
	KeyRefused         // 401, 402, 403: the provider's key, not its service

	kinds // how many there are
)

// String is the kind as JSON and metrics name it.
func (k Kind) String() string {
	return [...]string{"success", "provider_fault", "rate_limited", "caller_fault", "cancelled", "key_refused"}[k]
}
