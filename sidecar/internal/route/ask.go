// Package route turns an Ask, its preferences and a market into a Plan. It does no I/O and reads no clock: the
// same input, the seed of the draw included, gives the same plan.
package route

import (
	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

// Op is the operation a caller asks for.
type Op uint8

// The operations that exist.
const (
	Chat Op = iota
	Completions
	Embeddings
)

// String is the operation's scope name: chat, completions, embeddings.
func (o Op) String() string { return [...]string{"chat", "completions", "embeddings"}[o] }

// Ask is the facts of one request that routing needs. Its strings may alias the request's body.
type Ask struct {
	Op        Op
	Model     string   // as asked: an id, an alias, a bare slug, with or without a :suffix
	Models    []string // further models to fall back to, in order
	Stream    bool
	Choices   int             // n; 1 unless asked
	Needs     market.Features // without these an offer cannot serve it
	Wants     market.Features // these are ignored where they are not supported, unless require_parameters
	Bytes     int             // size of the prompt, from which its tokens are estimated
	MaxTokens int             // the caller's cap on output tokens; 0: none
	SessionID string          // session_id, or prompt_cache_key
	Opening   []byte          // the conversation up to its first message of the user, which stays the same from turn to turn
	Turns     int             // messages of the conversation
	Prefer    *Preferences    // nil: none

	// PlanOnly tells that only a plan is asked for, so that the prompt may be missing.
	PlanOnly bool
	// UsageAsked tells that the caller asked for usage in its stream.
	UsageAsked bool
}

// Reset empties the ask; models is a slice to reuse.
func (a *Ask) Reset(models []string) { *a = Ask{Models: models} }

// InputTokens estimates the prompt's tokens: four bytes each, the average of English text in current
// tokenizers, and more than the truth for JSON overhead.
func (a *Ask) InputTokens() int { return (a.Bytes + 3) / 4 }

// Preferences is the request's provider object: OpenRouter's fields, then souk's own. Its zero value prefers
// nothing. Names of providers, offers, regions and quantizations match whatever their case.
type Preferences struct {
	Order             []string // providers or offer ids, tried first and in this order
	Only              []string // providers or offer ids
	Ignore            []string // providers or offer ids
	AllowFallbacks    *bool    // false: one offer, or those in Order
	RequireParameters bool     // only offers that are known to support what the request needs
	DataCollection    string   // Allow (default) or Deny
	ZDR               bool     // only offers that keep no data
	Quantizations     []string // fp8, int4, ...; "unknown" is one too
	Sort              string   // one of config's Sort constants; empty: not said
	MaxPrice          *MaxPrice
	MinThroughput     float64 // preferred_min_throughput, tokens per second; a preference, not a constraint
	MaxLatency        float64 // preferred_max_latency, seconds to the first token; a preference, not a constraint

	Regions   []string // region
	Types     []string // type
	MinUptime float64  // percent of the last 30 min, 0 to 100
}

// The values of Preferences.DataCollection.
const (
	Allow = "allow"
	Deny  = "deny" // only offers that are known not to train on prompts
)

// MaxPrice caps what an offer may ask per million tokens; nil fields do not cap.
type MaxPrice struct {
	Prompt, Completion *money.PerMillion
}
