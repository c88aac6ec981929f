package jsonscan

import (
	"math/rand"
	"strings"
	"testing"
)

func promptText(n int) []byte {
	rnd := rand.New(rand.NewSource(7))
	words := []string{"alpha", "the", "proxy", "of", "latency", "in", "a", "stream", "tokens", "and", "model", "\\n", "\\\"quoted\\\"", "café", "x=1;", "return"}
	var sb strings.Builder
	sb.WriteByte('"')
	for sb.Len() < n {
		sb.WriteString(words[rnd.Intn(len(words))])
		sb.WriteByte(' ')
	}
	sb.WriteByte('"')
	return []byte(sb.String())
}

func BenchmarkPrompt(b *testing.B) {
	text := promptText(1 << 20)
	b.Run("skipString", func(b *testing.B) {
		b.SetBytes(1 << 20)
		for b.Loop() {
			if skipString(text, 0) != len(text) {
				b.Fatal("wrong end")
			}
		}
	})
	b.Run("utf8", func(b *testing.B) {
		b.SetBytes(1 << 20)
		for b.Loop() {
			ValidUTF8(text)
		}
	})
}
