package e2etest

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Client is a caller whose connections end with the test. It follows no redirects.
func Client(t testing.TB) *http.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Chat is a chat request for the model that the examples' providers serve. Directives are of the simulated provider, such as
// tokens=20,rate=20.
func Chat(t testing.TB, origin string, stream bool, directives string) *http.Request {
	t.Helper()
	text := "hello"
	if directives != "" {
		text += " [[sim:" + directives + "]]"
	}
	body, err := json.Marshal(map[string]any{
		"model": "souk/sim-model", "stream": stream,
		"messages": []any{map[string]any{"role": "user", "content": text}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), "POST", origin+"/v1/chat/completions", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	return r
}

// Slowly makes a caller take that long to send a request's body.
func Slowly(r *http.Request, pause time.Duration) {
	r.Body = &slowBody{ReadCloser: r.Body, pause: time.After(pause)}
}

// slowBody has its end only when the pause is over.
type slowBody struct {
	io.ReadCloser
	pause <-chan time.Time
	held  byte
	holds bool
}

func (b *slowBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 1 && !b.holds {
		b.held, b.holds = p[n-1], true
		return n - 1, nil
	}
	if b.holds && n == 0 && b.pause != nil {
		<-b.pause
		b.pause = nil
		p[0] = b.held
		return 1, nil
	}
	return n, err
}

// Answer is a whole answer.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Code is the code of an error in OpenAI's shape, empty if the answer is none.
func (a Answer) Code() string {
	var e struct{ Error struct{ Code string } }
	_ = json.Unmarshal([]byte(a.Body), &e) // what is no JSON has no code
	return e.Error.Code
}

// Do sends a request and reads its answer to the end.
func Do(t testing.TB, c *http.Client, r *http.Request) Answer {
	t.Helper()
	a, err := Try(c, r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Try is Do for a test that expects errors.
func Try(c *http.Client, r *http.Request) (Answer, error) {
	res, err := c.Do(r)
	if err != nil {
		return Answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return Answer{Status: res.StatusCode, Header: res.Header, Body: string(body)}, err
}

// Stream is what a caller saw of a stream of events.
type Stream struct {
	Answer
	At   []time.Duration // when each event came, from the request on
	Done bool            // it ended with [DONE]
	Err  error           // the connection's
}

// Follow reads a stream of events to its end; event, unless nil, is called with the number of each.
func Follow(t testing.TB, c *http.Client, r *http.Request, event func(int)) Stream {
	t.Helper()
	begin := time.Now()
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	s := Stream{Answer: Answer{Status: res.StatusCode, Header: res.Header}}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		if data == "[DONE]" {
			s.Done = true
			continue
		}
		s.Body += data + "\n"
		s.At = append(s.At, time.Since(begin))
		if event != nil {
			event(len(s.At))
		}
	}
	s.Err = lines.Err()
	return s
}
