package upstream

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"testing"
	"time"
)

// chunked is a connection whose reads give so many bytes each of a text, then an end.
type chunked struct {
	net.Conn
	text string
	size int
}

func (c *chunked) Read(p []byte) (int, error) {
	if c.text == "" {
		return 0, io.EOF
	}
	n := min(len(p), len(c.text), max(c.size, 1))
	copy(p, c.text[:n])
	c.text = c.text[n:]
	return n, nil
}

func (*chunked) Close() error                { return nil }
func (*chunked) SetDeadline(time.Time) error { return nil }

func reading(text string, size int) *Conn {
	raw := &chunked{text: text, size: size}
	return &Conn{net: raw, raw: raw, origin: &Origin{}}
}

// answer reads a whole answer; the error is what ended it before its end.
func answer(text string, size int) (h Head, fields, body []byte, err error) {
	c := reading(text, size)
	if err = c.ReadHead(&h, 64<<10, func() time.Time { return time.Unix(0, 0) }); err != nil {
		return h, nil, nil, err
	}
	fields = h.Keep(nil)
	for {
		p, err := c.Next()
		body = append(body, p...)
		if err == io.EOF {
			return h, fields, body, nil
		}
		if err != nil {
			return h, fields, body, err
		}
	}
}

func TestAnAnswerIsReadAsRFC9112HasIt(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	cases := []struct {
		name, text string
		body       string
		err        error
	}{
		{"with a length", ok + "Content-Length: 5\r\n\r\nhello", "hello", nil},
		{"with more than its length", ok + "Content-Length: 5\r\n\r\nhello again", "hello", nil},
		{"with the same length twice", ok + "Content-Length: 5\r\ncontent-length: 5\r\n\r\nhello", "hello", nil},
		{"up to the connection's end", ok + "\r\nhello", "hello", nil},
		{"in chunks", ok + "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "hello", nil},
		{"in chunks with extensions and trailers", ok + "transfer-encoding: Chunked\r\n\r\n3;a=b\r\nhel\r\n00002 \r\nlo\r\n0\r\nX: y\r\n\r\n", "hello", nil},
		{"after an interim answer", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok + "Content-Length: 5\r\n\r\nhello", "hello", nil},
		{"without a reason", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "", nil},
		{"204, which has no body", "HTTP/1.1 204 No Content\r\n\r\nhello", "", nil},
		{"cut in its length", ok + "Content-Length: 9\r\n\r\nhello", "hello", io.ErrUnexpectedEOF},
		{"cut in a chunk", ok + "Transfer-Encoding: chunked\r\n\r\n9\r\nhello", "hello", io.ErrUnexpectedEOF},
		{"cut before the last chunk", ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "hello", io.ErrUnexpectedEOF},
		{"cut in the trailers", ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", "hello", io.ErrUnexpectedEOF},
		{"cut in the head", "HTTP/1.1 200 O", "", io.EOF},
		{"two lengths", ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "", ErrMalformed},
		{"a list of lengths", ok + "Content-Length: 5, 5\r\n\r\nhello", "", ErrMalformed},
		{"a length with a sign", ok + "Content-Length: +5\r\n\r\nhello", "", ErrMalformed},
		{"a length and chunks", ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "", ErrMalformed},
		{"another coding", ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "", ErrMalformed},
		{"chunks twice", ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "", ErrMalformed},
		{"a folded line", ok + "A: b\r\n c\r\n\r\n", "", ErrMalformed},
		{"a space before the colon", ok + "A : b\r\n\r\n", "", ErrMalformed},
		{"a line without a colon", ok + "A\r\n\r\n", "", ErrMalformed},
		{"a line that ends in LF", ok + "A: b\nB: c\r\n\r\n", "", ErrMalformed},
		{"a control character", ok + "A: b\x00c\r\n\r\n", "", ErrMalformed},
		{"HTTP/2", "HTTP/2.0 200 OK\r\n\r\n", "", ErrMalformed},
		{"a switch of protocols", "HTTP/1.1 101 Switching\r\n\r\n", "", ErrMalformed},
		{"a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", "", ErrMalformed},
		{"a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", "", ErrMalformed},
		{"nothing but empty lines", "\r\n\r\n", "", ErrMalformed},
		{"an empty line first", "\n\r\n\r\n", "", ErrMalformed},
		{"empty lines first", "\n\n\r\n\r\n" + ok, "", ErrMalformed},
		{"interim answers without end", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 100), "", ErrMalformed},
		{"a chunk size that is none", ok + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "", ErrMalformed},
		{"a chunk size with a sign", ok + "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello", "", ErrMalformed},
		{"a chunk size beyond all bounds", ok + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", "", ErrMalformed},
		{"a chunk longer than it says", ok + "Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n", "", ErrMalformed},
		{"a chunk line without end", ok + "Transfer-Encoding: chunked\r\n\r\n5;" + strings.Repeat("x", 20<<10), "", ErrMalformed},
		{"trailers without end", ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + strings.Repeat("X: y\r\n", 10<<10), "", ErrOversize},
		{"headers without end", ok + strings.Repeat("X-Filler: y\r\n", 10<<10), "", ErrOversize},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{1, 2, 3, 7, 64, 1 << 20} {
				_, _, body, err := answer(c.text, size)
				if !errors.Is(err, c.err) {
					t.Fatalf("read %d bytes at a time it ends with %v; expected %v", size, err, c.err)
				}
				// What a broken frame brought before it broke may depend on the reads.
				if (c.err == nil || c.err == io.ErrUnexpectedEOF) && string(body) != c.body {
					t.Errorf("read %d bytes at a time the body is %q; expected %q", size, body, c.body)
				}
			}
		})
	}
}

func TestAConnectionIsKeptOnlyAsItsAnswerAllows(t *testing.T) {
	for head, keeps := range map[string]bool{
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":                           true,
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n":      false,
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x, close\r\n\r\n":   false,
		"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n":                           false,
		"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n": true,
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore":                       false,
		"HTTP/1.1 200 OK\r\n\r\n":                                                false,
	} {
		c := reading(head, 1<<20)
		c.origin = &Origin{}
		var h Head
		if err := c.ReadHead(&h, 1<<10, time.Now); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Next(); err != io.EOF {
			t.Fatalf("%q: %v", head, err)
		}
		c.Release(time.Now())
		if kept := len(c.origin.idle) == 1; kept != keeps {
			t.Errorf("kept after %q: %v", head, kept)
		}
	}
}

func TestRetryAfterIsReadInItsForms(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"7": 7 * time.Second, "0": 0, "0.5": 500 * time.Millisecond, "-3": 0, "1e9": time.Hour, "NaN": 0, "Inf": time.Hour, "soon": 0, "": 0,
		"Sun, 22 Nov 2026 10:00:30 GMT": 30 * time.Second, "Sun, 22 Nov 2026 09:00:00 GMT": 0, "Sunday, 22-Nov-26 10:00:05 GMT": 5 * time.Second, "Sun, 22 Nov 2036 10:00:30 GMT": time.Hour,
	} {
		if got := retryAfter([]byte(value), now); got != want {
			t.Errorf("Retry-After: %s is %v; expected %v", value, got, want)
		}
	}
}

func TestOfManyRetryAfterLinesTheLastCountsAndIsTheOnlyOneRead(t *testing.T) {
	for last, want := range map[string]time.Duration{"7": 7 * time.Second, "never": 0} {
		c := reading("HTTP/1.1 429 Too Many Requests\r\n"+strings.Repeat("Retry-After: 3\r\nRetry-After: Mon\r\n", 1000)+"Retry-After: "+last+"\r\nContent-Length: 0\r\n\r\n", 1<<20)
		var h Head
		asked := 0
		err := c.ReadHead(&h, 64<<10, func() time.Time { asked++; return time.Unix(0, 0) })
		if err != nil || h.RetryAfter != want || asked != 1 {
			t.Errorf("%s: %v (%v) after %d looks at the clock; expected %v after one", last, h.RetryAfter, err, asked, want)
		}
	}
}

// FuzzAnswer holds that nothing that a provider sends panics, that a read's size changes nothing, and that what net/http reads
// as an answer without error has the same status and body here, or is refused.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x\r\nlo\r\n0\r\nA: b\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404 Not\r\n\r\nbye", "\n\r\n\r\n", "HTTP/1.1 200 \n\r\n\r\n", "HTTP/1.1 204 x\r\nConnection: a, close\r\n\r\n",
	} {
		f.Add(seed, 3)
	}
	f.Fuzz(func(t *testing.T, text string, size int) {
		h, fields, body, err := answer(text, 1<<20)
		again, fieldsAgain, bodyAgain, errAgain := answer(text, size%97)
		if (err == nil) != (errAgain == nil) || err == nil && (h.Status != again.Status || !bytes.Equal(body, bodyAgain) || !bytes.Equal(fields, fieldsAgain)) {
			t.Fatalf("%q is read as %d %q %v at once and as %d %q %v in pieces", text, h.Status, body, err, again.Status, bodyAgain, errAgain)
		}
		if err != nil {
			return
		}
		r := bufio.NewReader(strings.NewReader(text))
		for {
			resp, std := http.ReadResponse(r, nil)
			if std != nil {
				return // net/http is stricter in places
			}
			want, std := io.ReadAll(resp.Body)
			if resp.StatusCode < 200 && resp.StatusCode != 101 {
				continue
			}
			if std != nil {
				return
			}
			if h.Status != resp.StatusCode || h.Status != 304 && !bytes.Equal(want, body) {
				t.Fatalf("%q is %d %q here and %d %q to net/http", text, h.Status, body, resp.StatusCode, want)
			}
			return
		}
	})
}

// FuzzChunks holds that a body that a chunk writer wrote comes out as it went in, however it is cut into chunks and reads.
func FuzzChunks(f *testing.F) {
	f.Add("hello, world", 3, 5)
	f.Add(strings.Repeat("x", 20<<10), 9000, 8192)
	f.Add("", 1, 1)
	f.Fuzz(func(t *testing.T, body string, chunk, size int) {
		var text bytes.Buffer
		text.WriteString("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		w := httputil.NewChunkedWriter(&text)
		chunk = max(chunk%10_000, 1)
		for rest := body; rest != ""; {
			n := min(chunk, len(rest))
			if _, err := io.WriteString(w, rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		_ = w.Close()
		text.WriteString("\r\n")
		_, _, got, err := answer(text.String(), max(size%10_000, 1))
		if err != nil || string(got) != body {
			t.Fatalf("%d bytes in chunks of %d came out as %d bytes (%v)", len(body), chunk, len(got), err)
		}
	})
}
