package openai

import (
	"bytes"

	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/dialect/jsonscan"
	"github.com/soukproxy/souk/sidecar/internal/route"
)

// readAnswer judges a whole answer: an object with choices, or data for embeddings, and no error.
func readAnswer(op route.Op, body []byte, a *dialect.Answer) {
	*a = dialect.Answer{}
	results := "choices"
	if op == route.Embeddings {
		results = "data"
	}
	found := false
	o := jsonscan.NewObject(body, 0)
	for o.Next() {
		switch string(o.Key) {
		case "error":
			if v := o.Value(); !jsonscan.Null(v) {
				a.Error = v
			}
		case "object":
			if string(o.Value()) == `"error"` { // vLLM
				a.Error = body
			}
		case "usage":
			readUsage(body, o.ValueStart, &a.Usage)
		case results:
			list := o.Array()
			if found = list.Next(); found && results == "choices" {
				choiceError(&list, a)
				for list.Next() {
				}
				o.Leave(list.End(), list.Err())
			}
		}
	}
	switch err := o.Err(); {
	case err != nil:
		a.Broken = "not a JSON object"
	case jsonscan.Only(body, o.End()) != nil:
		a.Broken = "more than one JSON object"
	case jsonscan.CheckStrings(body) != nil:
		a.Broken = "not JSON: a string holds what none may"
	case !found:
		a.Broken = "no " + results
	}
}

// choiceError finds, in the choice that the list is at, OpenRouter's way to say that a provider broke off in the middle of an answer.
func choiceError(list *jsonscan.Array, a *dialect.Answer) {
	var broke bool
	var words []byte
	choice := list.Object()
	for choice.Next() {
		switch string(choice.Key) {
		case "finish_reason":
			broke = string(choice.Value()) == `"error"`
		case "error":
			words = choice.Value()
		}
	}
	list.Leave(choice.End(), choice.Err())
	if !broke {
		return
	}
	if a.Error = list.Value(); !jsonscan.Null(words) {
		a.Error = words
	}
}

// readUsage reads the usage object that begins at text[start]. OpenAI's prompt_tokens include the cached ones.
func readUsage(text []byte, start int, u *dialect.Usage) {
	if start >= len(text) || text[start] != '{' {
		return
	}
	*u = dialect.Usage{}
	o := jsonscan.NewObject(text, start)
	for o.Next() {
		switch string(o.Key) {
		case "prompt_tokens":
			u.Input, _ = count(o.Value())
		case "completion_tokens":
			u.Output, _ = count(o.Value())
		case "cost":
			u.CostStart, u.CostEnd = o.ValueStart, o.ValueEnd()
		case "prompt_tokens_details":
			for d := jsonscan.NewObject(o.Value(), 0); d.Next(); {
				switch string(d.Key) {
				case "cached_tokens":
					u.CacheRead, _ = count(d.Value())
				case "cache_write_tokens", "cache_creation_tokens":
					u.CacheWrite, _ = count(d.Value())
				}
			}
		case "prompt_cache_hit_tokens": // DeepSeek
			if n, ok := count(o.Value()); ok {
				u.CacheRead = n
			}
		}
	}
	if o.Err() == nil {
		u.Known, u.Start, u.End = true, start, o.End()
	}
}

// maxTokens bounds what a provider may claim to have counted, so that an absurd number does not become a bill.
const maxTokens = 1 << 32

func count(v []byte) (int64, bool) {
	n, ok := jsonscan.Int(v)
	return min(max(n, 0), maxTokens), ok
}

// readEvent judges one event of a stream. An event that carries no text costs a look at each of its keys; nothing in it is
// decoded.
func readEvent(op route.Op, data []byte, e *dialect.Event) {
	*e = dialect.Event{}
	if bytes.Equal(data, []byte("[DONE]")) {
		e.Done = true
		return
	}
	choices := 0
	o := jsonscan.NewObject(data, 0)
	for o.Next() {
		switch string(o.Key) {
		case "choices":
			a := o.Array()
			for ; a.Next(); choices++ {
				readChoice(op, &a, e)
			}
			o.Leave(a.End(), a.Err())
		case "usage":
			readUsage(data, o.ValueStart, &e.Usage)
		case "error":
			if v := o.Value(); !jsonscan.Null(v) {
				e.Error = v
			}
		case "object":
			if string(o.Value()) == `"error"` { // vLLM
				e.Error = data
			}
		}
	}
	e.Broken = o.Err() != nil
	e.Bare = e.Usage.Known && choices == 0
}

func readChoice(op route.Op, choices *jsonscan.Array, e *dialect.Event) {
	index, finished, failed := int64(0), false, false
	o := choices.Object()
	for o.Next() {
		switch string(o.Key) {
		case "index":
			index, _ = jsonscan.Int(o.Value())
		case "finish_reason":
			v := o.Value()
			failed = string(v) == `"error"`
			finished = !jsonscan.Null(v) && len(v) > 2
		case "text":
			e.Content = e.Content || len(o.Value()) > 2 && op == route.Completions
		case "delta":
			delta := o.Object()
			readDelta(&delta, e)
			o.Leave(delta.End(), delta.Err())
		}
	}
	choices.Leave(o.End(), o.Err())
	if failed && e.Error == nil {
		e.Error = choices.Value()
	}
	if index >= 0 && index < maxChoices {
		e.Seen |= 1 << index
		if finished {
			e.Finished |= 1 << index
		}
	}
}

// readDelta notes what a caller waits for; a role alone is not it.
func readDelta(delta *jsonscan.Object, e *dialect.Event) {
	for delta.Next() {
		kind := delta.Key
		switch string(kind) {
		case "content", "reasoning", "reasoning_content", "refusal", "tool_calls", "reasoning_details", "audio", "function_call", "images":
		default:
			continue
		}
		// Longer than "", [], {}; null has no quote or bracket.
		v := delta.Value()
		if len(v) <= 2 || v[0] == 'n' {
			continue
		}
		e.Content = true
		switch string(kind) {
		case "content":
			e.Text = v
		case "tool_calls", "function_call", "audio", "images", "refusal":
			e.Other = true
		}
	}
}
