package wire

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

const maxHead = 64 << 10

// state is where in a response the parser stands.
type state uint8

const (
	inHead state = iota
	inBody       // counted by Content-Length
	inChunkSize
	inChunk
	afterChunk // its CRLF
	atEnd      // the CRLF after the last chunk
	untilClose // a body without a length
	complete
)

// Parser reads one HTTP/1.1 response after another, in pieces of any size. It knows as much of RFC 9112 as proxies
// send to a client that asks for nothing special: no trailers, no obs-fold.
type Parser struct {
	Answer Answer
	Trace  *Trace // may be nil

	state   state
	left    int    // bytes left in the body, chunk or line end
	head    []byte // up to and with the empty line
	size    []byte // a chunk size line that a read cut in two
	stream  bool
	events  events
	hasBody bool
}

// Reset makes the parser ready for the next response; what it reported before is gone.
func (p *Parser) Reset(trace *Trace) {
	*p = Parser{Trace: trace, head: p.head[:0], size: p.size[:0], events: events{line: p.events.line[:0]}}
}

// Feed takes what one read brought at the time now (Unix nanoseconds) and tells whether the response is complete.
// Bytes after the response's end are an error: no request was pipelined.
func (p *Parser) Feed(b []byte, now int64) (bool, error) {
	p.events.inRead = 0
	for len(b) > 0 {
		var err error
		switch p.state {
		case inHead:
			b, err = p.feedHead(b)
		case inBody, inChunk:
			b = p.feedCounted(b, now)
		case inChunkSize:
			b, err = p.feedChunkSize(b)
		case afterChunk, atEnd:
			b, err = p.feedLineEnd(b)
		case untilClose:
			p.body(b, now)
			b = nil
		case complete:
			return true, fmt.Errorf("%d bytes after the end of the response", len(b))
		}
		if err != nil {
			return false, err
		}
	}
	return p.state == complete, nil
}

// Closed tells whether the response is complete now that the peer closed the connection.
func (p *Parser) Closed() bool { return p.state == complete || p.state == untilClose && p.hasBody }

// Header is the value of a header of the response that was fed last; the name is compared without case.
func (p *Parser) Header(name string) string {
	_, rest, _ := bytes.Cut(p.head, []byte("\r\n"))
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		key, value, ok := bytes.Cut(line, []byte(":"))
		if ok && bytes.EqualFold(key, []byte(name)) {
			return string(bytes.TrimSpace(value))
		}
	}
	return ""
}

func (p *Parser) feedHead(b []byte) (rest []byte, err error) {
	before := len(p.head)
	p.head = append(p.head, b...)
	end := bytes.Index(p.head, []byte("\r\n\r\n"))
	if end < 0 {
		if len(p.head) > maxHead {
			return nil, errors.New("response head over 64 KiB")
		}
		return nil, nil
	}
	p.head = p.head[:end+4]
	rest = b[len(p.head)-before:]

	if len(p.head) < 16 || !bytes.HasPrefix(p.head, []byte("HTTP/1.")) {
		return nil, fmt.Errorf("not an HTTP/1 status line: %.20q", p.head)
	}
	if p.Answer.Status, err = strconv.Atoi(string(p.head[9:12])); err != nil {
		return nil, fmt.Errorf("not a status code: %q", p.head[9:12])
	}
	if p.Answer.Status/100 == 1 { // an interim response; the real one follows
		p.head = p.head[:0]
		return rest, nil
	}
	return rest, p.frame()
}

// frame decides from the head how the body ends (RFC 9112, section 6.3).
func (p *Parser) frame() error {
	p.Answer.Close = bytes.EqualFold([]byte(p.Header("Connection")), []byte("close"))
	p.stream = bytes.HasPrefix([]byte(p.Header("Content-Type")), []byte("text/event-stream"))
	switch length := p.Header("Content-Length"); {
	case p.Header("Transfer-Encoding") == "chunked":
		p.state = inChunkSize
	case p.Answer.Status == 204 || p.Answer.Status == 304:
		p.state = complete
	case length != "":
		n, err := strconv.ParseUint(length, 10, 31)
		if err != nil {
			return fmt.Errorf("not a content length: %q", length)
		}
		p.left, p.state = int(n), inBody
		if n == 0 {
			p.state = complete
		}
	default:
		p.state, p.Answer.Close = untilClose, true
	}
	return nil
}

func (p *Parser) feedCounted(b []byte, now int64) (rest []byte) {
	n := min(len(b), p.left)
	p.body(b[:n], now)
	if p.left -= n; p.left == 0 {
		if p.state == inBody {
			p.state = complete
		} else {
			p.state, p.left = afterChunk, 2
		}
	}
	return b[n:]
}

func (p *Parser) feedChunkSize(b []byte) (rest []byte, err error) {
	line, rest, whole := bytes.Cut(b, []byte("\n"))
	p.size = append(p.size, line...)
	if len(p.size) > 64 {
		return nil, fmt.Errorf("chunk size line over 64 bytes: %.20q", p.size)
	}
	if !whole {
		return nil, nil
	}
	digits, _, _ := bytes.Cut(bytes.TrimSuffix(p.size, []byte("\r")), []byte(";"))
	n, err := strconv.ParseUint(string(digits), 16, 31)
	if err != nil {
		return nil, fmt.Errorf("not a chunk size: %q", p.size)
	}
	p.size = p.size[:0]
	if n == 0 {
		p.state, p.left = atEnd, 2
	} else {
		p.state, p.left = inChunk, int(n)
	}
	return rest, nil
}

func (p *Parser) feedLineEnd(b []byte) (rest []byte, err error) {
	n := min(len(b), p.left)
	for i, c := range b[:n] {
		if c != "\r\n"[2-p.left+i] {
			return nil, errors.New("a chunk does not end with CRLF, or trailers follow the last one")
		}
	}
	if p.left -= n; p.left == 0 {
		if p.state == atEnd {
			p.state = complete
		} else {
			p.state = inChunkSize
		}
	}
	return b[n:], nil
}

func (p *Parser) body(b []byte, now int64) {
	p.hasBody = true
	p.Answer.Bytes += int64(len(b))
	if p.stream {
		p.events.feed(b, now, &p.Answer, p.Trace)
	}
}
