// Package loadgen loads one proxy for some seconds, and measures what its callers see and what its processes use.
package loadgen

// Job is one cell of the benchmark: one load on one target.
type Job struct {
	Addr  string `json:"addr"` // host:port
	Path  string `json:"path"`
	Model string `json:"model"` // with the mock's directives, as the target's callers name it

	Rate    float64 `json:"rate,omitempty"` // requests per second of an open loop; 0: a closed loop
	Conns   int     `json:"conns"`          // connections; in a closed loop each always has a request under way
	Seconds float64 `json:"seconds"`
	Warm    float64 `json:"warm,omitempty"`    // seconds of the same load before, not measured
	Stagger float64 `json:"stagger,omitempty"` // seconds over which a closed loop's connections begin

	Prompt int  `json:"prompt"` // size of the request's body in bytes
	Stream bool `json:"stream,omitempty"`

	Proxy []int `json:"proxy,omitempty"` // processes whose CPU and memory is the target's
	Mock  []int `json:"mock,omitempty"`  // processes of the provider, to see that it is not the bottleneck
	Awake []int `json:"awake,omitempty"` // processes that keep cores from sleeping: work, but nobody's
}

// Result is what a Job measured. Percentiles are in microseconds.
type Result struct {
	Seconds  float64 `json:"seconds"`
	Requests int     `json:"requests"` // answered well

	Errors     int            `json:"errors"`
	ErrorTexts map[string]int `json:"error_texts,omitempty"`

	Latency    *Percentiles `json:"latency,omitempty"`     // whole answers, in an open loop from the intended start
	FirstEvent *Percentiles `json:"first_event,omitempty"` // of streams, from the same start
	Gap        *Percentiles `json:"gap,omitempty"`         // between the events of a stream
	Transit    *Percentiles `json:"transit,omitempty"`     // from the mock's write to the read
	SendLag    *Percentiles `json:"send_lag,omitempty"`    // how late an open loop sent: the generator's own error

	Events       int64 `json:"events,omitempty"`
	Coalesced    int64 `json:"coalesced,omitempty"`     // events that were not the first in their read
	MissingUsage int   `json:"missing_usage,omitempty"` // streams that ended without usage

	ProxyCPU  float64 `json:"proxy_cpu"`  // seconds
	MockBusy  float64 `json:"mock_busy"`  // share of one core, 0 to 1
	LoadBusy  float64 `json:"load_busy"`  // share of one core that this generator used itself
	OtherBusy float64 `json:"other_busy"` // cores that everything else on the machine used, 0 to their number
	PeakBytes int64   `json:"peak_bytes"` // resident memory of the proxy
}
