package redact

import "bytes"

// eventData is where an event's data stands, without its field's name (WHATWG HTML, section 9.2.6), and on how many lines; from and
// to are the first line's.
func eventData(event []byte) (from, to, lines int) {
	for at := 0; at < len(event); {
		end, next := lineEnd(event, at)
		if value, ok := dataLine(event[at:end]); ok {
			if lines == 0 {
				from, to = end-len(value), end
			}
			lines++
		}
		at = next
	}
	return from, to, lines
}

// lineEnd is where the line at pos ends, and where the next one begins.
func lineEnd(event []byte, pos int) (end, next int) {
	i := indexByte(event[pos:], '\n')
	if i < 0 {
		return len(event), len(event)
	}
	end, next = pos+i, pos+i+1
	if end > pos && event[end-1] == '\r' {
		end--
	}
	return end, next
}

func dataLine(line []byte) ([]byte, bool) {
	value, ok := bytes.CutPrefix(line, []byte("data:"))
	if !ok {
		return nil, string(line) == "data"
	}
	return bytes.TrimPrefix(value, []byte(" ")), true
}

// oneLine appends the event with its data on one line, where the first line of it stood.
func oneLine(dst, event []byte) []byte {
	from, to, _ := eventData(event)
	dst = append(dst, event[:to]...)
	_, next := lineEnd(event, from)
	after := next
	for at := next; at < len(event); {
		end, next := lineEnd(event, at)
		if value, ok := dataLine(event[at:end]); ok {
			dst = append(append(dst, ' '), value...)
		}
		at = next
	}
	dst = append(dst, event[to:after]...)
	for at := after; at < len(event); {
		end, next := lineEnd(event, at)
		if _, ok := dataLine(event[at:end]); !ok {
			dst = append(dst, event[at:next]...)
		}
		at = next
	}
	return dst
}
