package sim

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"net/http"
	"strconv"
	"time"
)

// shape is how an operation writes the events of a stream.
type shape struct {
	idPrefix, object string
	role             string                          // the delta before the content; empty: none
	delta            func(c *choice, p piece) string // the inside of a choice for a token
	empty            string                          // the inside of a choice that only ends
}

var chatShape = shape{
	idPrefix: "chatcmpl-", object: "chat.completion.chunk",
	role:  `"delta":{"role":"assistant","content":""}`,
	delta: func(c *choice, p piece) string { return `"delta":` + chatDelta(c, p) },
	empty: `"delta":{}`,
}

var completionsShape = shape{
	idPrefix: "cmpl-", object: "text_completion",
	delta: func(_ *choice, p piece) string { return `"text":` + string(encode(p.text)) },
	empty: `"text":""`,
}

func chatDelta(c *choice, p piece) string {
	text := string(encode(p.text))
	switch p.kind {
	case reasoning:
		return `{"reasoning_content":` + text + `}`
	case callStart:
		return `{"tool_calls":[{"index":0,"id":"` + c.callID + `","type":"function","function":{"name":` + string(encode(c.call)) + `,"arguments":""}}]}`
	case callArgs:
		return `{"tool_calls":[{"index":0,"function":{"arguments":` + text + `}}]}`
	}
	return `{"content":` + text + `}`
}

// sse writes the events of one stream.
type sse struct {
	x     *exchange
	shape shape
	open  []byte // an event up to its choices
	close string // and from their end
	buf   []byte
	gz    *gzip.Writer // nil: not compressed
	out   bytes.Buffer // what gz has made of an event
}

func (x *exchange) newSSE(s shape) *sse {
	w := &sse{x: x, shape: s, close: "}\n\n"}
	head := encode(x.header(s.idPrefix, s.object))
	w.open = append(append([]byte("data: "), head[:len(head)-1]...), `,"choices":[`...)
	if x.usageAsked() {
		w.close = `,"usage":null` + w.close
	}
	var extra []string
	if _, ok := x.fault("gzip"); ok {
		w.gz = gzip.NewWriter(&w.out)
		extra = append(extra, "content-encoding: gzip")
	}
	x.head(http.StatusOK, typeStream, unknownLength, append(extra, "cache-control: no-cache")...)
	return w
}

func (x *exchange) usageAsked() bool {
	return x.req.StreamOptions != nil && x.req.StreamOptions.IncludeUsage
}

// bytes is a part of the stream as it goes into a chunk.
func (w *sse) bytes(b []byte) []byte {
	if w.gz == nil {
		return b
	}
	w.out.Reset()
	w.gz.Write(b)
	w.gz.Flush()
	return w.out.Bytes()
}

func (w *sse) raw(b []byte) { w.x.chunk(w.bytes(b)) }

// event is a whole event for one choice: the inside of the choice and its finish reason, if it has one.
func (w *sse) event(index int, inside, finish string) []byte {
	w.buf = append(w.buf[:0], w.open...)
	w.buf = strconv.AppendInt(append(w.buf, `{"index":`...), int64(index), 10)
	w.buf = append(append(append(w.buf, ','), inside...), `,"logprobs":null,"finish_reason":`...)
	if finish == "" {
		w.buf = append(w.buf, "null"...)
	} else {
		w.buf = append(append(append(w.buf, '"'), finish...), '"')
	}
	return append(append(w.buf, "}]"...), w.close...)
}

func (w *sse) usage(u usage) {
	w.buf = append(append(w.buf[:0], w.open...), `],"usage":`...)
	w.raw(append(append(w.buf, encode(u)...), "}\n\n"...))
}

func (w *sse) end() {
	if w.gz != nil {
		w.out.Reset()
		w.gz.Close()
		w.x.chunk(w.out.Bytes())
	}
	w.x.lastChunk()
}

// stream sends choices token by token, each token of all choices at once.
func (x *exchange) stream(s shape, choices []choice, used usage) {
	w := x.newSSE(s)
	if x.silent(w) || !x.c.until(x.due(0)) || x.strikeStream(w, false) {
		return
	}
	for i := range choices {
		if s.role != "" {
			w.raw(w.event(i, s.role, ""))
		}
	}
	steps := 0
	for i := range choices {
		steps = max(steps, len(choices[i].pieces))
	}
	for step := range steps {
		if !x.c.until(x.due(step)) {
			return
		}
		for i := range choices {
			if c := &choices[i]; step < len(c.pieces) {
				w.raw(w.event(i, s.delta(c, c.pieces[step]), ""))
				x.sent++
				if x.strikeStream(w, false) {
					return
				}
			}
		}
	}
	if x.strikeStream(w, true) {
		return
	}
	x.finish(w, choices, used)
}

// finish sends what follows the content: finish reasons, usage where it was asked for, and [DONE].
func (x *exchange) finish(w *sse, choices []choice, used usage) {
	if _, ok := x.fault("no-finish"); ok {
		w.end()
		return
	}
	for i := range choices {
		w.raw(w.event(i, w.shape.empty, choices[i].finish))
	}
	if x.usageAsked() {
		w.usage(used)
	}
	if _, ok := x.fault("no-done"); !ok {
		w.raw([]byte("data: [DONE]\n\n"))
	}
	w.end()
}

// silent acts out the faults of streams that never have content.
func (x *exchange) silent(w *sse) bool {
	if f, ok := x.fault("keepalive-only"); ok {
		every := max(f.duration, time.Millisecond)
		for at := x.at; x.c.until(at); at = at.Add(every) {
			w.raw([]byte(": keep-alive\n\n"))
		}
		x.cut = true
		return true
	}
	if _, ok := x.fault("role-only"); ok {
		if x.c.until(x.due(0)) {
			w.raw(w.event(0, cmp.Or(w.shape.role, w.shape.empty), ""))
			x.c.hang()
		}
		x.cut = true
		return true
	}
	return false
}

// strikeStream acts out the faults that strike after a number of content events; those that the answer is too short
// for strike at its last event. It is true when the stream is over.
func (x *exchange) strikeStream(w *sse, last bool) bool {
	for _, f := range x.hits {
		if now := f.count == x.sent && !last || f.count > x.sent && last; !now {
			continue
		}
		switch f.Kind {
		case "cut":
			x.hangUp()
		case "stall":
			x.c.hang()
			x.cut = true
		case "reset":
			x.c.reset()
			x.cut = true
		case "truncated-chunk":
			x.brokenChunk(w.bytes(w.event(0, w.shape.delta(&choice{}, piece{content, " never seen whole"}), "")))
		case "error-event":
			w.raw(append(append([]byte("data: "), serverError().json(x.p.opts.Name)...), "\n\n"...))
			w.end()
		case "malformed":
			w.raw([]byte("data: {\"id\":\"chatcmpl-" + x.id + "\",\"choices\":[{\"index\":0,\"delta\":{\"conte\n\n"))
			continue
		default:
			continue
		}
		return true
	}
	return false
}
