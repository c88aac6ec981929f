package upstream

import (
	"bytes"
	"io"
)

// body is where a connection stands in its answer's body.
type body struct {
	mode   bodyMode
	left   int64 // bytes left of the whole body or of the chunk
	done   bool  // read to its proper end
	closes bool  // the provider closes the connection after it
	extra  int   // bytes of trailers seen
}

type bodyMode uint8

const (
	bodyLength bodyMode = iota
	bodyUntilClose
	chunkSize
	chunkData
	chunkEnd
	trailers
)

const (
	maxChunkLine = 256      // a chunk-size line with its extensions
	maxTrailers  = 16 << 10 //
)

func (b *body) begin(status int, chunked bool, length int64) {
	switch {
	case status == 204 || status == 304 || length == 0:
		b.done = true
	case chunked:
		b.mode = chunkSize
	case length > 0:
		b.mode, b.left = bodyLength, length
	default:
		b.mode, b.closes = bodyUntilClose, true
	}
}

// Framed tells whether the end of the body is marked, so that a cut cannot pass for an end.
func (c *Conn) Framed() bool { return c.body.mode != bodyUntilClose }

// Next returns the bytes of the body that one read brought, without their chunk framing. They hold until the next
// call. It returns io.EOF at the proper end, io.ErrUnexpectedEOF when the connection ends before it.
func (c *Conn) Next() ([]byte, error) {
	for {
		if c.body.done {
			return nil, io.EOF
		}
		if c.r < c.w {
			p, err := c.decode()
			if len(p) > 0 || err != nil {
				return p, err
			}
			if c.body.done {
				continue
			}
		}
		if err := c.fill(bufferSize); err != nil {
			if err != io.EOF {
				return nil, err
			}
			return nil, c.closed()
		}
	}
}

// Rest takes what is left of a body of a known length, if all of it has been read from the connection.
func (c *Conn) Rest() ([]byte, bool) {
	if c.body.mode != bodyLength || c.body.done || int64(c.w-c.r) < c.body.left {
		return nil, false
	}
	p, err := c.decode()
	return p, err == nil
}

// closed is what the end of the connection means for the body. An end that Abort made is nobody's.
func (c *Conn) closed() error {
	if c.body.mode == bodyUntilClose && !c.Aborted() {
		c.body.done = true
		return io.EOF
	}
	return io.ErrUnexpectedEOF
}

// decode takes the body's bytes out of the buffer, closing the gaps that chunk framing leaves.
func (c *Conn) decode() ([]byte, error) {
	switch c.body.mode {
	case bodyUntilClose:
		p := c.buf[c.r:c.w]
		c.r = c.w
		return p, nil
	case bodyLength:
		n := min(int64(c.w-c.r), c.body.left)
		p := c.buf[c.r : c.r+int(n)]
		c.r += int(n)
		c.body.left -= n
		c.body.done = c.body.left == 0
		return p, nil
	}
	start := c.r
	end := start // of the decoded bytes
	for c.r < c.w && !c.body.done {
		if c.body.mode == chunkData {
			n := int(min(int64(c.w-c.r), c.body.left))
			if end == start {
				start, end = c.r, c.r
			} else if end != c.r {
				copy(c.buf[end:], c.buf[c.r:c.r+n])
			}
			end += n
			c.r += n
			if c.body.left -= int64(n); c.body.left == 0 {
				c.body.mode = chunkEnd
			}
			continue
		}
		i := bytes.IndexByte(c.buf[c.r:c.w], '\n')
		if i < 0 {
			if c.w-c.r > maxChunkLine {
				return nil, ErrMalformed
			}
			break
		}
		line := c.buf[c.r : c.r+i]
		c.r += i + 1
		if err := c.body.line(line); err != nil {
			return nil, err
		}
	}
	return c.buf[start:end], nil
}

// line takes one line of chunk framing, without its LF (RFC 9112, section 7.1).
func (b *body) line(line []byte) error {
	if len(line) == 0 || line[len(line)-1] != '\r' {
		return ErrMalformed
	}
	line = line[:len(line)-1]
	switch b.mode {
	case chunkEnd:
		if len(line) != 0 {
			return ErrMalformed
		}
		b.mode = chunkSize
	case chunkSize:
		size, ok := chunkLength(line)
		if !ok {
			return ErrMalformed
		}
		b.mode, b.left = chunkData, size
		if size == 0 {
			b.mode = trailers
		}
	case trailers:
		if b.extra += len(line); b.extra > maxTrailers {
			return ErrOversize
		}
		b.done = len(line) == 0
	}
	return nil
}

func chunkLength(line []byte) (int64, bool) {
	if i := bytes.IndexByte(line, ';'); i >= 0 {
		line = line[:i]
	}
	line = bytes.TrimRight(line, " \t")
	if len(line) == 0 || len(line) > 15 {
		return 0, false
	}
	var n int64
	for _, c := range line {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		n = n<<4 | int64(c)
	}
	return n, true
}
