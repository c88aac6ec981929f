package sim

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const (
	typeJSON   = "application/json"
	typeStream = "text/event-stream; charset=utf-8"
	typeHTML   = "text/html; charset=utf-8"

	unknownLength = -1 // of a body: it is sent in chunks, or to an HTTP/1.0 caller until the end
)

// head writes the status line and the header fields, each extra one as "name: value".
func (x *exchange) head(status int, contentType string, length int, extra ...string) {
	w := x.c.bw
	fmt.Fprintf(w, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	fmt.Fprintf(w, "server: souk-sim\r\ndate: %s\r\nx-souk-simulated: true\r\n", time.Now().UTC().Format(http.TimeFormat))
	if x.id != "" {
		fmt.Fprintf(w, "x-request-id: req-%s\r\nx-ratelimit-limit-requests: 10000\r\nx-ratelimit-remaining-requests: 9999\r\n", x.id)
	}
	fmt.Fprintf(w, "content-type: %s\r\n", contentType)
	for _, field := range extra {
		w.WriteString(field + "\r\n")
	}
	if _, odd := x.fault("odd-headers"); odd {
		w.WriteString(oddHeaders)
	}
	switch {
	case length >= 0:
		fmt.Fprintf(w, "content-length: %d\r\n", length)
	case x.chunked():
		w.WriteString("transfer-encoding: chunked\r\n")
	default:
		x.cut = true
	}
	if x.cut {
		w.WriteString("connection: close\r\n")
	}
	w.WriteString("\r\n")
}

// oddHeaders are what a proxy must keep from its caller.
const oddHeaders = "set-cookie: sim=1; Path=/\r\nalt-svc: h3=\":443\"\r\nstrict-transport-security: max-age=31536000\r\n" +
	"access-control-allow-origin: *\r\naccess-control-expose-headers: x-sim-nominated\r\nkeep-alive: timeout=5\r\n" +
	"connection: x-sim-nominated\r\nx-sim-nominated: stays behind\r\n"

func (x *exchange) chunked() bool { return x.http == nil || x.http.ProtoAtLeast(1, 1) }

// chunk writes a part of a body of unknown length.
func (x *exchange) chunk(b []byte) {
	if len(b) == 0 { // would end the body
		return
	}
	w := x.c.bw
	if !x.chunked() {
		w.Write(b)
		return
	}
	var size [20]byte
	w.Write(append(strconv.AppendInt(size[:0], int64(len(b)), 16), '\r', '\n'))
	w.Write(b)
	w.WriteString("\r\n")
}

// lastChunk ends a body of unknown length.
func (x *exchange) lastChunk() {
	if x.chunked() {
		x.c.bw.WriteString("0\r\n\r\n")
	}
}

// brokenChunk announces a chunk, sends half of it and closes the connection.
func (x *exchange) brokenChunk(b []byte) {
	if x.chunked() {
		fmt.Fprintf(x.c.bw, "%x\r\n", len(b))
	}
	x.c.bw.Write(b[:len(b)/2])
	x.hangUp()
}

// hangUp closes the connection after what was written.
func (x *exchange) hangUp() {
	x.c.flush()
	x.cut = true
}

// whole sends a complete answer, with the faults that bodies of known length can have.
func (x *exchange) whole(status int, contentType string, body []byte, extra ...string) {
	if _, ok := x.fault("gzip"); ok {
		body = compressed(body)
		extra = append(extra, "content-encoding: gzip")
	}
	if _, ok := x.fault("truncated-chunk"); ok {
		x.head(status, contentType, unknownLength, extra...)
		x.brokenChunk(body)
		return
	}
	x.head(status, contentType, len(body), extra...)
	if _, ok := x.fault("cut-body"); ok {
		x.c.bw.Write(body[:len(body)/2])
		x.hangUp()
		return
	}
	x.c.bw.Write(body)
}

// fail answers with an error object.
func (x *exchange) fail(e *apiError) {
	if x.http == nil { // the request could not be read to its end
		x.cut = true
	}
	var extra []string
	if e.retryAfter != "" {
		extra = append(extra, "retry-after: "+e.retryAfter)
	}
	x.whole(e.status, typeJSON, e.json(x.p.opts.Name), extra...)
}

func compressed(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}
