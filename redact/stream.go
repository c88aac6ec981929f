package redact

import (
	"bytes"
	"slices"
)

// maxChannels bounds how many texts one stream may interleave. What is over it is restored without memory from event to event.
const maxChannels = 1024

// StreamRestorer restores the values of a scope in a stream of server-sent events: chat and completions chunks and Responses events of
// OpenAI, Anthropic's Messages, Gemini's streamGenerateContent. It follows each choice's text, reasoning and tool arguments on
// its own, and keeps back only a tail that may be the beginning of a token. It is for one stream and one goroutine.
type StreamRestorer struct {
	r        restorer
	channels []channel
	places   map[channelKey]int // of the channels, when they are many and it is known
	event    streamEvent
	frame    *frame // the last one
	framed   bool   // it is this event's
	ids      []byte
	text     []byte
	single   []byte
}

// Stream begins a stream. Tokens that are issued later are not restored in it.
func (s *Scope) Stream() *StreamRestorer {
	return &StreamRestorer{r: restorer{scope: s, words: s.issued()}}
}

// channel is one text of a stream.
type channel struct {
	key     channelKey
	nesting nesting
	held    []byte // a tail that may be the beginning of a token
	frame   *frame // the event in which held can go out on its own
}

// maxFrame bounds what an event has besides its data, in bytes, that is repeated for each text which goes out in an event of its own, and
// maxID each member that identifies the answer. Of longer ones a short event could make a thousand times as much.
const (
	maxFrame = 1 << 10
	maxID    = 512
	maxIDs   = 8
)

// frame is what stands around a text that goes out in an event of its own. The texts of an event share it; it is never written to.
type frame struct{ head, tail []byte }

// Event appends to dst what may go out now that an event has come: text up to and including its empty line. Before an event that
// finishes a text, what was kept back of it goes out in an event of its own. All other bytes leave as they came.
func (s *StreamRestorer) Event(dst, event []byte) []byte {
	s.r.room = maxRestored
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
	dst, s.framed = s.finish(dst), false
	dst = append(dst, event[:from]...)
	dst = s.data(dst, event, from, to)
	return append(dst, event[to:]...)
}

// Close appends what was kept back, when the stream ends without saying so.
func (s *StreamRestorer) Close(dst []byte) []byte {
	s.r.room = maxRestored
	for i := range s.channels {
		dst = s.flush(dst, &s.channels[i])
	}
	s.channels, s.places = s.channels[:0], nil
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
	if !e.all && len(e.finished) == 0 {
		return dst
	}
	kept := 0
	for i := range s.channels {
		if c := &s.channels[i]; e.finishes(c.key, true) && !e.carries(c.key) {
			dst = s.flush(dst, c)
			continue
		}
		// Swapped, not copied: the slices of a channel stay one channel's.
		if kept < i {
			s.channels[kept], s.channels[i] = s.channels[i], s.channels[kept]
		}
		kept++
	}
	if kept < len(s.channels) {
		s.channels, s.places = s.channels[:kept], nil
	}
	return dst
}

func (s *StreamRestorer) flush(dst []byte, c *channel) []byte {
	if len(c.held) == 0 {
		return dst
	}
	dst = append(dst, c.frame.head...)
	dst = appendHead(dst, c.key)
	dst, _ = s.r.replace(dst, c.held, &c.nesting, true)
	c.held = c.held[:0]
	dst = appendTail(dst, c.key)
	return append(dst, c.frame.tail...)
}

// data appends the event's data. The texts that go on from event to event have their memory, all other strings are restored as
// they stand.
func (s *StreamRestorer) data(dst, event []byte, from, to int) []byte {
	data, quiet, at := event[from:to], true, 0
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
		dst = s.part(dst, event, from, to, i)
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
func (s *StreamRestorer) part(dst, event []byte, from, to, i int) []byte {
	p := &s.event.parts[i]
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
		switch p.key.family {
		case blocks, outputs:
			// An event with one text is taken as it is: around the last piece, if it has several.
			if !s.event.goesOn(i) {
				c.frame = &frame{slices.Clone(event[:from+p.start]), slices.Clone(event[from+p.end:])}
			}
		default:
			c.frame = s.chunkFrame(event[:from], event[to:])
		}
	}
	return dst
}

// chunkFrame is the frame of the chunk that is gone over, which stands between before and after in its event. It is mostly that of the chunk
// before.
func (s *StreamRestorer) chunkFrame(before, after []byte) *frame {
	if s.framed {
		return s.frame
	}
	s.framed = true
	if len(before)+len(after) > maxFrame {
		before, after = []byte("data: "), []byte("\n\n")
	}
	s.ids = s.event.appendIDs(append(s.ids[:0], before...))
	if s.frame == nil || !bytes.Equal(s.frame.head, s.ids) || !bytes.Equal(s.frame.tail, after) {
		s.frame = &frame{slices.Clone(s.ids), slices.Clone(after)}
	}
	return s.frame
}

// channel finds or begins a text; nil when there are too many.
func (s *StreamRestorer) channel(key channelKey) *channel {
	if i := s.find(key); i >= 0 {
		return &s.channels[i]
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
	if s.places != nil {
		s.places[key] = len(s.channels) - 1
	}
	return c
}

func (s *StreamRestorer) remove(c *channel) {
	last := len(s.channels) - 1
	if s.places != nil {
		i := s.places[c.key]
		delete(s.places, c.key)
		if i != last {
			s.places[s.channels[last].key] = i
		}
	}
	*c, s.channels[last] = s.channels[last], *c
	s.channels = s.channels[:last]
}
