// Package framing decides where a caller's requests end, strictly by RFC 9112, before fasthttp does. What two readers of a connection could
// understand differently (a gateway in front of souk, and souk) is refused here, so that no request can hide in another's body.
// It keeps nothing of a request but what the next bytes are judged by, and looks at a body of known length not at all.
package framing

import "bytes"

// Error is why a request is refused.
type Error struct {
	Status int    // of the answer
	Rule   string // what is wrong, and the section that says so
}

func (e *Error) Error() string { return e.Rule }

// Checker follows the requests on one connection. The zero value with a Limit is ready.
type Checker struct {
	// Limit is how long a request line and its header lines may be together, in bytes.
	Limit int
	// Heads is how many requests' heads have been passed on, up to the empty line behind them.
	Heads uint64

	state state
	err   *Error
	line  []byte // the beginning of a line whose end has not come
	head  int    // bytes of the head so far
	left  int64  // of a body of known length, or of a chunk
	extra int    // bytes of trailers
	request
}

// request is what is known of the request whose head is read.
type request struct {
	begun   bool // a byte of it has been passed on
	blank   bool // an empty line came before it
	old     bool // HTTP/1.0
	chunked bool
	sized   bool
	hosts   int
}

type state uint8

const (
	requestLine state = iota
	fieldLines
	sizedBody
	chunkSize
	chunkData
	chunkEnd
	trailerLines
)

const (
	maxTarget    = 8 << 10 // RFC 9112, section 3, asks for 8000 at least
	maxMethod    = 32
	maxChunkLine = 256 // a chunk's size with its extensions
	maxTrailers  = 8 << 10
)

// Check takes the next bytes of the connection. It returns how many of them may be passed on; with an error the connection is not to be
// read from again. Of a request that is refused one byte at least is passed on, so that whoever reads knows that there was one.
func (c *Checker) Check(p []byte) (good int, err *Error) {
	if c.err != nil {
		return 0, c.err
	}
	began := 0 // where in p the running request did; 0: before
	for i := 0; i < len(p); {
		switch c.state {
		case sizedBody, chunkData:
			n := int(min(int64(len(p)-i), c.left))
			i += n
			if c.left -= int64(n); c.left == 0 {
				c.bodyEnds()
				began = i
			}
			continue
		case requestLine:
			if !c.begun && len(c.line) == 0 {
				began = i
			}
		}
		end := bytes.IndexByte(p[i:], '\n')
		if end < 0 {
			if c.err = c.keep(p[i:]); c.err != nil {
				return c.refuse(began), c.err
			}
			break
		}
		line := p[i : i+end]
		if len(c.line) > 0 {
			if c.err = c.keep(line); c.err != nil {
				return c.refuse(began), c.err
			}
			line = c.line
		}
		i += end + 1
		if c.err = c.take(line); c.err != nil {
			return c.refuse(began), c.err
		}
		c.line = c.line[:0]
	}
	if c.state != requestLine || len(c.line) > 0 {
		c.begun = true
	}
	return len(p), nil
}

// refuse is how many of the bytes may be passed on when the request that began at one of them is refused.
func (c *Checker) refuse(began int) int {
	c.line = nil
	if c.begun {
		return 0
	}
	return began + 1
}

// keep remembers a part of a line.
func (c *Checker) keep(part []byte) *Error {
	if c.state == requestLine && len(c.line) == 0 && !tokenByte[part[0]] && part[0] != '\r' {
		return badRequest("a request begins with its method (RFC 9112, section 3)")
	}
	c.line = append(c.line, part...)
	switch {
	case c.state <= fieldLines && c.head+len(c.line) > c.Limit:
		return tooLarge
	case c.state == requestLine && len(c.line) > maxMethod && bytes.IndexByte(c.line[:maxMethod+1], ' ') < 0:
		return badMethod
	case c.state == requestLine && len(c.line) > maxMethod+maxTarget+len(" HTTP/1.1\r"):
		return longTarget
	case c.state == chunkSize && len(c.line) > maxChunkLine, c.state == chunkEnd && len(c.line) > 1,
		c.state == trailerLines && c.extra+len(c.line) > maxTrailers:
		return badChunk
	}
	return nil
}

// take judges a line, which has lost its LF.
func (c *Checker) take(line []byte) *Error {
	if len(line) == 0 || line[len(line)-1] != '\r' {
		return badRequest("a line ends with LF alone (RFC 9112, section 2.2)")
	}
	size := len(line) + 1
	line = line[:len(line)-1]
	switch c.state {
	case chunkSize:
		return c.chunk(line)
	case chunkEnd:
		if len(line) > 0 {
			return badChunk
		}
		c.state = chunkSize
		return nil
	case trailerLines:
		return c.trailer(line, size)
	}
	if c.head += size; c.head > c.Limit {
		return tooLarge
	}
	if c.state == requestLine {
		return c.begin(line)
	}
	if len(line) == 0 {
		return c.headEnds()
	}
	return c.field(line)
}

// headEnds finds out where the request ends (RFC 9112, section 6.3).
func (c *Checker) headEnds() *Error {
	switch {
	case c.hosts == 0 && !c.old:
		return badRequest("the Host header is missing (RFC 9112, section 3.2)")
	case c.chunked && c.sized:
		return badRequest("the request has both Content-Length and Transfer-Encoding; send one (RFC 9112, section 6.3)")
	}
	c.Heads++
	switch {
	case c.chunked:
		c.state = chunkSize
	case c.left > 0:
		c.state = sizedBody
	default:
		c.next()
	}
	return nil
}

// bodyEnds is called when the bytes of a body, or of a chunk, have come.
func (c *Checker) bodyEnds() {
	if c.state == chunkData {
		c.state = chunkEnd
		return
	}
	c.next()
}

// next begins to wait for a request.
func (c *Checker) next() {
	c.state, c.head, c.left, c.extra, c.request = requestLine, 0, 0, 0, request{}
}
