package redact

import (
	"fmt"
	"strings"
	"testing"
)

// TestStreamEvents gives events, each up to its empty line, and what has to come out for each; the last of want is what Close adds.
func TestStreamEvents(t *testing.T) {
	s := issue(t, "a@b.com", "two\"\n@b.com")
	delta := func(content string) string {
		return `data: {"id":"i","model":"m","choices":[{"index":0,"delta":` + content + `,"finish_reason":null}],"usage":null}`
	}
	alone := func(index int, content string) string {
		return fmt.Sprintf(`data: {"id":"i","model":"m","choices":[{"index":%d,"delta":%s,"finish_reason":null}]}`, index, content)
	}
	for name, c := range map[string]struct{ events, want []string }{
		"keeps back nothing that cannot begin a token": {
			[]string{delta(`{"content":"a < b"}`), delta(`{"content":"x <EMAIL_9"}`), delta(`{"content":"<em"}`)},
			[]string{delta(`{"content":"a < b"}`), delta(`{"content":"x <EMAIL_9"}`), delta(`{"content":"<em"}`), ""},
		},
		"keeps back the tail alone": {
			[]string{delta(`{"content":"to <EMA"}`), delta(`{"content":"IL_1> now"}`)},
			[]string{delta(`{"content":"to "}`), delta(`{"content":"a@b.com now"}`), ""},
		},
		"follows choices, texts and tools each on its own": {
			[]string{
				`data: {"choices":[{"index":0,"delta":{"content":"<EMA"}},{"delta":{"content":"<EM"},"index":1}]}`,
				delta(`{"reasoning_content":"<EMAIL_","tool_calls":[{"index":0,"function":{"arguments":"\"<E"}},{"function":{"arguments":"\"<EMAIL"},"index":1}]}`),
				`data: {"choices":[{"index":1,"delta":{"content":"AIL_2>"}},{"index":0,"delta":{"content":"IL_1>"}}]}`,
				delta(`{"tool_calls":[{"index":1,"function":{"arguments":"_1>"}},{"index":0,"function":{"arguments":"MAIL_1>"}}],"reasoning_content":"1>"}`),
			},
			[]string{
				`data: {"choices":[{"index":0,"delta":{"content":""}},{"delta":{"content":""},"index":1}]}`,
				delta(`{"reasoning_content":"","tool_calls":[{"index":0,"function":{"arguments":"\""}},{"function":{"arguments":"\""},"index":1}]}`),
				`data: {"choices":[{"index":1,"delta":{"content":"two\"\n@b.com"}},{"index":0,"delta":{"content":"a@b.com"}}]}`,
				delta(`{"tool_calls":[{"index":1,"function":{"arguments":"a@b.com"}},{"index":0,"function":{"arguments":"a@b.com"}}],"reasoning_content":"a@b.com"}`),
				"",
			},
		},
		"lets go of a choice's texts before its finish alone": {
			[]string{
				delta(`{"content":"<EM","reasoning":"<E"}`), alone(1, `{"content":"<EMA"}`),
				delta(`{"tool_calls":[{"index":3,"id":"t","function":{"name":"f","arguments":"{\"a\":\"\\u00"}}]}`),
				`data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`, `data: [DONE]`,
			},
			[]string{
				delta(`{"content":"","reasoning":""}`), alone(1, `{"content":""}`),
				delta(`{"tool_calls":[{"index":3,"id":"t","function":{"name":"f","arguments":"{\"a\":\""}}]}`),
				alone(0, `{"content":"<EM"}`) + "\n\n" + alone(0, `{"reasoning":"<E"}`) + "\n\n" +
					alone(0, `{"tool_calls":[{"index":3,"function":{"arguments":"\\u00"}}]}`) + "\n\n" +
					`data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`,
				alone(1, `{"content":"<EMA"}`) + "\n\ndata: [DONE]", "",
			},
		},
		"puts what was kept back into a finish that has text": {
			[]string{delta(`{"content":"<EM"}`), `data: {"choices":[{"finish_reason":"stop","index":0,"delta":{"content":"AIL_1> <EM"}}]}`},
			[]string{delta(`{"content":""}`), `data: {"choices":[{"finish_reason":"stop","index":0,"delta":{"content":"a@b.com <EM"}}]}`, ""},
		},
		"lets go of everything before an error": {
			[]string{delta(`{"content":"<EM"}`), `data: {"error":{"message":"no"}}`},
			[]string{delta(`{"content":""}`), alone(0, `{"content":"<EM"}`) + "\n\n" + `data: {"error":{"message":"no"}}`, ""},
		},
		"lets go of everything at a cut": {
			[]string{delta(`{"content":"<EM"}`)},
			[]string{delta(`{"content":""}`), alone(0, `{"content":"<EM"}`) + "\n\n"},
		},
		"lets go of an Anthropic block before its stop": {
			[]string{
				"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"x<E\"}}",
				"event: ping\ndata: {\"type\":\"ping\"}",
				"event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}",
			},
			[]string{
				"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"x\"}}",
				"event: ping\ndata: {\"type\":\"ping\"}",
				"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"<E\"}}\n\n" +
					"event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}", "",
			},
		},
		"restores the whole texts that Responses repeats": {
			[]string{
				`data: {"type":"response.function_call_arguments.delta","output_index":0,"delta":"{\"a\":\"<EMA"}`,
				`data: {"type":"response.function_call_arguments.delta","output_index":0,"delta":"IL_2>\"}"}`,
				`data: {"type":"response.function_call_arguments.done","output_index":0,"arguments":"{\"a\":\"<EMAIL_2>\"}"}`,
				`data: {"type":"response.completed","response":{"output":[{"content":[{"text":"<EMAIL_1>"}]}]}}`,
			},
			[]string{
				`data: {"type":"response.function_call_arguments.delta","output_index":0,"delta":"{\"a\":\""}`,
				`data: {"type":"response.function_call_arguments.delta","output_index":0,"delta":"two\\\"\\n@b.com\"}"}`,
				`data: {"type":"response.function_call_arguments.done","output_index":0,"arguments":"{\"a\":\"two\\\"\\n@b.com\"}"}`,
				`data: {"type":"response.completed","response":{"output":[{"content":[{"text":"a@b.com"}]}]}}`, "",
			},
		},
		"restores a Gemini call's arguments in one piece, and ends the text before it": {
			[]string{
				`data: {"candidates":[{"content":{"parts":[{"text":"so <EM"}]}}],"responseId":"r"}`,
				`data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"to":"<EMAIL_2>","<EMAIL_1>":1}}}]}}]}`,
				`data: {"candidates":[{"content":{"parts":[{"thought":true,"text":"x <"},{"text":"<E"}]},"finishReason":"STOP"}]}`,
			},
			[]string{
				`data: {"candidates":[{"content":{"parts":[{"text":"so "}]}}],"responseId":"r"}`,
				`data: {"responseId":"r","candidates":[{"content":{"parts":[{"text":"<EM"}],"role":"model"},"index":0}]}` + "\n\n" +
					`data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"to":"two\"\n@b.com","a@b.com":1}}}]}}]}`,
				`data: {"candidates":[{"content":{"parts":[{"thought":true,"text":"x <"},{"text":"<E"}]},"finishReason":"STOP"}]}`, "",
			},
		},
		"passes comments, other fields, bad JSON and unknown events": {
			[]string{": keep-alive", "id: 7\nretry: 10", "data: {\"choices\":[", "data: 17", "data", `data: {"x":"<EMAIL_"}`},
			[]string{": keep-alive", "id: 7\nretry: 10", "data: {\"choices\":[", "data: 17", "data", `data: {"x":"<EMAIL_"}`, ""},
		},
		"reads data that stands on many lines": {
			[]string{"data: {\"choices\":[{\"delta\":\ndata: {\"content\":\"<EMAIL_1>\"}}]\nid: 1\ndata: }", "data: {\"choices\":\ndata: []}"},
			[]string{"data: {\"choices\":[{\"delta\": {\"content\":\"a@b.com\"}}] }\nid: 1", "data: {\"choices\":\ndata: []}", ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := s.Stream()
			for i, e := range c.events {
				if got, want := string(r.Event(nil, []byte(e+"\n\n"))), c.want[i]+"\n\n"; got != want {
					t.Errorf("event %d came out as\n%s, want\n%s", i, got, want)
				}
			}
			if got := string(r.Close(nil)); got != c.want[len(c.events)] {
				t.Errorf("Close gave %s, want %s", got, c.want[len(c.events)])
			}
			if len(r.channels) > 0 {
				t.Errorf("%d texts are left", len(r.channels))
			}
		})
	}
}

func TestStreamRestoresFakesByTheirForm(t *testing.T) {
	m := newMasker(t, MaskOptions{Mode: Format})
	s := newVault(t, VaultOptions{}).Request()
	got, err := m.Text(s, []byte("john.doe@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	w := wires()["Anthropic text"]
	for i := range got.Text {
		pieces := []string{"to " + string(got.Text[:i]), string(got.Text[i:]) + "!"}
		if text := w.run(t, s, pieces, encodePlain); text != "to john.doe@example.com!" {
			t.Errorf("split at %d: %s", i, text)
		}
	}
}

func TestStreamBoundsWhatItRemembers(t *testing.T) {
	s := issue(t, "a@b.com")
	r := s.Stream()
	for i := range 2 * maxChannels {
		r.Event(nil, fmt.Appendf(nil, "data: {\"choices\":[{\"index\":%d,\"delta\":{\"content\":\"<EMAIL_1\"}}]}\n\n", i))
	}
	if len(r.channels) != maxChannels {
		t.Errorf("remembers %d texts, want %d", len(r.channels), maxChannels)
	}
	run := []byte(chat(`"content":`, ``).piece(`"` + strings.Repeat(`\\`, 5000) + `"`))
	for range 10 {
		r.Event(nil, run)
	}
	for i := range r.channels {
		if n := len(r.channels[i].held); n > 64 {
			t.Errorf("keeps back %d bytes", n)
		}
	}
}

func FuzzStreamIsTheSameAtEverySplit(f *testing.F) {
	f.Add("to <EMAIL_1> \\u003cEMAIL_2>", uint(4), uint(9))
	f.Add(`{"a":"<EMAIL_2>","b":"{\"c\":\"\\u003cEMAIL_12\\u003e\"}"}`, uint(8), uint(30))
	s := issue(f, "a@b.com", "two\"\n@b.com", "3", "4", "5", "6", "7", "8", "9", "0", "11", "twelve")
	w := wires()["chat tool arguments"]
	f.Fuzz(func(t *testing.T, text string, i, j uint) {
		runes := []rune(strings.ToValidUTF8(text, "?"))
		n := uint(len(runes))
		i = i % (n + 1)
		j = i + j%(n-i+1)
		whole := w.run(t, s, []string{string(runes)}, encodePlain)
		pieces := []string{string(runes[:i]), string(runes[i:j]), string(runes[j:])}
		if got := w.run(t, s, pieces, encodePlain); got != whole {
			t.Fatalf("%q in pieces: %q, whole: %q", pieces, got, whole)
		}
	})
}
