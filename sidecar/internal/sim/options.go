// Package sim serves simulated providers: OpenAI-compatible over HTTP/1.1, deterministic by seed, token by token at
// a set pace, with faults on demand down to the bytes of the connection. Every answer says that it is simulated: in
// the header x-souk-simulated, in system_fingerprint, and in the text.
//
// It writes HTTP by hand on plain connections, because most of its faults are answers that an HTTP server is built
// never to send.
package sim

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// Options describe one simulated provider. The zero value is a provider "sim" on a free loopback port that answers
// at once and without faults.
type Options struct {
	Listen string // host:port; "127.0.0.1:0" unless set
	Name   string // letters, digits, '-', '_' and '.'; "sim" unless set
	Seed   uint64 // the same seed, name and request give the same text

	Models     []Model       // DefaultModels unless set
	FirstToken time.Duration // from the request's last byte to the first content
	Rate       float64       // tokens per second after the first; 0: all at once
	Tokens     int           // output tokens of an answer that nothing else bounds; 64 unless set
	Faults     []string      // as ParseFault reads them: the default for all requests
	APIKey     string        // requests under /v1 without it as bearer token get 401; empty: none is asked for
	Log        *slog.Logger  // one debug record per request, without prompts and keys; nil: none

	// The terms on which the provider is offered. It does not act on them: they are there for whoever
	// configures a market of simulated providers.
	Type          string   // company, community or self_hosted
	Regions       []string // such as eu
	RetentionDays *int     // how long prompts are kept; nil: unknown
	Trains        *bool    // whether prompts train models; nil: unknown
}

// Model is one model that a simulated provider serves.
type Model struct {
	ID string // author/slug; requests may name it by ID, by slug or by Upstream. "*" serves every name

	Upstream     string   // a further name that requests may use
	Input        string   // USD per million prompt tokens, a decimal number; empty: unknown
	Output       string   // USD per million completion tokens
	CacheRead    string   // USD per million cached prompt tokens; empty: as Input
	Context      int      // tokens; a longer prompt gets context_length_exceeded; 0: no bound
	MaxOutput    int      // tokens; longer answers end with finish_reason length; 0: no bound
	Quantization string   // such as fp8
	Supports     []string // features as souk.yaml names them; a model that supports embeddings serves only those; nil: everything
	Dimensions   int      // of its embeddings; 384 unless set
}

// DefaultModels is what a provider serves when its Options name no models: one for text, one for embeddings.
func DefaultModels() []Model {
	return []Model{
		{ID: "souk/sim-model"},
		{ID: "souk/sim-embedding", Supports: []string{"embeddings"}},
	}
}

// Embeds tells whether the model serves embeddings: it says so, or it says nothing of what it supports.
func (m *Model) Embeds() bool { return m.Supports == nil || slices.Contains(m.Supports, "embeddings") }

// Chats tells whether the model serves text.
func (m *Model) Chats() bool { return !slices.Contains(m.Supports, "embeddings") }

func (m *Model) dimensions() int {
	if m.Dimensions > 0 {
		return m.Dimensions
	}
	return 384
}

// serves tells whether a request for name is for this model.
func (m *Model) serves(name string) bool {
	if name == m.ID || m.ID == "*" || m.Upstream != "" && name == m.Upstream {
		return true
	}
	_, slug, ok := strings.Cut(m.ID, "/")
	return ok && name == slug
}

// complete fills in the defaults and refuses what cannot be served.
func (o Options) complete() (Options, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Name == "" {
		o.Name = "sim"
	}
	if strings.Trim(o.Name, nameChars) != "" {
		return o, fmt.Errorf("provider name %q: use letters, digits, '-', '_' and '.' only", o.Name)
	}
	if len(o.Models) == 0 {
		o.Models = DefaultModels()
	}
	for _, m := range o.Models {
		if m.ID == "" {
			return o, errors.New("a model has no id: name it as author/slug")
		}
	}
	if o.Tokens == 0 {
		o.Tokens = 64
	}
	if o.Tokens < 1 || o.Tokens > maxTokens {
		return o, fmt.Errorf("tokens %d: use 1 to %d", o.Tokens, maxTokens)
	}
	if !validRate(o.Rate) {
		return o, fmt.Errorf("rate %v: use tokens per second above 0, or 0 for all at once", o.Rate)
	}
	if o.FirstToken < 0 {
		return o, fmt.Errorf("first token %v: use a duration of 0 or more", o.FirstToken)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

const (
	nameChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

	// maxTokens bounds one answer, so that a typing error does not take the machine's memory.
	maxTokens = 1 << 20

	// minRate keeps the schedule of the longest answer within the range of a time.Duration.
	minRate = 0.001
)

func validRate(r float64) bool { return r == 0 || r >= minRate && r <= 1e9 }
