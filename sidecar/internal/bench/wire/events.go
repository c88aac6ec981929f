package wire

import "bytes"

// stampLength is the length of a Unix time in nanoseconds, in digits, until the year 2286.
const stampLength = 19

// events finds the events in a stream's body. The mock and every provider of this dialect send one data line for each
// event, so a line is an event.
type events struct {
	line   []byte // a line that a read cut in two
	inRead int    // events found in the current read
	last   int64
}

func (e *events) feed(b []byte, now int64, a *Answer, t *Trace) {
	for len(b) > 0 {
		line, rest, whole := bytes.Cut(b, []byte("\n"))
		if !whole {
			e.line = append(e.line, line...)
			return
		}
		if len(e.line) > 0 {
			e.line = append(e.line, line...)
			line = e.line
		}
		if data, ok := bytes.CutPrefix(line, []byte("data:")); ok {
			e.event(bytes.TrimSpace(data), now, a, t)
		}
		e.line = e.line[:0]
		b = rest
	}
}

func (e *events) event(data []byte, now int64, a *Answer, t *Trace) {
	if string(data) == "[DONE]" {
		a.Done = true
		return
	}
	a.Events++
	if e.inRead++; e.inRead > 1 {
		a.Coalesced++
	}
	if a.FirstEvent == 0 {
		a.FirstEvent = now
	} else if t != nil {
		t.Gaps = append(t.Gaps, now-e.last)
	}
	e.last = now
	if sent, ok := stamp(data); ok {
		if t != nil {
			t.Transit = append(t.Transit, now-sent)
		}
	} else if bytes.Contains(data, []byte(`"total_tokens"`)) {
		a.Usage = true
	}
}

// stamp reads the time that the mock wrote into a chunk's content, as "T<unix ns>".
func stamp(data []byte) (sent int64, ok bool) {
	i := bytes.Index(data, []byte(`"T1`))
	if i < 0 || len(data) < i+2+stampLength {
		return 0, false
	}
	for _, c := range data[i+2 : i+2+stampLength] {
		if c < '0' || c > '9' {
			return 0, false
		}
		sent = sent*10 + int64(c-'0')
	}
	return sent, true
}
