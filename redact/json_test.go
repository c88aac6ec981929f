package redact

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
)

// mail is a finder of one type that needs no context, so that these tests are about where is looked, not what for.
func mail(t testing.TB) *Finder {
	t.Helper()
	f, err := NewFinder(Options{Types: []Type{Email}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// asContent is text as the content of a JSON string.
func asContent(t testing.TB, text string) string {
	t.Helper()
	b, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[1 : len(b)-1])
}

func TestFindJSONLooksWhereTextIs(t *testing.T) {
	for name, body := range map[string]string{
		"a chat message": `{"model":"m","messages":[{"role":"user","content":"to yes@mail.com"}]}`,
		"content parts beside an image": `{"messages":[{"role":"user","content":[{"type":"text","text":"yes@mail.com"},` +
			`{"type":"image_url","image_url":{"url":"data:image/png;base64,no@mail.com"}},` +
			`{"type":"input_audio","input_audio":{"data":"no@mail.com","format":"wav"}},` +
			`{"type":"file","file":{"file_data":"no@mail.com","filename":"no@mail.com"}}]}]}`,
		"tool arguments, tool results and a tool's description": `{"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"no@mail.com",` +
			`"type":"function","function":{"name":"no@mail.com","arguments":"{\"no@mail.com\":1,\"to\":\"yes@mail.com\"}"}}]},` +
			`{"role":"tool","tool_call_id":"no@mail.com","content":"{\"from\":[\"yes@mail.com\"]}"}],` +
			`"tools":[{"type":"function","function":{"name":"no@mail.com","description":"mails yes@mail.com","parameters":` +
			`{"type":"object","properties":{"description":{"type":"string","description":"like yes@mail.com","enum":["no@mail.com"]}}}}}]}`,
		"a completion":                        `{"prompt":["yes@mail.com","yes@mail.com"],"suffix":"yes@mail.com","user":"no@mail.com"}`,
		"a completion of tokens":              `{"prompt":[1,22,333],"model":"no@mail.com"}`,
		"embeddings":                          `{"input":"yes@mail.com","model":"no@mail.com"}`,
		"a prediction and a response format":  `{"prediction":{"type":"content","content":"yes@mail.com"},"response_format":{"type":"json_schema","json_schema":{"name":"no@mail.com","schema":{"description":"yes@mail.com","default":"no@mail.com"}}},"metadata":{"k":"no@mail.com"}}`,
		"Responses input as a string":         `{"input":"yes@mail.com","instructions":"yes@mail.com","previous_response_id":"no@mail.com"}`,
		"Responses items":                     `{"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"yes@mail.com"}]},{"type":"function_call","call_id":"no@mail.com","name":"no@mail.com","arguments":"{\"a\":\"yes@mail.com\"}"},{"type":"function_call_output","call_id":"no@mail.com","output":"yes@mail.com"},{"type":"reasoning","id":"no@mail.com","encrypted_content":"no@mail.com","summary":[{"type":"summary_text","text":"yes@mail.com"}]}],"text":{"format":{"type":"text"}}}`,
		"a stored prompt's variables":         `{"prompt":{"id":"no@mail.com","variables":{"who":"yes@mail.com","doc":{"type":"input_text","text":"yes@mail.com"}}}}`,
		"Anthropic's system and blocks":       `{"system":[{"type":"text","text":"yes@mail.com","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"no@mail.com","content":[{"type":"text","text":"yes@mail.com"}]},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"no@mail.com"}}]},{"role":"assistant","content":[{"type":"thinking","thinking":"yes@mail.com","signature":"no@mail.com"},{"type":"redacted_thinking","data":"no@mail.com"},{"type":"tool_use","id":"no@mail.com","name":"no@mail.com","input":{"no@mail.com":"x","to":"yes@mail.com","n":5,"deep":[{"cc":"yes@mail.com"}]}}]}]}`,
		"Anthropic's plain text document":     `{"messages":[{"role":"user","content":[{"type":"document","title":"yes@mail.com","source":{"data":"yes@mail.com","media_type":"text/plain","type":"text"}}]}]}`,
		"Anthropic's base64 document":         `{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","data":"no@mail.com"}}]}]}`,
		"Gemini's contents":                   `{"systemInstruction":{"parts":[{"text":"yes@mail.com"}]},"contents":[{"role":"user","parts":[{"text":"yes@mail.com"},{"inlineData":{"mimeType":"image/png","data":"no@mail.com"}},{"inline_data":{"data":"no@mail.com"}},{"fileData":{"fileUri":"no@mail.com"}}]},{"role":"model","parts":[{"functionCall":{"name":"no@mail.com","args":{"to":"yes@mail.com"}}}]},{"role":"user","parts":[{"functionResponse":{"name":"no@mail.com","response":{"out":"yes@mail.com"}}}]}]}`,
		"a key that hides behind an escape":   `{"mess\u0061ges":[{"cont\u0065nt":"yes@mail.com"}]}`,
		"text with escapes":                   `{"messages":[{"content":"\"yes@mail.com\"\n\u0079es\u0040mail.com\t"}]}`,
		"JSON three strings deep":             `{"messages":[{"content":"` + asContent(t, `{"a":"`+asContent(t, `{"b":"`+asContent(t, `{"c":"yes@mail.com","yes@mail.com":1}`)+`"}`)+`"}`) + `"}]}`,
		"what only looks like JSON":           `{"messages":[{"content":"{\"a\" yes@mail.com}"}]}`,
		"white space everywhere":              " {\n \"messages\" : [ { \"content\" : \"yes@mail.com\" , \"role\" : \"user\" } ] }\r\n",
		"both of two members with one name":   `{"input":"yes@mail.com","input":"yes@mail.com"}`,
		"base64 in a tool's result":           `{"messages":[{"content":[{"type":"tool_use","input":{"data":"` + strings.Repeat("QUJD", 40) + `","note":"yes@mail.com"}}]}]}`,
		"a batch that is an array":            `[{"input":"yes@mail.com"}]`,
		"examples of a tool's input":          `{"tools":[{"name":"t","input_schema":{"type":"object","properties":{"name":{"description":"yes@mail.com"}}},"input_examples":[{"to":"yes@mail.com"}]}]}`,
		"Gemini's function declarations":      `{"tools":[{"functionDeclarations":[{"name":"no@mail.com","description":"yes@mail.com"}]}],"toolConfig":{"x":"no@mail.com"}}`,
		"numbers, literals and empty strings": `{"messages":[{"content":""},{"content":null},{"content":true},{"content":-1.5e+3}],"n":1,"stop":["no@mail.com"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			found, err := FindJSON(nil, mail(t), []byte(body))
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Count(body, "yes@mail.com") + strings.Count(body, `\u0079es\u0040mail.com`)
			if len(found) != want {
				t.Errorf("found %d, want %d", len(found), want)
			}
			last := 0
			for _, f := range found {
				raw := body[f.Start:f.End]
				if raw != "yes@mail.com" && raw != `\u0079es\u0040mail.com` || f.Type != Email || f.Start < last {
					t.Errorf("found %q at %d after %d", raw, f.Start, last)
				}
				last = f.End
			}
		})
	}
}

func TestFindJSONRefusesWhatIsNoJSON(t *testing.T) {
	for name, body := range map[string]string{
		"nothing":                   ``,
		"an object that ends early": `{"messages":[{"content":"a"}`,
		"a string that ends early":  `{"messages":[{"content":"a`,
		"a backslash at the end":    `{"messages":[{"content":"a\`,
		"an escape of no kind":      `{"messages":[{"content":"a\x41"}]}`,
		"half of an escape":         `{"messages":[{"content":"a\u00"}]}`,
		"a missing comma":           `{"messages":[] "input":""}`,
		"a key without a colon":     `{"messages" []}`,
		"a key without quotes":      `{messages:[]}`,
		"an unknown literal":        `{"messages":nil}`,
		"brackets that cross":       `{"messages":[}`,
		"text after the end":        `{"messages":[]} x`,
		"a NUL after the end":       "{\"messages\":[]}\x00",
		"a value that is missing":   `{"model":}`,
		"depth without end":         `{"messages":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			kept := []Finding{{1, 2, Email}}
			found, err := FindJSON(kept, mail(t), []byte(body))
			var at *JSONError
			if !errors.As(err, &at) || at.Offset < 0 || at.Offset > len(body) {
				t.Errorf("error is %v", err)
			}
			if !slices.Equal(found, kept) {
				t.Errorf("findings are %v", found)
			}
		})
	}
}

func TestOffsetsInEscapedTextAreThoseOfWholeEscapes(t *testing.T) {
	content := []byte(`a\n\u00e9b\ud83d\ude00\ud83dc\\`)
	text, ok := unescape(nil, content)
	if want := "a\né" + "b😀\ufffdc\\"; !ok || string(text) != want {
		t.Fatalf("unescaped to %q, want %q", text, want)
	}
	for start := range text {
		for end := start; end <= len(text); end++ {
			m := offsetMap{content: content}
			from := m.start(start)
			to := m.end(end)
			if end == start && to < from {
				continue
			}
			piece, ok := unescape(nil, content[from:to])
			if !ok || !strings.Contains(string(piece), string(text[start:end])) {
				t.Errorf("[%d:%d] %q is at [%d:%d] %q", start, end, text[start:end], from, to, content[from:to])
			}
		}
	}
}

func FuzzFindJSON(f *testing.F) {
	f.Add([]byte(`{"messages":[{"role":"user","content":"mail \"a@b.com\"\n"}],"tools":[{"description":"x"}]}`))
	f.Add([]byte(`{"input":[{"arguments":"{\"a\":\"\\u0040 b@c.de\"}"}]}`))
	finder := mail(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		found, err := FindJSON(nil, finder, body)
		if json.Valid(body) && err != nil && !errors.Is(err, errJSONDepth) && (body[0] == '{' || body[0] == '[') {
			t.Fatalf("refused valid JSON: %v", err)
		}
		last := 0
		for _, f := range found {
			if f.Start < last || f.End <= f.Start || f.End > len(body) {
				t.Fatalf("finding %+v after %d in %d bytes", f, last, len(body))
			}
			last = f.End
		}
	})
}
