package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// piece is one token of an answer, and one content event of a stream.
type piece struct {
	kind pieceKind
	text string
}

type pieceKind uint8

const (
	content   pieceKind = iota
	reasoning           // thoughts before the content
	callStart           // a tool call's id and name
	callArgs            // a part of its arguments
)

// choice is one whole answer. Its finish reason is empty while it has none.
type choice struct {
	pieces       []piece
	finish       string
	callID, call string // of a tool call
}

// of joins the texts of a kind.
func (c *choice) of(kind pieceKind) string {
	var all strings.Builder
	for _, p := range c.pieces {
		if p.kind == kind {
			all.WriteString(p.text)
		}
	}
	return all.String()
}

func (c *choice) count(kind pieceKind) int {
	n := 0
	for _, p := range c.pieces {
		if p.kind == kind {
			n++
		}
	}
	return n
}

func (c *choice) add(kind pieceKind, tokens []string) {
	for _, t := range tokens {
		c.pieces = append(c.pieces, piece{kind, t})
	}
}

// compose makes a chat's answer: a tool call, JSON or text, whichever the request asks for.
func (x *exchange) compose(m *Model, rng random) choice {
	r, name := &x.req, x.p.opts.Name
	c := choice{finish: "stop"}
	if n := r.reasoningTokens(); n > 0 {
		c.add(reasoning, text(name, &rng, n))
	}
	called := r.toolCalled()
	switch {
	case called != nil:
		c.finish, c.call = "tool_calls", called.Function.Name
		c.callID = fmt.Sprintf("call_sim%016x", rng.next())
		c.add(callStart, []string{""})
		arguments := []byte("{}")
		if len(bytes.TrimSpace(called.Function.Parameters)) > 2 {
			arguments = fit(called.Function.Parameters, name, &rng)
		}
		c.add(callArgs, fragments(string(arguments), &rng))
	case r.ResponseFormat != nil && strings.HasPrefix(r.ResponseFormat.Type, "json_"):
		c.add(content, fragments(string(fit(r.ResponseFormat.JSONSchema.Schema, name, &rng)), &rng))
	default:
		c.add(content, text(name, &rng, x.tokens))
	}
	x.bound(&c, m)
	return c
}

// bound shortens an answer to the caller's and the model's caps.
func (x *exchange) bound(c *choice, m *Model) {
	for _, limit := range []int{x.req.limit(), m.MaxOutput} {
		if limit > 0 && len(c.pieces) > limit {
			c.pieces, c.finish = c.pieces[:limit], "length"
		}
	}
	if f, ok := x.fault("content-filter"); ok && f.Arg == "finish" {
		c.finish = "content_filter"
	}
}

// reasoningTokens is how much thinking was asked for: reasoning_effort as OpenAI has it, reasoning as OpenRouter does.
func (r *request) reasoningTokens() int {
	effort := r.ReasoningEffort
	var object struct {
		Effort  string `json:"effort"`
		Enabled *bool  `json:"enabled"`
	}
	if effort == "" && len(r.Reasoning) > 0 && r.Reasoning[0] == '{' && json.Unmarshal(r.Reasoning, &object) == nil {
		effort = object.Effort
		switch {
		case object.Enabled != nil && !*object.Enabled:
			effort = "none"
		case effort == "":
			effort = "medium"
		}
	}
	switch effort {
	case "", "none":
		return 0
	case "minimal":
		return 4
	case "low":
		return 8
	case "high":
		return 32
	}
	return 16
}

// toolCalled is the tool that the answer calls: the one that tool_choice names, else the first whose name the user
// wrote, else the first. It is nil when there is none to call, or the last message brings a tool's result.
func (r *request) toolCalled() *tool {
	if len(r.Tools) == 0 || r.Messages[len(r.Messages)-1].Role != "user" {
		return nil
	}
	var mode string
	if json.Unmarshal(r.ToolChoice, &mode) == nil && mode == "none" {
		return nil
	}
	var named tool
	json.Unmarshal(r.ToolChoice, &named)
	asked := r.lastUser()
	var first, mentioned *tool
	for i := range r.Tools {
		t := &r.Tools[i]
		switch {
		case t.Function.Name == "": // not a function
			continue
		case t.Function.Name == named.Function.Name:
			return t
		case first == nil:
			first = t
		}
		if mentioned == nil && strings.Contains(asked, t.Function.Name) {
			mentioned = t
		}
	}
	if mentioned != nil {
		return mentioned
	}
	return first
}

// promptTokens estimates what the request reads: its texts, and four tokens around each message.
func (r *request) promptTokens() int {
	n := 0
	for i := range r.Messages {
		n += 4 + tokensIn(r.Messages[i].text())
	}
	prompts, _ := texts(r.Prompt)
	for _, prompt := range prompts {
		n += tokensIn(prompt)
	}
	return n
}

// key is the hash that an answer's text follows from: the seed and name of the provider, the model, and what was said.
// Whether it is streamed plays no part.
func (x *exchange) key(m *Model, prompt string, index int) random {
	model := m.ID
	if model == "*" {
		model = x.req.Model
	}
	parts := []string{model, strconv.Itoa(index), prompt}
	for i := range x.req.Messages {
		parts = append(parts, x.req.Messages[i].Role, x.req.Messages[i].text())
	}
	return random(digest(x.p.schedule.seed, parts...))
}

// usage is what an answer is billed by, as the OpenAI API counts it.
type usage struct {
	Prompt     int              `json:"prompt_tokens"`
	Completion int              `json:"completion_tokens"`
	Total      int              `json:"total_tokens"`
	PromptOf   promptDetails    `json:"prompt_tokens_details"`
	OutputOf   completionDetail `json:"completion_tokens_details"`
}

type promptDetails struct {
	Cached int `json:"cached_tokens"` // part of the prompt tokens
}

type completionDetail struct {
	Reasoning int `json:"reasoning_tokens"` // part of the completion tokens
}

// count makes the usage of an answer. A third of all prompts were half in the provider's cache.
func (x *exchange) count(choices []choice, key random) usage {
	u := usage{Prompt: x.req.promptTokens()}
	for i := range choices {
		u.Completion += len(choices[i].pieces)
		u.OutputOf.Reasoning += choices[i].count(reasoning)
	}
	u.Total = u.Prompt + u.Completion
	if key%3 == 0 {
		u.PromptOf.Cached = u.Prompt / 2
	}
	return u
}
