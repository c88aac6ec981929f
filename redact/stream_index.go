package redact

// few is how many things are looked through one by one. Events with more, as no provider sends them, are looked up by what names them, so
// that an event of many texts takes no more time than many events.
const few = 8

// finishKey names what finishes.
type finishKey struct {
	family family
	owner  int
}

// finishing is all that an event says of the end of an owner's texts.
type finishing struct {
	all bool   // they all end
	but uint16 // a bit for each kind: those before which the others end
}

// eventIndex is what many parts and finishes of one event are looked up in. A map is nil when there are few.
type eventIndex struct {
	last     map[channelKey]int // the last part of each text
	finished map[finishKey]finishing
}

// index makes the event's index.
func (e *streamEvent) index() {
	e.indexed = eventIndex{}
	if len(e.parts) > few {
		e.indexed.last = map[channelKey]int{}
		for i := range e.parts {
			e.indexed.last[e.parts[i].key] = i
		}
	}
	if len(e.finished) > few {
		e.indexed.finished = map[finishKey]finishing{}
		for _, f := range e.finished {
			key := finishKey{f.family, f.owner}
			end := e.indexed.finished[key]
			if f.some {
				end.but |= 1 << f.but
			} else {
				end.all = true
			}
			e.indexed.finished[key] = end
		}
	}
}

// finishes tells whether the event completes a text; before is for what was kept back before it.
func (e *streamEvent) finishes(key channelKey, before bool) bool {
	if e.all {
		return true
	}
	if e.indexed.finished != nil {
		end := e.indexed.finished[finishKey{key.family, key.owner}]
		return end.all || before && end.but&^(1<<key.kind) != 0
	}
	for _, f := range e.finished {
		if f.family == key.family && f.owner == key.owner && (!f.some || before && f.but != key.kind) {
			return true
		}
	}
	return false
}

// carries tells whether the event has a piece of a text at all, and goesOn after the i-th.
func (e *streamEvent) carries(key channelKey) bool {
	if e.indexed.last != nil {
		_, ok := e.indexed.last[key]
		return ok
	}
	for i := range e.parts {
		if e.parts[i].key == key {
			return true
		}
	}
	return false
}

func (e *streamEvent) goesOn(i int) bool {
	if e.indexed.last != nil {
		return e.indexed.last[e.parts[i].key] > i
	}
	for _, p := range e.parts[i+1:] {
		if p.key == e.parts[i].key {
			return true
		}
	}
	return false
}

// find is the place of a text in the stream's channels, -1 when it has none.
func (s *StreamRestorer) find(key channelKey) int {
	if len(s.channels) > few {
		if s.places == nil {
			s.places = make(map[channelKey]int, 2*len(s.channels))
			for i := range s.channels {
				s.places[s.channels[i].key] = i
			}
		}
		if i, ok := s.places[key]; ok {
			return i
		}
		return -1
	}
	for i := range s.channels {
		if s.channels[i].key == key {
			return i
		}
	}
	return -1
}
