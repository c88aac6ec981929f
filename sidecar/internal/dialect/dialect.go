// Package dialect is what souk knows of wire formats. A dialect is a struct of functions, one package each, so that
// the next wire format is a new package and one line in a table.
package dialect

import (
	"bytes"
	"unsafe"

	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/money"
	"github.com/soukproxy/souk/sidecar/internal/route"
)

// Dialect reads and writes one wire format, for callers who speak it and for providers who do. The functions keep
// no state; what they return may alias what they were given.
type Dialect struct {
	Name string

	// Path is an operation's path below a provider's base URL; empty: the dialect does not have it.
	Path func(op route.Op) string
	// KeyPrefix is the header line that carries a provider's key, up to the key.
	KeyPrefix string

	// ReadAsk finds in a caller's body what routing needs, and lists in edits what must change before a provider
	// sees it. It refuses what two JSON readers could understand differently.
	ReadAsk func(op route.Op, body []byte, ask *route.Ask, edits *Edits) *fault.Error
	// ReadAnswer judges a whole answer of status 200.
	ReadAnswer func(op route.Op, body []byte, a *Answer)
	// ReadEvent judges the data of one event of a stream.
	ReadEvent func(op route.Op, data []byte, e *Event)
	// ReadRefusal judges an answer of any other status.
	ReadRefusal func(status int, body []byte) Refusal

	// Continue appends a body that asks for the rest of an answer: the caller's body with what has been said as the beginning of
	// the assistant's turn, and spent tokens taken off its cap. It is false where an answer cannot be continued; nil: it
	// never can.
	Continue func(dst []byte, body, said []byte, spent int) ([]byte, bool)

	// AppendError writes an error's body.
	AppendError func(dst []byte, e *fault.Error, requestID string) []byte
	// AppendErrorEvent writes the event that ends a stream with an error; nothing follows it.
	AppendErrorEvent func(dst []byte, e *fault.Error, requestID, model string) []byte
	// Done is the event that ends a good stream.
	Done []byte
}

// Usage is what an answer says it cost in tokens. Start and End are the span of the usage object in the text that was
// read, and CostStart and CostEnd that of a cost the provider put into it; both ends are 0 when there is none.
type Usage struct {
	Known                 bool
	Input, Output         int64 // Input includes cached tokens
	CacheRead, CacheWrite int64
	Start, End            int
	CostStart, CostEnd    int
}

// AppendCost appends text, in which the usage was read, with the cost in US dollars as the usage object's member "cost".
func (u *Usage) AppendCost(dst, text []byte, cost money.Nano) []byte {
	if u.CostEnd > 0 {
		dst = append(dst, text[:u.CostStart]...)
		dst = cost.Append(dst)
		return append(dst, text[u.CostEnd:]...)
	}
	brace := u.End - 1
	dst = append(dst, bytes.TrimRight(text[:brace], " \t\r\n")...)
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(dst, `"cost":`...)
	dst = cost.Append(dst)
	return append(dst, text[brace:]...)
}

// Answer is what a whole answer turned out to be.
type Answer struct {
	Usage  Usage
	Error  []byte // the error object of a 200 that is none
	Broken string // why it is not an answer of this dialect; empty: it is
}

// Event is what one event of a stream turned out to be.
type Event struct {
	Broken   bool   // not the dialect's JSON: passed on, never counted
	Content  bool   // text, reasoning, refusal, tool call or audio: what a caller waits for
	Done     bool   // the end marker
	Error    []byte // an error object
	Seen     uint64 // the choices, as bits, that this event is about
	Finished uint64 // those that it finishes
	Bare     bool   // it carries usage and no choice
	Text     []byte // the raw JSON string of text that it adds to the first choice; nil: none
	Other    bool   // it carries content that is no text: tool calls, audio, images
	Usage    Usage
}

// Refusal is what an answer with an error status means for the failover.
type Refusal struct {
	Kind    RefusalKind
	Message string // the provider's words, cut to a sane length
	Code    string
}

// RefusalKind sorts error answers by what to do about them.
type RefusalKind uint8

// The kinds of refusal.
const (
	RefusedByFault RefusalKind = iota // 5xx, 408, 3xx: the provider's fault
	RefusedByLimit                    // 429
	RefusedKey                        // 401, 402, 403, or an exhausted quota
	RefusedModel                      // 404
	RefusedLength                     // the prompt is too long for this offer
	RefusedRequest                    // anything else: the caller's own error
)

// Edits are replacements in a body, in rising order; those that apply together do not overlap.
type Edits struct {
	list  [maxEdits]edit
	count int
}

type edit struct {
	start, end int
	text       string
	model      bool // text is the offer's upstream name instead
	when       When
}

// When tells to which providers an edit applies.
type When uint8

// The conditions.
const (
	Always       When = iota
	WithUsage         // a stream from a provider that is asked for usage
	WithoutUsage      // a stream from a provider that must not be asked
)

const maxEdits = 24

// Reset empties the list.
func (e *Edits) Reset() { e.count = 0 }

// Replace plans to put text in the place of body[start:end]. What it returns names the edit for Extend.
func (e *Edits) Replace(when When, start, end int, text string) int {
	return e.add(edit{start: start, end: end, text: text, when: when})
}

// Extend moves the end of an edit. Later edits within it are not made where it is.
func (e *Edits) Extend(n, end int) { e.list[n].end = end }

// ReplaceModel plans to put the offer's upstream name, as a JSON string, in the place of body[start:end].
func (e *Edits) ReplaceModel(start, end int) {
	e.add(edit{start: start, end: end, model: true})
}

// add: a dialect plans fewer edits than there is room for, since it refuses a key that comes twice.
func (e *Edits) add(n edit) int {
	e.list[e.count] = n
	e.count++
	return e.count - 1
}

// Pieces appends the edited body, piece by piece, to dst; no byte of it is copied, and none may be written to. usage is WithUsage or WithoutUsage for a
// stream, and Always otherwise.
func (e *Edits) Pieces(dst [][]byte, body, model []byte, usage When) [][]byte {
	at := 0
	for i := range e.count {
		ed := &e.list[i]
		if ed.when != Always && ed.when != usage || ed.end < at || ed.start < at && ed.end == at {
			continue
		}
		if ed.start > at {
			dst = append(dst, body[at:ed.start])
		}
		switch {
		case ed.model:
			dst = append(dst, model)
		case ed.text != "":
			dst = append(dst, unsafe.Slice(unsafe.StringData(ed.text), len(ed.text)))
		}
		at = max(at, ed.end)
	}
	if at < len(body) {
		dst = append(dst, body[at:])
	}
	return dst
}

// Cost prices a usage at an offer's terms. Cached tokens are part of Input and are taken out of it first.
func (u *Usage) Cost(input, output, cacheRead, cacheWrite money.PerMillion) money.Nano {
	var t money.Total
	read, write := min(u.CacheRead, u.Input), min(u.CacheWrite, max(u.Input-u.CacheRead, 0))
	t.Add(u.Input-read-write, input)
	t.Add(read, cacheRead)
	t.Add(write, cacheWrite)
	t.Add(u.Output, output)
	return t.Nano()
}
