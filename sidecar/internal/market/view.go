package market

import "encoding/json"

// The views are the market as JSON: OpenAI's and OpenRouter's shapes and field names, and souk's own fields beside
// them. What is not known is null, never 0; every view of something simulated says simulated: true.

// ModelList is the answer to GET /v1/models.
type ModelList struct {
	Object string      `json:"object"` // "list"
	Data   []ModelView `json:"data"`
}

// ModelView is one model of GET /v1/models, and the answer to GET /v1/models/{id}.
type ModelView struct {
	ID                  string            `json:"id"`
	Object              string            `json:"object"`  // "model"
	Created             int64             `json:"created"` // Unix seconds at which the model came on this market
	OwnedBy             string            `json:"owned_by"`
	CanonicalSlug       string            `json:"canonical_slug"`
	Name                string            `json:"name"`
	ContextLength       *int              `json:"context_length"` // tokens, the largest on offer
	Architecture        *ArchitectureView `json:"architecture"`
	Pricing             *PricingView      `json:"pricing"`      // of the cheapest offer
	TopProvider         *TopProviderView  `json:"top_provider"` // the cheapest offer
	SupportedParameters []string          `json:"supported_parameters"`

	Offers    int  `json:"offers"`
	Simulated bool `json:"simulated"` // whether any offer is
}

// ArchitectureView is what goes into a model and what comes out; null where nothing is known of it.
type ArchitectureView struct {
	Modality         string   `json:"modality"` // text+image->text
	InputModalities  []string `json:"input_modalities"`
	OutputModalities []string `json:"output_modalities"`
}

// PricingView is a price in US dollars per token, as decimal strings.
type PricingView struct {
	Prompt          string `json:"prompt"`
	Completion      string `json:"completion"`
	InputCacheRead  string `json:"input_cache_read"`
	InputCacheWrite string `json:"input_cache_write"`
}

// TopProviderView is the offer that a model's pricing is taken from. Souk itself moderates nothing.
type TopProviderView struct {
	Name                string `json:"name"`
	ContextLength       *int   `json:"context_length"`
	MaxCompletionTokens *int   `json:"max_completion_tokens"`
	IsModerated         bool   `json:"is_moderated"`
}

// EndpointList is the answer to GET /v1/models/{author}/{slug}/endpoints.
type EndpointList struct {
	Data EndpointsOfModel `json:"data"`
}

// EndpointsOfModel is a model and all its offers, which OpenRouter calls endpoints.
type EndpointsOfModel struct {
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	Created      int64             `json:"created"`
	Description  string            `json:"description"`
	Architecture *ArchitectureView `json:"architecture"`
	Endpoints    []EndpointView    `json:"endpoints"`
	Simulated    bool              `json:"simulated"` // whether any offer is
}

// EndpointView is one offer with its live statistics. Without live statistics (a market that nobody runs) all of
// those are null and state is absent.
type EndpointView struct {
	Name                string       `json:"name"` // the offer's id
	ModelID             string       `json:"model_id"`
	ModelName           string       `json:"model_name"`
	ProviderName        string       `json:"provider_name"`
	Tag                 string       `json:"tag"`
	ContextLength       *int         `json:"context_length"`
	Pricing             *PricingView `json:"pricing"`
	Quantization        *string      `json:"quantization"`
	MaxCompletionTokens *int         `json:"max_completion_tokens"`
	SupportedParameters []string     `json:"supported_parameters"`
	Status              *int         `json:"status"`           // 0: in service; below: the further, the less so
	UptimeLast5m        *float64     `json:"uptime_last_5m"`   // percent
	UptimeLast30m       *float64     `json:"uptime_last_30m"`  // percent
	LatencyLast30m      *SpreadView  `json:"latency_last_30m"` // first token, ms
	ThroughputLast30m   *SpreadView  `json:"throughput_last_30m"`

	Type             string      `json:"type"`
	Regions          []string    `json:"regions"`
	DataPolicy       DataView    `json:"data_policy"`
	State            string      `json:"state,omitempty"`
	RestsForMS       int64       `json:"rests_for_ms,omitempty"` // until it may be tried again
	InFlight         *int        `json:"in_flight"`
	LatencyLast5m    *SpreadView `json:"latency_last_5m"`       // first token, ms
	TotalLast5m      *SpreadView `json:"total_latency_last_5m"` // whole answers, ms
	ThroughputLast5m *float64    `json:"throughput_last_5m"`    // output tokens per second, p50
	Totals           *TotalsView `json:"totals"`
	Simulated        bool        `json:"simulated"`
}

// SpreadView are percentiles. Of a latency, p99 is what 99 % of the requests stayed under; of a throughput, what
// 99 % of them reached.
type SpreadView struct {
	P50 float64  `json:"p50"`
	P75 *float64 `json:"p75,omitempty"`
	P90 float64  `json:"p90"`
	P99 float64  `json:"p99"`
}

// TotalsView are sums since the offer came on the market.
type TotalsView struct {
	Attempts     map[string]int64 `json:"attempts"` // by kind of outcome
	InputTokens  int64            `json:"input_tokens"`
	OutputTokens int64            `json:"output_tokens"`
	CostUSD      json.Number      `json:"cost_usd"` // exact
}

// DataView is what a provider does with prompts; null: unknown.
type DataView struct {
	RetentionDays *int  `json:"retention_days"`
	Trains        *bool `json:"trains"`
}

// ProviderList is the answer to GET /v1/providers.
type ProviderList struct {
	Data []ProviderView `json:"data"`
}

// ProviderView is one provider.
type ProviderView struct {
	Name       string   `json:"name"`
	Slug       string   `json:"slug"`
	Type       string   `json:"type"`
	Regions    []string `json:"regions"`
	DataPolicy DataView `json:"data_policy"`
	Models     int      `json:"models"`
	State      string   `json:"state,omitempty"` // that of its best offer
	Simulated  bool     `json:"simulated"`
}
