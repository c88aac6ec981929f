package openai

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/money"
	"github.com/soukproxy/souk/sidecar/internal/route"
)

func TestWhatCountsAsContent(t *testing.T) {
	for data, want := range map[string]bool{
		`{"choices":[{"delta":{"content":"x"}}]}`: true, `{"choices":[{"delta":{"content":""}}]}`: false, `{"choices":[{"delta":{"content":null}}]}`: false, `{"choices":[{"delta":{"role":"assistant"}}]}`: false,
		`{"choices":[{"delta":{"reasoning":"x"}}]}`: true, `{"choices":[{"delta":{"reasoning_content":"x"}}]}`: true, `{"choices":[{"delta":{"reasoning_content":null,"content":null}}]}`: false,
		`{"choices":[{"delta":{"refusal":"no"}}]}`: true, `{"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}`: true, `{"choices":[{"delta":{"tool_calls":[]}}]}`: false, `{"choices":[{"delta":{"audio":{"id":"x"}}}]}`: true,
		`{"choices":[{"delta":{}},{"delta":{"content":"y"}}]}`: true, `{"choices":[]}`: false, `{}`: false, `{"choices":[{"text":"x"}]}`: false, `{"choices":[{"delta":{"content":"\n"}}]}`: true,
	} {
		var e dialect.Event
		readEvent(route.Chat, []byte(data), &e)
		if e.Content != want || e.Broken {
			t.Errorf("%s: content %v, broken %v", data, e.Content, e.Broken)
		}
	}
	var e dialect.Event
	if readEvent(route.Completions, []byte(`{"choices":[{"text":"x"}]}`), &e); !e.Content {
		t.Error("a completion's text is not content")
	}
	if readEvent(route.Chat, []byte(`{"choices":[{"index":2,"finish_reason":"stop"},{"index":0,"finish_reason":null},{"index":99,"finish_reason":"x"},{"index":-1,"finish_reason":"x"}]}`), &e); e.Finished != 1<<2 {
		t.Errorf("the finished choices are %b", e.Finished)
	}
}

func TestHowErrorAnswersAreSorted(t *testing.T) {
	const length, quota = `{"error":{"code":"context_length_exceeded","message":"x"}}`, `{"error":{"type":"insufficient_quota","message":"x"}}`
	cases := []struct {
		status int
		body   string
		want   dialect.RefusalKind
	}{
		{500, "", dialect.RefusedByFault}, {503, length, dialect.RefusedByFault}, {408, "", dialect.RefusedByFault}, {307, "", dialect.RefusedByFault}, {529, "", dialect.RefusedByFault},
		{429, "", dialect.RefusedByLimit}, {429, quota, dialect.RefusedKey}, {403, quota, dialect.RefusedKey}, {402, "", dialect.RefusedKey}, {401, "", dialect.RefusedKey}, {403, "", dialect.RefusedKey},
		{403, `{"error":{"message":"Your input was flagged by moderation"}}`, dialect.RefusedRequest}, {404, "", dialect.RefusedModel}, {410, "", dialect.RefusedModel},
		{400, length, dialect.RefusedLength}, {400, `{"error":{"message":"This model's maximum context length is 5"}}`, dialect.RefusedLength}, {400, `{"detail":"prompt is too long: 5"}`, dialect.RefusedLength}, {413, length, dialect.RefusedLength},
		{400, "", dialect.RefusedRequest}, {413, "", dialect.RefusedRequest}, {422, "", dialect.RefusedRequest}, {400, "<html>", dialect.RefusedRequest}, {418, "", dialect.RefusedRequest}, {400, `{"error":"just words"}`, dialect.RefusedRequest},
	}
	for _, c := range cases {
		if got := readRefusal(c.status, []byte(c.body)); got.Kind != c.want {
			t.Errorf("%d %s is %v; expected %v", c.status, c.body, got.Kind, c.want)
		}
	}
}

func TestAnErrorIsValidJSONWhateverItsWords(t *testing.T) {
	e := &fault.Error{Status: 502, Type: fault.TypeUpstream, Code: "x", Param: "a\"b", Message: "quotes \" \\ <b> \u2028 \x01 \xff", Attempts: []fault.Attempt{{Offer: "a", Reason: "refused"}, {Offer: "b", Status: 500, Reason: "status"}},
		Excluded: []fault.Exclusion{{Offer: "c", Why: "\"why\""}}}
	for what, text := range map[string][]byte{"error": appendError(nil, e, "id"), "event": appendErrorEvent(nil, e, "id", "m\"odel")[len("data: "):]} {
		var v struct {
			Error struct {
				Message, Type, Code, Param string
				Metadata                   struct {
					Attempts []struct{ Status *int }
					Excluded []struct{ Why string }
				}
			}
			Choices []struct {
				Finish string `json:"finish_reason"`
			}
		}
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatalf("%s: %v: %q", what, err, text)
		}
		if v.Error.Param != `a"b` || v.Error.Metadata.Attempts[0].Status != nil || *v.Error.Metadata.Attempts[1].Status != 500 || v.Error.Metadata.Excluded[0].Why != `"why"` {
			t.Errorf("%s is %s", what, text)
		}
		if what == "event" && (len(v.Choices) != 1 || v.Choices[0].Finish != "error") {
			t.Errorf("the event is %s", text)
		}
	}
}

// FuzzReadAnswer holds that nothing panics, and that usage that was found can be given a cost without breaking the answer.
func FuzzReadAnswer(f *testing.F) {
	for _, body := range []string{
		`{"choices":[{}],"usage":{"prompt_tokens":1,"completion_tokens":2}}`, `{"choices":[{}],"usage":{}}`, `{"usage":{ "cost" : 5 },"choices":[{}]}`, `{"error":{"message":"x"}}`, `{"data":[1],"usage":{"prompt_tokens":1e3}}`,
		`{"object":"error"}`, `[`, `{"choices":[{"finish_reason":"error"}],"usage":null}`, `{"usage":{"prompt_tokens_details":{"cached_tokens":9}},"choices":[{}]} x`, `{"usage":{"cost":1,"cost":2},"choices":[1]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, op := range []route.Op{route.Chat, route.Completions, route.Embeddings} {
			var a dialect.Answer
			readAnswer(op, body, &a)
			checkCost(t, body, &a.Usage)
			var e dialect.Event
			readEvent(op, body, &e)
			checkCost(t, body, &e.Usage)
			if json.Valid(body) && len(body) > 0 && body[0] == '{' && (e.Broken || a.Broken != "" && !strings.HasPrefix(a.Broken, "no ")) {
				t.Fatalf("%q counts as broken: %v, %q", body, e.Broken, a.Broken)
			}
		}
		for _, status := range []int{200, 400, 403, 429, 500} {
			if r := readRefusal(status, body); len(r.Message) > maxMessage*3 {
				t.Fatalf("a message of %d bytes", len(r.Message))
			}
		}
	})
}

func checkCost(t *testing.T, body []byte, u *dialect.Usage) {
	if !u.Known {
		return
	}
	if u.Input < 0 || u.Output < 0 || u.CacheRead < 0 || u.CacheWrite < 0 || u.Input > maxTokens {
		t.Fatalf("the usage of %q is %+v", body, u)
	}
	cost := u.Cost(money.PerMillion(money.USD), money.PerMillion(money.USD), 0, 0)
	if cost < 0 {
		t.Fatalf("the cost of %q is %v", body, cost)
	}
	with := u.AppendCost(nil, body, cost)
	if !json.Valid(body) {
		return
	}
	if !json.Valid(with) {
		t.Fatalf("%q became %q with its cost", body, with)
	}
	var v struct{ Usage struct{ Cost *json.Number } }
	if json.Unmarshal(with, &v) == nil && v.Usage.Cost != nil && v.Usage.Cost.String() != cost.String() {
		t.Fatalf("%q became %q; the cost is %v", body, with, cost)
	}
}
