package sim

import (
	"errors"
	"fmt"
	"net/http"
)

// Expected is what a provider answers to a chat request that no fault befalls.
type Expected struct {
	Text   string
	Finish string
	Tokens int // completion tokens, each one content event of a stream
	Prompt int // prompt tokens
	Cached int // those of them that were in the provider's cache
}

// Expect computes the answer to the body of a chat request, of its first choice, without sending anything. The directives
// in the message hold, apart from faults. It is what lets a load test compare every answer with what it must be.
func (p *Provider) Expect(body []byte) (Expected, error) {
	x := &exchange{p: p}
	var bad *apiError
	if x.req, bad = parseRequest(body); bad != nil {
		return Expected{}, errors.New(bad.message)
	}
	var err error
	if x.settings, err = p.directives(http.Header{}, &x.req); err != nil {
		return Expected{}, err
	}
	m := p.model(x.req.Model)
	if m == nil {
		return Expected{}, fmt.Errorf("%s does not serve %q", p.opts.Name, clip(x.req.Model))
	}
	if len(x.req.Messages) == 0 {
		return Expected{}, errors.New("the request has no messages")
	}
	key := x.key(m, "", 0)
	c := x.compose(m, key)
	used := x.count([]choice{c}, key)
	return Expected{Text: c.of(content), Finish: c.finish, Tokens: used.Completion, Prompt: used.Prompt, Cached: used.PromptOf.Cached}, nil
}
