package redact

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// wire is how a dialect streams one text: an event for a piece of it, the events that end it, and the text in an event that came out.
type wire struct {
	before string
	piece  func(content string) string
	after  string
	text   func(event map[string]any) string

	carries bool // the events that end it have room for text themselves
}

// at walks into decoded JSON by keys and indices; nil where there is nothing.
func at(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

func stringAt(v any, path ...any) string {
	s, _ := at(v, path...).(string)
	return s
}

// chat is a wire of chat chunks with the text in a member of the delta.
func chat(before, after string, path ...any) wire {
	return wire{
		piece: func(content string) string {
			return `data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{` + before + content + after + `},"logprobs":null,"finish_reason":null}]}` + "\n\n"
		},
		after: `data: {"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n",
		text: func(event map[string]any) string {
			return stringAt(event, append([]any{"choices", 0, "delta"}, path...)...)
		},
	}
}

func responses(typ string) wire {
	return wire{
		piece: func(content string) string {
			return "event: response." + typ + ".delta\ndata: " + `{"type":"response.` + typ + `.delta","item_id":"i","output_index":1,"content_index":0,"delta":` + content + "}\n\n"
		},
		after: `data: {"type":"response.` + typ + `.done","item_id":"i","output_index":1,"content_index":0}` + "\n\n",
		text: func(event map[string]any) string {
			if at(event, "type") == "response."+typ+".delta" {
				return stringAt(event, "delta")
			}
			return ""
		},
	}
}

func anthropic(typ, member string) wire {
	return wire{
		before: "event: message_start\ndata: {\"type\":\"message_start\"}\n\n",
		piece: func(content string) string {
			return "event: content_block_delta\ndata: " + `{"type":"content_block_delta","index":2,"delta":{"type":"` + typ + `","` + member + `":` + content + "}}\n\n"
		},
		after: "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":2}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
		text: func(event map[string]any) string {
			return stringAt(event, "delta", member)
		},
	}
}

func wires() map[string]wire {
	return map[string]wire{
		"chat text":                 chat(`"content":`, ``, "content"),
		"chat reasoning":            chat(`"reasoning":`, ``, "reasoning"),
		"chat reasoning_content":    chat(`"reasoning_content":`, ``, "reasoning_content"),
		"chat refusal":              chat(`"refusal":`, ``, "refusal"),
		"chat tool arguments":       chat(`"tool_calls":[{"index":0,"function":{"arguments":`, `}}]`, "tool_calls", 0, "function", "arguments"),
		"chat custom tool input":    chat(`"tool_calls":[{"index":0,"custom":{"input":`, `}}]`, "tool_calls", 0, "custom", "input"),
		"chat function arguments":   chat(`"function_call":{"arguments":`, `}`, "function_call", "arguments"),
		"Anthropic text":            anthropic("text_delta", "text"),
		"Anthropic thinking":        anthropic("thinking_delta", "thinking"),
		"Anthropic tool input":      anthropic("input_json_delta", "partial_json"),
		"Responses text":            responses("output_text"),
		"Responses arguments":       responses("function_call_arguments"),
		"Responses reasoning":       responses("reasoning_text"),
		"Responses reasoning's sum": responses("reasoning_summary_text"),
		"completions": {
			piece: func(content string) string {
				return `data: {"id":"c1","choices":[{"finish_reason":null,"text":` + content + `,"index":0}]}` + "\r\n\r\n"
			},
			after:   `data: {"choices":[{"text":"","index":0,"finish_reason":"length"}]}` + "\r\n\r\n",
			text:    func(event map[string]any) string { return stringAt(event, "choices", 0, "text") },
			carries: true,
		},
		"Gemini text": {
			piece: func(content string) string {
				return `data: {"candidates":[{"content":{"parts":[{"text":` + content + `}],"role":"model"}}],"modelVersion":"g"}` + "\n\n"
			},
			after: `data: {"candidates":[{"content":{"parts":[],"role":"model"},"finishReason":"STOP"}],"usageMetadata":{}}` + "\n\n",
			text: func(event map[string]any) string {
				return stringAt(event, "candidates", 0, "content", "parts", 0, "text")
			},
		},
		"Gemini thought, then text": {
			piece: func(content string) string {
				return `data: {"candidates":[{"content":{"parts":[{"thought":true,"text":` + content + `}]}}]}` + "\n\n"
			},
			after: `data: {"candidates":[{"content":{"parts":[{"text":""}]}}]}` + "\n\n",
			text: func(event map[string]any) string {
				return stringAt(event, "candidates", 0, "content", "parts", 0, "text")
			},
		},
		"a stream that is cut": {
			piece: chat(`"content":`, ``).piece,
			text:  chat(``, ``, "content").text,
		},
		"a stream with an error": {
			piece: chat(`"content":`, ``).piece,
			after: `data: {"error":{"message":"x"}}` + "\n\n",
			text:  chat(``, ``, "content").text,
		},
	}
}

// run sends pieces through a restorer and gives the text that comes out.
func (w wire) run(t testing.TB, s *Scope, pieces []string, encode func(string) string) string {
	t.Helper()
	r := s.Stream()
	out := r.Event(nil, []byte(w.before))
	for _, p := range pieces {
		out = r.Event(out, []byte(w.piece(encode(p))))
	}
	for _, event := range strings.SplitAfter(w.after, "\n\n") {
		if event != "" {
			out = r.Event(out, []byte(event))
		}
	}
	out = r.Close(out)
	var text strings.Builder
	for _, line := range strings.Split(string(out), "\n") {
		data, ok := strings.CutPrefix(strings.TrimSuffix(line, "\r"), "data: ")
		if !ok || data == "[DONE]" {
			continue
		}
		var event map[string]any
		if err := json.Unmarshal([]byte(data), &event); err != nil {
			t.Fatalf("an event is no JSON: %v: %s", err, data)
		}
		text.WriteString(w.text(event))
	}
	if !strings.HasSuffix(string(out), w.after) && !w.carries {
		t.Errorf("the end of the stream is not at its end: %s", out)
	}
	return text.String()
}

func encodePlain(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string always can be
	}
	return strings.TrimSpace(b.String())
}

func encodeHTML(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always can be
	}
	return string(b)
}

func TestStreamGivesTheSameTextAtEverySplit(t *testing.T) {
	s := issue(t, "a@b.com", "two@\"quoted\"\n.com", "3", "4", "5", "6", "7", "8", "9", "0", "11", "twelve@b.com")
	texts := map[string]struct{ text, want string }{
		"prose":                  {"é <EMAIL_1> < <<EMAIL_12>, <EMAIL_2>: \\ <EMAIL_", "é a@b.com < <twelve@b.com, two@\"quoted\"\n.com: \\ <EMAIL_"},
		"escapes of a tag":       {`\u003cEMAIL_1\u003e \\\\u003cEMAIL_1> \u00e9 \u003d \`, `a@b.com \\\\u003cEMAIL_1> \u00e9 \u003d \`},
		"a document":             {`{"to":"<EMAIL_2>","cc":["\u003cEMAIL_12\u003e"],"in":"{\"x\":\"<EMAIL_2>\\n\"}"}`, `{"to":"two@\"quoted\"\n.com","cc":["twelve@b.com"],"in":"{\"x\":\"two@\\\"quoted\\\"\\n.com\\n\"}"}`},
		"a token and no more":    {"<EMAIL_1>", "a@b.com"},
		"what could be a token":  {"<EMAIL_1", "<EMAIL_1"},
		"a backslash at the end": {`<EMAIL_1>\\\`, `a@b.com\\\`},
	}
	for name, w := range wires() {
		for kind, c := range texts {
			for encoding, encode := range map[string]func(string) string{"plain": encodePlain, "html": encodeHTML} {
				t.Run(name+" of "+kind+" as "+encoding, func(t *testing.T) {
					want := c.want
					if kind == "escapes of a tag" {
						// A backslash more or less is another depth; what counts is that it is the same everywhere.
						want = w.run(t, s, []string{c.text}, encode)
					}
					if kind == "a document" {
						want = strings.ReplaceAll(want, "two@\"quoted\"\n.com", `two@\"quoted\"\n.com`)
					}
					runes := strings.Split(c.text, "")
					if got := w.run(t, s, runes, encode); got != want {
						t.Errorf("one by one: %q, want %q", got, want)
					}
					for i := range runes {
						head, tail := strings.Join(runes[:i], ""), strings.Join(runes[i:], "")
						if got := w.run(t, s, []string{head, tail}, encode); got != want {
							t.Fatalf("split at %d: %q, want %q", i, got, want)
						}
						if i+5 < len(runes) {
							if got := w.run(t, s, []string{head, strings.Join(runes[i:i+5], ""), strings.Join(runes[i+5:], "")}, encode); got != want {
								t.Fatalf("split at %d and %d: %q, want %q", i, i+5, got, want)
							}
						}
					}
				})
			}
		}
	}
}
