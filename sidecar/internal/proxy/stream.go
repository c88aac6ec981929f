package proxy

import (
	"bytes"
	"math/bits"

	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/dialect/jsonscan"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
)

// stream turns what a provider sends into what the caller gets: whole events only, judged one by one. An event that
// passes unchanged is not copied when it arrives in one piece.
type stream struct {
	content  bool   // what a caller waits for has come: the stream is committed to this offer
	done     bool   // the end marker has come
	seen     uint64 // the choices, as bits
	finished uint64
	contents int   // events with content
	spoken   int64 // bytes of it
	usage    dialect.Usage
	reason   upstream.Reason // why it failed; empty: it has not
	refusal  dialect.Refusal // what the provider said of it

	ready   []byte // what may go to the caller; holds until the next feed
	held    []byte // ready events from before the content
	copied  []byte // ready, when it could not be passed in place
	partial []byte // an event that is not complete
	at      int    // where the search for its end goes on
	lineAt  int    // where its current line begins
	skipped int    // bytes at the front of partial that are already out
	live    bool   // the last feed brought an event, not just comments
	late    bool   // the caller got its 200 before the content
	hold    bool   // nothing is ready before the stream is whole

	keepText bool   // what is said is kept, so that another offer can go on from it
	said     []byte // so far, by all attempts
	other    bool   // something was said that is no text
	event    dialect.Event
	like     likeness
}

// restart empties the stream for another attempt.
func (s *stream) restart() {
	s.like.forget() // another provider may speak another dialect
	*s = stream{late: s.late, hold: s.hold, keepText: s.keepText, said: s.said, other: s.other,
		held: s.held[:0], copied: s.copied[:0], partial: s.partial[:0], like: s.like}
}

func (s *stream) reset() {
	s.restart()
	s.late, s.hold, s.keepText, s.other, s.said = false, false, false, false, s.said[:0]
	for _, b := range []*[]byte{&s.held, &s.copied, &s.partial, &s.said, &s.like.around} {
		if cap(*b) > keepScratch {
			*b = nil
		}
	}
}

// feed takes what one read brought. Afterwards ready holds the events that may go to the caller, once there is content.
func (s *stream) feed(x *exchange, p []byte) {
	s.live = false
	s.copied = s.copied[:0]
	if s.skipped > 0 {
		s.partial = append(s.partial[:0], s.partial[s.skipped:]...)
		s.skipped = 0
	}
	text := p
	joined := len(s.partial) > 0
	if joined {
		s.partial = append(s.partial, p...)
		text = s.partial
	}
	start, from := 0, 0 // of the current event; of the events that pass in place
	for s.reason == "" {
		i := bytes.IndexByte(text[s.at:], '\n')
		if i < 0 {
			break
		}
		end := s.at + i
		line := text[s.lineAt:end]
		s.at, s.lineAt = end+1, end+1
		if len(line) > 0 && !(len(line) == 1 && line[0] == '\r') {
			continue
		}
		if s.take(x, text[start:end+1], &from, text) {
			from = end + 1
		}
		start = end + 1
	}
	s.ready = text[from:start]
	if len(s.copied) > 0 {
		s.copied = append(s.copied, s.ready...)
		s.ready = s.copied
	}
	if !s.open() {
		s.held = append(s.held, s.ready...)
		s.ready = nil
	} else if len(s.held) > 0 {
		s.held = append(s.held, s.ready...)
		s.ready = s.held
		// It is copied by whoever writes it before the next feed.
		s.held = s.held[len(s.held):]
	}
	s.remember(text, start, joined)
	if int64(len(s.partial)-s.skipped) > x.snap.Config.Limits.Event || int64(len(s.held)) > s.room(x) {
		s.reason = upstream.Oversize
	}
}

// remember keeps the incomplete event at the end of text.
func (s *stream) remember(text []byte, start int, joined bool) {
	if joined {
		s.skipped = start
	} else {
		s.partial = append(s.partial[:0], text[start:]...)
	}
	s.at, s.lineAt = len(text)-start, s.lineAt-start
}

// take judges one event. It is true when the event does not pass in place: then everything before it has been copied, and what
// stands for it, if anything.
func (s *stream) take(x *exchange, raw []byte, from *int, text []byte) bool {
	data, single := eventData(raw)
	if data == nil {
		// A comment, or an event of a kind without data: before the content it is the provider's keep-alive.
		return !s.content && s.replace(raw, from, text, nil)
	}
	e := &s.event
	if !s.like.matches(data, e) {
		x.served.Dialect.ReadEvent(x.op, data, e)
		s.like.learn(data, e)
	}
	s.live = true
	switch {
	case s.done, e.Broken:
		return s.replace(raw, from, text, nil)
	case e.Done:
		s.done = true
		return s.replace(raw, from, text, nil) // souk writes its own at the end
	case e.Error != nil:
		s.reason = upstream.ErrorEvent
		s.refusal = x.served.Dialect.ReadRefusal(200, data)
		return s.replace(raw, from, text, nil)
	}
	s.seen |= e.Seen
	s.finished |= e.Finished
	if e.Content {
		s.contents++
		if s.spoken += int64(len(e.Text)); e.Other {
			s.spoken += int64(len(data))
		}
		s.keep(e)
	}
	s.content = s.content || e.Content || e.Finished != 0
	if !e.Usage.Known {
		return false
	}
	s.usage = e.Usage
	if e.Bare && !x.ask.UsageAsked {
		return s.replace(raw, from, text, nil)
	}
	if x.resumed && single {
		s.before(raw, from, text)
		s.copied = x.appendSummedUsage(s.copied, data, &e.Usage)
		return true
	}
	cost, priced := x.cost(&e.Usage)
	if !priced || !single {
		return false
	}
	s.before(raw, from, text)
	s.copied = append(s.copied, "data: "...)
	s.copied = e.Usage.AppendCost(s.copied, data, cost)
	s.copied = append(s.copied, "\n\n"...)
	return true
}

// keep remembers what an event says, as far as another offer could go on from it: one byte past the bound tells that it is passed.
func (s *stream) keep(e *dialect.Event) {
	if !s.keepText {
		return
	}
	s.other = s.other || e.Other
	room := maxSaid + 1 - len(s.said)
	if room == 0 {
		return
	}
	if text, ok := jsonscan.Text(e.Text); ok {
		s.said = append(s.said, text[:min(len(text), room)]...)
	}
}

// replace takes an event out of what passes, and puts another text in its place.
func (s *stream) replace(raw []byte, from *int, text, by []byte) bool {
	s.before(raw, from, text)
	s.copied = append(s.copied, by...)
	return true
}

// before copies the events that pass in place and stand before raw.
func (s *stream) before(raw []byte, from *int, text []byte) {
	start := cap(text) - cap(raw)
	s.copied = append(s.copied, text[*from:start]...)
}

// eventData is an event's data without its field name (WHATWG HTML, section 9.2.6); nil when it has none. single tells that it
// stands on one line, as the dialects' events do.
func eventData(raw []byte) (data []byte, single bool) {
	single = true
	whole := len(raw)
	for len(raw) > 0 {
		line := raw
		if i := bytes.IndexByte(raw, '\n'); i >= 0 {
			line, raw = raw[:i], raw[i+1:]
		} else {
			raw = nil
		}
		line = bytes.TrimSuffix(line, []byte("\r"))
		value, ok := bytes.CutPrefix(line, []byte("data:"))
		if !ok {
			continue
		}
		value = bytes.TrimPrefix(value, []byte(" "))
		if data == nil {
			data = value
			continue
		}
		if single { // room for all of its lines: an event may have a million of them
			data, single = append(make([]byte, 0, whole), data...), false
		}
		data = append(append(data, '\n'), value...)
	}
	return data, single
}

// finish is called at the end of the body: it takes an event that lacks only its empty line, and tells whether the stream is
// whole, which is to say that it had its end marker or a finish reason for every choice.
func (s *stream) finish(x *exchange) bool {
	if s.reason == "" && len(s.partial) > s.skipped {
		end := []byte("\n\n")
		if s.partial[len(s.partial)-1] == '\n' {
			end = end[1:]
		}
		s.feed(x, end)
	} else {
		s.ready = nil
	}
	if s.reason != "" {
		return false
	}
	if s.whole(x) {
		if !s.open() {
			s.content, s.hold, s.ready, s.held = true, false, append(s.held, s.ready...), s.held[len(s.held):]
		}
		return true
	}
	return false
}

// open tells that the caller may have what is there: the content has come, and with whole delivery all of it.
func (s *stream) open() bool { return s.content && !s.hold }

// room is how much may be held back: one event's worth, or an answer's when it is delivered whole.
func (s *stream) room(x *exchange) int64 {
	if s.hold {
		return x.snap.Config.Limits.Answer
	}
	return x.snap.Config.Limits.Event
}

func (s *stream) whole(x *exchange) bool {
	return s.done && (s.content || s.finished != 0) || bits.OnesCount64(s.finished) >= max(x.ask.Choices, bits.OnesCount64(s.seen))
}
