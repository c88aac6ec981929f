package openai

import (
	"strings"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/route"
)

func BenchmarkReadEvent(b *testing.B) {
	data := []byte(`{"id":"chatcmpl-123","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o","choices":[{"index":0,"delta":{"content":" hello"},"logprobs":null,"finish_reason":null}],"usage":null}`)
	var e dialect.Event
	b.ReportAllocs()
	for b.Loop() {
		readEvent(route.Chat, data, &e)
	}
}

func BenchmarkReadAsk(b *testing.B) {
	for name, size := range map[string]int{"4KiB": 4 << 10, "64KiB": 64 << 10, "1MiB": 1 << 20} {
		body := []byte(`{"model":"a/b","messages":[{"role":"user","content":"` + strings.Repeat("The quick brown fox jumps over the lazy dog.\\n", size/46) + `"}],"stream":true}`)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				var ask route.Ask
				var edits dialect.Edits
				if err := readAsk(route.Chat, body, &ask, &edits); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReadAnswer(b *testing.B) {
	answer := []byte(`{"id":"chatcmpl-9","object":"chat.completion","created":1767225600,"model":"mock","choices":[{"index":0,"message":{"role":"assistant",` +
		`"content":"` + strings.Repeat("a caravan of words ", 40) + `"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1024,"completion_tokens":160,"total_tokens":1184}}`)
	var a dialect.Answer
	for b.Loop() {
		readAnswer(route.Chat, answer, &a)
	}
}
