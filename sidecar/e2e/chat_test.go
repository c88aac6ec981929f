package e2e

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/ssestream"
	"github.com/openai/openai-go/v3/shared"
)

// TestGoSDK is what a program with the official Go SDK sees, with keys, without, and on the path of OpenRouter's clients.
func TestGoSDK(t *testing.T) {
	for _, c := range []struct{ name, auth, base string }{
		{"with keys", "keys", "/v1"},
		{"without keys", "none", "/v1"},
		{"on OpenRouter's path", "keys", "/api/v1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := open(t, terms{auth: c.auth})
			client := m.client(t, c.base)
			for _, part := range []struct {
				name string
				test func(*testing.T, *market, openai.Client)
			}{
				{"a chat has content, usage, cost and souk's headers", wholeChat},
				{"a stream has the content of the whole answer and no usage that was not asked for", streamedChat},
				{"a stream has usage and cost when asked", streamedUsage},
				{"a tool is called and its result is answered", toolCall},
				{"a tool is called and its result is answered in streams", streamedToolCall},
				{"JSON mode gives JSON", jsonMode},
				{"a JSON schema is kept", jsonSchema},
				{"embeddings have the asked dimensions, as floats and as base64", embeddings},
				{"text completions work, whole and streamed", textCompletions},
				{"models are listed and found by name", modelList},
				{"routing preferences in the body are kept", preferences},
				{"one client is used by many at once", concurrent},
				{"errors are the SDK's own", func(t *testing.T, m *market, c openai.Client) { errorClasses(t, m, c) }},
			} {
				t.Run(part.name, func(t *testing.T) { part.test(t, m, client) })
			}
		})
	}
}

func wholeChat(t *testing.T, m *market, client openai.Client) {
	var res *http.Response
	params := chat(chatModel, "whole [[sim:tokens=12]]")
	answer, err := client.Chat.Completions.New(t.Context(), params, option.WithResponseInto(&res))
	if err != nil {
		t.Fatal(err)
	}
	choice := answer.Choices[0]
	if want := m.expect(t, choice.Message.Content, "whole [[sim:tokens=12]]"); choice.Message.Content != want {
		t.Errorf("content %q, want %q", choice.Message.Content, want)
	}
	if choice.FinishReason != "stop" || answer.Usage.CompletionTokens != 12 {
		t.Errorf("finish reason %q, %d tokens; want stop, 12", choice.FinishReason, answer.Usage.CompletionTokens)
	}
	if cost := costOf(t, answer.Usage); cost <= 0 {
		t.Errorf("usage.cost is %v; want more than 0", cost)
	}
	if res.Header.Get("x-souk-cost-usd") == "" || res.Header.Get("x-souk-request-id") == "" || res.Header.Get("x-souk-attempts") != "1" {
		t.Errorf("headers %v", res.Header)
	}
	if offer := res.Header.Get("x-souk-offer"); offer != res.Header.Get("x-souk-provider")+"/"+chatModel {
		t.Errorf("x-souk-offer is %q", offer)
	}
}

func costOf(t *testing.T, u openai.CompletionUsage) float64 {
	t.Helper()
	var with struct{ Cost *float64 }
	if err := json.Unmarshal([]byte(u.RawJSON()), &with); err != nil || with.Cost == nil {
		t.Fatalf("no cost in usage %s (%v)", u.RawJSON(), err)
	}
	return *with.Cost
}

// streamOf is a stream read to its end.
type streamOf struct {
	openai.ChatCompletionAccumulator
	contents int // chunks with content
	usages   int // chunks with usage
	bare     int // chunks without choices
}

func read(stream *ssestream.Stream[openai.ChatCompletionChunk]) (*streamOf, error) {
	defer stream.Close()
	s := &streamOf{}
	for stream.Next() {
		chunk := stream.Current()
		if !s.AddChunk(chunk) {
			return s, fmt.Errorf("the SDK cannot add chunk %s", chunk.RawJSON())
		}
		if len(chunk.Choices) == 0 {
			s.bare++
		} else if chunk.Choices[0].Delta.Content != "" {
			s.contents++
		}
		if chunk.Usage.TotalTokens > 0 {
			s.usages++
		}
	}
	return s, stream.Err()
}

func streamedChat(t *testing.T, m *market, client openai.Client) {
	params := chat(chatModel, "streamed [[sim:tokens=30]]")
	s, err := read(client.Chat.Completions.NewStreaming(t.Context(), params))
	if err != nil {
		t.Fatal(err)
	}
	if want := m.expect(t, s.Choices[0].Message.Content, "streamed [[sim:tokens=30]]"); s.Choices[0].Message.Content != want {
		t.Errorf("content %q, want %q", s.Choices[0].Message.Content, want)
	}
	if s.Choices[0].FinishReason != "stop" || s.contents != 30 || s.usages != 0 || s.bare != 0 {
		t.Errorf("finish reason %q, %d chunks of content, %d with usage, %d without choices; want stop, 30, 0, 0",
			s.Choices[0].FinishReason, s.contents, s.usages, s.bare)
	}
}

func streamedUsage(t *testing.T, _ *market, client openai.Client) {
	params := chat(chatModel, "usage")
	params.StreamOptions.IncludeUsage = openai.Bool(true)
	params.MaxTokens = openai.Int(9)
	s, err := read(client.Chat.Completions.NewStreaming(t.Context(), params))
	if err != nil {
		t.Fatal(err)
	}
	if s.usages != 1 || s.Usage.CompletionTokens != 9 || s.contents != 9 || s.Choices[0].FinishReason != "length" {
		t.Errorf("%d usages, %d tokens in %d chunks, finish reason %q; want 1, 9, 9, length", s.usages, s.Usage.CompletionTokens, s.contents, s.Choices[0].FinishReason)
	}
}

func weather() openai.ChatCompletionToolUnionParam {
	return openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
		Name: "get_weather",
		Parameters: shared.FunctionParameters{"type": "object", "required": []string{"city", "unit"}, "additionalProperties": false,
			"properties": map[string]any{"city": map[string]any{"type": "string"}, "unit": map[string]any{"type": "string", "enum": []string{"C", "F"}}}},
	})
}

func checkCall(t *testing.T, choice openai.ChatCompletionChoice) string {
	t.Helper()
	if choice.FinishReason != "tool_calls" || len(choice.Message.ToolCalls) != 1 {
		t.Fatalf("finish reason %q, %d calls; want tool_calls, 1", choice.FinishReason, len(choice.Message.ToolCalls))
	}
	call := choice.Message.ToolCalls[0]
	var args struct{ City, Unit *string }
	if err := json.Unmarshal([]byte(call.Function.Arguments), &args); err != nil || args.City == nil || args.Unit == nil || *args.Unit != "C" && *args.Unit != "F" {
		t.Fatalf("arguments %q: %v", call.Function.Arguments, err)
	}
	if call.Function.Name != "get_weather" || call.ID == "" {
		t.Fatalf("call %q of %q", call.ID, call.Function.Name)
	}
	return call.ID
}

func toolCall(t *testing.T, _ *market, client openai.Client) {
	params := chat(chatModel, "how is the weather?")
	params.Tools = []openai.ChatCompletionToolUnionParam{weather()}
	first, err := client.Chat.Completions.New(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	id := checkCall(t, first.Choices[0])
	params.Messages = append(params.Messages, first.Choices[0].Message.ToParam(), openai.ToolMessage(`{"celsius":21}`, id))
	second, err := client.Chat.Completions.New(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	if second.Choices[0].FinishReason != "stop" || second.Choices[0].Message.Content == "" {
		t.Errorf("after the tool's result: %s", second.RawJSON())
	}
}

func streamedToolCall(t *testing.T, _ *market, client openai.Client) {
	params := chat(chatModel, "how is the weather, streamed?")
	params.Tools = []openai.ChatCompletionToolUnionParam{weather()}
	first, err := read(client.Chat.Completions.NewStreaming(t.Context(), params))
	if err != nil {
		t.Fatal(err)
	}
	id := checkCall(t, first.Choices[0])
	params.Messages = append(params.Messages, first.Choices[0].Message.ToParam(), openai.ToolMessage(`{"celsius":21}`, id))
	second, err := read(client.Chat.Completions.NewStreaming(t.Context(), params))
	if err != nil {
		t.Fatal(err)
	}
	if second.Choices[0].FinishReason != "stop" || second.contents != 24 {
		t.Errorf("after the tool's result: finish reason %q, %d chunks; want stop, 24", second.Choices[0].FinishReason, second.contents)
	}
}

func jsonMode(t *testing.T, _ *market, client openai.Client) {
	params := chat(chatModel, "answer in JSON")
	params.ResponseFormat.OfJSONObject = &shared.ResponseFormatJSONObjectParam{}
	answer, err := client.Chat.Completions.New(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	if object := map[string]any(nil); json.Unmarshal([]byte(answer.Choices[0].Message.Content), &object) != nil {
		t.Errorf("content is not a JSON object: %q", answer.Choices[0].Message.Content)
	}
}

func jsonSchema(t *testing.T, _ *market, client openai.Client) {
	params := chat(chatModel, "a person")
	params.ResponseFormat.OfJSONSchema = &shared.ResponseFormatJSONSchemaParam{JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{
		Name: "person", Strict: openai.Bool(true),
		Schema: map[string]any{"type": "object", "required": []string{"name", "age"}, "additionalProperties": false,
			"properties": map[string]any{"name": map[string]any{"type": "string"}, "age": map[string]any{"type": "integer"}}},
	}}
	answer, err := client.Chat.Completions.New(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	streamed, err := read(client.Chat.Completions.NewStreaming(t.Context(), params))
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range []string{answer.Choices[0].Message.Content, streamed.Choices[0].Message.Content} {
		var person struct {
			Name *string
			Age  *int
		}
		if err := json.Unmarshal([]byte(content), &person); err != nil || person.Name == nil || person.Age == nil {
			t.Errorf("content %q: %v", content, err)
		}
	}
}

func embeddings(t *testing.T, _ *market, client openai.Client) {
	var vectors [][]float64
	for _, format := range []openai.EmbeddingNewParamsEncodingFormat{"", "float", "base64"} {
		answer, err := client.Embeddings.New(t.Context(), openai.EmbeddingNewParams{Model: embedModel, Dimensions: openai.Int(16), EncodingFormat: format,
			Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{said + "one", said + "two"}}})
		if err != nil {
			t.Fatal(err)
		}
		if len(answer.Data) != 2 || len(answer.Data[0].Embedding) != 16 || len(answer.Data[1].Embedding) != 16 || answer.Data[1].Index != 1 || answer.Usage.PromptTokens == 0 {
			t.Fatalf("format %q: %s", format, answer.RawJSON())
		}
		vectors = append(vectors, answer.Data[0].Embedding)
	}
	var square float64
	for i, x := range vectors[0] {
		square += x * x
		// As base64 they are four-byte floats.
		if math.Abs(x-vectors[1][i]) > 1e-6 || math.Abs(x-vectors[2][i]) > 1e-6 {
			t.Errorf("element %d is %v, as float %v, as base64 %v", i, x, vectors[1][i], vectors[2][i])
		}
	}
	if math.Abs(square-1) > 1e-3 {
		t.Errorf("the vector's length is %v; the simulator's are unit vectors", square)
	}
}

func textCompletions(t *testing.T, _ *market, client openai.Client) {
	only := option.WithJSONSet("provider", map[string]any{"only": []string{"bravo"}}) // texts differ between providers
	params := openai.CompletionNewParams{Model: chatModel, MaxTokens: openai.Int(7), Prompt: openai.CompletionNewParamsPromptUnion{OfString: openai.String(said + "once")}}
	whole, err := client.Completions.New(t.Context(), params, only)
	if err != nil {
		t.Fatal(err)
	}
	stream := client.Completions.NewStreaming(t.Context(), params, only)
	defer stream.Close()
	var text strings.Builder
	var finish openai.CompletionChoiceFinishReason
	for stream.Next() {
		for _, c := range stream.Current().Choices {
			text.WriteString(c.Text)
			if c.FinishReason != "" {
				finish = c.FinishReason
			}
		}
	}
	if stream.Err() != nil {
		t.Fatal(stream.Err())
	}
	if whole.Choices[0].Text != text.String() || finish != "length" || whole.Usage.CompletionTokens != 7 {
		t.Errorf("whole %q, streamed %q, finish reason %q, %d tokens", whole.Choices[0].Text, text.String(), finish, whole.Usage.CompletionTokens)
	}
}

func modelList(t *testing.T, _ *market, client openai.Client) {
	page, err := client.Models.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, model := range page.Data {
		listed[model.ID] = model.Object == "model"
	}
	for _, id := range []string{chatModel, embedModel, limitedModel} {
		if !listed[id] {
			t.Errorf("%s is not in the list %s", id, page.RawJSON())
		}
	}
	one, err := client.Models.Get(t.Context(), chatModel)
	if err != nil || one.ID != chatModel {
		t.Errorf("the model %s is %+v, %v", chatModel, one, err)
	}
}

func preferences(t *testing.T, m *market, client openai.Client) {
	for _, p := range m.providers {
		var res *http.Response
		_, err := client.Chat.Completions.New(t.Context(), chat("fast", "by "+p.name), option.WithResponseInto(&res),
			option.WithJSONSet("provider", map[string]any{"only": []string{p.name}}))
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Header.Get("x-souk-provider"); got != p.name {
			t.Errorf("provider.only is %s, and %s answered", p.name, got)
		}
	}
}

func concurrent(t *testing.T, m *market, client openai.Client) {
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			for j := range 4 {
				prompt := fmt.Sprintf("many %d %d [[sim:tokens=%d]]", i, j, 5+i+j)
				got, err := "", error(nil)
				if (i+j)%2 == 0 {
					var answer *openai.ChatCompletion
					if answer, err = client.Chat.Completions.New(t.Context(), chat(chatModel, prompt)); err == nil {
						got = answer.Choices[0].Message.Content
					}
				} else {
					var s *streamOf
					if s, err = read(client.Chat.Completions.NewStreaming(t.Context(), chat(chatModel, prompt))); err == nil {
						got = s.Choices[0].Message.Content
					}
				}
				if want := m.expect(t, got, prompt); err != nil || got != want {
					t.Errorf("%s: %q, %v; want %q", prompt, got, err, want)
				}
			}
		})
	}
	all.Wait()
}
