package upstream

import (
	"bytes"
	"strconv"
	"time"
)

// Head is an answer's status and headers. Its slices point into the connection's buffer and hold until the body
// is read.
type Head struct {
	Status      int
	ContentType []byte
	Encoding    []byte // Content-Encoding; empty or identity: none
	RetryAfter  time.Duration
	Length      int64 // Content-Length; -1: unknown
	Nominates   bool  // Connection names headers that are for this hop alone

	fields []byte // the header lines
}

// Keep copies the header lines into buf, so that they outlive the reading of the body, and returns it.
func (h *Head) Keep(buf []byte) []byte {
	buf = append(buf[:0], h.fields...)
	h.fields = buf
	return buf
}

// maxInformational bounds the 1xx answers before the real one.
const maxInformational = 8

// ReadHead reads the status line and headers, up to limit bytes. It skips 1xx answers, and refuses what RFC 9112 calls a framing
// error: several lengths, a length beside a transfer coding, folded lines, codings other than chunked.
// now is asked for the time when Retry-After is a date.
func (c *Conn) ReadHead(h *Head, limit int, now func() time.Time) error {
	for range maxInformational {
		block, err := c.headBlock(limit)
		if err != nil {
			return err
		}
		if err := c.parseHead(h, block, now); err != nil {
			return err
		}
		if h.Status >= 200 {
			return nil
		}
		if h.Status == 101 {
			return ErrMalformed
		}
	}
	return ErrMalformed
}

// headBlock returns the next header block with its final empty line and moves behind it.
func (c *Conn) headBlock(limit int) ([]byte, error) {
	for seen := 0; ; {
		unread := c.buf[c.r:c.w]
		if len(unread) >= 5 && !bytes.HasPrefix(unread, []byte("HTTP/")) {
			return nil, ErrMalformed
		}
		if i := bytes.Index(unread[seen:], []byte("\r\n\r\n")); i >= 0 {
			end := seen + i + 4
			c.r += end
			return unread[:end], nil
		}
		if bareLF(unread, max(0, seen-1)) {
			return nil, ErrMalformed // its end would never be seen
		}
		if len(unread) >= limit {
			return nil, ErrOversize
		}
		seen = max(0, len(unread)-3)
		if err := c.fill(limit); err != nil {
			return nil, err
		}
	}
}

// bareLF tells whether a line ends with LF alone, from a place on.
func bareLF(b []byte, from int) bool {
	for {
		i := bytes.IndexByte(b[from:], '\n')
		if i < 0 {
			return false
		}
		if from += i; from == 0 || b[from-1] != '\r' {
			return true
		}
		from++
	}
}

func (c *Conn) parseHead(h *Head, block []byte, now func() time.Time) error {
	i := bytes.IndexByte(block, '\n')
	line := block[:i-1]
	if len(line) < 12 || string(line[:7]) != "HTTP/1." || line[7] != '0' && line[7] != '1' || line[8] != ' ' ||
		len(line) > 12 && line[12] != ' ' || block[i-1] != '\r' {
		return ErrMalformed
	}
	status, ok := digits(line[9:12])
	if !ok || status < 100 {
		return ErrMalformed
	}
	*h = Head{Status: int(status), Length: -1, fields: block[i+1 : len(block)-2]}
	c.body = body{closes: line[7] == '0'}
	chunked, coded := false, false
	var name, value, retry []byte
	for rest := h.fields; len(rest) > 0; {
		name, value, rest = field(rest)
		if len(name) == 0 || !token(name) || !visible(value) {
			return ErrMalformed
		}
		switch len(name) {
		case 10:
			if bytes.EqualFold(name, []byte("connection")) {
				var names bool
				c.body.closes, names = connectionOptions(value, c.body.closes)
				h.Nominates = h.Nominates || names
			}
		case 11:
			if bytes.EqualFold(name, []byte("retry-after")) {
				retry = value // the last one counts, and is the only one worth reading
			}
		case 12:
			if bytes.EqualFold(name, []byte("content-type")) {
				h.ContentType = value
			}
		case 14:
			if bytes.EqualFold(name, []byte("content-length")) {
				n, ok := digits(value)
				if !ok || h.Length >= 0 && h.Length != n {
					return ErrMalformed
				}
				h.Length = n
			}
		case 16:
			if bytes.EqualFold(name, []byte("content-encoding")) {
				h.Encoding = value
			}
		case 17:
			if bytes.EqualFold(name, []byte("transfer-encoding")) {
				if coded || !bytes.EqualFold(value, []byte("chunked")) {
					return ErrMalformed
				}
				coded, chunked = true, true
			}
		}
	}
	if chunked && (h.Length >= 0 || line[7] == '0') {
		return ErrMalformed // RFC 9112, sections 6.1 and 6.3
	}
	if retry != nil {
		h.RetryAfter = retryAfter(retry, now())
	}
	c.body.begin(h.Status, chunked, h.Length)
	return nil
}

// Fields iterates the header lines as name and value, in order.
func (h *Head) Fields(yield func(name, value []byte) bool) {
	var name, value []byte
	for rest := h.fields; len(rest) > 0; {
		if name, value, rest = field(rest); !yield(name, value) {
			return
		}
	}
}

// field takes the first of some header lines apart; it has no name when it is none.
func field(lines []byte) (name, value, rest []byte) {
	i := bytes.IndexByte(lines, '\n')
	if i < 1 || lines[i-1] != '\r' {
		return nil, nil, nil
	}
	line := lines[:i-1]
	name, value, found := bytes.Cut(line, []byte(":"))
	if !found {
		return nil, nil, nil
	}
	return name, trimmed(value), lines[i+1:]
}

// trimmed is a value without the white space around it (RFC 9110, section 5.6.3).
func trimmed(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for n := len(b); n > 0 && (b[n-1] == ' ' || b[n-1] == '\t'); n-- {
		b = b[:n-1]
	}
	return b
}

// digits reads a decimal number of up to 18 digits.
func digits(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// token is RFC 9110's field name, section 5.6.2. A space before the colon or a folded line fails it.
func token(b []byte) bool {
	for _, c := range b {
		if !tokenByte[c] {
			return false
		}
	}
	return true
}

var tokenByte = func() (t [256]bool) {
	for _, c := range []byte("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		t[c] = true
	}
	return
}()

// visible refuses control characters in a field value (RFC 9110, section 5.5).
func visible(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// connectionOptions reads a Connection header (RFC 9110, section 7.6.1): whether the connection closes, where close goes
// before keep-alive, and whether it names other headers.
func connectionOptions(value []byte, before bool) (closes, names bool) {
	closed := false
	closes = before
	for option := range bytes.SplitSeq(value, []byte(",")) {
		option = bytes.TrimSpace(option)
		switch {
		case bytes.EqualFold(option, []byte("close")):
			closed = true
		case bytes.EqualFold(option, []byte("keep-alive")):
			closes = false
		case len(option) > 0:
			names = true
		}
	}
	return closes || closed, names
}

// maxRetryAfter bounds what a provider may ask for, so that one absurd header does not retire an offer.
const maxRetryAfter = time.Hour

// retryAfter reads RFC 9110's section 10.2.3: seconds or an HTTP date. Fractions, which some providers send, round up.
func retryAfter(value []byte, now time.Time) time.Duration {
	if seconds, err := strconv.ParseFloat(string(value), 64); err == nil {
		if !(seconds > 0) {
			return 0
		}
		return time.Duration(min(seconds, maxRetryAfter.Seconds()) * float64(time.Second))
	}
	for _, layout := range []string{"Mon, 02 Jan 2006 15:04:05 GMT", time.RFC850, time.ANSIC} {
		if at, err := time.Parse(layout, string(value)); err == nil {
			return min(max(at.Sub(now), 0), maxRetryAfter)
		}
	}
	return 0
}
