package sim

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strconv"
)

// strike acts out the first fault that stands in the place of an answer; it is false when none does, and the
// remaining faults are for the answer itself.
func (x *exchange) strike() bool {
	for _, f := range x.hits {
		if x.strikeConnection(f) || x.strikeStatus(f) || x.strikeBody(f) {
			return true
		}
	}
	return false
}

// strikeConnection acts out faults below or before the answer.
func (x *exchange) strikeConnection(f Fault) bool {
	switch f.Kind {
	case "refuse":
		x.p.refuse(f.duration)
		x.c.reset()
	case "reset":
		if f.count >= 0 && x.req.Stream {
			return false
		}
		x.c.reset()
	case "garbage":
		x.c.bw.WriteString("SSH-2.0-souk-sim\r\n")
		r := random(x.p.schedule.seed)
		for range 64 {
			x.c.bw.WriteByte(byte(r.next()))
		}
		x.c.flush()
	case "hang":
		x.c.hang()
	case "hang-after-headers":
		x.headOnly()
		x.c.hang()
	case "reset-after-headers":
		x.headOnly()
		x.c.reset()
	case "endless-headers":
		x.c.bw.WriteString("HTTP/1.1 200 OK\r\nx-souk-simulated: true\r\n")
		for i := 0; x.c.err == nil && !x.c.left; i++ {
			fmt.Fprintf(x.c.bw, "x-sim-%08d: %064d\r\n", i, i)
			if i%64 == 63 {
				x.c.flush()
			}
		}
	default:
		return false
	}
	x.cut = true
	return true
}

// headOnly writes the head of a good answer.
func (x *exchange) headOnly() {
	if x.req.Stream {
		x.head(http.StatusOK, typeStream, unknownLength)
	} else {
		x.head(http.StatusOK, typeJSON, 512)
	}
}

// strikeStatus acts out faults that are error answers.
func (x *exchange) strikeStatus(f Fault) bool {
	switch f.Kind {
	case "status":
		x.fail(statusError(f.count))
	case "429-retry-after":
		e := statusError(http.StatusTooManyRequests)
		e.retryAfter = strconv.Itoa(f.count)
		x.fail(e)
	case "quota":
		x.fail(&apiError{status: f.count, typ: "insufficient_quota", code: "insufficient_quota",
			message: "You exceeded your current quota, please check your plan and billing details."})
	case "unauthorized":
		x.fail(badKey())
	case "model-gone":
		x.fail(notFound(x.req.Model))
	case "context-length":
		prompt := x.req.promptTokens()
		x.fail(contextExceeded(prompt/2+1, max(prompt, 2)))
	case "content-filter":
		if f.Arg == "finish" {
			return false
		}
		x.fail(invalid("prompt", "content_filter", "The response was filtered due to the prompt triggering the content management policy."))
	case "redirect":
		x.whole(f.count, typeJSON, nil, "location: http://"+x.http.Host+"/sim/redirected")
	default:
		return false
	}
	return true
}

// strikeBody acts out faults that are a 200 with the wrong body.
func (x *exchange) strikeBody(f Fault) bool {
	switch f.Kind {
	case "error-200":
		x.whole(http.StatusOK, typeJSON, serverError().json(x.p.opts.Name))
	case "empty":
		x.whole(http.StatusOK, typeJSON, nil)
	case "wrong-type":
		x.whole(http.StatusOK, typeHTML, []byte("<!doctype html><title>Maintenance</title><p>"+mark(x.p.opts.Name)+" Back soon."))
	case "bomb":
		x.bomb()
	case "bomb-gzip":
		x.gzipBomb()
	default:
		return false
	}
	return true
}

// opening is the begin of a string in a body or an event that never ends.
func (x *exchange) opening() string {
	open := `{"id":"chatcmpl-` + x.id + `","choices":[{"index":0,"`
	if x.req.Stream {
		return "data: " + open + `delta":{"content":"`
	}
	return open + `message":{"role":"assistant","content":"`
}

func (x *exchange) contentType() string {
	if x.req.Stream {
		return typeStream
	}
	return typeJSON
}

func (x *exchange) bomb() {
	x.cut = true
	x.head(http.StatusOK, x.contentType(), unknownLength)
	x.chunk([]byte(x.opening()))
	block := bytes.Repeat([]byte("souk"), 16<<10)
	for x.c.err == nil && !x.c.left {
		x.chunk(block)
		x.c.flush()
	}
}

// gzipBomb compresses a block once and sends it over and over: after a flush, a deflate block stands alone but for
// the window before it, which is always the same.
func (x *exchange) gzipBomb() {
	x.cut = true
	x.head(http.StatusOK, x.contentType(), unknownLength, "content-encoding: gzip")
	block := bytes.Repeat([]byte("souk"), 256<<10)
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write([]byte(x.opening()))
	z.Write(block)
	z.Flush()
	x.chunk(out.Bytes())
	out.Reset()
	z.Write(block)
	z.Flush()
	for x.c.err == nil && !x.c.left {
		x.chunk(out.Bytes())
		x.c.flush()
	}
}
