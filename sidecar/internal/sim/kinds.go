package sim

import "strings"

// KindDoc documents a kind of fault for people.
type KindDoc struct {
	Name string
	Arg  string // how its argument is written, with the default; empty: it takes none
	Text string // what a request meets
}

// Kinds lists every kind of fault, in the order in which a request passes the places where they strike.
func Kinds() []KindDoc {
	docs := make([]KindDoc, len(kinds))
	for i, k := range kinds {
		docs[i] = KindDoc{Name: k.name, Arg: strings.TrimPrefix(k.usage(), k.name), Text: k.text + k.scope.note()}
	}
	return docs
}

type argKind uint8

const (
	argNone argKind = iota
	argCount
	argStatus
	argSeconds
	argDuration
	argChoice
)

// scope is the sort of request that a kind can befall; on others it does nothing and is not counted.
type scope uint8

const (
	anyAnswer scope = iota
	streamed
	whole
)

func (s scope) note() string { return [...]string{"", " (streams only)", " (whole answers only)"}[s] }

type kindDef struct {
	name     string
	arg      argKind
	example  string
	fallback string // the argument when none is written
	choices  []string
	scope    scope
	text     string
}

func (k *kindDef) usage() string {
	switch {
	case k.arg == argNone:
		return k.name
	case k.arg == argChoice:
		return k.name + "[=" + strings.Join(k.choices, "|") + "]"
	}
	return k.name + "[=" + k.example + "]"
}

// kinds is the table of all faults; it is never changed.
var kinds = []kindDef{
	{name: "none", text: "no fault: on one request, switches the default faults off"},

	{name: "refuse", arg: argDuration, example: "2s", fallback: "1s", text: "the listener is closed for a while: at once when set without a rate, else when a request meets it, whose connection is reset"},
	{name: "reset", arg: argCount, example: "5", text: "the connection is reset before a byte is answered, or in a stream after that many content events"},
	{name: "garbage", text: "bytes that are not HTTP, then the end"},
	{name: "hang", text: "silence before the headers, with the connection open"},
	{name: "endless-headers", text: "header fields without end"},
	{name: "hang-after-headers", text: "headers of a good answer, then silence"},
	{name: "reset-after-headers", text: "headers of a good answer, then a reset"},

	{name: "status", arg: argStatus, example: "503", fallback: "500", text: "an error answer with this HTTP status"},
	{name: "429-retry-after", arg: argSeconds, example: "3", fallback: "1", text: "429 with Retry-After in seconds"},
	{name: "quota", arg: argChoice, choices: []string{"429", "402"}, fallback: "429", text: "the provider's account is empty: 429 or 402 insufficient_quota"},
	{name: "unauthorized", text: "401 invalid_api_key, whatever the key"},
	{name: "model-gone", text: "404 model_not_found, whatever the model"},
	{name: "context-length", text: "400 context_length_exceeded, however short the prompt"},
	{name: "content-filter", arg: argChoice, choices: []string{"400", "finish"}, fallback: "400", text: "400 content_filter, or an answer that ends with finish_reason content_filter"},
	{name: "redirect", arg: argChoice, choices: []string{"301", "302", "303", "307", "308"}, fallback: "307", text: "a redirect to /sim/redirected, where followers are counted"},

	{name: "error-200", text: "200 with an error object as JSON body, for streams too"},
	{name: "empty", text: "200 with an empty body"},
	{name: "wrong-type", text: "200 with a page of text/html"},
	{name: "bomb", text: "a body, or one event, without end"},
	{name: "bomb-gzip", text: "a body without end that is a thousandth of its size when compressed"},

	{name: "odd-headers", text: "a good answer with headers that must not pass a proxy: set-cookie, alt-svc, strict-transport-security, access-control-*, one nominated by connection"},
	{name: "trickle", arg: argDuration, example: "20ms", fallback: "20ms", text: "a good answer byte by byte, headers included, with this pause between bytes"},
	{name: "gzip", text: "a good answer compressed, although nobody asked for that"},
	{name: "slow-first", arg: argDuration, example: "2s", fallback: "2s", text: "a good answer whose first content takes this long"},
	{name: "truncated-chunk", arg: argCount, example: "3", fallback: "3", text: "the chunked framing breaks off inside a chunk: a stream's after that many content events"},

	{name: "keepalive-only", arg: argDuration, example: "100ms", fallback: "100ms", scope: streamed, text: "a comment line this often, for ever, and no content"},
	{name: "role-only", scope: streamed, text: "the first delta, which has the role and no content, then silence"},
	{name: "error-event", arg: argCount, example: "5", fallback: "0", scope: streamed, text: "an error event after that many content events, then a clean end without [DONE]"},
	{name: "malformed", arg: argCount, example: "2", fallback: "2", scope: streamed, text: "one event of broken JSON after that many content events; the stream goes on"},
	{name: "stall", arg: argCount, example: "5", fallback: "5", scope: streamed, text: "silence after that many content events, with the connection open"},
	{name: "cut", arg: argCount, example: "5", fallback: "5", scope: streamed, text: "the connection is closed after that many content events, without an error"},
	{name: "no-finish", scope: streamed, text: "all content, then a clean end without finish_reason and [DONE]"},
	{name: "no-done", scope: streamed, text: "all content and finish_reason, then a clean end without [DONE]"},

	{name: "cut-body", scope: whole, text: "half of the announced body, then the end"},
}

func kindNamed(name string) *kindDef {
	for i := range kinds {
		if kinds[i].name == name {
			return &kinds[i]
		}
	}
	return nil
}

func kindNames() []string {
	names := make([]string, len(kinds))
	for i := range kinds {
		names[i] = kinds[i].name
	}
	return names
}
