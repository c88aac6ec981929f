package sim

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a provider named alpha that is closed with the test.
func start(t *testing.T, o Options) *Provider {
	t.Helper()
	if o.Name == "" {
		o.Name = "alpha"
	}
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

const (
	ask       = `{"model":"sim-model","messages":[{"role":"user","content":"hello"}]}`
	askStream = `{"model":"sim-model","stream":true,"messages":[{"role":"user","content":"hello"}]}`
	chatPath  = "/v1/chat/completions"
)

// dial opens a raw connection on which nothing takes longer than ten seconds.
func dial(t *testing.T, p *Provider) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	nc.SetDeadline(time.Now().Add(10 * time.Second))
	t.Cleanup(func() { nc.Close() })
	return nc
}

// send writes a chat request by hand; fields are whole header lines.
func send(t *testing.T, nc net.Conn, body string, fields ...string) {
	t.Helper()
	head := "POST " + chatPath + " HTTP/1.1\r\nhost: sim\r\ncontent-type: application/json\r\n"
	for _, f := range fields {
		head += f + "\r\n"
	}
	if _, err := fmt.Fprintf(nc, "%scontent-length: %d\r\n\r\n%s", head, len(body), body); err != nil {
		t.Fatal(err)
	}
}

// exchangeRaw sends a request that asks for faults and reads until the connection ends; the error is what ended it, nil for a
// clean end.
func exchangeRaw(t *testing.T, p *Provider, body, faults string) (string, error) {
	t.Helper()
	nc := dial(t, p)
	send(t, nc, body, "x-souk-sim-fault: "+faults, "connection: close")
	b, err := io.ReadAll(nc)
	return string(b), err
}

// answer is a whole HTTP answer; err is what reading its body ended with.
type answer struct {
	*http.Response
	body string
	err  error
}

// call makes one request on a connection of its own, following no redirect and decompressing nothing.
func call(t *testing.T, p *Provider, method, path, body string, fields ...string) answer {
	t.Helper()
	nc := dial(t, p)
	defer nc.Close()
	req, err := http.NewRequest(method, "http://"+p.Addr()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		req.Header.Add(name, value)
	}
	if err := req.Write(nc); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(nc), req)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	return answer{resp, string(b), err}
}

func chat(t *testing.T, p *Provider, body string, fields ...string) answer {
	t.Helper()
	return call(t, p, "POST", chatPath, body, fields...)
}

// decode reads JSON that must be valid.
func decode[T any](t *testing.T, body string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	return v
}

// chunkEvent is an event of a chat stream, or a whole answer.
type chunkEvent struct {
	header
	Choices []struct {
		Index   int
		Delta   delta
		Message delta
		Text    string
		Finish  *string `json:"finish_reason"`
	}
	Usage *usage
	Error *struct {
		Message, Type string
		Code          any
		Param         any
	}
}

type delta struct {
	Role      string
	Content   *string
	Reasoning string `json:"reasoning_content"`
	ToolCalls []struct {
		Index    int
		ID, Type string
		Function struct{ Name, Arguments string }
	} `json:"tool_calls"`
}

// stream is what a chat stream said.
type stream struct {
	events           []chunkEvent
	content          map[int]string // by choice
	args, thoughts   string
	finish           map[int]string
	contentEvents    int
	done             bool
	bad              int // events that are no JSON
	tool, toolCallID string
	usage            *usage
	failed           bool // there was an error event
}

func readStream(t *testing.T, body string) stream {
	t.Helper()
	s := stream{content: map[int]string{}, finish: map[int]string{}}
	for event := range strings.SplitSeq(body, "\n\n") {
		data, ok := strings.CutPrefix(event, "data: ")
		if !ok {
			continue
		}
		if data == "[DONE]" {
			s.done = true
			continue
		}
		var e chunkEvent
		if json.Unmarshal([]byte(data), &e) != nil {
			s.bad++
			continue
		}
		s.events = append(s.events, e)
		s.failed = s.failed || e.Error != nil
		if e.Usage != nil {
			s.usage = e.Usage
		}
		for _, c := range e.Choices {
			text := c.Text
			if c.Delta.Content != nil {
				text += *c.Delta.Content
			}
			s.content[c.Index] += text
			s.thoughts += c.Delta.Reasoning
			for _, call := range c.Delta.ToolCalls {
				s.args += call.Function.Arguments
				s.tool += call.Function.Name
				s.toolCallID += call.ID
			}
			if text != "" || c.Delta.Reasoning != "" || len(c.Delta.ToolCalls) > 0 {
				s.contentEvents++
			}
			if c.Finish != nil {
				s.finish[c.Index] = *c.Finish
			}
		}
	}
	return s
}

func gunzip(t *testing.T, body string) string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// await waits until the provider's statistics are as wanted.
func await(t *testing.T, p *Provider, what string, cond func(Stats) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := p.Wait(ctx, cond); err != nil {
		t.Fatalf("%s: %v; statistics are %+v", what, err, p.Stats().report())
	}
}

// isReset tells a reset from other ends of a connection, in the words of every system.
func isReset(err error) bool {
	return err != nil && !errors.Is(err, io.EOF) && strings.Contains(err.Error(), "reset")
}
