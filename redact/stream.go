package redact

import "bytes"

// maxChannels bounds how many texts one stream may interleave. What is over it is restored without memory from event to event.
const maxChannels = 1024

// StreamRestorer restores the values of a scope in a stream of server-sent events: chat and completions chunks and Responses events of
// OpenAI, Anthropic's Messages, Gemini's streamGenerateContent. It follows each choice's text, reasoning and tool arguments on
// its own, and keeps back only a tail that may be the beginning of a token. It is for one stream and one goroutine.
type StreamRestorer struct {
	r        restorer
	channels []channel
	event    streamEvent
	text     []byte
	single   []byte
}

// Stream begins a stream. Tokens that are issued later are not restored in it.
func (s *Scope) Stream() *StreamRestorer {
	return &StreamRestorer{r: restorer{scope: s, words: s.issued()}}
}

// channel is one text of a stream.
type channel struct {
	key        channelKey
	nesting    nesting
	held       []byte // a tail that may be the beginning of a token
	head, tail []byte // the event in which held can go out on its own
}

// Event appends to dst what may go out now that an event has come: text up to and including its empty line. Before an event that
// finishes a text, what was kept back of it goes out in an event of its own. All other bytes leave as they came.
func (s *StreamRestorer) Event(dst, event []byte) []byte {
	if s.r.words == nil {
		return append(dst, event...)
	}
	from, to, lines := eventData(event)
	if lines > 1 {
		return s.manyLines(dst, event)
	}
	data := event[from:to]
	switch {
	case lines == 0:
		return append(dst, event...)
	case string(bytes.TrimSpace(data)) == "[DONE]":
		return append(s.Close(dst), event...)
	case !s.event.parse(data):
		return append(dst, event...)
	}
	dst = s.finish(dst)
	dst = append(dst, event[:from]...)
	dst = s.data(dst, event, from, data)
	return append(dst, event[to:]...)
}

// Close appends what was kept back, when the stream ends without saying so.
func (s *StreamRestorer) Close(dst []byte) []byte {
	for i := range s.channels {
		dst = s.flush(dst, &s.channels[i])
	}
	s.channels = s.channels[:0]
	return dst
}

// manyLines is Event for data on more than one line, as no dialect writes it. A line's end stands between JSON tokens, where white
// space of any kind means the same.
func (s *StreamRestorer) manyLines(dst, event []byte) []byte {
	s.single = oneLine(s.single[:0], event)
	before := len(dst)
	if dst = s.Event(dst, s.single); bytes.Equal(dst[before:], s.single) {
		dst = append(dst[:before], event...)
	}
	return dst
}

// finish lets go of the texts that the event ends. Those that it goes on with get their last piece in place.
func (s *StreamRestorer) finish(dst []byte) []byte {
	e := &s.event
	for i := range e.parts {
		p := &e.parts[i]
		p.last = p.last || e.finishes(p.key, false) && !e.goesOn(i)
	}
	kept := 0
	for i := range s.channels {
		if c := &s.channels[i]; e.finishes(c.key, true) && !e.carries(c.key) {
			dst = s.flush(dst, c)
			continue
		}
		// Swapped, not copied: the slices of a channel stay one channel's.
		s.channels[kept], s.channels[i] = s.channels[i], s.channels[kept]
		kept++
	}
	s.channels = s.channels[:kept]
	return dst
}

func (s *StreamRestorer) flush(dst []byte, c *channel) []byte {
	if len(c.held) == 0 {
		return dst
	}
	dst = append(dst, c.head...)
	dst, _ = s.r.replace(dst, c.held, &c.nesting, true)
	c.held = c.held[:0]
	return append(dst, c.tail...)
}

// data appends the event's data. The texts that go on from event to event have their memory, all other strings are restored as
// they stand.
func (s *StreamRestorer) data(dst, event []byte, from int, data []byte) []byte {
	quiet, at := true, 0
	for i := range s.event.parts {
		quiet = quiet && s.r.quiet(data[at:s.event.parts[i].start])
		at = s.event.parts[i].end
	}
	quiet = quiet && s.r.quiet(data[at:])
	var around nesting
	at = 0
	for i := range s.event.parts {
		p := &s.event.parts[i]
		dst = s.between(dst, data[at:p.start], &around, quiet)
		dst = s.part(dst, event, from, p)
		at = p.end
	}
	return s.between(dst, data[at:], &around, quiet)
}

func (s *StreamRestorer) between(dst, text []byte, around *nesting, quiet bool) []byte {
	if quiet {
		return append(dst, text...)
	}
	dst, _ = s.r.replace(dst, text, around, true)
	return dst
}

// part appends the next piece of a text.
func (s *StreamRestorer) part(dst, event []byte, from int, p *part) []byte {
	piece := event[from+p.start : from+p.end]
	c := s.channel(p.key)
	if c == nil {
		n := inString()
		dst, _ = s.r.replace(dst, piece, &n, true)
		return dst
	}
	if len(c.held) > 0 {
		s.text = append(append(s.text[:0], c.held...), piece...)
		piece = s.text
	}
	dst, rest := s.r.replace(dst, piece, &c.nesting, p.last)
	c.held = append(c.held[:0], piece[len(piece)-rest:]...)
	if p.last {
		s.remove(c)
		return dst
	}
	if rest > 0 {
		c.head, c.tail = s.event.frame(c.head[:0], c.tail[:0], event, from, p)
	}
	return dst
}

// channel finds or begins a text; nil when there are too many.
func (s *StreamRestorer) channel(key channelKey) *channel {
	for i := range s.channels {
		if s.channels[i].key == key {
			return &s.channels[i]
		}
	}
	if len(s.channels) == maxChannels {
		return nil
	}
	if n := len(s.channels); n < cap(s.channels) {
		// What was let go of left its memory here.
		s.channels = s.channels[:n+1]
	} else {
		s.channels = append(s.channels, channel{})
	}
	c := &s.channels[len(s.channels)-1]
	c.key, c.nesting, c.held = key, inString(), c.held[:0]
	return c
}

func (s *StreamRestorer) remove(c *channel) {
	last := len(s.channels) - 1
	*c, s.channels[last] = s.channels[last], *c
	s.channels = s.channels[:last]
}
