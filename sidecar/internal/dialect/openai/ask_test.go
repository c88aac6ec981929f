package openai

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/route"
)

// edited is a body as a provider gets it.
func edited(body []byte, edits *dialect.Edits, usage dialect.When) []byte {
	return bytes.Join(edits.Pieces(nil, body, []byte(`"up"`), usage), nil)
}

func TestTheFactsOfAnAsk(t *testing.T) {
	const text = `"messages":[{"role":"user","content":"hi"}]`
	cases := []struct {
		name, body string
		check      func(*route.Ask) bool
	}{
		{"tools are needed", `{"model":"m",` + text + `,"tools":[{}]}`, func(a *route.Ask) bool { return a.Needs == market.Tools }},
		{"no tools are not", `{"model":"m",` + text + `,"tools":[]}`, func(a *route.Ask) bool { return a.Needs == 0 }},
		{"a schema is needed", `{"model":"m",` + text + `,"response_format":{"type":"json_schema"}}`, func(a *route.Ask) bool { return a.Needs == market.JSONSchema }},
		{"an object is wanted", `{"model":"m",` + text + `,"response_format":{"type":"json_object"}}`, func(a *route.Ask) bool { return a.Needs == 0 && a.Wants == market.JSONObject }},
		{"an image needs vision", `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"x"},{"type":"image_url","image_url":{"url":"data:"}}]}]}`, func(a *route.Ask) bool { return a.Needs == market.Vision }},
		{"an image's bytes are not text", `{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:` + strings.Repeat("x", 9000) + `"}}]}]}`, func(a *route.Ask) bool { return a.Bytes < 200 }},
		{"audio", `{"model":"m","messages":[{"content":[{"type":"input_audio"}]}]}`, func(a *route.Ask) bool { return a.Needs == market.Audio }},
		{"a file", `{"model":"m","messages":[{"content":[{"type":"file"}]}]}`, func(a *route.Ask) bool { return a.Needs == market.Files }},
		{"reasoning is wanted", `{"model":"m",` + text + `,"reasoning_effort":"low"}`, func(a *route.Ask) bool { return a.Wants == market.Reasoning }},
		{"max_tokens", `{"model":"m",` + text + `,"max_tokens":77}`, func(a *route.Ask) bool { return a.MaxTokens == 77 }},
		{"max_completion_tokens", `{"model":"m",` + text + `,"max_completion_tokens":78}`, func(a *route.Ask) bool { return a.MaxTokens == 78 }},
		{"n", `{"model":"m",` + text + `,"n":3}`, func(a *route.Ask) bool { return a.Choices == 3 }},
		{"models", `{"model":"m","models":["a","b"],` + text + `}`, func(a *route.Ask) bool { return reflect.DeepEqual(a.Models, []string{"a", "b"}) }},
		{"models without model", `{"models":["a","b"],` + text + `}`, func(a *route.Ask) bool { return a.Model == "a" && reflect.DeepEqual(a.Models, []string{"b"}) }},
		{"preferences", `{"model":"m","provider":{"order":["x"]},` + text + `}`, func(a *route.Ask) bool { return a.Prefer != nil && a.Prefer.Order[0] == "x" }},
		{"session", `{"model":"m","session_id":"s",` + text + `}`, func(a *route.Ask) bool { return a.SessionID == "s" }},
		{"nulls say nothing", `{"model":"m",` + text + `,"n":null,"max_tokens":null,"provider":null,"models":null,"tools":null,"stream":null,"session_id":null,"usage":null}`, func(a *route.Ask) bool {
			return a.Choices == 1 && a.MaxTokens == 0 && a.Prefer == nil && !a.Stream && a.Needs == 0 && a.SessionID == "" && len(a.Models) == 0
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var ask route.Ask
			var edits dialect.Edits
			if err := readAsk(route.Chat, []byte(c.body), &ask, &edits); err != nil {
				t.Fatal(err)
			}
			if !c.check(&ask) {
				t.Errorf("the ask is %+v", ask)
			}
		})
	}
}

func TestACompletionHasChoicesForEachPrompt(t *testing.T) {
	for prompt, want := range map[string]int{`"a"`: 3, `["a"]`: 3, `["a","b"]`: 6, `[1,2,3]`: 3, `[[1,2],[3]]`: 6, `[]`: 3, `null`: 3} {
		var ask route.Ask
		var edits dialect.Edits
		if err := readAsk(route.Completions, []byte(`{"model":"m","prompt":`+prompt+`,"n":3}`), &ask, &edits); err != nil {
			t.Fatal(err)
		}
		if ask.Choices != want {
			t.Errorf("the prompt %s with n 3 has %d choices; expected %d", prompt, ask.Choices, want)
		}
	}
}

// FuzzReadAsk holds that reading never panics, and that what is accepted leaves, once edited, an object that has the upstream
// model and the usage that is asked for, lacks souk's own members, and is otherwise what it was.
func FuzzReadAsk(f *testing.F) {
	for _, body := range []string{
		`{"model":"m","messages":[{"role":"user","content":"hi"}]}`, `{"provider":{},"model":"m","stream":true,"messages":[{}],"models":["a"]}`, `{"models":["a"],"prompt":["x","y"],"n":2,"stream_options":{}}`,
		` { "usage" : {"include":true} , "stream_options" : { "a" : 1 , "include_usage" : false } , "model" : "m" , "messages" : [ { "content" : [ { "type" : "image_url" } ] } ] } `,
		`{"session_id":"s","model":"m","input":"x"}`, `{"model":"m","stream_options":null,"messages":[{"a":"\"}"}],"x":[1,{"y":"]"}]}`, `{"mod\u0065l":1}`, `{"model":"a","model":"b"}`, `{"provider":{},"models":["a"],"usage":{}}`,
		"{\"model\":\"\xff\"}", `{"model":"m","messages":[{}],"provider":{"only":["a"]},"zz":-1.5e3}`, `{"model":"m",}`, `{"model":"m" "messages":[]}`, `{"":1,"model":"m","input":[1]}`,
	} {
		for op := range 3 {
			f.Add([]byte(body), uint8(op))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, operation uint8) {
		op := route.Op(operation % 3)
		before := bytes.Clone(body)
		var ask route.Ask
		var edits dialect.Edits
		err := readAsk(op, body, &ask, &edits)
		if !bytes.Equal(body, before) {
			t.Fatal("reading changed the body")
		}
		if err != nil {
			if err.Status < 400 || err.Status > 499 || err.Message == "" {
				t.Fatalf("%q is refused with %+v", body, err)
			}
			return
		}
		if ask.Model == "" || ask.Choices < 1 {
			t.Fatalf("%q is accepted as %+v", body, ask)
		}
		var was map[string]json.RawMessage
		if json.Unmarshal(body, &was) != nil {
			return // what souk does not look at may be broken; the provider says so
		}
		for _, usage := range []dialect.When{dialect.Always, dialect.WithUsage, dialect.WithoutUsage} {
			checkEdited(t, body, edited(body, &edits, usage), was, usage)
		}
	})
}

func checkEdited(t *testing.T, body, out []byte, was map[string]json.RawMessage, usage dialect.When) {
	var is map[string]json.RawMessage
	if err := json.Unmarshal(out, &is); err != nil {
		t.Fatalf("%q became %q, which is not JSON: %v", body, out, err)
	}
	if string(is["model"]) != `"up"` {
		t.Fatalf("%q became %q, which has the model %s", body, out, is["model"])
	}
	for key, value := range was {
		switch key {
		case "models", "provider", "session_id", "usage":
			if _, there := is[key]; there {
				t.Fatalf("%q became %q, which has %s", body, out, key)
			}
		case "model", "stream_options":
		default:
			if !bytes.Equal(is[key], value) {
				t.Fatalf("%q became %q, where %s is %q", body, out, key, is[key])
			}
		}
	}
	var options struct {
		Usage *bool `json:"include_usage"`
	}
	_ = json.Unmarshal(is["stream_options"], &options)
	switch usage {
	case dialect.Always:
		if !bytes.Equal(is["stream_options"], was["stream_options"]) {
			t.Fatalf("%q became %q for a whole answer", body, out)
		}
	case dialect.WithUsage:
		if options.Usage == nil || !*options.Usage {
			t.Fatalf("%q became %q, which asks for no usage", body, out)
		}
	case dialect.WithoutUsage:
		if options.Usage != nil {
			t.Fatalf("%q became %q, which says something of usage", body, out)
		}
	}
	extra := len(is)
	for key := range is {
		if _, there := was[key]; there || key == "model" || key == "stream_options" {
			extra--
		}
	}
	if extra != 0 {
		t.Fatalf("%q became %q, which has new members", body, out)
	}
}
