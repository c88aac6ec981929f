package openai

import (
	"bytes"

	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/dialect/jsonscan"
	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/route"
)

const (
	maxMembers   = 128 // top-level keys of a request; the API has about 40
	maxModelName = 256 // bytes
	maxModels    = 16  // of the fallback list
	maxChoices   = 64  // n; one bit each in Event.Finished
)

// reader goes over a request's top-level members once.
type reader struct {
	op    route.Op
	body  []byte
	ask   *route.Ask
	edits *dialect.Edits

	kept    bool // a member that stays has been seen
	headCut int  // where members to be removed began, before any that stays; -1: none
	end     int  // of the member before

	optionsCut int // the edit that takes out stream_options as the first member that stays; -1: none

	keys    [maxMembers]span
	count   int
	model   bool
	input   bool // messages, prompt or input
	prompts int  // of a completion; 0: not said
	options bool // stream_options
}

// span is where a key stands in the body.
type span struct{ start, end int32 }

func readAsk(op route.Op, body []byte, ask *route.Ask, edits *dialect.Edits) *fault.Error {
	if !jsonscan.ValidUTF8(body) {
		return fault.Invalid("", "the body is not valid UTF-8; send JSON text as RFC 8259 has it")
	}
	r := reader{op: op, body: body, ask: ask, edits: edits, headCut: -1, optionsCut: -1}
	ask.Op, ask.Choices = op, 1
	if op == route.Embeddings {
		ask.Needs |= market.Embeddings
	}
	o := jsonscan.NewObject(body, 0)
	for o.Next() {
		if r.optionsCut >= 0 && !removed(o.Key) {
			r.edits.Extend(r.optionsCut, o.KeyStart)
			r.optionsCut = -1
		}
		if r.headCut >= 0 && !removed(o.Key) {
			edits.Replace(dialect.Always, r.headCut, o.KeyStart, "")
			r.headCut = -1
		}
		if err := r.member(&o); err != nil {
			return err
		}
		r.end = o.ValueEnd()
	}
	if err := o.Err(); err != nil {
		return fault.Invalid("", "the body is not a JSON object: %s", err)
	}
	if err := jsonscan.Only(body, o.End()); err != nil {
		return fault.Invalid("", "the body has more after its JSON object: %s", err)
	}
	return r.finish(o.End() - 1)
}

// removed names the members that are for souk alone.
func removed(key []byte) bool {
	switch string(key) {
	case "models", "provider", "session_id", "usage":
		return true
	}
	return false
}

func (r *reader) member(o *jsonscan.Object) *fault.Error {
	if err := r.unique(o); err != nil {
		return err
	}
	if removed(o.Key) {
		if r.kept {
			r.edits.Replace(dialect.Always, r.end, o.ValueEnd(), "")
		} else if r.headCut < 0 {
			r.headCut = o.KeyStart
		}
		return r.soukMember(o)
	}
	before := r.kept
	r.kept = true
	if string(o.Key) == "messages" {
		return r.messages(o)
	}
	v := o.Value()
	if v == nil {
		return nil // not JSON, which the next step of the iteration says
	}
	switch string(o.Key) {
	case "model":
		name, err := modelName("model", v)
		if err != nil {
			return err
		}
		r.ask.Model, r.model = name, true
		r.edits.ReplaceModel(o.ValueStart, o.ValueEnd())
	case "stream":
		on, err := boolean("stream", v)
		if err != nil {
			return err
		}
		r.ask.Stream = on
	case "stream_options":
		return r.streamOptions(o, before)
	case "n":
		if jsonscan.Null(v) {
			return nil
		}
		n, ok := jsonscan.Int(v)
		if !ok || n < 1 || n > maxChoices {
			return fault.Invalid("n", "n must be an integer from 1 to %d", maxChoices)
		}
		r.ask.Choices = int(n)
	case "max_tokens", "max_completion_tokens":
		if jsonscan.Null(v) {
			return nil
		}
		n, ok := jsonscan.Int(v)
		if !ok || n < 0 || n > 1<<31 {
			return fault.Invalid(string(o.Key), "%s must be a positive integer", o.Key)
		}
		r.ask.MaxTokens = int(n)
	case "prompt", "input":
		r.input = r.input || r.op != route.Chat
		r.ask.Bytes += len(v)
		if r.op == route.Completions {
			r.prompts = prompts(v)
		}
	default:
		r.feature(o.Key, v)
	}
	return nil
}

// prompts is how many texts a completion's prompt holds: each gets n choices of its own.
func prompts(v []byte) int {
	n := 0
	for a := jsonscan.NewArray(v, 0); a.Next(); n++ {
		if e := a.Value(); len(e) > 0 && e[0] != '"' && e[0] != '[' {
			return 1 // a text as the list of its tokens
		}
	}
	return max(n, 1)
}

// unique refuses keys that two JSON readers could understand differently.
func (r *reader) unique(o *jsonscan.Object) *fault.Error {
	key := o.Key
	if bytes.IndexByte(key, '\\') >= 0 {
		return fault.Invalid("", "a top-level key is written with an escape; write it plainly, so that souk and the provider read the same")
	}
	for _, known := range r.keys[:r.count] {
		if string(r.body[known.start:known.end]) == string(key) {
			return fault.Invalid(cut(key, 64), "the key %q appears twice; send it once, so that souk and the provider read the same", cut(key, 64))
		}
	}
	if r.count == maxMembers {
		return fault.Invalid("", "the body has more than %d top-level keys", maxMembers)
	}
	start := int32(o.KeyStart + 1)
	r.keys[r.count] = span{start, start + int32(len(key))}
	r.count++
	return nil
}

// messages counts the prompt and sees which kinds of part it has, in the same pass that finds its end.
func (r *reader) messages(body *jsonscan.Object) *fault.Error {
	r.input = true
	a := body.Array()
	n := 0
	for a.Next() {
		n++
		if r.body[a.ValueStart] != '{' {
			return fault.Invalid("messages", "messages[%d] must be an object such as {\"role\": \"user\", \"content\": \"...\"}", n-1)
		}
		m := a.Object()
		asks := false
		for m.Next() {
			if string(m.Key) == "content" && r.body[m.ValueStart] == '[' {
				r.parts(&m)
			}
			asks = asks || string(m.Key) == "role" && string(m.Value()) == `"user"`
		}
		if err := m.Err(); err != nil {
			return fault.Invalid("messages", "messages[%d] is not valid JSON: %s", n-1, err)
		}
		a.Leave(m.End(), nil)
		if asks && r.ask.Opening == nil {
			r.ask.Opening = r.body[body.ValueStart:m.End()]
		}
	}
	if a.Err() != nil {
		return fault.Invalid("messages", "messages must be a list of message objects: %s", a.Err())
	}
	if n == 0 {
		return fault.Invalid("messages", "messages is empty; send at least one message")
	}
	body.Leave(a.End(), nil)
	r.ask.Turns = n
	r.ask.Bytes += a.End() - body.ValueStart
	return nil
}

func (r *reader) parts(message *jsonscan.Object) {
	a := message.Array()
	for a.Next() {
		part := a.Value()
		kind, _ := jsonscan.Text(jsonscan.Member(part, "type"))
		switch string(kind) {
		case "image_url":
			r.ask.Needs |= market.Vision
		case "input_audio":
			r.ask.Needs |= market.Audio
		case "file":
			r.ask.Needs |= market.Files
		default:
			continue
		}
		// What is no text is not counted as text: its tokens are for the provider to count.
		r.ask.Bytes -= len(part)
	}
	message.Leave(a.End(), a.Err())
}

// feature notes which capabilities an offer should have.
func (r *reader) feature(key, v []byte) {
	if jsonscan.Null(v) {
		return
	}
	switch string(key) {
	case "tools", "functions":
		if a := jsonscan.NewArray(v, 0); a.Next() {
			r.ask.Needs |= market.Tools
			r.ask.Bytes += len(v)
		}
	case "response_format":
		kind, _ := jsonscan.Text(jsonscan.Member(v, "type"))
		switch string(kind) {
		case "json_schema":
			r.ask.Needs |= market.JSONSchema
		case "json_object":
			r.ask.Wants |= market.JSONObject
		}
	case "prompt_cache_key":
		if text, ok := jsonscan.Text(v); ok && r.ask.SessionID == "" && len(text) <= maxModelName {
			r.ask.SessionID = alias(text)
		}
	case "reasoning", "reasoning_effort":
		r.ask.Wants |= market.Reasoning
	case "logprobs":
		if v[0] == 't' {
			r.ask.Wants |= market.Logprobs
		}
	}
}

// finish checks what must be there, and adds what the provider must be told.
func (r *reader) finish(brace int) *fault.Error {
	if r.headCut >= 0 {
		r.edits.Replace(dialect.Always, r.headCut, brace, "")
	}
	if r.ask.Model == "" && len(r.ask.Models) > 0 {
		r.ask.Model, r.ask.Models = r.ask.Models[0], r.ask.Models[1:]
	}
	if r.ask.Model == "" {
		return fault.Invalid("model", "the body names no model; add \"model\", an id that GET /v1/models lists")
	}
	if !r.input && !r.ask.PlanOnly {
		switch r.op {
		case route.Chat:
			return fault.Invalid("messages", "the body has no messages; add a list of message objects")
		case route.Completions:
			return fault.Invalid("prompt", "the body has no prompt")
		case route.Embeddings:
			return fault.Invalid("input", "the body has no input")
		}
	}
	if r.op == route.Embeddings && r.ask.Stream {
		return fault.Invalid("stream", "embeddings are not streamed; leave stream out")
	}
	r.ask.Choices *= max(r.prompts, 1)
	if !r.model {
		r.edits.Replace(dialect.Always, brace, brace, r.separated(`,"model":`))
		r.edits.ReplaceModel(brace, brace)
		r.kept = true
	}
	if !r.options {
		r.edits.Replace(dialect.WithUsage, brace, brace, r.separated(`,"stream_options":{"include_usage":true}`))
	}
	return nil
}

// separated takes the comma off a member that is added where there is none.
func (r *reader) separated(member string) string {
	if !r.kept {
		return member[1:]
	}
	return member
}
