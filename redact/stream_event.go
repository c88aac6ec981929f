package redact

import (
	"bytes"
	"strconv"
)

// family is a wire format's way to name what a piece of text belongs to.
type family uint8

const (
	choices    family = iota // OpenAI chat and completions, by index
	blocks                   // Anthropic, by content block
	outputs                  // Responses, by output_index
	candidates               // Gemini, by index
)

// kind is a text of a choice, block, output or candidate.
type kind uint8

const (
	kindText kind = iota
	kindReasoning
	kindReasoningContent
	kindRefusal
	kindTool     // arguments of the tool call with channelKey.index
	kindCustom   // input of a custom tool call, likewise
	kindFunction // the older function_call
	kindCompletion
	kindTranscript
	kindCode
	kindSummary
	kindNone // no text: a Gemini part that ends the one before it
)

// channelKey names a text of a stream.
type channelKey struct {
	family family
	kind   kind
	owner  int // choice, block, output or candidate
	index  int // tool call, content part or summary part of it
}

// part is a piece of a text: data[start:end], the content of a string.
type part struct {
	start, end int
	key        channelKey
	last       bool // nothing of this text follows
}

// finish says that the texts of an owner are complete.
type finish struct {
	family family
	owner  int
	but    kind // this one goes on
	some   bool // but counts; and the texts that the event carries go on
}

// member is a member of an event's object.
type member struct{ key, value []byte }

// streamEvent is what an event turned out to be. Its slices are used again for the next one.
type streamEvent struct {
	parts    []part
	finished []finish
	all      bool     // every text is complete
	head     []member // what identifies the answer
	indexed  eventIndex
}

// parse reads an event's data; false: it is no JSON object.
func (e *streamEvent) parse(data []byte) bool {
	e.parts, e.finished, e.head, e.all = e.parts[:0], e.finished[:0], e.head[:0], false
	r := jsonReader{text: data}
	if r.peek() != '{' {
		return false
	}
	var typ, delta []byte
	var at, output, index int
	first := true
	for key, ok := r.member(&first); ok; key, ok = r.member(&first) {
		from := r.pos
		switch string(key) {
		case "choices":
			e.each(&r, (*streamEvent).choice)
			continue
		case "candidates":
			e.each(&r, (*streamEvent).candidate)
			continue
		}
		r.skip()
		value := data[from:r.pos]
		switch string(key) {
		case "type":
			typ = value
		case "delta":
			delta, at = value, from
		case "index", "output_index":
			output = indexNumber(value)
		case "content_index", "summary_index":
			index = indexNumber(value)
		case "error":
			e.all = e.all || string(value) != "null"
		case "id", "object", "created", "model", "system_fingerprint", "provider", "modelVersion", "responseId":
			if len(value) <= maxID && len(e.head) < maxIDs {
				e.head = append(e.head, member{key, value})
			}
		}
	}
	r.end()
	if r.err != nil {
		return false
	}
	if len(typ) > 2 {
		e.typed(typ[1:len(typ)-1], delta, at, output, index)
	}
	e.index()
	return true
}

// each goes over the objects of an array.
func (e *streamEvent) each(r *jsonReader, object func(*streamEvent, *jsonReader)) {
	if r.peek() != '[' {
		r.skip()
		return
	}
	for first := true; r.next(']', &first); {
		if r.peek() != '{' {
			r.skip()
			continue
		}
		object(e, r)
	}
}

// fields goes over the members of the object at r, and skips what the function does not read.
func (e *streamEvent) fields(r *jsonReader, field func(key []byte)) {
	if r.peek() != '{' {
		r.skip()
		return
	}
	first := true
	for key, ok := r.member(&first); ok; key, ok = r.member(&first) {
		from := r.pos
		if field(key); r.err == nil && r.pos == from {
			r.skip()
		}
	}
}

// piece reads a string as a piece of a text.
func (e *streamEvent) piece(r *jsonReader, f family, k kind) {
	if r.peek() != '"' {
		return
	}
	start := r.pos + 1
	r.str()
	if r.err == nil {
		e.parts = append(e.parts, part{start: start, end: r.pos - 1, key: channelKey{family: f, kind: k}})
	}
}

// indexNumber reads an index; anything else is 0.
func indexNumber(value []byte) int {
	n, err := strconv.Atoi(string(value))
	if err != nil {
		return 0
	}
	return n
}

func (r *jsonReader) number() int {
	from := r.pos
	r.skip()
	if r.err != nil {
		return 0
	}
	return indexNumber(r.text[from:r.pos])
}

// typed reads the events that say what they are: Anthropic's and those of Responses.
func (e *streamEvent) typed(typ, delta []byte, at, output, index int) {
	switch string(typ) {
	case "content_block_delta":
		r := jsonReader{text: delta}
		from := len(e.parts)
		e.fields(&r, func(key []byte) {
			switch string(key) {
			case "text":
				e.piece(&r, blocks, kindText)
			case "thinking":
				e.piece(&r, blocks, kindReasoning)
			case "partial_json":
				e.piece(&r, blocks, kindTool)
			}
		})
		for i := range e.parts[from:] {
			p := &e.parts[from+i]
			p.start, p.end, p.key.owner = p.start+at, p.end+at, output
		}
	case "content_block_stop":
		e.finished = append(e.finished, finish{family: blocks, owner: output})
	case "message_delta", "message_stop", "error",
		"response.completed", "response.incomplete", "response.failed", "response.cancelled":
		e.all = true
	default:
		name, ok := bytes.CutPrefix(typ, []byte("response."))
		if !ok {
			return
		}
		if name, ok = bytes.CutSuffix(name, []byte(".delta")); !ok {
			if bytes.HasSuffix(typ, []byte(".done")) {
				e.finished = append(e.finished, finish{family: outputs, owner: output})
			}
			return
		}
		if k, known := responseKind(name); known && len(delta) > 1 && delta[0] == '"' {
			key := channelKey{family: outputs, kind: k, owner: output, index: index}
			e.parts = append(e.parts, part{start: at + 1, end: at + len(delta) - 1, key: key})
		}
	}
}

// responseKind is the text of a Responses delta event, by its type.
func responseKind(name []byte) (kind, bool) {
	switch string(name) {
	case "output_text":
		return kindText, true
	case "refusal":
		return kindRefusal, true
	case "reasoning_text":
		return kindReasoning, true
	case "reasoning_summary_text":
		return kindSummary, true
	case "function_call_arguments", "mcp_call_arguments":
		return kindTool, true
	case "custom_tool_call_input":
		return kindCustom, true
	case "code_interpreter_call_code":
		return kindCode, true
	case "audio.transcript", "output_audio_transcript":
		return kindTranscript, true
	}
	return 0, false
}
