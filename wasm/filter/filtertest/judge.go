package filtertest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
)

// Judge compares what became of a case with what should have, and gives what is wrong.
func (c *Case) Judge(r *Result) []string {
	wrong := append([]string(nil), r.Faults...)
	note := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for _, line := range r.Log {
		for _, value := range []string{Secret, "alice", "example.com", "<EMAIL"} {
			if strings.Contains(line, value) {
				note("the log tells %s", value)
			}
		}
	}
	if c.Status != 0 {
		if r.Local == nil {
			return append(wrong, "the request is not refused")
		}
		return append(wrong, c.refused(r)...)
	}
	if r.Local != nil {
		return append(wrong, fmt.Sprintf("refused with %d %s", r.Local.Status, r.Local.Body))
	}
	got, err := c.Verify(r)
	if c.Unsigned {
		if handoff.ReasonOf(err) != handoff.Missing {
			note("it is signed: %v", err)
		}
		return wrong
	}
	if err != nil {
		return append(wrong, "the sidecar refuses it: "+err.Error())
	}
	if !reflect.DeepEqual(got, c.Statement) {
		note("the sidecar reads %+v, want %+v", got, c.Statement)
	}
	path := c.Path
	if path == "" {
		path = c.Headers[1][1]
	}
	for _, want := range append(c.Sent, [2]string{":path", path}) {
		if lines := linesOf(r.Headers, want[0]); len(lines) != 1 || lines[0] != want[1] {
			note("%s is %q, want %q", want[0], lines, want[1])
		}
	}
	sent := c.SentBody
	if sent == "" {
		sent = strings.Join(c.Body, "")
	}
	if r.Body != sent {
		note("the sidecar gets %s, want %s", r.Body, sent)
	}
	answer := c.Restored
	if answer == "" {
		answer = strings.Join(c.AnswerBody, "")
	}
	if r.AnswerBody != answer {
		note("the client gets %q, want %q", r.AnswerBody, answer)
	}
	return wrong
}

func (c *Case) refused(r *Result) (wrong []string) {
	var body struct {
		Error struct {
			Message, Type, Code string
			Param               *string
		}
	}
	if err := json.Unmarshal([]byte(r.Local.Body), &body); err != nil {
		return []string{"the refusal is no JSON: " + r.Local.Body}
	}
	if int(r.Local.Status) != c.Status || body.Error.Code != c.Code || body.Error.Message == "" || body.Error.Type == "" {
		wrong = append(wrong, fmt.Sprintf("refused with %d %s, want %d %s", r.Local.Status, r.Local.Body, c.Status, c.Code))
	}
	if strings.Contains(r.Local.Body, Secret) || strings.Contains(r.Local.Body, "example.com") {
		wrong = append(wrong, "the refusal tells what it must not")
	}
	return wrong
}

// Verify is what the sidecar makes of a request that reached it: any hand-off header that is there twice is refused.
func (c *Case) Verify(r *Result) (handoff.Statement, error) {
	v, err := handoff.NewVerifier(handoff.VerifierOptions{
		Keys: []handoff.Key{{ID: "kong-1", Secret: []byte(Secret)}},
		Now:  func() time.Time { return time.Unix(Now, 0) },
	})
	if err != nil {
		return handoff.Statement{}, err
	}
	received := handoff.Received{Body: []byte(r.Body)}
	for _, h := range r.Headers {
		switch h[0] {
		case ":method":
			received.Method = h[1]
		case ":path":
			received.Path, received.Query, _ = strings.Cut(h[1], "?")
		default:
			received.Fields = append(received.Fields, handoff.Field{Name: h[0], Value: h[1]})
		}
	}
	if raw := c.Properties["ngx/request_uri"]; c.NGINX() && raw != "" { // which is what NGINX sends on
		received.Path, received.Query, _ = strings.Cut(raw, "?")
	}
	if strings.Contains(c.Config, `"body":"required"`) {
		received.Rule = handoff.DigestRequired
	}
	got, err := v.Verify(received)
	return got.Statement, err
}

func linesOf(headers [][2]string, name string) (lines []string) {
	for _, h := range headers {
		if strings.EqualFold(h[0], name) {
			lines = append(lines, h[1])
		}
	}
	return lines
}
