// Package conformance is what every adapter of the hand-off has to do alike, whatever its host: the same cases, the same outcomes. An
// adapter's test gives Run a Host that plays them. With SOUK_CONFORMANCE set to a folder each host's outcomes are kept there, and
// the command in table prints them side by side.
package conformance

import "strings"

// The key that every host signs with, and where the client's identity comes from unless the host has a way of its own.
const (
	KeyID    = "conformance-1"
	Secret   = "conformance-secret-0123456789abcdef"
	Identity = "X-User"  // the header in which the gateway has put the caller's id
	Prefix   = "/llm/v2" // what the gateway strips from the path of a case with Stripped
)

// Mode is what becomes of a request whose sidecar cannot be reached.
type Mode string

// The modes.
const (
	FailClosed Mode = "closed"
	FailOpen   Mode = "open"
)

// Case is a request of a client, and what has to come of it.
type Case struct {
	Name     string
	Caller   string // as the gateway has authenticated it; empty: it has not
	Method   string
	Target   string   // path and query as the client sends them
	Header   []Header // of the client
	Body     string
	Down     bool // nobody listens at the sidecar's address
	Mode     Mode // FailClosed if empty
	Stripped bool // the route strips Prefix
	Stream   bool // the sidecar answers with a stream of Events, Gap apart

	Want Outcome
}

// Header is a line of a request's header.
type Header struct{ Name, Value string }

// Outcome is what came of a request.
type Outcome struct {
	Status int    // that the client got
	By     By     // who answered
	Caller string // that the sidecar found in a hand-off that it verified
	Target string // that the sidecar got
}

// By is who answered.
type By string

// The answerers.
const (
	Sidecar By = "sidecar"
	Adapter By = "adapter"
	Service By = "service" // what stands behind the gateway without souk
)

const chat = "/v1/chat/completions"

const body = `{"model":"meta-llama/llama-3.3-70b-instruct","messages":[{"role":"user","content":"Grüße, 世界"}]}`

// Cases are all of them.
func Cases() []Case {
	passed := Outcome{Status: 200, By: Sidecar, Caller: "alice", Target: chat}
	refused := func(status int) Outcome { return Outcome{Status: status, By: Adapter} }
	all := []Case{
		{Name: "an identity", Want: passed},
		{Name: "no identity", Caller: "-", Want: refused(401)},
		{Name: "an identity beyond ASCII", Caller: "zoë 100%", Want: Outcome{Status: 200, By: Sidecar, Caller: "zo%C3%AB 100%25", Target: chat}},
		{Name: "a client's own Souk-Caller", Header: []Header{{"Souk-Caller", `id="root"`}}, Want: refused(400)},
		{Name: "a client's own souk-constraints", Header: []Header{{"souk-constraints", "max-price=1000"}}, Want: refused(400)},
		{Name: "a header that begins with souk-", Header: []Header{{"SOUK-Anything", "1"}}, Want: refused(400)},
		{Name: "a client's own signature", Header: []Header{{"Signature", "sig1=:AAAA:"}, {"Signature-Input", `sig1=("@method");created=1`}}, Want: refused(400)},
		{Name: "a hand-off header twice", Header: []Header{{"Souk-Caller", `id="a"`}, {"Souk-Caller", `id="b"`}}, Want: refused(400)},
		{Name: "a hand-off header nominated by Connection", Header: []Header{{"Connection", "souk-caller"}}, Want: refused(400)},
		{Name: "the sidecar down, fail closed", Down: true, Want: refused(503)},
		{Name: "the sidecar down, fail open", Down: true, Mode: FailOpen, Want: Outcome{Status: 200, By: Service}},
		{Name: "fail open, the sidecar up", Mode: FailOpen, Want: passed},
		{Name: "a body of 1 MiB", Body: `{"model":"m","messages":[{"role":"user","content":"` + strings.Repeat("0123456789abcdef", 1<<16) + `"}]}`, Want: passed},
		{Name: "a stream", Stream: true, Want: passed},
		{Name: "an escaped path and a query", Method: "GET", Target: "/v1/models/meta-llama%2Fllama-3.3/endpoints?q=%C3%A9&x=1",
			Want: Outcome{Status: 200, By: Sidecar, Caller: "alice", Target: "/v1/models/meta-llama%2Fllama-3.3/endpoints?q=%C3%A9&x=1"}},
		{Name: "a stripped path", Target: Prefix + chat, Stripped: true, Want: passed},
	}
	for i := range all {
		c := &all[i]
		switch c.Caller {
		case "":
			c.Caller = "alice"
		case "-":
			c.Caller = ""
		}
		if c.Method == "" {
			c.Method = "POST"
		}
		if c.Target == "" {
			c.Target = chat
		}
		if c.Body == "" && c.Method == "POST" {
			c.Body = body
		}
		if c.Mode == "" {
			c.Mode = FailClosed
		}
	}
	return all
}
