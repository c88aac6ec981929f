package mockllm

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The parts of a stream. Each chunk carries the time of its write as "T<unix ns>" in delta.content, so that a load
// generator on the same machine can measure its way.
const (
	streamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache\r\n" +
		"x-request-id: mock-1\r\nTransfer-Encoding: chunked\r\n\r\n"
	eventHead = `data: {"id":"chatcmpl-mock000000000000000000000","object":"chat.completion.chunk",` +
		`"created":1700000000,"model":"mock","choices":[`
	beforeStamp = eventHead + `{"index":0,"delta":{"content":"T`
	afterStamp  = ` "},"finish_reason":null}]}` + "\n\n"
	finish      = eventHead + `{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n"
	usage       = eventHead + `],"usage":{"prompt_tokens":1024,"completion_tokens":200,"total_tokens":1224}}` + "\n\n"
	done        = "data: [DONE]\n\n"

	stampLength = 19 // digits of a Unix time in nanoseconds
)

// canned are the answers that never change, made once.
type canned struct {
	small     []byte
	chunkHead string
	streamEnd string
}

func newCanned() *canned {
	chunk := func(s string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(s), s) }
	return &canned{
		small:     plainAnswer(0),
		chunkHead: fmt.Sprintf("%x\r\n", len(beforeStamp)+stampLength+len(afterStamp)),
		streamEnd: chunk(finish) + chunk(usage) + chunk(done) + "0\r\n\r\n",
	}
}

func (c *canned) appendChunk(b []byte, now time.Time) []byte {
	b = append(b, c.chunkHead...)
	b = append(b, beforeStamp...)
	b = strconv.AppendInt(b, now.UnixNano(), 10)
	b = append(b, afterStamp...)
	return append(b, "\r\n"...)
}

// plainAnswer is a whole answer of about 1 KiB, or of the given size.
func plainAnswer(sizeKiB int) []byte {
	const sentence = "The quick brown fox jumps over the lazy dog. "
	length := 640
	if sizeKiB > 0 {
		length = sizeKiB*1024 - 400
	}
	text := strings.Repeat(sentence, length/len(sentence)+1)[:length]
	return withLength(200, `{"id":"chatcmpl-mock000000000000000000000","object":"chat.completion","created":1700000000,`+
		`"model":"mock","choices":[{"index":0,"message":{"role":"assistant","content":"`+text+`","refusal":null},`+
		`"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":1024,"completion_tokens":160,`+
		`"total_tokens":1184},"service_tier":"default","system_fingerprint":"fp_mock"}`)
}

func faultAnswer(status int) []byte {
	return withLength(status, fmt.Sprintf(
		`{"error":{"message":"mock fault %d","type":"mock_error","param":null,"code":"mock"}}`, status))
}

func withLength(status int, body string) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 %d Mock\r\nContent-Type: application/json\r\nx-request-id: mock-1\r\n"+
		"Content-Length: %d\r\n\r\n%s", status, len(body), body)
}
