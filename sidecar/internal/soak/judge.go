package main

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/money"
	"github.com/soukproxy/souk/sidecar/internal/sim"
)

// outcome is how an answer ended, for the table.
type outcome string

const (
	complete   outcome = "complete"
	continued  outcome = "continued"   // complete, by more offers than one
	refused    outcome = "refused"     // the provider's word that the request is at fault
	failed     outcome = "failed"      // an error status
	broken     outcome = "broken"      // an error event after content
	shed       outcome = "shed"        // souk had no time for it
	left       outcome = "left"        // the caller hung up
	impossible outcome = "unexplained" // what must not happen; there is a violation for each
)

func outcomes() []outcome {
	return []outcome{complete, continued, refused, failed, broken, shed, left, impossible}
}

// The kinds of violation.
const (
	aHang       = "hang"
	aTruncation = "truncated success"
	aKey        = "credential"
	aWrong      = "wrong answer"
	aFailure    = "failure without a cause"
	aBill       = "usage or cost"
	aLeak       = "leak"
	aStorm      = "storm"
	aLog        = "log"
)

// judge says what became of an ask.
type judge struct {
	bazaar  *bazaar
	weather *weather
	silence time.Duration // the longest that a stream may say nothing
	report  func(kind, format string, args ...any)
}

func (j *judge) judge(a *ask, r *answer) outcome {
	say := func(kind, format string, args ...any) outcome {
		what := "no fault"
		if a.fault != nil {
			what = a.fault.spec + " at " + strings.Join(a.targets, ",")
		}
		j.report(kind, "request %d (%s, %s, %s): %s", a.number+1, a.model, a.form, what, fmt.Sprintf(format, args...))
		return impossible
	}
	if r.shown {
		say(aKey, "the caller was shown a key")
	}
	if !a.slow && !r.left && a.form != whole && r.gap > j.silence && !j.weather.starves(r.started, r.ended) {
		say(aHang, "the stream was silent for %v", r.gap.Round(time.Millisecond))
	}
	switch {
	case r.late:
		return say(aHang, "no end after %v", r.ended.Sub(r.started).Round(time.Millisecond))
	case r.left:
		return left
	case r.err != nil:
		return say(aWrong, "status %d, then %v", r.status, r.err)
	case r.strange != "" || r.after:
		return say(aWrong, "status %d, end marker %v, and %q", r.status, r.done, r.strange)
	}
	for _, name := range []string{"Set-Cookie", "Alt-Svc", "Strict-Transport-Security", "Access-Control-Allow-Origin", "X-Sim-Nominated"} {
		if r.header.Get(name) != "" {
			say(aWrong, "the provider's %s was passed on", name)
		}
	}
	switch {
	case r.status != 200:
		return j.failure(a, r, say)
	case r.refusal != nil:
		return j.breakage(a, r, say)
	case !r.done:
		return say(aTruncation, "neither an error nor an end marker after %d bytes", len(r.said[0].text))
	}
	return j.success(a, r, say)
}

type complaint func(kind, format string, args ...any) outcome

// failure judges an error status.
func (j *judge) failure(a *ask, r *answer, say complaint) outcome {
	switch {
	case r.refusal == nil || r.refusal.Message == "":
		return say(aWrong, "status %d without an error object", r.status)
	case r.refusal.Code == "overloaded":
		return shed
	case a.fault != nil && a.fault.effect == refuses && r.status == 400:
		return refused
	case r.status == 401:
		return say(aKey, "the caller got a 401: %s", r.refusal.Message)
	case j.weather.out(r.started, r.ended) || j.explained(a, r):
		return failed
	}
	return say(aFailure, "status %d: %s %+v", r.status, r.refusal.Message, r.refusal.Metadata.Attempts)
}

// mostAttempts is routing.attempts.
const mostAttempts = 4

// explained tells whether nobody could have answered: every attempt met a fault that was made, and no further one was
// left to make.
func (j *judge) explained(a *ask, r *answer) bool {
	attempts := r.refusal.Metadata.Attempts
	context := 0 // that is known to be too small
	for _, t := range attempts {
		if provider, _, _ := strings.Cut(t.Offer, "/"); t.Reason == "context_length" && j.bazaar.byName[provider] != nil {
			context = max(context, j.bazaar.byName[provider].context)
		}
		late := strings.HasSuffix(t.Reason, "_timeout") && j.weather.starves(r.started, r.ended)
		if !late && !j.spoiled(a, r, t.Offer) {
			return false
		}
	}
	if len(attempts) >= mostAttempts || len(attempts) > 0 && j.weather.starves(r.started, r.ended) {
		return true
	}
	for _, s := range j.bazaar.offering(a.model, true) {
		if !s.victim && s.context > context && !j.spoiled(a, r, s.name) { // a victim may be barred
			return false
		}
	}
	return true
}

// spoiled tells whether a provider was made to fail while an ask ran.
func (j *judge) spoiled(a *ask, r *answer, offer string) bool {
	provider, _, _ := strings.Cut(offer, "/")
	return a.fault != nil && a.targeted(provider) || j.weather.touched(provider, r.started, r.ended)
}

// breakage judges a stream that ended with an error event.
func (j *judge) breakage(a *ask, r *answer, say complaint) outcome {
	if r.done {
		return say(aTruncation, "an end marker beside an error event")
	}
	said := []byte{}
	for _, part := range r.said {
		if !j.begins(a, r, part, said) {
			return say(aWrong, "%q (by %q) is the beginning of nobody's answer: %+v", clip(string(part.text)), part.offer, r.refusal.Metadata.Attempts)
		}
		said = append(said, part.text...)
	}
	if j.weather.out(r.started, r.ended) {
		return broken
	}
	if j.explained(a, r) {
		return broken
	}
	mayBreak := a.form == plain || a.form == resumed
	if a.fault != nil && a.fault.effect == breaks && mayBreak {
		return broken
	}
	for _, t := range r.refusal.Metadata.Attempts {
		provider, _, _ := strings.Cut(t.Offer, "/")
		if mayBreak && j.weather.touched(provider, r.started, r.ended) {
			return broken
		}
	}
	return say(aFailure, "the stream broke: %s %+v", r.refusal.Message, r.refusal.Metadata.Attempts)
}

// begins tells whether a part is the beginning of what its offer says. A stream that got its headers early and broke does not say
// whose words came: they are those of one of its attempts.
func (j *judge) begins(a *ask, r *answer, part segment, said []byte) bool {
	offers := []string{part.offer}
	if part.offer == "" {
		for _, t := range r.refusal.Metadata.Attempts {
			offers = append(offers, t.Offer)
		}
	}
	for _, offer := range offers {
		if want, ok := j.expected(a, offer, said); ok && strings.HasPrefix(want.Text, string(part.text)) {
			return true
		}
	}
	return len(part.text) == 0
}

// success judges an answer that looks complete: every byte of it must be what the simulator says.
func (j *judge) success(a *ask, r *answer, say complaint) outcome {
	said := []byte{}
	for i, s := range r.said {
		want, ok := j.expected(a, s.offer, said)
		if !ok {
			return say(aWrong, "it is by %q, which is no offer", s.offer)
		}
		last := i == len(r.said)-1
		if last && string(s.text) != want.Text {
			if bytes.HasPrefix([]byte(want.Text), s.text) {
				return say(aTruncation, "%s's answer looks complete with %d of %d bytes", s.offer, len(s.text), len(want.Text))
			}
			return say(aWrong, "%s said %q; expected %q", s.offer, clip(string(s.text)), clip(want.Text))
		}
		if !strings.HasPrefix(want.Text, string(s.text)) {
			return say(aWrong, "%s said %q before another went on; expected the beginning of %q", s.offer, clip(string(s.text)), clip(want.Text))
		}
		if last {
			provider, _, _ := strings.Cut(s.offer, "/")
			if finish := finishOf(a, provider, want.Finish); r.finish != finish {
				say(aWrong, "it ends with finish_reason %q; expected %q", r.finish, finish)
			}
			j.bill(a, r, want, say)
		}
		said = append(said, s.text...)
	}
	if len(r.said) > 1 {
		return continued
	}
	return complete
}

func finishOf(a *ask, provider, usual string) string {
	if a.fault != nil && a.fault.finish != "" && a.targeted(provider) {
		return a.fault.finish
	}
	return usual
}

// bill checks usage and cost against the simulator's count and the configured price.
func (j *judge) bill(a *ask, r *answer, want wanted, say complaint) {
	if a.form != whole && !a.usage {
		if r.usage != nil {
			say(aBill, "it has usage that nobody asked for")
		}
		return
	}
	if r.usage == nil || r.usage.Cost == nil {
		say(aBill, "it has no usage, or no cost in it")
		return
	}
	price := money.Nano(want.terms.price(want.Prompt, want.Cached, want.Tokens)).String()
	u := r.usage
	if len(r.said) > 1 {
		var sum money.Nano
		for _, part := range u.Attempts {
			if part.Cost == nil {
				say(aBill, "the attempt of %s has no cost", part.Offer)
				return
			}
			n, err := money.Parse(part.Cost.String())
			if err != nil {
				say(aBill, "the attempt of %s costs %q", part.Offer, *part.Cost)
			}
			sum += n
		}
		if len(u.Attempts) != len(r.said) || sum.String() != u.Cost.String() || u.Attempts[len(u.Attempts)-1].Cost.String() != price {
			say(aBill, "%d offers answered, and the usage is %+v; expected the last to cost %s", len(r.said), u, price)
		}
		return
	}
	if u.Prompt != want.Prompt || u.Completion != want.Tokens || u.Of.Cached != want.Cached || u.Cost.String() != price {
		say(aBill, "usage %d+%d (%d cached) for %s; expected %d+%d (%d) for %s", u.Prompt, u.Completion, u.Of.Cached, *u.Cost, want.Prompt, want.Tokens, want.Cached, price)
	}
	if head := r.header.Get("X-Souk-Cost-Usd"); a.form == whole && r.header.Get("X-Souk-Attempts") == "1" && head != price {
		say(aBill, "x-souk-cost-usd is %q; expected %s", head, price)
	}
}

// excess is how much later than its provider's pace an answer came: its first content, or its end where it comes at once.
func excess(a *ask, r *answer) time.Duration {
	if a.form == plain || a.form == resumed {
		return r.first.Sub(r.started) - firstToken
	}
	return r.ended.Sub(r.started) - a.lasts()
}

// wanted is what an offer must answer, and its terms.
type wanted struct {
	sim.Expected
	terms terms
}

// expected is what an offer answers to an ask whose answer began with what others said; false: there is no such offer.
func (j *judge) expected(a *ask, offer string, said []byte) (wanted, bool) {
	provider, model, ok := strings.Cut(offer, "/")
	s := j.bazaar.byName[provider]
	if !ok || s == nil || model != a.model {
		return wanted{}, false
	}
	t, ok := s.models[model]
	if !ok {
		return wanted{}, false
	}
	e, err := s.Expect(a.body(model, string(said)))
	return wanted{e, t}, err == nil
}
