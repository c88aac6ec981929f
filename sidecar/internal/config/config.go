// Package config reads souk.yaml and the environment into a Config: strict, with the line and column of every
// error and secrets that print as nothing. It holds what was written, checked and completed with defaults;
// package market and the rest compile it into what runs.
package config

import (
	"net/url"
	"slices"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/money"
)

// Config is one whole configuration, valid as a whole.
type Config struct {
	Path string // the file it came from; empty when it came from the environment

	Listen    []Listener
	Admin     Admin
	Auth      string // AuthNone, AuthKeys, AuthHandoff or AuthAny
	Keys      []Key
	CORS      []string // origins, as in the Origin header, that a browser may call from
	Hosts     []string // names, besides localhost and addresses, that the Host header may have under auth: none
	Limits    Limits
	Log       Log
	Providers []Provider
	Routing   Routing
	Aliases   map[string]string // alias -> model id
	Handoff   Handoff
	Redact    Redact
	Store     Store
	Drain     time.Duration // how long running requests may take after SIGTERM; 30 s

	// Warnings are settings that are understood but do nothing, each with its line.
	Warnings []string

	files []string // what Files lists
}

// Files lists every file that the configuration was read from, the configuration file first, so that they can
// be watched for changes. It is empty for a configuration found in the environment.
func Files(cfg *Config) []string { return slices.Clone(cfg.files) }

// defaults is what holds where a file says nothing. Timeouts.FirstToken stays zero: its default depends on the
// offer.
func defaults() *Config {
	return &Config{
		Listen: []Listener{{TCP: "127.0.0.1:8420"}},
		Admin:  Admin{Listen: "127.0.0.1:8421"},
		Auth:   AuthNone,
		Limits: Limits{Body: 32 << 20, Answer: 64 << 20, Event: 8 << 20, Headers: 64 << 10},
		Log:    Log{Access: "stdout", Level: "info"},
		Routing: Routing{
			Sort:      SortBalanced,
			Attempts:  4,
			Timeouts:  Timeouts{Connect: time.Second, Answer: 2 * time.Minute, Idle: 10 * time.Second, Total: 10 * time.Minute},
			Keepalive: 5 * time.Second,
			Deliver:   DeliverStream,
		},
		Handoff: Handoff{Window: 5 * time.Second, Body: BodyAuto},
		Redact:  Redact{Mode: RedactOff},
		Drain:   30 * time.Second,
	}
}

// Features are the names that a model's supports may list, in the order of package market's bits.
func Features() []string {
	return []string{"tools", "vision", "json_schema", "json_object", "reasoning", "prefill", "audio", "files", "logprobs", "embeddings"}
}

// Scopes are the names that a virtual key's scopes may list: the operations that exist.
func Scopes() []string { return []string{"chat", "completions", "embeddings"} }

// The modes of auth that exist.
const (
	AuthNone    = "none"
	AuthKeys    = "keys"
	AuthHandoff = "handoff"
	AuthAny     = "any" // a hand-off if any of its headers is there, else a key
)

// Listener is one address of the data plane: TCP, or a unix socket.
type Listener struct {
	TCP  string // host:port
	Unix string // socket path
	Mode uint32 // permission bits of the socket; 0660 unless set
	TLS  *TLS
}

// Loopback tells whether only this machine can connect: a loopback address or a unix socket.
func (l Listener) Loopback() bool {
	return l.Unix != "" || isLoopback(l.TCP)
}

// TLS is a server's certificate, and the authority that client certificates must come from.
type TLS struct {
	Cert     string // file, PEM
	Key      string // file, PEM
	ClientCA string // file, PEM; empty: client certificates are not asked for
}

// Admin is the console, the admin API, /metrics and the health checks with detail.
type Admin struct {
	Listen string // host:port; "off" closes it
	Token  Secret // from token_file; needed off loopback
}

// Key is a virtual key kept in the file by its hash.
type Key struct {
	Name   string
	SHA256 [32]byte
	Scopes []string // chat, completions, embeddings, ...; empty: all
	Models []string // patterns with * at the end only; empty: all
}

// Limits bound what one request may cost in memory, in bytes.
type Limits struct {
	Body    int64 // a request's body, after decompression; 32 MiB
	Answer  int64 // a non-streamed answer, after decompression; 64 MiB
	Event   int64 // one event of a stream; 8 MiB
	Headers int64 // all headers of a request or an answer; 64 KiB
}

// Log is the access log.
type Log struct {
	Access string // stdout (default), stderr, off, or a file
	Level  string // debug, info (default), warn, error
}

// The types of provider.
const (
	TypeCompany    = "company"
	TypeCommunity  = "community"
	TypeSelfHosted = "self_hosted"
)

// Provider is who serves models, and how to reach them.
type Provider struct {
	Name        string
	Type        string // TypeCompany, TypeCommunity or TypeSelfHosted
	API         string // dialect: openai
	BaseURL     *url.URL
	Keys        []Secret          // empty: no authorization is sent
	Headers     map[string]Secret // added to every request
	StreamUsage bool              // ask for usage in streams; true unless set
	Traceparent bool              // pass the caller's traceparent on
	Regions     []string          // empty: unknown
	Data        DataPolicy
	Catalogue   bool   // models and prices from the built-in catalogue
	CatalogueID string // the catalogue's provider id; the provider's own name unless set
	Models      []Model
	Timeouts    Timeouts
	Floor       *Floor // nil: routing's
	Probe       *Probe // nil: souk asks for nothing of its own accord
	TLSCA       string // file, PEM: trust this authority instead of the system's
	Simulated   bool   // its figures are simulated and shown as such
	Line        int    // where it stands in the file; 0 without a file
}

// Probe makes souk ask a provider's offer of a model by itself when no caller has for a while. It costs money.
type Probe struct {
	Every time.Duration
	Model string // one of the provider's
}

// DataPolicy is what a provider does with prompts; the zero value, all unknown, passes no data constraint.
type DataPolicy struct {
	RetentionDays *int  // 0: nothing is kept
	Trains        *bool // whether prompts train models
}

// Model is one offer of a provider.
type Model struct {
	ID           string   // author/slug
	Upstream     string   // the name sent to the provider
	Price        *Price   // nil: unknown, which sorts last and fails any max_price
	Context      int      // tokens; 0: unknown
	MaxOutput    int      // tokens; 0: unknown
	Quantization string   // fp8, int4, ...; empty: unknown
	Supports     []string // features; nil: unknown, empty: none
	Regions      []string // nil: the provider's
	Timeouts     Timeouts
	Floor        *Floor // nil: the provider's
}

// Price is what a provider asks; CacheRead and CacheWrite default to Input.
type Price struct {
	Input, Output, CacheRead, CacheWrite money.PerMillion
}

// Routing is how offers are chosen and failed over when a request does not say otherwise.
type Routing struct {
	Sort      string // balanced, price, latency, throughput, uptime
	Attempts  int    // 1 to 16; 4
	Timeouts  Timeouts
	Keepalive time.Duration // 0: off; 5 s
	Deliver   string        // DeliverStream (default) or DeliverWhole
	Resume    bool          // continue a stream that broke after content on another offer
	Hedge     *Hedge        // nil: off
	Floor     *Floor        // nil: off
}

// Floor is the throughput below which an offer is taken for one that does not serve. It is off unless set, since only its operator knows how
// slow a model may be, and a floor that is too high throws away answers that are paid for.
type Floor struct {
	TokensPerSecond float64       // 0: none
	Window          time.Duration // that it is measured over; 10 s
}

// Hedge asks a second offer when the first one's first token is late.
type Hedge struct {
	Percentile int               // of the first offer's own first-token times: 50, 90, 95 or 99; 0: After holds
	After      time.Duration     // a fixed time
	Budget     float64           // share of requests that may be hedged, 0 to 1
	MaxPrice   *money.PerMillion // of the second offer, for input and for output; nil: any
}

// How a streamed answer is delivered: as it comes, or held until it is complete, so that a break shows nowhere.
const (
	DeliverStream = "stream"
	DeliverWhole  = "whole"
)

// The orders of routing.sort.
const (
	SortBalanced   = "balanced"
	SortPrice      = "price"
	SortLatency    = "latency"
	SortThroughput = "throughput"
	SortUptime     = "uptime"
)

// Timeouts bound the phases of an attempt, and all attempts together. Zero means not set here: a model's
// timeout comes before its provider's, and that before routing's.
type Timeouts struct {
	Connect    time.Duration // TCP and TLS; 1 s
	FirstToken time.Duration // a stream's first content, headers included; 10 s, 120 s for an offer that reasons
	Answer     time.Duration // a non-streamed answer's headers; 2 m
	Idle       time.Duration // gap between chunks; 10 s
	Total      time.Duration // all attempts together; 10 m; only routing.timeouts has it
}

// Handoff is whose hand-offs are believed, under AuthHandoff and AuthAny.
type Handoff struct {
	Keys   []HandoffKey
	Window time.Duration // how far a signature's created may be from the clock; 5 s
	Body   string        // BodyAuto (default), BodyRequired or BodyOff
}

// When a hand-off has to sign the request's body.
const (
	BodyAuto     = "auto" // unless the hop is loopback, a unix socket or mutual TLS
	BodyRequired = "required"
	BodyOff      = "off" // a digest that is signed is not looked at either
)

// HandoffKey is one gateway's signing key.
type HandoffKey struct {
	ID     string
	Secret Secret
	Vouch  []string // what the gateway is believed to have applied; VouchCredentials unless set
}

// What a gateway can be believed to have applied. It is believed as to who asks in any case: that is what it signs.
const (
	VouchCredentials = "credentials"
	VouchGuardrails  = "guardrails"
	VouchRedaction   = "redaction"
)

// Store names the ledger and the shared store; neither exists yet. Both are URLs that may hold a password.
type Store struct{ Ledger, Shared Secret }
