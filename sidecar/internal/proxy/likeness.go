package proxy

import (
	"bytes"

	"github.com/soukproxy/souk/sidecar/internal/dialect"
)

// likeness recognises the next event of a stream by the one before it. Most of them differ only in the text that they add, so that
// comparing what stands around it says as much as reading the JSON again, at a tenth of the cost.
type likeness struct {
	around []byte // an event's data without its text
	before int    // how much of around stands before the text; 0: nothing is known yet
	event  dialect.Event
}

func (l *likeness) forget() { l.around, l.before = l.around[:0], 0 }

// matches tells that data is the event that was learned but for its text, and makes e what reading it would have.
func (l *likeness) matches(data []byte, e *dialect.Event) bool {
	after := len(data) - (len(l.around) - l.before)
	if l.before == 0 || after <= l.before ||
		!bytes.Equal(data[:l.before], l.around[:l.before]) || !bytes.Equal(data[after:], l.around[l.before:]) {
		return false
	}
	text := data[l.before:after]
	if bytes.IndexByte(text, '"') >= 0 || bytes.IndexByte(text, '\\') >= 0 {
		return false // its end may be elsewhere
	}
	*e = l.event
	e.Text = data[l.before-1 : after+1]
	return true
}

// learn remembers an event that adds text and does nothing else.
func (l *likeness) learn(data []byte, e *dialect.Event) {
	if len(e.Text) <= len(`""`) || !e.Content || e.Other || e.Broken || e.Error != nil || e.Finished != 0 || e.Usage.Known {
		return
	}
	start := cap(data) - cap(e.Text) + 1
	end := start + len(e.Text) - 2
	l.around = append(append(l.around[:0], data[:start]...), data[end:]...)
	l.before, l.event = start, *e
	l.event.Text = nil
}
