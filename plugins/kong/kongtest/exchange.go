package kongtest

import (
	"maps"
	"time"
)

// Consumer is a consumer that Kong has authenticated.
type Consumer struct {
	ID, Username, CustomID string
	Tags                   []string
}

// Exchange is one request as Kong and its NGINX keep it, from the access phase to the log phase. Its first part is what the client,
// the router and plugins with a higher priority have made of it; the plugin under test changes it.
type Exchange struct {
	Method       string
	Path         string // $upstream_uri: stripped, joined with the service's path, escaped
	Query        string // $args
	Header       Header
	Scheme       string
	Host         string // where the request goes: the service's, until a plugin retargets it
	Port         int
	Consumer     *Consumer
	CredentialID string
	Shared       map[string]any      // kong.ctx.shared
	Serialized   map[string]any      // what plugins set for the log
	Upstreams    []string            // the names that SetUpstream knows
	Before       func(method string) // called before each call; nil: nothing
	Garble       int                 // the call whose answer makes no sense, from 1; 0: none

	// The answer of the upstream, for the log phase.
	Status         int
	ResponseHeader Header

	// What came of it.
	Exit  *Exit // the plugin answered in Kong's place
	Calls []string
	Lines []Line // of Kong's error log
	Fault error  // a *Fault: Kong answers 500, or tries again for ever
	Took  time.Duration

	phase  string
	logged map[string]any // what logging plugins saw, when the log phase began
}

// Exit is an answer of the plugin's.
type Exit struct {
	Status int
	Body   []byte
	Header map[string][]string
}

// Line is one of Kong's error log.
type Line struct{ Level, Text string }

// Fault is what a plugin did that Kong cannot go on with.
type Fault struct {
	Kind   FaultKind
	Detail string
}

// FaultKind is one of the kinds below.
type FaultKind string

// The kinds of faults.
const (
	Desynchronised FaultKind = "desynchronised" // a frame is not what it has to be here
	Closed         FaultKind = "closed"         // the bridge closed without an exit: Kong tries again for ever
	Raised         FaultKind = "raised"         // Kong's own function raised an error: 500
)

// Error is the kind, then the detail.
func (f *Fault) Error() string { return string(f.Kind) + ": " + f.Detail }

// Logged is what Kong's logging plugins write of the exchange: they run in the log phase itself, before the timer in which
// Kong calls an external plugin.
func (x *Exchange) Logged() map[string]any { return x.logged }

// enterLog is what Kong does when the log phase begins.
func (x *Exchange) enterLog() {
	response := map[string]any{}
	for name, values := range x.ResponseHeader.byName(defaultHeaders) {
		response[name] = values[0]
	}
	x.logged = map[string]any{
		"request":      map[string]any{"method": x.Method},
		"upstream_uri": x.Path,
		"response":     map[string]any{"status": x.Status, "headers": response},
	}
	maps.Copy(x.logged, x.Serialized)
}

const defaultHeaders, mostHeaders = 100, 1000
