package telemetry

import (
	"time"

	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

// MaxAttempts is how many attempts a Record holds; routing.attempts cannot ask for more. Attempts beyond it are
// counted and not listed.
const MaxAttempts = 16

// Record is what the access log keeps of one request. There is no field for a prompt, an answer or a key, so none
// can be logged. The strings may alias the request's memory: AccessLog.Put copies what it keeps.
type Record struct {
	Facts

	RequestID  string
	Op         string // chat, completions, embeddings, ...
	Caller     string // name of the virtual key, or the hand-off's id; empty: anonymous
	Via        string // of a hand-off: the gateway; empty: no hand-off
	Credential string // of a hand-off: how the caller proved itself to the gateway
	Remote     string // the caller's address; empty: not logged
	AskedModel string // as the caller wrote it
	Model      string // canonical id that was served; empty: none
	Provider   string // of the answer; empty: none answered
	Offer      string // of the answer; empty: none answered
	ErrorType  string // fault.Error's Type; empty: no error
	ErrorCode  string // fault.Error's Code
	Redacted   string // how many values of which types were masked, such as "EMAIL=2"; empty: none

	attempts []fault.Attempt // the first MaxAttempts
	tried    int
}

// Facts is the part of a Record that has a fixed size.
type Facts struct {
	Start      time.Time // when the request had been read; the line's time
	Duration   time.Duration
	FirstToken time.Duration // from Start to the first content; 0: none, or not a stream
	Overhead   time.Duration // the part of Duration that souk itself took

	Status    int  // as sent to the caller; 0: the caller left before one was sent
	Stream    bool // whether a stream was asked for
	Simulated bool // whether the answer came from a simulated provider
	Unasked   bool // the request went on though redaction's recogniser had not looked at it

	InputTokens     int64
	OutputTokens    int64
	TokensEstimated bool       // the provider did not report usage
	Cost            money.Nano // meaningful when CostKnown
	CostKnown       bool       // the offer has a price and the tokens are known

	BytesIn  int64 // body from the caller, as received
	BytesOut int64 // body to the caller, as sent

	TraceID [16]byte // of the request's trace; all zero: none
}

// AddAttempt appends one finished attempt, in order.
func (r *Record) AddAttempt(a fault.Attempt) {
	if len(r.attempts) < MaxAttempts {
		r.attempts = append(r.attempts, a)
	}
	r.tried++
}

// Attempts lists the attempts that were added, the first MaxAttempts of them. The slice is valid until Reset.
func (r *Record) Attempts() []fault.Attempt { return r.attempts }

// Reset empties the record for the next request.
func (r *Record) Reset() {
	clear(r.attempts)
	*r = Record{attempts: r.attempts[:0]}
}
