package sim

import (
	"net/http"
	"slices"
	"time"
)

// header is what every answer with choices begins with.
type header struct {
	ID          string `json:"id"`
	Object      string `json:"object"`
	Created     int64  `json:"created"`
	Model       string `json:"model"`
	Fingerprint string `json:"system_fingerprint"`
}

func (x *exchange) header(idPrefix, object string) header {
	return header{idPrefix + x.id, object, x.at.Unix(), x.req.Model, "souk-sim-" + x.p.opts.Name}
}

type wholeAnswer struct {
	header
	Choices []wholeChoice `json:"choices"`
	Usage   usage         `json:"usage"`
}

type wholeChoice struct {
	Index    int           `json:"index"`
	Message  *wholeMessage `json:"message,omitempty"` // chat
	Text     *string       `json:"text,omitempty"`    // completions
	Logprobs *struct{}     `json:"logprobs"`
	Finish   string        `json:"finish_reason"`
}

type wholeMessage struct {
	Role      string     `json:"role"`
	Content   *string    `json:"content"` // null beside a tool call
	Refusal   *string    `json:"refusal"`
	Reasoning string     `json:"reasoning_content,omitempty"`
	ToolCalls []toolCall `json:"tool_calls,omitempty"`
}

type toolCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function calledByName `json:"function"`
}

type calledByName struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// chat serves POST /v1/chat/completions.
func (x *exchange) chat() {
	m := x.served((*Model).Chats)
	if m == nil || x.failed(x.checkMessages()) || x.failed(x.checkContext(m)) {
		return
	}
	key := x.key(m, "", 0)
	choices := make([]choice, x.req.choices())
	for i := range choices {
		choices[i] = x.compose(m, x.key(m, "", i))
	}
	used := x.count(choices, key)
	if x.req.Stream {
		x.stream(chatShape, choices, used)
		return
	}
	answer := wholeAnswer{header: x.header("chatcmpl-", "chat.completion"), Usage: used}
	for i := range choices {
		answer.Choices = append(answer.Choices, wholeChoice{Index: i, Message: choices[i].message(), Finish: choices[i].finish})
	}
	x.paced(choices, answer)
}

func (c *choice) message() *wholeMessage {
	m := &wholeMessage{Role: "assistant", Reasoning: c.of(reasoning)}
	if c.call != "" {
		m.ToolCalls = []toolCall{{c.callID, "function", calledByName{c.call, c.of(callArgs)}}}
		return m
	}
	m.Content = new(c.of(content))
	return m
}

// failed answers with an error if there is one.
func (x *exchange) failed(e *apiError) bool {
	if e != nil {
		x.fail(e)
	}
	return e != nil
}

func (x *exchange) checkMessages() *apiError {
	if len(x.req.Messages) == 0 {
		return invalid("messages", "", "messages is missing or empty: send at least one message")
	}
	roles := []string{"system", "developer", "user", "assistant", "tool", "function"}
	for _, m := range x.req.Messages {
		if !slices.Contains(roles, m.Role) {
			return invalid("messages", "", "%q is not a role: use one of %v", clip(m.Role), roles)
		}
	}
	return x.checkSize(x.req.choices())
}

// checkSize keeps n answers together within what one answer may have.
func (x *exchange) checkSize(n int) *apiError {
	if n > maxTokens/x.tokens {
		return invalid("n", "", "%d answers of %d tokens are more than %d: ask for less", n, x.tokens, maxTokens)
	}
	return nil
}

func (x *exchange) checkContext(m *Model) *apiError {
	if prompt := x.req.promptTokens(); m.Context > 0 && prompt > m.Context {
		return contextExceeded(m.Context, prompt)
	}
	return nil
}

// completions serves POST /v1/completions: n answers for each prompt.
func (x *exchange) completions() {
	m := x.served((*Model).Chats)
	if m == nil || x.failed(x.checkContext(m)) {
		return
	}
	prompts, ok := texts(x.req.Prompt)
	if !ok {
		x.fail(invalid("prompt", "", "prompt is missing or has the wrong type: send a string or a list of strings"))
		return
	}
	if x.failed(x.checkSize(len(prompts) * x.req.choices())) {
		return
	}
	var choices []choice
	for _, prompt := range prompts {
		for i := range x.req.choices() {
			rng := x.key(m, prompt, i)
			c := choice{finish: "stop"}
			c.add(content, text(x.p.opts.Name, &rng, x.tokens))
			x.bound(&c, m)
			choices = append(choices, c)
		}
	}
	used := x.count(choices, x.key(m, prompts[0], 0))
	if x.req.Stream {
		x.stream(completionsShape, choices, used)
		return
	}
	answer := wholeAnswer{header: x.header("cmpl-", "text_completion"), Usage: used}
	for i := range choices {
		answer.Choices = append(answer.Choices, wholeChoice{Index: i, Text: new(choices[i].of(content)), Finish: choices[i].finish})
	}
	x.paced(choices, answer)
}

// paced sends a whole answer at the moment at which a stream of it would end.
func (x *exchange) paced(choices []choice, answer any) {
	steps := 0
	for i := range choices {
		steps = max(steps, len(choices[i].pieces))
	}
	if x.c.until(x.due(steps - 1)) {
		x.whole(http.StatusOK, typeJSON, encode(answer))
	}
}

// due is the moment of a token, counted from 0. The schedule is absolute, so that delays do not add up.
func (x *exchange) due(token int) time.Time {
	due := x.at.Add(x.firstToken)
	if x.rate > 0 {
		due = due.Add(time.Duration(float64(token) / x.rate * float64(time.Second)))
	}
	return due
}
