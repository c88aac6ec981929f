package proxytest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Client is a caller that writes its own bytes. It gives up after a while, so that a test ends.
type Client struct {
	net.Conn
	t testing.TB
	r *bufio.Reader
}

// Dial opens a connection to the first data listener.
func (s *Sidecar) Dial(t testing.TB) *Client {
	t.Helper()
	return Dial(t, s.Addr().Network(), s.Addr().String(), nil)
}

// Dial opens a connection that is closed with the test; secure, unless nil, speaks TLS.
func Dial(t testing.TB, network, address string, secure *tls.Config) *Client {
	t.Helper()
	c, err := net.DialTimeout(network, address, patience)
	if err != nil {
		t.Fatal(err)
	}
	if secure != nil {
		c = tls.Client(c, secure)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return &Client{Conn: c, t: t, r: bufio.NewReader(c)}
}

// Send writes bytes as they are.
func (c *Client) Send(raw string) {
	c.t.Helper()
	if _, err := io.WriteString(c.Conn, raw); err != nil {
		c.t.Fatalf("the request cannot be sent: %v", err)
	}
}

// Post sends a request; fields are whole header lines.
func (c *Client) Post(path, body string, fields ...string) {
	c.t.Helper()
	c.Send(Request("POST", path, body, fields...))
}

// Chat sends a chat request.
func (c *Client) Chat(body string, fields ...string) { c.t.Helper(); c.Post(ChatPath, body, fields...) }

// Request is the text of an HTTP/1.1 request.
func Request(method, path, body string, fields ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", method, path)
	host := false
	for _, f := range fields {
		host = host || strings.HasPrefix(strings.ToLower(f), "host:")
		b.WriteString(f + "\r\n")
	}
	if !host {
		b.WriteString("Host: localhost\r\n")
	}
	if method == "POST" {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	return b.String() + "\r\n" + body
}

// Reset closes the connection with a TCP reset.
func (c *Client) Reset() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Conn.Close()
}

// Answer is what came back.
type Answer struct {
	*http.Response
	Text string
	Err  error // of reading the body; nil: it came to its proper end
}

// Head reads up to the end of the headers.
func (c *Client) Head() *Answer {
	c.t.Helper()
	resp, err := http.ReadResponse(c.r, &http.Request{Method: "POST"})
	if err != nil {
		c.t.Fatalf("no answer: %v", err)
	}
	return &Answer{Response: resp}
}

// Answer reads a whole answer.
func (c *Client) Answer() *Answer {
	c.t.Helper()
	a := c.Head()
	a.rest()
	return a
}

// Rest reads everything up to the connection's end, as it comes.
func (c *Client) Rest() string {
	b, _ := io.ReadAll(c.r)
	return string(b)
}

func (a *Answer) rest() {
	b, err := io.ReadAll(a.Response.Body)
	a.Text, a.Err = a.Text+string(b), err
}

// Rest reads what is left of the body.
func (a *Answer) Rest() string { a.rest(); return a.Text }

// ErrEnd is the end of a stream's events.
var ErrEnd = errors.New("the stream is over")

// Event reads the next event or comment of a stream, with its empty line.
func (a *Answer) Event() (string, error) {
	var e []byte
	var b [1]byte
	for !bytes.HasSuffix(e, []byte("\n\n")) {
		n, err := a.Response.Body.Read(b[:])
		e = append(e, b[:n]...)
		if err == io.EOF && n == 0 {
			if len(e) > 0 {
				return string(e), io.ErrUnexpectedEOF
			}
			return "", ErrEnd
		}
		if err != nil && err != io.EOF {
			return string(e), err
		}
	}
	return string(e), nil
}

// WaitEvent reads events until one holds the word, and returns it.
func (a *Answer) WaitEvent(t testing.TB, word string) string {
	t.Helper()
	for {
		e, err := a.Event()
		if err != nil {
			t.Fatalf("no event with %q came: %v", word, err)
		}
		if strings.Contains(e, word) {
			return e
		}
	}
}

// Failure is an error as callers see it.
type Failure struct {
	Message  string
	Type     string
	Code     *string
	Param    *string
	Metadata struct {
		Attempts []Attempt
		Excluded []struct{ Offer, Why string }
	}
}

// Reasons are the attempts' reasons in order.
func (f *Failure) Reasons() []string {
	var all []string
	for _, a := range f.Metadata.Attempts {
		all = append(all, a.Reason)
	}
	return all
}

// Failure reads the body as an error.
func (a *Answer) Failure(t testing.TB) *Failure {
	t.Helper()
	return ParseFailure(t, a.Text)
}

// ParseFailure reads an error object, or the data of an error event.
func ParseFailure(t testing.TB, text string) *Failure {
	t.Helper()
	var v struct{ Error *Failure }
	if err := json.Unmarshal([]byte(text), &v); err != nil || v.Error == nil {
		t.Fatalf("this is no error object: %v: %q", err, text)
	}
	return v.Error
}

// Stream is what a stream said.
type Stream struct {
	Text     string // all content, joined
	Finish   string
	Done     bool
	Comments int
	Error    *Failure
	Usage    map[string]json.Number
	Events   []string // data of all events but the end marker
}

// ParseStream reads a chat stream's body. It fails on anything that is no event or comment.
func ParseStream(t testing.TB, body string) *Stream {
	t.Helper()
	s := &Stream{}
	if body != "" && !strings.HasSuffix(body, "\n\n") {
		t.Errorf("the stream ends within an event: %q", body)
	}
	for event := range strings.SplitSeq(strings.TrimSuffix(body, "\n\n"), "\n\n") {
		if event == "" {
			continue
		}
		if event[0] == ':' {
			s.Comments++
			continue
		}
		data, ok := strings.CutPrefix(event, "data: ")
		if !ok {
			t.Errorf("this is no event: %q", event)
			continue
		}
		if s.Done {
			t.Errorf("an event follows the end marker: %q", event)
		}
		if data == "[DONE]" {
			s.Done = true
			continue
		}
		s.take(t, data)
	}
	return s
}

func (s *Stream) take(t testing.TB, data string) {
	t.Helper()
	var e struct {
		Choices []struct {
			Delta  struct{ Content string }
			Text   string
			Finish *string `json:"finish_reason"`
		}
		Error *Failure
		Usage map[string]any
	}
	d := json.NewDecoder(strings.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&e); err != nil {
		t.Errorf("an event is not JSON: %v: %q", err, data)
		return
	}
	s.Events = append(s.Events, data)
	for _, c := range e.Choices {
		s.Text += c.Delta.Content + c.Text
		if c.Finish != nil {
			s.Finish = *c.Finish
		}
	}
	if e.Error != nil {
		s.Error = e.Error
	}
	if e.Usage != nil {
		s.Usage = map[string]json.Number{}
		for k, v := range e.Usage {
			if n, ok := v.(json.Number); ok {
				s.Usage[k] = n
			}
		}
	}
}
