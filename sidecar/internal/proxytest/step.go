package proxytest

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// write sends bytes; the exchange is over when the connection has ended before.
func (x *Exchange) write(text string) {
	if _, err := io.WriteString(x.Conn, text); err != nil {
		x.ended(err)
	}
}

// ended notes when souk ended the connection, for WaitGone. err is what told of it; the test's own end is none of souk's.
func (x *Exchange) ended(err error) {
	known := x.over
	x.over = true
	if known || errors.Is(err, net.ErrClosed) {
		return
	}
	x.Fake.mu.Lock()
	defer x.Fake.mu.Unlock()
	x.Fake.gone = append(x.Fake.gone, time.Now())
	x.Fake.note()
}

// End ends the connection after what was written.
func (x *Exchange) End() { x.over = true }

// Raw sends these bytes and keeps the connection.
func Raw(text string) Step { return func(x *Exchange) { x.write(text) } }

// Then acts out one step after the other.
func Then(steps ...Step) Step {
	return func(x *Exchange) {
		for _, s := range steps {
			if s(x); x.over {
				return
			}
		}
	}
}

// Close closes the connection.
func Close(x *Exchange) { x.over = true }

// HalfClose ends the provider's side of the connection and goes on reading.
func HalfClose(x *Exchange) {
	if tcp, ok := x.Conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
	Hang(x)
}

// Reset ends the connection with a TCP reset.
func Reset(x *Exchange) {
	if tcp, ok := x.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	x.over = true
}

// Hang keeps silent until the connection ends.
func Hang(x *Exchange) {
	_, err := io.Copy(io.Discard, x.Conn)
	x.ended(err)
}

// Until waits for a channel, then goes on.
func Until(ready <-chan struct{}) Step {
	return func(x *Exchange) {
		select {
		case <-ready:
		case <-time.After(patience):
			x.over = true
		}
	}
}

// Every sends a text again and again with a pause of d, until the connection ends.
func Every(d time.Duration, text string) Step {
	return func(x *Exchange) {
		for !x.over {
			if x.write(text); d > 0 {
				time.Sleep(d)
			}
		}
	}
}

// Respond answers with a status, a body of known length and header lines.
func Respond(status int, contentType, body string, fields ...string) Step {
	return func(x *Exchange) {
		head := fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: %s\r\n", status, http.StatusText(status), contentType)
		for _, f := range fields {
			head += f + "\r\n"
		}
		x.write(fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", head, len(body), body))
	}
}

// JSON answers with a JSON body.
func JSON(status int, body string, fields ...string) Step {
	return Respond(status, "application/json", body, fields...)
}

// Error answers with OpenAI's error object.
func Error(status int, code, message string, fields ...string) Step {
	return JSON(status, ErrorBody(code, message), fields...)
}

// ErrorBody is OpenAI's error object.
func ErrorBody(code, message string) string {
	return fmt.Sprintf(`{"error":{"message":%q,"type":"invalid_request_error","param":null,"code":%q}}`, message, code)
}

// Good answers as asked: a whole answer, or a stream with usage when that was asked for.
func Good(x *Exchange) {
	if Streams(x.Body) {
		Then(EventsHead, Chunks(GoodEvents(x.Fake.Name)...), LastChunk)(x)
		return
	}
	JSON(200, GoodAnswer(x.Fake.Name))(x)
}

// Streams tells whether a request asks for a stream.
func Streams(body string) bool { return strings.Contains(body, `"stream":true`) }

// GoodAnswer is a whole answer of 10 tokens in and 20 out.
func GoodAnswer(name string) string {
	return `{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"up-` + name + `","choices":[{"index":0,"message":{"role":"assistant","content":"hello from ` + name +
		`"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30}}`
}

// The head of a stream, and the end of its chunked body.
var (
	EventsHead = Raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
	LastChunk  = Raw("0\r\n\r\n")
)

// Chunks sends each text as a chunk of its own.
func Chunks(texts ...string) Step {
	return func(x *Exchange) {
		for _, text := range texts {
			x.write(Chunk(text))
		}
	}
}

// Chunk is a chunk of a body.
func Chunk(text string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(text), text) }

// GoodEvents are a stream's events: role, two of content, the finish reason, usage, and the end marker.
func GoodEvents(name string) []string {
	return []string{Role, Delta("hello "), Delta("from " + name), Finish("stop"), Usage(10, 20), Done}
}

// Events of a stream.
const (
	Role = `data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}` + "\n\n"
	Done = "data: [DONE]\n\n"
)

// Delta is an event with content.
func Delta(text string) string { return ChoiceDelta(0, text) }

// ChoiceDelta is an event with content of one choice.
func ChoiceDelta(index int, text string) string {
	return fmt.Sprintf(`data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":%d,"delta":{"content":%q},"finish_reason":null}]}`+"\n\n", index, text)
}

// Finish is an event that ends the first choice.
func Finish(reason string) string { return ChoiceFinish(0, reason) }

// ChoiceFinish is an event that ends a choice.
func ChoiceFinish(index int, reason string) string {
	return fmt.Sprintf(`data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":%d,"delta":{},"finish_reason":%q}]}`+"\n\n", index, reason)
}

// Usage is the event with the usage and no choice.
func Usage(input, output int) string {
	return fmt.Sprintf(`data: {"id":"c1","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}}`+"\n\n", input, output, input+output)
}

// Ask is the body of a chat request.
func Ask(stream bool, members ...string) string {
	body := `{"model":"` + Model + `"`
	if stream {
		body += `,"stream":true`
	}
	for _, m := range members {
		body += "," + m
	}
	return body + `,"messages":[{"role":"user","content":"hi"}]}`
}

// After sends a text before the step.
func (s Step) After(text string) Step { return Then(Raw(text), s) }

// Drain reads until the connection ends.
func Drain(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// GzipBomb is a gzip body of so many bytes of white space when it is unpacked.
func GzipBomb(size int) string {
	var out strings.Builder
	z := gzip.NewWriter(&out)
	_, _ = io.CopyN(z, spaces{}, int64(size))
	_ = z.Close()
	return out.String()
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// Beat sends texts with a pause of d before each.
func Beat(d time.Duration, texts ...string) Step {
	return func(x *Exchange) {
		for _, text := range texts {
			time.Sleep(d)
			x.write(text)
		}
	}
}

// WaitRead waits until the other side has read all that was written, so that a reset does not discard it.
func WaitRead(x *Exchange) {
	for unread(x.Conn) > 0 {
		time.Sleep(time.Millisecond)
	}
}

// Gzip is a text as gzip packs it.
func Gzip(text string) string {
	var out strings.Builder
	z := gzip.NewWriter(&out)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return out.String()
}
