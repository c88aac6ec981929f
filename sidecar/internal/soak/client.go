package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// answer is what came back for an ask.
type answer struct {
	started time.Time
	ended   time.Time
	first   time.Time // when the first content came
	gap     time.Duration

	status  int
	header  http.Header
	refusal *refusal // of an error status, or of an error event
	err     error    // the connection did not give an answer to its proper end
	left    bool     // the caller hung up, as it meant to
	late    bool     // the watchdog ended it: a hang
	shown   bool     // a key is in what the caller sees

	said    []segment // by offers in order; one unless it was resumed
	finish  string
	done    bool
	after   bool // something followed the end marker
	usage   *usage
	strange string // what is neither event nor comment
}

// segment is what one offer said.
type segment struct {
	offer string // empty: not known
	text  []byte
	count int // content events
}

// refusal is an error as callers see it.
type refusal struct {
	Message  string
	Type     string
	Code     any
	Metadata struct {
		Attempts []attempt
	}
}

// attempt is one attempt as errors and the access log list it.
type attempt struct {
	Offer  string
	Status int
	Reason string
	MS     float64
}

// usage is what an answer says that it used; Attempts where more offers than one had a part in it.
type usage struct {
	Prompt     int          `json:"prompt_tokens"`
	Completion int          `json:"completion_tokens"`
	Cost       *json.Number `json:"cost"`
	Of         struct {
		Cached int `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
	Attempts []struct {
		Offer      string
		Completion int `json:"completion_tokens"`
		Cost       *json.Number
	}
}

// caller sends asks to souk.
type caller struct {
	url      string
	usual    http.Client
	slow     http.Client // its connections take little at a time
	watchdog time.Duration
}

func newCaller(at string, watchdog time.Duration) *caller {
	transport := func(receive int) *http.Transport {
		d := net.Dialer{Timeout: 10 * time.Second}
		return &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 8192, IdleConnTimeout: time.Minute,
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				c, err := d.DialContext(ctx, network, address)
				if tcp, ok := c.(*net.TCPConn); ok && receive > 0 {
					_ = tcp.SetReadBuffer(receive)
				}
				return c, err
			}}
	}
	return &caller{url: "http://" + at + "/v1/chat/completions", watchdog: watchdog,
		usual: http.Client{Transport: transport(0)}, slow: http.Client{Transport: transport(256 << 10)}}
}

func (c *caller) close() {
	c.usual.CloseIdleConnections()
	c.slow.CloseIdleConnections()
}

var (
	errLate = errors.New("the watchdog ended it")
	errLeft = errors.New("the caller hung up")
)

// ask sends a request and reads what comes back, to its end or to the watchdog's.
func (c *caller) ask(a *ask) *answer {
	ctx, cancel := context.WithTimeoutCause(context.Background(), c.watchdog, errLate)
	defer cancel()
	if a.leaves {
		var leave context.CancelFunc
		ctx, leave = context.WithTimeoutCause(ctx, max(a.leaveAfter, time.Microsecond), errLeft)
		defer leave()
	}
	r := &answer{started: time.Now()}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(a.body(a.called, "")))
	if err != nil {
		r.err = err
		return r
	}
	for name, value := range a.fields() {
		req.Header.Set(name, value)
	}
	client := &c.usual
	if a.slow {
		client = &c.slow
	}
	resp, err := client.Do(req)
	if err == nil {
		r.status, r.header = resp.StatusCode, resp.Header
		err = r.read(ctx, a, resp)
		_ = resp.Body.Close()
	}
	r.ended = time.Now()
	switch cause := context.Cause(ctx); {
	case err == nil:
	case errors.Is(cause, errLeft):
		r.left = true
	case errors.Is(cause, errLate):
		r.late = true
	default:
		r.err = err
	}
	for name, values := range r.header {
		r.shown = r.shown || strings.Contains(name+strings.Join(values, " "), keyMark)
	}
	return r
}

func (r *answer) read(ctx context.Context, a *ask, resp *http.Response) error {
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		var from io.Reader = resp.Body
		if a.slow {
			from = &sipper{ctx: ctx, from: from}
		}
		return r.readStream(from)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err != nil {
		return err
	}
	r.first = time.Now()
	r.shown = bytes.Contains(text, []byte(keyMark))
	var v struct {
		Error   *refusal
		Usage   *usage
		Choices []struct {
			Message struct{ Content string }
			Finish  string `json:"finish_reason"`
		}
	}
	if err := json.Unmarshal(text, &v); err != nil {
		r.strange = clip(string(text))
		return nil
	}
	r.refusal, r.usage = v.Error, v.Usage
	if len(v.Choices) == 1 {
		r.finish, r.done = v.Choices[0].Finish, true
		r.said = []segment{{offer: r.header.Get("X-Souk-Offer"), text: []byte(v.Choices[0].Message.Content)}}
	}
	return nil
}

// sipper reads a little at a time, with pauses.
type sipper struct {
	ctx  context.Context
	from io.Reader
	read int
}

func (s *sipper) Read(p []byte) (int, error) {
	if s.read >= 64<<10 {
		s.read = 0
		select {
		case <-s.ctx.Done():
			return 0, context.Cause(s.ctx)
		case <-time.After(40 * time.Millisecond):
		}
	}
	n, err := s.from.Read(p)
	s.read += n
	return n, err
}

func clip(s string) string {
	if len(s) > 200 {
		return s[:200] + "..."
	}
	return s
}
