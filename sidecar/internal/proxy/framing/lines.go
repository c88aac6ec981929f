package framing

import (
	"bytes"
	"encoding/binary"
	"strings"
)

func badRequest(rule string) *Error { return &Error{400, rule} }

// What is refused for its size, or because souk does not speak it.
var (
	tooLarge   = &Error{431, "the request line and headers are larger than limits.headers; send fewer or shorter ones"}
	longTarget = &Error{414, "the request target is longer than 8192 bytes; send a shorter one"}
	badMethod  = &Error{501, "the method is longer than any that there is"}
	badChunk   = badRequest("the chunked body is not as RFC 9112, section 7.1, has it")
	badVersion = &Error{505, "souk speaks HTTP/1.1 and HTTP/1.0 here"}
	badCoding  = &Error{501, "the transfer coding is not chunked alone; send the body chunked, or with its Content-Length (RFC 9112, section 6.1)"}
	badExpect  = &Error{417, "Expect asks for something else than 100-continue (RFC 9110, section 10.1.1)"}
)

// begin takes the request line (RFC 9112, section 3), or one empty line before it (section 2.2).
func (c *Checker) begin(line []byte) *Error {
	if len(line) == 0 && !c.blank {
		c.blank = true
		return nil
	}
	method, rest, _ := bytes.Cut(line, []byte(" "))
	target, version, found := bytes.Cut(rest, []byte(" "))
	switch {
	case len(method) == 0 || !all(method, &tokenByte):
		return badRequest("a request begins with its method (RFC 9112, section 3)")
	case len(method) > maxMethod:
		return badMethod
	case !found || len(target) == 0:
		return badRequest("the request line is not method, target and version with one space between them (RFC 9112, section 3)")
	case len(target) > maxTarget:
		return longTarget
	case !all(target, &targetByte) || !ofKnownForm(method, target):
		return badRequest("the request target is neither a path nor an http URI, or holds what neither may (RFC 9112, section 3.2)")
	case string(version) == "HTTP/1.1":
	case string(version) == "HTTP/1.0":
		c.old = true
	case len(version) == 8 && string(version[:5]) == "HTTP/" && digit(version[5]) && version[6] == '.' && digit(version[7]):
		return badVersion
	default:
		return badRequest("the request line does not end with its version (RFC 9112, section 2.3)")
	}
	c.state = fieldLines
	return nil
}

// ofKnownForm tells whether a target is a path, an http URI whose authority has no user in it (RFC 9110, section 4.2.4), or the asterisk
// of OPTIONS. The form of CONNECT is for proxies that tunnel.
func ofKnownForm(method, target []byte) bool {
	if target[0] == '/' {
		return true
	}
	for _, scheme := range []string{"http://", "https://"} {
		if len(target) > len(scheme) && bytes.EqualFold(target[:len(scheme)], []byte(scheme)) {
			authority := target[len(scheme):]
			if i := bytes.IndexAny(authority, "/?"); i >= 0 {
				authority = authority[:i]
			}
			return len(authority) > 0 && all(authority, &hostByte)
		}
	}
	return string(target) == "*" && string(method) == "OPTIONS"
}

// field takes a header line (RFC 9112, section 5).
func (c *Checker) field(line []byte) *Error {
	name, value, err := cut(line)
	if err != nil {
		return err
	}
	switch len(name) {
	case 4:
		if bytes.EqualFold(name, []byte("host")) {
			if value = trim(value); len(value) == 0 || c.hosts > 0 || !all(value, &hostByte) {
				return badRequest("the Host header comes twice, is empty, or is no host with a port (RFC 9112, section 3.2)")
			}
			c.hosts++
		}
	case 6:
		if bytes.EqualFold(name, []byte("expect")) && !c.old && !bytes.EqualFold(trim(value), []byte("100-continue")) {
			return badExpect
		}
	case 14:
		if bytes.EqualFold(name, []byte("content-length")) {
			return c.length(trim(value))
		}
	case 17:
		if bytes.EqualFold(name, []byte("transfer-encoding")) {
			return c.coding(trim(value))
		}
	}
	return nil
}

func (c *Checker) length(value []byte) *Error {
	n := int64(0)
	for _, d := range value {
		if !digit(d) {
			n = -1
			break
		}
		n = n*10 + int64(d-'0')
	}
	if c.sized || len(value) == 0 || len(value) > 18 || n < 0 {
		return badRequest("Content-Length comes twice, or is not a decimal number (RFC 9110, section 8.6)")
	}
	c.sized, c.left = true, n
	return nil
}

func (c *Checker) coding(value []byte) *Error {
	switch {
	case c.old:
		return badRequest("Transfer-Encoding in a request of HTTP/1.0 (RFC 9112, section 6.1)")
	case c.chunked || len(value) == 0:
		return badRequest("Transfer-Encoding comes twice, or is empty (RFC 9112, section 6.1)")
	case !bytes.EqualFold(value, []byte("chunked")):
		return badCoding
	}
	c.chunked = true
	return nil
}

// cut takes a field line apart; the value has its white space still. There is no white space before the name or the colon, and no control character in the value
// (RFC 9112, sections 5.1 and 5.2; RFC 9110, section 5.5).
func cut(line []byte) (name, value []byte, err *Error) {
	n := tokenLength(line)
	switch {
	case len(line) > 0 && (line[0] == ' ' || line[0] == '\t'):
		return nil, nil, badRequest("a header line is folded, or begins with white space; send each on one line (RFC 9112, section 5.2)")
	case n == 0 || n == len(line) || line[n] != ':':
		return nil, nil, badRequest("a header line is not a name, a colon right behind it, and a value (RFC 9112, section 5)")
	case !isValue(line[n+1:]):
		return nil, nil, badRequest("a header's value holds a control character (RFC 9110, section 5.5)")
	}
	return line[:n], line[n+1:], nil
}

// chunk takes the line before a chunk's data (RFC 9112, section 7.1): its size in hexadecimal, and extensions, which are ignored
// (section 7.1.1).
func (c *Checker) chunk(line []byte) *Error {
	size, extensions, extended := bytes.Cut(line, []byte(";"))
	n := int64(0)
	for _, d := range size {
		v := hexValue[d]
		if v < 0 {
			return badChunk
		}
		n = n<<4 | int64(v)
	}
	if len(line) > maxChunkLine || len(size) == 0 || len(size) > 15 || extended && !areExtensions(extensions) {
		return badChunk
	}
	c.state, c.left = chunkData, n
	if n == 0 {
		c.state = trailerLines
	}
	return nil
}

// areExtensions reads name or name=value, with semicolons between them and no white space; a value is a token or a quoted string.
func areExtensions(b []byte) bool {
	for {
		n := tokenLength(b)
		if n == 0 {
			return false
		}
		if b = b[n:]; len(b) > 0 && b[0] == '=' {
			if n = valueLength(b[1:]); n == 0 {
				return false
			}
			b = b[1+n:]
		}
		if len(b) == 0 {
			return true
		}
		if b[0] != ';' {
			return false
		}
		b = b[1:]
	}
}

func tokenLength(b []byte) (n int) {
	for n < len(b) && tokenByte[b[n]] {
		n++
	}
	return n
}

// valueLength is how long a token or a quoted string is; 0: it is neither.
func valueLength(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return tokenLength(b)
	}
	for i := 1; i < len(b); i++ {
		switch {
		case !valueByte[b[i]]:
			return 0
		case b[i] == '"':
			return i + 1
		case b[i] == '\\':
			if i++; i < len(b) && !valueByte[b[i]] {
				return 0
			}
		}
	}
	return 0
}

// trailer takes a line after the last chunk. souk ignores trailers, and refuses those that a trailer must not have: a reader that merges
// them with the headers would understand another request (RFC 9110, section 6.5.1).
func (c *Checker) trailer(line []byte, size int) *Error {
	if len(line) == 0 {
		c.next()
		return nil
	}
	if c.extra += size; c.extra > maxTrailers {
		return badChunk
	}
	name, _, err := cut(line)
	if err != nil {
		return err
	}
	for _, forbidden := range []string{"transfer-encoding", "content-length", "content-encoding", "content-type", "content-range", "trailer",
		"host", "connection", "expect", "te", "upgrade", "authorization", "cookie", "x-api-key"} {
		if bytes.EqualFold(name, []byte(forbidden)) {
			return badRequest("a trailer is a field that must be a header (RFC 9110, section 6.5.1)")
		}
	}
	return nil
}

func trim(value []byte) []byte { return bytes.Trim(value, " \t") }

func digit(c byte) bool { return c >= '0' && c <= '9' }

// isValue tells whether a field's value may be one: no control characters but tabs. It looks at eight bytes at a time, since most of a
// request's head are values.
func isValue(b []byte) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for len(b) >= 8 {
		word := binary.LittleEndian.Uint64(b)
		del := word ^ 0x7f*ones
		if low, del := (word-0x20*ones)&^word&tops, (del-ones)&^del&tops; low|del != 0 && !all(b[:8], &valueByte) {
			return false
		}
		b = b[8:]
	}
	return all(b, &valueByte)
}

// all tells whether every byte is in a table.
func all(b []byte, table *[256]bool) bool {
	for _, c := range b {
		if !table[c] {
			return false
		}
	}
	return true
}

// The bytes of a token (RFC 9110, section 5.6.2), of a request target (RFC 3986, without a fragment), of a Host, and of a field value.
var (
	tokenByte  = table(alphanumeric + "!#$%&'*+-.^_`|~")
	targetByte = table(alphanumeric + "-._~:/?[]@!$&'()*+,;=%|{}^`")
	hostByte   = table(alphanumeric + "-._~:[]%")
	valueByte  = func() (t [256]bool) {
		for c := range t {
			t[c] = c >= ' ' && c != 0x7f || c == '\t'
		}
		return t
	}()
	hexValue = func() (t [256]int8) {
		for c := range t {
			t[c] = int8(strings.IndexByte("0123456789abcdef", byte(c)))
		}
		for c := 'A'; c <= 'F'; c++ {
			t[c] = t[c|0x20]
		}
		return t
	}()
)

const alphanumeric = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func table(chars string) (t [256]bool) {
	for _, c := range []byte(chars) {
		t[c] = true
	}
	return t
}
