package filter

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/soukproxy/souk/redact"
)

// answer is what is known of the answer to a request of which something was masked.
type answer struct {
	kind   answerKind
	stream *redact.StreamRestorer
	events events
	body   []byte // of an answer that is restored as a whole, what has come of it
	length int    // its content-length; -1: it did not say
	out    []byte
}

type answerKind byte

const (
	asItIs   answerKind = iota
	asEvents            // server-sent events: each goes on as soon as it is whole
	asJSON
	asText
)

// ResponseHeaders looks at what kind of answer has to be restored. The hosts' own statement that no body follows is not asked for:
// NGINX makes it of every answer.
func (s *Stream) ResponseHeaders() Action {
	if s.over || s.scope == nil {
		return Continue
	}
	headers, err := s.host.ResponseHeaders()
	if err != nil {
		s.host.Warn("souk: an answer's headers could not be read; what was masked stays masked")
		return Continue
	}
	kind, coded := asItIs, false
	s.answer.length = -1
	for _, h := range headers {
		switch value := strings.ToLower(h[1]); strings.ToLower(h[0]) {
		case "content-type":
			kind = kindOf(value)
		case "content-encoding":
			coded = value != "identity"
		case "content-length":
			if n, err := strconv.Atoi(value); err == nil {
				s.answer.length = n
			}
		}
	}
	switch {
	case kind == asItIs:
		return Continue
	case coded:
		s.host.Warn("souk: an answer came compressed, though the request did not ask for that; what was masked stays masked")
		return Continue
	case s.answer.length == 0:
		return Continue
	case s.answer.length > 0 && s.host.RemoveResponseHeader("content-length") != nil:
		s.host.Warn("souk: an answer's length could not be changed; what was masked stays masked")
		return Continue
	}
	s.answer.kind = kind
	if kind == asEvents {
		s.answer.stream = s.scope.Stream()
	}
	return Continue
}

func kindOf(contentType string) answerKind {
	media, _, _ := strings.Cut(contentType, ";")
	switch media = strings.TrimSpace(media); {
	case media == "text/event-stream":
		return asEvents
	case media == "application/json" || strings.HasSuffix(media, "+json"):
		return asJSON
	case strings.HasPrefix(media, "text/"):
		return asText
	}
	return asItIs
}

// ResponseBody restores what has come of an answer. size is what has come with this call.
func (s *Stream) ResponseBody(size int, end bool) Action {
	a := &s.answer
	if s.over || a.kind == asItIs {
		return Continue
	}
	var chunk []byte
	if size > 0 {
		var err error
		if chunk, err = s.host.ResponseBody(0, size); err != nil {
			s.host.Warn("souk: an answer could not be read; what was masked stays masked")
			a.out = a.out[:0]
			s.giveUp()
			return Continue
		}
	}
	if a.kind == asEvents {
		s.restoreEvents(chunk, end)
	} else {
		s.restoreWhole(chunk, end)
	}
	return Continue
}

func (s *Stream) restoreEvents(chunk []byte, end bool) {
	a := &s.answer
	a.events.add(chunk)
	a.out = a.out[:0]
	for event := a.events.next(); event != nil; event = a.events.next() {
		a.out = a.stream.Event(a.out, event)
	}
	if end {
		if rest := a.events.rest(); len(rest) > 0 {
			a.out = a.stream.Event(a.out, rest)
		}
		a.out = a.stream.Close(a.out)
		a.kind = asItIs
	} else if len(a.events.rest()) > s.f.config.maxAnswer {
		a.out = a.stream.Close(a.out)
		s.host.Warn("souk: an event is longer than max_answer; what was masked stays masked from there on")
		s.giveUp()
		return
	}
	s.send(a.out)
}

func (s *Stream) restoreWhole(chunk []byte, end bool) {
	a := &s.answer
	a.body = append(a.body, chunk...)
	switch {
	case len(a.body) > s.f.config.maxAnswer:
		s.host.Warn("souk: an answer is longer than max_answer; what was masked stays masked")
		s.giveUp()
		return
	case !end && (a.length < 0 || len(a.body) < a.length):
		s.send(nil)
		return
	}
	if a.kind == asJSON {
		a.out = s.scope.RestoreJSON(nil, a.body)
	} else {
		a.out = s.scope.RestoreText(nil, a.body)
	}
	a.kind = asItIs
	s.send(a.out)
}

// giveUp sends what was kept back as it is. What comes later goes on untouched.
func (s *Stream) giveUp() {
	a := &s.answer
	kept := append(append(a.out, a.body...), a.events.rest()...)
	*a = answer{}
	if len(kept) > 0 {
		s.send(kept)
	}
}

// send puts text in place of what came with this call.
func (s *Stream) send(text []byte) {
	if s.host.SetResponseBody(text) != nil {
		s.host.Warn("souk: an answer could not be changed; it may be incomplete")
	}
}

// events parts a stream into events, of which each call brings any piece.
type events struct {
	text []byte
	from int // where the first event begins that next has not given
	line int // where the line begins that is not whole
	seen int // how far that line has been looked at
}

// add appends what has come. Events that next gave are forgotten.
func (e *events) add(chunk []byte) {
	if e.from > 0 {
		e.text = e.text[:copy(e.text, e.text[e.from:])]
		e.line, e.seen, e.from = e.line-e.from, e.seen-e.from, 0
	}
	e.text = append(e.text, chunk...)
}

// next is the next event, up to and including its empty line; nil: it is not whole.
func (e *events) next() []byte {
	for {
		i := bytes.IndexByte(e.text[e.seen:], '\n')
		if i < 0 {
			e.seen = len(e.text)
			return nil
		}
		end := e.seen + i + 1
		empty := len(bytes.TrimRight(e.text[e.line:end], "\r\n")) == 0
		e.line, e.seen = end, end
		if empty {
			event := e.text[e.from:end]
			e.from = end
			return event
		}
	}
}

// rest is the event that is not whole.
func (e *events) rest() []byte { return e.text[e.from:] }
