package mockllm

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
)

// maxBodyBits bounds what a length may announce: 64 MiB, twice what souk lets through.
const maxBodyBits = 26

// request is what the mock needs to know of one request.
type request struct {
	get     bool
	path    string
	closing bool // the proxy will close the connection
	stream  bool
	ask     Directives
	body    []byte // reused by the next request
}

// read takes one request off the connection.
func (r *request) read(conn net.Conn, br *bufio.Reader) error {
	*r = request{body: r.body[:0], ask: Default()}
	line, err := br.ReadSlice('\n')
	if err != nil {
		return err
	}
	fields := bytes.Fields(line)
	if len(fields) != 3 {
		return errors.New("not a request line")
	}
	r.get, r.path = string(fields[0]) == "GET", string(fields[1])

	length, err := r.readHeaders(conn, br)
	if err != nil {
		return err
	}
	if length < 0 {
		err = r.readChunks(br)
	} else {
		r.body = grow(r.body, length)
		_, err = io.ReadFull(br, r.body)
	}
	if err != nil {
		return err
	}
	r.ask.Parse(modelDirectives(r.body))
	r.stream = isStream(r.body)
	return nil
}

// readHeaders returns the body's length, -1 for chunks. Header names are told apart by length first: this runs for
// every header of every request that the proxies send.
func (r *request) readHeaders(conn net.Conn, br *bufio.Reader) (length int, err error) {
	for {
		line, err := br.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return length, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case is(name, "content-length"):
			n, err := strconv.ParseUint(string(value), 10, maxBodyBits)
			if err != nil {
				return 0, err
			}
			length = int(n)
		case is(name, "transfer-encoding") && is(value, "chunked"):
			length = -1
		case is(name, "connection"):
			r.closing = is(value, "close")
		case is(name, "expect"):
			if _, err := io.WriteString(conn, "HTTP/1.1 100 Continue\r\n\r\n"); err != nil {
				return 0, err
			}
		}
	}
}

func (r *request) readChunks(br *bufio.Reader) error {
	for {
		line, err := br.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 16, maxBodyBits)
		if err != nil {
			return err
		}
		start := len(r.body)
		r.body = grow(r.body, start+int(n)+2) // with the CRLF
		if _, err = io.ReadFull(br, r.body[start:]); err != nil {
			return err
		}
		r.body = r.body[:start+int(n)]
		if n == 0 {
			return nil
		}
	}
}

// modelDirectives is the model's name after its first dot: the one place that survives every gateway.
func modelDirectives(body []byte) string {
	_, after, _ := bytes.Cut(body, []byte(`"model":`))
	after = after[:min(len(after), 80)]
	_, after, _ = bytes.Cut(after, []byte(`"`))
	name, _, closed := bytes.Cut(after, []byte(`"`))
	_, directives, _ := strings.Cut(string(name), ".")
	if !closed {
		return ""
	}
	return directives
}

func isStream(body []byte) bool {
	_, after, _ := bytes.Cut(body, []byte(`"stream":`))
	return bytes.HasPrefix(bytes.TrimLeft(after, " "), []byte("true"))
}

func is(b []byte, lower string) bool {
	return len(b) == len(lower) && bytes.EqualFold(b, []byte(lower))
}

func grow(b []byte, n int) []byte {
	if cap(b) >= n {
		return b[:n]
	}
	return append(make([]byte, 0, n), b...)[:n]
}
