package proxy

import (
	"reflect"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/dialect/openai"
	"github.com/soukproxy/souk/sidecar/internal/route"
)

const (
	chunkA = `{"id":"c-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}`
	chunkB = `{"id":"c-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" world, it is late"},"finish_reason":null}]}`
)

func TestLikenessRecognisesAnEventThatDiffersInItsTextAlone(t *testing.T) {
	for _, c := range []struct {
		name        string
		first, next string
		matches     bool
	}{
		{"another text", chunkA, chunkB, true},
		{"the same text", chunkA, chunkA, true},
		{"no text", chunkA, `{"id":"c-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":""},"finish_reason":null}]}`, false},
		{"an escape", chunkA, `{"id":"c-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a\"b"},"finish_reason":null}]}`, false},
		{"a text that ends early", chunkA, `{"id":"c-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"},{"delta":{"content":"b"},"finish_reason":null}]}`, false},
		{"a finish reason", chunkA, `{"id":"c-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":"stop"}]}`, false},
		{"another choice", chunkA, `{"id":"c-1","object":"chat.completion.chunk","choices":[{"index":1,"delta":{"content":"Hello"},"finish_reason":null}]}`, false},
		{"a shorter event than what stands around the text", chunkA, `{"id":"c-1"}`, false},
		{"after a finish reason", `{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}`, `{"choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"stop"}]}`, false},
		{"after a tool call", `{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0}],"content":"a"}}]}`, `{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0}],"content":"b"}}]}`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var l likeness
			var e dialect.Event
			first := []byte(c.first)
			openai.New().ReadEvent(route.Chat, first, &e)
			l.learn(first, &e)
			if got := l.matches([]byte(c.next), &e); got != c.matches {
				t.Errorf("matches is %v", got)
			}
		})
	}
}

func FuzzLikenessReadsAsTheDialectDoes(f *testing.F) {
	f.Add(chunkA, chunkB)
	f.Add(chunkA, `{"id":"c-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a\\"},"finish_reason":null}]}`)
	f.Add(`{"choices":[{"delta":{"content":"ab"}},{"delta":{"content":"cd"}}]}`, `{"choices":[{"delta":{"content":"ab"}},{"delta":{"content":"xyz"}}]}`)
	f.Add(`{"choices":[{"delta":{"content":"ab","reasoning":"c"}}],"usage":null}`, `{"choices":[{"delta":{"content":"x","reasoning":"c"}}],"usage":null}`)
	d := openai.New()
	f.Fuzz(func(t *testing.T, a, b string) {
		first, next := []byte(a), []byte(b)
		var l likeness
		var learned, liked, read dialect.Event
		d.ReadEvent(route.Chat, first, &learned)
		l.learn(first, &learned)
		if !l.matches(next, &liked) {
			return
		}
		d.ReadEvent(route.Chat, next, &read)
		if !reflect.DeepEqual(liked, read) {
			t.Errorf("after %q, %q is taken for %+v, and is %+v", a, b, liked, read)
		}
	})
}
