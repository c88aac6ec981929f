package filter_test

import (
	"strings"
	"testing"

	"github.com/soukproxy/souk/policy/handoff"
	"github.com/soukproxy/souk/wasm/filter/filtertest"
)

// FuzzHandOff sends any header lines. Whatever they are, the request is refused, or the sidecar accepts it as one of the caller that
// the one header names, and of nobody else.
func FuzzHandOff(f *testing.F) {
	for _, lines := range []string{
		"x-user: alice", "X-User: bob\nx-user: alice", "x-user: a\nSouk-Caller: id=\"root\"", "x-user: zo\xeb\nconnection: x-user, souk-applied",
		"x-user: a\"\\\nsignature-input: a", "x-user: \nsouk_x: 1",
	} {
		f.Add(lines, false)
		f.Add(lines, true)
	}
	f.Fuzz(func(t *testing.T, lines string, nginx bool) {
		c := filtertest.Case{Config: filtertest.Config(`,"identity":{"header":"x-user"}`)}
		if nginx {
			c.Config = filtertest.Config(`,"host":"nginx","identity":{"header":"x-user"}`)
		}
		c.Headers = filtertest.Headers()[:7]
		var names []string
		for line := range strings.SplitSeq(lines, "\n") {
			name, value, _ := strings.Cut(line, ": ")
			if strings.ContainsAny(line, "\r\x00") || strings.HasPrefix(name, ":") {
				continue // no host has such lines
			}
			c.Headers = append(c.Headers, [2]string{name, value})
			if strings.EqualFold(name, "x-user") {
				names = append(names, value)
			}
		}
		native, err := filtertest.NewNative(c.Config, filtertest.Now, filtertest.Random{Bytes: filtertest.Nonce})
		if err != nil {
			t.Fatal(err)
		}
		r := c.Run(&filtertest.Proxy{NGINX: nginx}, native.Begin)
		if len(r.Faults) > 0 {
			t.Fatal(r.Faults)
		}
		if r.Local != nil {
			if r.Local.Status < 400 || r.Local.Status > 499 {
				t.Errorf("refused with %d", r.Local.Status)
			}
			return
		}
		got, err := c.Verify(&r)
		if err != nil {
			t.Fatalf("the sidecar refuses it: %v", err)
		}
		if len(names) != 1 || got.Caller.ID != handoff.Text(names[0]) {
			t.Errorf("handed off as %q; the header is %q", got.Caller.ID, names)
		}
	})
}

func TestAStreamIsRestoredHoweverItIsSplit(t *testing.T) {
	native, err := filtertest.NewNative(filtertest.Config(`,"identity":{"header":"x-user"},"redact":{"mode":"restore"}`), filtertest.Now, filtertest.Random{Bytes: filtertest.Nonce})
	if err != nil {
		t.Fatal(err)
	}
	text := filtertest.Event("to <EMA") + filtertest.Event(`IL_1> \u003cEMAIL_1> <EMAIL_12>`) + ": a comment\r\n\r\ndata: [DONE]\n\n"
	x := filtertest.Exchange{
		Headers: filtertest.Headers(), Body: []string{`{"messages":[{"content":"john@example.com"}]}`},
		Answer: [][2]string{{":status", "200"}, {"content-type", "text/event-stream"}}, AnswerBody: []string{text},
	}
	whole := x.Run(&filtertest.Proxy{}, native.Begin)
	if want := filtertest.Event("to ") + filtertest.Event("john@example.com john@example.com <EMAIL_12>"); !strings.HasPrefix(whole.AnswerBody, want) {
		t.Fatalf("restored to %q", whole.AnswerBody)
	}
	for i := range text {
		for j := i; j < len(text); j += 7 {
			x.AnswerBody = []string{text[:i], text[i:j], text[j:]}
			if got := x.Run(&filtertest.Proxy{}, native.Begin); got.AnswerBody != whole.AnswerBody {
				t.Fatalf("split at %d and %d: %q, want %q", i, j, got.AnswerBody, whole.AnswerBody)
			}
		}
	}
	// An event is not kept back when the next one has not come.
	x.AnswerBody = []string{filtertest.Event("one"), filtertest.Event("two")}
	if got := x.Run(&filtertest.Proxy{}, native.Begin); got.Pieces[0] != x.AnswerBody[0] {
		t.Errorf("the first piece is %q", got.Pieces[0])
	}
}
