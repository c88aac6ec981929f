package sim

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTheTextFollowsFromSeedNameAndRequest(t *testing.T) {
	say := func(o Options, body string) string {
		a := chat(t, start(t, o), body)
		return *decode[chunkEvent](t, a.body).Choices[0].Message.Content
	}
	base := say(Options{Seed: 7}, ask)
	if !strings.HasPrefix(base, "[simulated by alpha]") || len(base) < 100 {
		t.Fatalf("got %q", base)
	}
	if say(Options{Seed: 7}, ask) != base {
		t.Error("the same seed, name and request gave another text")
	}
	streamed := readStream(t, chat(t, start(t, Options{Seed: 7}), askStream).body)
	if streamed.content[0] != base {
		t.Errorf("streamed it is %q, whole %q", streamed.content[0], base)
	}
	for what, other := range map[string]string{
		"seed":    say(Options{Seed: 8}, ask),
		"name":    say(Options{Seed: 7, Name: "bravo"}, ask),
		"request": say(Options{Seed: 7}, strings.Replace(ask, "hello", "hullo", 1)),
	} {
		if strings.TrimPrefix(other, "[simulated by bravo]") == strings.TrimPrefix(base, "[simulated by alpha]") {
			t.Errorf("another %s gave the same text", what)
		}
	}
}

func TestChatAnswers(t *testing.T) {
	p := start(t, Options{Tokens: 20})
	t.Run("n answers differ, whole and streamed", func(t *testing.T) {
		whole := decode[chunkEvent](t, chat(t, p, strings.Replace(ask, `{`, `{"n":3,`, 1)).body)
		s := readStream(t, chat(t, p, strings.Replace(askStream, `{`, `{"n":3,`, 1)).body)
		if len(whole.Choices) != 3 || len(s.finish) != 3 || whole.Usage.Completion != 60 {
			t.Fatalf("got %d and %d choices, %+v", len(whole.Choices), len(s.finish), whole.Usage)
		}
		for i, c := range whole.Choices {
			if *c.Message.Content != s.content[i] || i > 0 && s.content[i] == s.content[0] {
				t.Errorf("choice %d is %q and %q", i, *c.Message.Content, s.content[i])
			}
		}
	})
	t.Run("usage comes last in a stream that asked for it", func(t *testing.T) {
		s := readStream(t, chat(t, p, strings.Replace(askStream, `{`, `{"stream_options":{"include_usage":true},`, 1)).body)
		last := s.events[len(s.events)-1]
		if last.Usage == nil || len(last.Choices) != 0 || last.Usage.Completion != 20 || last.Usage.Total != 20+last.Usage.Prompt || !s.done {
			t.Errorf("the last event is %+v", last)
		}
		if without := readStream(t, chat(t, p, askStream).body); without.usage != nil {
			t.Error("usage came unasked")
		}
	})
	t.Run("max_tokens ends an answer", func(t *testing.T) {
		for _, field := range []string{"max_tokens", "max_completion_tokens"} {
			got := decode[chunkEvent](t, chat(t, p, strings.Replace(ask, `{`, `{"`+field+`":5,`, 1)).body)
			if *got.Choices[0].Finish != "length" || got.Usage.Completion != 5 {
				t.Errorf("%s: finish reason %q with %d tokens", field, *got.Choices[0].Finish, got.Usage.Completion)
			}
		}
	})
	t.Run("a model's max_output ends an answer", func(t *testing.T) {
		small := start(t, Options{Models: []Model{{ID: "souk/sim-model", MaxOutput: 7}}})
		if got := decode[chunkEvent](t, chat(t, small, ask).body); *got.Choices[0].Finish != "length" || got.Usage.Completion != 7 {
			t.Errorf("finish reason %q with %d tokens", *got.Choices[0].Finish, got.Usage.Completion)
		}
	})
	t.Run("thoughts come before the content when asked for", func(t *testing.T) {
		for _, field := range []string{`"reasoning_effort":"low"`, `"reasoning":{"effort":"low"}`} {
			s := readStream(t, chat(t, p, strings.Replace(askStream, `{`, `{`+field+`,"stream_options":{"include_usage":true},`, 1)).body)
			if s.usage.OutputOf.Reasoning != 8 || s.usage.Completion != 28 || s.thoughts == "" || s.events[1].Choices[0].Delta.Reasoning == "" {
				t.Errorf("%s: %+v with thoughts %q", field, s.usage, s.thoughts)
			}
		}
		if got := decode[chunkEvent](t, chat(t, p, strings.Replace(ask, `{`, `{"reasoning":{"enabled":false},`, 1)).body); got.Choices[0].Message.Reasoning != "" {
			t.Error("it thinks though thinking is off")
		}
	})
	t.Run("every answer says that it is simulated", func(t *testing.T) {
		a := chat(t, p, ask)
		if got := decode[chunkEvent](t, a.body); got.Fingerprint != "souk-sim-alpha" || a.Header.Get("x-souk-simulated") != "true" {
			t.Errorf("fingerprint %q, header %v", got.Fingerprint, a.Header)
		}
	})
	t.Run("part of the prompt was cached now and then", func(t *testing.T) {
		cached := 0
		for i := range 30 {
			body := strings.Replace(ask, "hello", fmt.Sprint("prompt number ", i), 1)
			if u := decode[chunkEvent](t, chat(t, p, body).body).Usage; u.PromptOf.Cached > 0 {
				cached++
				if u.PromptOf.Cached > u.Prompt {
					t.Errorf("%d of %d tokens were cached", u.PromptOf.Cached, u.Prompt)
				}
			}
		}
		if cached == 0 || cached == 30 {
			t.Errorf("%d of 30 prompts were in the cache", cached)
		}
	})
	t.Run("an HTTP/1.0 caller gets a stream without chunks", func(t *testing.T) {
		nc := dial(t, p)
		fmt.Fprintf(nc, "POST %s HTTP/1.0\r\nhost: sim\r\ncontent-length: %d\r\n\r\n%s", chatPath, len(askStream), askStream)
		raw := readAll(t, nc)
		_, body, _ := strings.Cut(raw, "\r\n\r\n")
		if s := readStream(t, body); !s.done || strings.Contains(raw, "chunked") || !strings.HasPrefix(body, "data: ") {
			t.Errorf("got %q", raw)
		}
	})
}

const weather = `{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":
	{"city":{"type":"string"},"days":{"type":"integer","minimum":1,"maximum":7},"unit":{"enum":["C","F"]}},"required":["city"]}}}`

func TestToolCalls(t *testing.T) {
	p := start(t, Options{})
	asking := func(extra, messages string) string {
		return `{"model":"sim-model","stream":true,"tools":[{"type":"function","function":{"name":"clock"}},` + weather + `],` + extra + `"messages":[` + messages + `]}`
	}
	const user = `{"role":"user","content":"what is the weather like?"}`
	tests := []struct{ name, body, tool string }{
		{"the tool that the user wrote of", asking("", user), "weather"},
		{"the first tool when none was mentioned", asking("", `{"role":"user","content":"hi"}`), "clock"},
		{"the tool that tool_choice names", asking(`"tool_choice":{"type":"function","function":{"name":"clock"}},`, user), "clock"},
		{"no tool when tool_choice is none", asking(`"tool_choice":"none",`, user), ""},
		{"no tool after its result", asking("", user+`,{"role":"assistant","content":null},{"role":"tool","tool_call_id":"x","content":"sunny"}`), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := readStream(t, chat(t, p, tt.body).body)
			whole := decode[chunkEvent](t, chat(t, p, strings.Replace(tt.body, `"stream":true`, `"stream":false`, 1)).body).Choices[0]
			if s.tool != tt.tool {
				t.Fatalf("called %q, want %q", s.tool, tt.tool)
			}
			if tt.tool == "" {
				if s.finish[0] != "stop" || s.content[0] == "" || *whole.Message.Content != s.content[0] {
					t.Errorf("finish reason %q with %q", s.finish[0], s.content[0])
				}
				return
			}
			call := whole.Message.ToolCalls[0]
			if call.Function.Arguments != s.args || call.ID != s.toolCallID || whole.Message.Content != nil || s.finish[0] != "tool_calls" || *whole.Finish != "tool_calls" {
				t.Errorf("whole %+v, streamed %q %q %q", whole, s.args, s.toolCallID, s.finish[0])
			}
			args := decode[map[string]any](t, s.args)
			if tt.tool == "weather" {
				city, days, unit := args["city"].(string), args["days"].(float64), args["unit"].(string)
				if !strings.HasPrefix(city, "[simulated by alpha]") || days < 1 || days > 7 || unit != "C" && unit != "F" || s.contentEvents < 4 {
					t.Errorf("arguments are %q in %d events", s.args, s.contentEvents)
				}
			}
		})
	}
}

func TestJSONAnswers(t *testing.T) {
	p := start(t, Options{})
	object := decode[chunkEvent](t, chat(t, p, strings.Replace(ask, `{`, `{"response_format":{"type":"json_object"},`, 1)).body)
	if got := decode[map[string]any](t, *object.Choices[0].Message.Content); !strings.HasPrefix(got["answer"].(string), "[simulated by alpha]") {
		t.Errorf("json_object gave %v", got)
	}
	const schema = `{"type":"object","properties":{"name":{"type":"string"},"tags":{"type":"array","minItems":2,"items":{"type":"string"}}},"required":["name","tags"]}`
	s := readStream(t, chat(t, p, strings.Replace(askStream, `{`, `{"response_format":{"type":"json_schema","json_schema":{"name":"x","strict":true,"schema":`+schema+`}},`, 1)).body)
	got := decode[struct {
		Name string
		Tags []string
	}](t, s.content[0])
	if got.Name == "" || len(got.Tags) != 2 || s.contentEvents < 3 {
		t.Errorf("json_schema gave %q in %d events", s.content[0], s.contentEvents)
	}
}

func TestCompletions(t *testing.T) {
	p := start(t, Options{Tokens: 12})
	const body = `{"model":"sim-model","prompt":["one","two"],"n":2}`
	whole := decode[chunkEvent](t, call(t, p, "POST", "/v1/completions", body).body)
	s := readStream(t, call(t, p, "POST", "/v1/completions", strings.Replace(body, `{`, `{"stream":true,`, 1)).body)
	if len(whole.Choices) != 4 || whole.Object != "text_completion" || whole.Usage.Completion != 48 || !s.done || len(s.finish) != 4 {
		t.Fatalf("got %+v and %+v", whole, s.finish)
	}
	for i, c := range whole.Choices {
		if c.Text != s.content[i] || !strings.HasPrefix(c.Text, "[simulated by alpha]") {
			t.Errorf("choice %d is %q and %q", i, c.Text, s.content[i])
		}
	}
}

func TestEmbeddings(t *testing.T) {
	type list struct {
		Data []struct {
			Index     int
			Embedding json.RawMessage
		}
		Usage struct {
			Prompt int `json:"prompt_tokens"`
		}
	}
	vectors := func(p *Provider, extra string) [][]float64 {
		t.Helper()
		a := call(t, p, "POST", "/v1/embeddings", `{"model":"sim-embedding","input":["the red carpet","the blue carpet","interest rates"]`+extra+`}`)
		var all [][]float64
		for _, e := range decode[list](t, a.body).Data {
			var v []float64
			if e.Embedding[0] == '"' {
				b, err := base64.StdEncoding.DecodeString(decode[string](t, string(e.Embedding)))
				if err != nil {
					t.Fatal(err)
				}
				for ; len(b) > 0; b = b[4:] {
					v = append(v, float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
				}
			} else {
				for _, f := range decode[[]float32](t, string(e.Embedding)) {
					v = append(v, float64(f))
				}
			}
			all = append(all, v)
		}
		return all
	}
	dot := func(a, b []float64) (sum float64) {
		for i := range a {
			sum += a[i] * b[i]
		}
		return sum
	}
	p := start(t, Options{})
	plain := vectors(p, "")
	if len(plain) != 3 || len(plain[0]) != 384 || math.Abs(dot(plain[0], plain[0])-1) > 1e-5 {
		t.Fatalf("got %d vectors of %d dimensions with square %v", len(plain), len(plain[0]), dot(plain[0], plain[0]))
	}
	if dot(plain[0], plain[1]) < dot(plain[0], plain[2])+0.2 {
		t.Error("texts that share words are not nearer than texts that share none")
	}
	if encoded := vectors(p, `,"encoding_format":"base64"`); !slices.Equal(encoded[2], plain[2]) {
		t.Error("base64 gives another vector")
	}
	if short := vectors(p, `,"dimensions":8`); len(short[0]) != 8 || math.Abs(dot(short[0], short[0])-1) > 1e-5 {
		t.Errorf("8 dimensions: %v", short[0])
	}
	if other := vectors(start(t, Options{Name: "bravo", Seed: 9}), ""); !slices.Equal(other[0], plain[0]) {
		t.Error("another provider of the model has another vector space")
	}
}

func TestBadRequests(t *testing.T) {
	p := start(t, Options{Models: []Model{{ID: "souk/sim-model", Context: 100}, {ID: "souk/embedder", Supports: []string{"embeddings"}}}})
	tests := []struct {
		name, method, path, body string
		status                   int
		code, param              any
	}{
		{"unknown model", "POST", chatPath, strings.Replace(ask, "sim-model", "gpt-x", 1), 404, "model_not_found", "model"},
		{"no model", "POST", chatPath, `{"messages":[]}`, 400, nil, "model"},
		{"broken JSON", "POST", chatPath, `{"model":`, 400, nil, nil},
		{"no object", "POST", chatPath, `[]`, 400, nil, nil},
		{"wrong type", "POST", chatPath, `{"model":5}`, 400, nil, "model"},
		{"no messages", "POST", chatPath, `{"model":"sim-model"}`, 400, nil, "messages"},
		{"unknown role", "POST", chatPath, `{"model":"sim-model","messages":[{"role":"king","content":"x"}]}`, 400, nil, "messages"},
		{"max_tokens of zero", "POST", chatPath, strings.Replace(ask, `{`, `{"max_tokens":0,`, 1), 400, nil, "max_tokens"},
		{"n out of range", "POST", chatPath, strings.Replace(ask, `{`, `{"n":1000,`, 1), 400, nil, "n"},
		{"prompt longer than the context", "POST", chatPath, strings.Replace(ask, "hello", strings.Repeat("word ", 100), 1), 400, "context_length_exceeded", "messages"},
		{"chat with a model for embeddings", "POST", chatPath, strings.Replace(ask, "sim-model", "embedder", 1), 400, nil, "model"},
		{"completion without a prompt", "POST", "/v1/completions", `{"model":"sim-model"}`, 400, nil, "prompt"},
		{"embedding of nothing", "POST", "/v1/embeddings", `{"model":"embedder","input":null}`, 400, nil, "input"},
		{"embedding in an unknown encoding", "POST", "/v1/embeddings", `{"model":"embedder","input":"x","encoding_format":"hex"}`, 400, nil, "encoding_format"},
		{"unknown path", "POST", "/v1/nothing", ask, 404, nil, nil},
		{"wrong method", "GET", chatPath, "", 405, nil, nil},
		{"unknown model entry", "GET", "/v1/models/nobody/nothing", "", 404, "model_not_found", "model"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := call(t, p, tt.method, tt.path, tt.body)
			e := decode[chunkEvent](t, a.body).Error
			if a.StatusCode != tt.status || e.Code != tt.code || e.Param != tt.param || e.Message == "" {
				t.Errorf("got %d %s, want %d, code %v, param %v", a.StatusCode, a.body, tt.status, tt.code, tt.param)
			}
		})
	}
}

func TestModels(t *testing.T) {
	p := start(t, Options{Models: []Model{{ID: "souk/one", Context: 4096}, {ID: "souk/two", Upstream: "zwei"}}})
	list := decode[modelList](t, call(t, p, "GET", "/v1/models", "").body)
	if len(list.Data) != 2 || list.Data[0].ID != "souk/one" || list.Data[0].Context != 4096 || list.Data[1].OwnedBy != "souk-sim-alpha" {
		t.Errorf("got %+v", list)
	}
	for _, name := range []string{"souk/two", "two", "zwei"} {
		if got := decode[modelEntry](t, call(t, p, "GET", "/v1/models/"+name, "").body); got.ID != "souk/two" {
			t.Errorf("%s is %+v", name, got)
		}
	}
}

func TestTheAPIKeyIsAskedForAndNeverShown(t *testing.T) {
	const key = "sk-very-secret"
	p := start(t, Options{APIKey: key})
	for _, tt := range []struct {
		header string
		status int
	}{{"x: y", 401}, {"authorization: Bearer wrong", 401}, {"authorization: Basic " + key, 401}, {"authorization: Bearer " + key, 200}} {
		a := chat(t, p, ask, tt.header)
		if a.StatusCode != tt.status || strings.Contains(a.body, "wrong") || strings.Contains(a.body, key) {
			t.Errorf("%q: got %d %s", tt.header, a.StatusCode, a.body)
		}
	}
	if p.Stats().Last.Header.Get("authorization") != "Bearer "+key {
		t.Error("a test cannot see which key arrived")
	}
	if report := call(t, p, "GET", "/sim/stats", "").body; strings.Contains(report, key) || !strings.Contains(report, "[secret]") {
		t.Errorf("the report shows the key: %s", report)
	}
}

func TestPaceIsKeptWithoutDrift(t *testing.T) {
	p := start(t, Options{FirstToken: 50 * time.Millisecond, Rate: 200, Tokens: 31})
	for _, body := range []string{ask, askStream} {
		began := time.Now()
		chat(t, p, body)
		// 50 ms and 30 gaps of 5 ms. Only the lower bound is sharp: a busy machine may be late.
		if took := time.Since(began); took < 200*time.Millisecond || took > 2*time.Second {
			t.Errorf("it took %v, want about 200ms", took)
		}
	}
	x := &exchange{at: time.Unix(0, 0), settings: settings{rate: 3, firstToken: time.Second}}
	if got, want := x.due(3_000_000).Sub(x.at), 1_000_001*time.Second; got.Round(time.Microsecond) != want {
		t.Errorf("the three-millionth token is due after %v, want %v", got, want)
	}
}
