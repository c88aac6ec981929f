package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"time"
)

// readStream reads a stream of events to the end of the body. It is souk's judge, so it is no part of souk and takes
// nothing for granted: what follows the end marker, and what is no event, is noted.
func (r *answer) readStream(from io.Reader) error {
	lines := bufio.NewReaderSize(from, 16<<10)
	r.said = []segment{{offer: r.header.Get("X-Souk-Offer")}}
	last := r.started
	var event []byte
	for {
		line, err := lines.ReadBytes('\n')
		now := time.Now()
		r.gap = max(r.gap, now.Sub(last))
		last = now
		if err == io.EOF {
			if len(line) > 0 || len(event) > 0 {
				r.strange = "an event without an end: " + clip(string(event)+string(line))
			}
			return nil
		}
		if err != nil {
			return err
		}
		if line = bytes.TrimSuffix(line, []byte("\n")); len(line) > 0 {
			event = append(append(event, line...), '\n')
			continue
		}
		r.take(bytes.TrimSuffix(event, []byte("\n")), now)
		event = event[:0]
	}
}

// take treats one event or comment.
func (r *answer) take(event []byte, now time.Time) {
	r.shown = r.shown || bytes.Contains(event, []byte(keyMark))
	if len(event) == 0 {
		return
	}
	if event[0] == ':' {
		r.comment(string(event))
		return
	}
	data, ok := bytes.CutPrefix(event, []byte("data: "))
	switch {
	case r.done:
		r.after = true
	case !ok || bytes.IndexByte(data, '\n') >= 0:
		r.strange = clip(string(event))
	case string(data) == "[DONE]":
		r.done = true
	default:
		r.event(data, now)
	}
}

func (r *answer) event(data []byte, now time.Time) {
	var e struct {
		Choices []struct {
			Delta  struct{ Content string }
			Finish string `json:"finish_reason"`
		}
		Error *refusal
		Usage *usage
	}
	if err := json.Unmarshal(data, &e); err != nil {
		r.strange = clip(string(data))
		return
	}
	for _, c := range e.Choices {
		if text := c.Delta.Content; text != "" {
			if r.first.IsZero() {
				r.first = now
			}
			s := &r.said[len(r.said)-1]
			s.text = append(s.text, text...)
			s.count++
		}
		if c.Finish != "" {
			r.finish = c.Finish
		}
	}
	if e.Error != nil {
		r.refusal = e.Error
	}
	if e.Usage != nil {
		r.usage = e.Usage
	}
}

// comment reads what souk says beside the events: which offer serves a stream that got its headers early, and where
// another offer goes on.
func (r *answer) comment(line string) {
	fields := map[string]string{}
	for word := range strings.FieldsSeq(line) {
		if name, value, ok := strings.Cut(word, "="); ok {
			fields[name] = value
		}
	}
	last := &r.said[len(r.said)-1]
	switch {
	case strings.HasPrefix(line, ": souk resumed "):
		last.offer = fields["after"]
		r.said = append(r.said, segment{offer: fields["offer"]})
	case strings.HasPrefix(line, ": souk offer="):
		last.offer = fields["offer"]
	}
}
