package openai

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/dialect/jsonscan"
	"github.com/soukproxy/souk/sidecar/internal/fault"
)

const maxMessage = 500 // bytes of a provider's message that are passed on

// readRefusal sorts an error answer: by its status, and by its code or words where one status means several things.
func readRefusal(status int, body []byte) dialect.Refusal {
	r := dialect.Refusal{Kind: dialect.RefusedRequest}
	var typ string
	r.Message, r.Code, typ = describe(body)
	words := strings.ToLower(r.Code + " " + typ + " " + r.Message)
	switch {
	case status >= 500, status == 408, status < 400:
		r.Kind = dialect.RefusedByFault
	case says(words, "context_length_exceeded", "maximum context length", "context window", "prompt is too long"):
		r.Kind = dialect.RefusedLength
	case status == 402, says(words, "insufficient_quota", "insufficient credits", "exceeded your current quota"):
		r.Kind = dialect.RefusedKey
	case status == 429:
		r.Kind = dialect.RefusedByLimit
	case status == 401:
		r.Kind = dialect.RefusedKey
	case says(words, "content_policy", "content_filter", "moderation", "flagged"):
		// The caller's own, also where a provider answers it with 403.
	case status == 403:
		r.Kind = dialect.RefusedKey
	case status == 404, status == 410:
		r.Kind = dialect.RefusedModel
	}
	return r
}

func says(words string, any ...string) bool {
	for _, w := range any {
		if strings.Contains(words, w) {
			return true
		}
	}
	return false
}

// describe finds the message, code and type in the shapes that OpenAI's imitators have.
func describe(body []byte) (message, code, typ string) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] != '{' {
		return "", "", ""
	}
	e := jsonscan.Member(body, "error")
	if text, ok := jsonscan.Text(e); ok {
		return sane(text), "", ""
	}
	if len(e) == 0 || e[0] != '{' {
		e = body
	}
	for o := jsonscan.NewObject(e, 0); o.Next(); {
		text, _ := jsonscan.Text(o.Value())
		switch string(o.Key) {
		case "message", "detail":
			message = sane(text)
		case "code":
			code = sane(text)
		case "type":
			typ = sane(text)
		}
	}
	return message, code, typ
}

// sane cuts a provider's words to a length and to what can stand in a log and a JSON string.
func sane(b []byte) string {
	return strings.ToValidUTF8(cut(b, maxMessage), "")
}

type errorBody struct {
	Error errorObject `json:"error"`
}

type errorObject struct {
	Message  string    `json:"message"`
	Type     string    `json:"type"`
	Code     *string   `json:"code"`
	Param    *string   `json:"param"`
	Metadata *metadata `json:"metadata,omitempty"`
}

type metadata struct {
	Attempts []attempt   `json:"attempts,omitempty"`
	Excluded []exclusion `json:"excluded,omitempty"`
}

type attempt struct {
	Offer  string `json:"offer"`
	Status *int   `json:"status"`
	Reason string `json:"reason"`
	MS     int64  `json:"ms"`
}

type exclusion struct {
	Offer string `json:"offer"`
	Why   string `json:"why"`
}

func object(e *fault.Error) errorObject {
	o := errorObject{Message: e.Message, Type: e.Type, Code: optional(e.Code), Param: optional(e.Param)}
	if len(e.Attempts)+len(e.Excluded) > 0 {
		o.Metadata = &metadata{}
		for _, a := range e.Attempts {
			o.Metadata.Attempts = append(o.Metadata.Attempts, attempt{Offer: a.Offer, Status: positive(a.Status), Reason: a.Reason, MS: int64(a.Duration / time.Millisecond)})
		}
		for _, x := range e.Excluded {
			o.Metadata.Excluded = append(o.Metadata.Excluded, exclusion{x.Offer, x.Why})
		}
	}
	return o
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func positive(n int) *int {
	if n <= 0 {
		return nil
	}
	return &n
}

func appendError(dst []byte, e *fault.Error, _ string) []byte {
	return appendJSON(dst, errorBody{object(e)})
}

// appendErrorEvent is OpenRouter's shape: a chunk with a top-level error, and the finish reason "error".
func appendErrorEvent(dst []byte, e *fault.Error, requestID, model string) []byte {
	dst = append(dst, "data: "...)
	dst = appendJSON(dst, struct {
		ID      string        `json:"id"`
		Object  string        `json:"object"`
		Created int64         `json:"created"`
		Model   string        `json:"model"`
		Error   errorObject   `json:"error"`
		Choices []errorChoice `json:"choices"`
	}{requestID, "chat.completion.chunk", time.Now().Unix(), model, object(e), []errorChoice{{FinishReason: "error"}}})
	return append(dst, "\n\n"...)
}

// errorChoice has no index: strict readers that know no top-level error would take the event for a chunk that ends a good
// answer; without an index it is none to them, and the error is what they see.
type errorChoice struct {
	Delta struct {
		Content string `json:"content"`
	} `json:"delta"`
	FinishReason string `json:"finish_reason"`
}

// appendJSON: the types above hold only strings and numbers, which always encode.
func appendJSON(dst []byte, v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return dst
	}
	return append(dst, bytes.TrimRight(b.Bytes(), "\n")...)
}
