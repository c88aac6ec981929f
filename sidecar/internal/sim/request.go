package sim

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// request is the body of any operation; fields that may have several shapes stay raw until they are needed.
type request struct {
	Model               string          `json:"model"`
	Stream              bool            `json:"stream"`
	N                   *int            `json:"n"`
	MaxTokens           *int            `json:"max_tokens"`
	MaxCompletionTokens *int            `json:"max_completion_tokens"`
	StreamOptions       *streamOptions  `json:"stream_options"`
	Messages            []message       `json:"messages"`
	Tools               []tool          `json:"tools"`
	ToolChoice          json.RawMessage `json:"tool_choice"`
	ResponseFormat      *responseFormat `json:"response_format"`
	Reasoning           json.RawMessage `json:"reasoning"`
	ReasoningEffort     string          `json:"reasoning_effort"`
	Prompt              json.RawMessage `json:"prompt"`
	Input               json.RawMessage `json:"input"`
	EncodingFormat      string          `json:"encoding_format"`
	Dimensions          *int            `json:"dimensions"`
}

type streamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

type message struct {
	Role    string          `json:"role"`
	Content json.RawMessage `json:"content"`
}

type tool struct {
	Type     string `json:"type"`
	Function struct {
		Name       string          `json:"name"`
		Parameters json.RawMessage `json:"parameters"`
	} `json:"function"`
}

type responseFormat struct {
	Type       string `json:"type"`
	JSONSchema struct {
		Schema json.RawMessage `json:"schema"`
	} `json:"json_schema"`
}

// parseRequest reads a body as far as any operation needs it; what is required is checked by the operation.
func parseRequest(body []byte) (request, *apiError) {
	var r request
	err := json.Unmarshal(body, &r)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		return r, invalid(wrong.Field, "", "%s has the wrong type: it is %s", cmp.Or(wrong.Field, "the body"), wrong.Value)
	case err != nil:
		return r, invalid("", "", "the body is not valid JSON: %v", err)
	}
	for _, bound := range []struct {
		name string
		n    *int
		high int
	}{{"n", r.N, 128}, {"max_tokens", r.MaxTokens, 1 << 30}, {"max_completion_tokens", r.MaxCompletionTokens, 1 << 30}} {
		if bound.n != nil && (*bound.n < 1 || *bound.n > bound.high) {
			return r, invalid(bound.name, "", "%s is %d: use 1 to %d", bound.name, *bound.n, bound.high)
		}
	}
	return r, nil
}

func (r *request) choices() int {
	if r.N != nil {
		return *r.N
	}
	return 1
}

// limit is the caller's cap on output tokens; 0: none.
func (r *request) limit() int {
	switch {
	case r.MaxCompletionTokens != nil:
		return *r.MaxCompletionTokens
	case r.MaxTokens != nil:
		return *r.MaxTokens
	}
	return 0
}

// text is a message's text: its content where that is a string, else that of its text parts.
func (m *message) text() string {
	var s string
	if json.Unmarshal(m.Content, &s) == nil {
		return s
	}
	var parts []struct {
		Text string `json:"text"`
	}
	if json.Unmarshal(m.Content, &parts) != nil {
		return ""
	}
	var all []string
	for _, part := range parts {
		all = append(all, part.Text)
	}
	return strings.Join(all, "\n")
}

// lastUser is the text of the last message from the user.
func (r *request) lastUser() string {
	for _, m := range slices.Backward(r.Messages) {
		if m.Role == "user" {
			return m.text()
		}
	}
	return ""
}

// settings are what one request may change of its own treatment.
type settings struct {
	faults     []Fault
	tokens     int
	rate       float64
	firstToken time.Duration
}

// set reads one directive: a fault, or tokens=, rate= or first-token=.
func (s *settings) set(directive string) error {
	directive = strings.TrimSpace(directive)
	key, value, _ := strings.Cut(directive, "=")
	switch key {
	case "tokens":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > maxTokens {
			return fmt.Errorf("tokens=%s: use a number from 1 to %d", clip(value), maxTokens)
		}
		s.tokens = n
	case "rate":
		r, err := strconv.ParseFloat(value, 64)
		if err != nil || !validRate(r) {
			return fmt.Errorf("rate=%s: use tokens per second above 0, or 0 for all at once", clip(value))
		}
		s.rate = r
	case "first-token":
		d, err := time.ParseDuration(value)
		if err != nil || d < 0 {
			return fmt.Errorf("first-token=%s: use a duration such as 200ms", clip(value))
		}
		s.firstToken = d
	default:
		f, err := ParseFault(directive)
		if err != nil {
			return err
		}
		s.faults = append(s.faults, f)
	}
	return nil
}

// directives collects what a request says about its own treatment, in header fields for callers that reach the
// provider directly; after '+' in the model's name for a proxy's configuration, where it holds for one offer; and in
// the last user message as [[sim:cut=5]] for what a proxy passes on, where [[sim@alpha,bravo:cut=5]] is for those
// providers only, so that a failover to another one succeeds.
func (p *Provider) directives(h http.Header, r *request) (settings, error) {
	s := settings{tokens: p.opts.Tokens, rate: p.opts.Rate, firstToken: p.opts.FirstToken}
	all := inMessage(r.lastUser(), p.opts.Name)
	if m := p.model(r.Model); m == nil || m.ID == "*" { // a name with a plus of its own is left alone
		name, rest, found := strings.Cut(r.Model, "+")
		if found {
			r.Model = name
			all = append(all, strings.Split(rest, "+")...)
		}
	}
	for _, list := range h.Values("X-Souk-Sim-Fault") {
		all = append(all, strings.Split(list, ",")...)
	}
	for _, key := range []string{"tokens", "rate", "first-token"} {
		if v := h.Get("X-Souk-Sim-" + key); v != "" {
			all = append(all, key+"="+v)
		}
	}
	for _, directive := range all {
		if err := s.set(directive); err != nil {
			return s, err
		}
	}
	return s, nil
}

// inMessage lists the directives in a text that are for the named provider.
func inMessage(text, name string) []string {
	var all []string
	for {
		_, rest, found := strings.Cut(text, "[[sim")
		inner, after, closed := strings.Cut(rest, "]]")
		if !found || !closed {
			return all
		}
		text = after
		to, list, ok := strings.Cut(inner, ":")
		if !ok || to != "" && !(to[0] == '@' && slices.Contains(strings.Split(to[1:], ","), name)) {
			continue
		}
		all = append(all, strings.Split(list, ",")...)
	}
}

// model finds the served model that a request names.
func (p *Provider) model(name string) *Model {
	for i := range p.opts.Models {
		if p.opts.Models[i].serves(name) {
			return &p.opts.Models[i]
		}
	}
	return nil
}

// texts reads a prompt or an embedding's input: a string, a list of strings, a list of token numbers, or a list of such
// lists. Each becomes one text.
func texts(raw json.RawMessage) ([]string, bool) {
	var one string
	if json.Unmarshal(raw, &one) == nil && !bytes.Equal(bytes.TrimSpace(raw), []byte("null")) {
		return []string{one}, true
	}
	var many []string
	if json.Unmarshal(raw, &many) == nil && len(many) > 0 {
		return many, true
	}
	var tokens []int
	if json.Unmarshal(raw, &tokens) == nil && len(tokens) > 0 {
		return []string{fmt.Sprint(tokens)}, true
	}
	var lists [][]int
	if json.Unmarshal(raw, &lists) == nil && len(lists) > 0 {
		for _, list := range lists {
			many = append(many, fmt.Sprint(list))
		}
		return many[len(many)-len(lists):], true
	}
	return nil, false
}
