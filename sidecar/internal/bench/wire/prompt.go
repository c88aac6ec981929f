package wire

import (
	"math/rand/v2"
	"strings"
)

// promptWords hold what a scanner of JSON must cope with: escapes and text outside ASCII.
func promptWords() []string {
	return []string{"alpha", "the", "proxy", "of", "latency", "in", "a", "stream", "tokens", "and", "model",
		`\n`, `\"quoted\"`, "caf\u00e9", "x=1;", "return"}
}

// Body is a chat request of about size bytes for a model, the same bytes each time.
func Body(model string, size int, stream bool) []byte {
	random := rand.New(rand.NewPCG(7, 7))
	words := promptWords()
	tail := `"}],"temperature":0.7,"max_tokens":512`
	if stream {
		tail += `,"stream":true,"stream_options":{"include_usage":true}`
	}
	tail += `}`
	var b strings.Builder
	b.WriteString(`{"model":"` + model + `","messages":[{"role":"system","content":"You are a helpful assistant."},` +
		`{"role":"user","content":"`)
	for b.Len() < size-len(tail) {
		b.WriteString(words[random.IntN(len(words))])
		b.WriteByte(' ')
	}
	b.WriteString(tail)
	return []byte(b.String())
}
