// Package openai is the OpenAI API's wire format: chat completions, completions and embeddings. The rules are those
// of the OpenAI API reference; what OpenRouter adds to it is marked.
package openai

import (
	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/route"
)

// New is the dialect.
func New() *dialect.Dialect {
	return &dialect.Dialect{
		Name:             "openai",
		Path:             path,
		KeyPrefix:        "Authorization: Bearer ",
		ReadAsk:          readAsk,
		ReadAnswer:       readAnswer,
		ReadEvent:        readEvent,
		ReadRefusal:      readRefusal,
		Continue:         continueAsk,
		AppendError:      appendError,
		AppendErrorEvent: appendErrorEvent,
		Done:             []byte("data: [DONE]\n\n"),
	}
}

func path(op route.Op) string {
	switch op {
	case route.Chat:
		return "/chat/completions"
	case route.Completions:
		return "/completions"
	case route.Embeddings:
		return "/embeddings"
	}
	return ""
}
