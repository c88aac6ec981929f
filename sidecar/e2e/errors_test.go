package e2e

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/ssestream"
)

// errorClasses holds every refusal to the SDK's own error type, streamed and not.
func errorClasses(t *testing.T, m *market, client openai.Client) {
	wrongRole := chat(chatModel, "wrong")
	wrongRole.MaxTokens = openai.Int(-5)
	noMessages := chat(chatModel, "none")
	noMessages.Messages = []openai.ChatCompletionMessageParamUnion{}
	cases := []struct {
		name    string
		params  openai.ChatCompletionNewParams
		options []option.RequestOption
		status  int
		code    string
		param   string
		says    []string
		header  string // must be there
	}{
		{"a wrong value is the caller's own 400", wrongRole, nil, 400, "", "max_tokens", nil, ""},
		{"no messages are a 400", noMessages, nil, 400, "", "messages", nil, ""},
		{"a wrong type in provider is a 400", chat(chatModel, "x"), []option.RequestOption{option.WithJSONSet("provider", map[string]any{"only": 5})}, 400, "", "", []string{"provider.only"}, ""},
		{"an unknown model is a 404 with the nearest names", chat("acme/chatt-1", "x"), nil, 404, "model_not_found", "model", []string{"acme/chatt-1", chatModel}, ""},
		{"offers that are all rate-limited are a 429 with Retry-After", chat(limitedModel, "x"), nil, 429, "", "", nil, "Retry-After"},
		{"offers that all fail are a 502 with every attempt", chat(failingModel, "x"), nil, 502, "", "", []string{`"attempts"`, "alpha/" + failingModel}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, whole := client.Chat.Completions.New(t.Context(), c.params, c.options...)
			_, streamed := read(client.Chat.Completions.NewStreaming(t.Context(), c.params, c.options...))
			for _, err := range []error{whole, streamed} {
				e := asAPIError(t, err)
				if e.StatusCode != c.status || c.code != "" && e.Code != c.code || c.param != "" && e.Param != c.param || e.Message == "" || e.Type == "" {
					t.Errorf("status %d, code %q, param %q: %s; want %d, %q, %q", e.StatusCode, e.Code, e.Param, e.RawJSON(), c.status, c.code, c.param)
				}
				for _, word := range c.says {
					if !strings.Contains(e.RawJSON(), word) {
						t.Errorf("%s does not say %s", e.RawJSON(), word)
					}
				}
				if c.header != "" && e.Response.Header.Get(c.header) == "" {
					t.Errorf("no %s in %v", c.header, e.Response.Header)
				}
			}
		})
	}
	if m.auth == "keys" {
		refusedKeys(t, client)
	}
}

func refusedKeys(t *testing.T, client openai.Client) {
	for name, key := range map[string]string{"a wrong key": "sk-wrong", "no key": ""} {
		t.Run(name+" is a 401", func(t *testing.T) {
			options := []option.RequestOption{option.WithAPIKey(key)}
			if key == "" {
				options = []option.RequestOption{option.WithHeaderDel("Authorization")}
			}
			_, err := client.Chat.Completions.New(t.Context(), chat(chatModel, "x"), options...)
			if e := asAPIError(t, err); e.StatusCode != http.StatusUnauthorized || strings.Contains(e.RawJSON(), "sk-wrong") {
				t.Errorf("status %d: %s", e.StatusCode, e.RawJSON())
			}
			_, err = client.Models.List(t.Context(), options...)
			if e := asAPIError(t, err); e.StatusCode != http.StatusUnauthorized {
				t.Errorf("model list: status %d: %s", e.StatusCode, e.RawJSON())
			}
		})
	}
}

func asAPIError(t *testing.T, err error) *openai.Error {
	t.Helper()
	var e *openai.Error
	if !errors.As(err, &e) {
		t.Fatalf("%T is not the SDK's error: %v", err, err)
	}
	return e
}

// TestGoSDKBrokenStream: a stream that ends after some content is an error, never a short answer.
func TestGoSDKBrokenStream(t *testing.T) {
	m := open(t, terms{})
	client := m.client(t, "/v1")
	s, err := read(client.Chat.Completions.NewStreaming(t.Context(), chat(cutModel, "cut")))
	var broken *ssestream.StreamError
	if !errors.As(err, &broken) {
		t.Fatalf("%d chunks, then %T: %v; want the SDK's StreamError", s.contents, err, err)
	}
	var event struct {
		Error   struct{ Code, Message string }
		Choices []struct {
			FinishReason string `json:"finish_reason"`
		}
	}
	if err := json.Unmarshal(broken.Event.Data, &event); err != nil || event.Error.Code != "stream_broken" || event.Error.Message == "" {
		t.Errorf("the event is %s: %v", broken.Event.Data, err)
	}
	if s.contents != 5 || s.Choices[0].FinishReason != "" {
		t.Errorf("%d chunks before it, finish reason %q; want 5 and none", s.contents, s.Choices[0].FinishReason)
	}
}
