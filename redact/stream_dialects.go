package redact

import "strconv"

// choice reads a choice of a chat or completions chunk.
func (e *streamEvent) choice(r *jsonReader) {
	from, owner, done := len(e.parts), 0, false
	e.fields(r, func(key []byte) {
		switch string(key) {
		case "index":
			owner = r.number()
		case "text":
			e.piece(r, choices, kindCompletion)
		case "finish_reason":
			done = r.peek() != 'n'
		case "delta":
			e.fields(r, func(key []byte) { e.delta(r, key) })
		}
	})
	for i := range e.parts[from:] {
		e.parts[from+i].key.owner = owner
	}
	if done {
		e.finished = append(e.finished, finish{family: choices, owner: owner})
	}
}

// delta reads a member of a chat chunk's delta.
func (e *streamEvent) delta(r *jsonReader, key []byte) {
	switch string(key) {
	case "content":
		e.piece(r, choices, kindText)
	case "reasoning":
		e.piece(r, choices, kindReasoning)
	case "reasoning_content":
		e.piece(r, choices, kindReasoningContent)
	case "refusal":
		e.piece(r, choices, kindRefusal)
	case "function_call":
		e.fields(r, func(key []byte) {
			if string(key) == "arguments" {
				e.piece(r, choices, kindFunction)
			}
		})
	case "tool_calls":
		e.each(r, (*streamEvent).toolCall)
	}
}

func (e *streamEvent) toolCall(r *jsonReader) {
	from, index := len(e.parts), 0
	e.fields(r, func(key []byte) {
		switch string(key) {
		case "index":
			index = r.number()
		case "function":
			e.fields(r, func(key []byte) {
				if string(key) == "arguments" {
					e.piece(r, choices, kindTool)
				}
			})
		case "custom":
			e.fields(r, func(key []byte) {
				if string(key) == "input" {
					e.piece(r, choices, kindCustom)
				}
			})
		}
	})
	for i := range e.parts[from:] {
		e.parts[from+i].key.index = index
	}
}

// candidate reads a candidate of a Gemini chunk. Its parts are in order and have no index: one of another kind ends the text before it.
func (e *streamEvent) candidate(r *jsonReader) {
	from, owner, done := len(e.parts), 0, false
	begins := kindNone
	any := false
	e.fields(r, func(key []byte) {
		switch string(key) {
		case "index":
			owner = r.number()
		case "finishReason":
			done = r.peek() != 'n'
		case "content":
			e.fields(r, func(key []byte) {
				if string(key) != "parts" {
					return
				}
				before := kindNone
				e.each(r, func(e *streamEvent, r *jsonReader) {
					k := e.geminiPart(r)
					if !any {
						begins, any = k, true
					} else if k != before && before != kindNone {
						e.endBefore(k)
					}
					before = k
				})
			})
		}
	})
	for i := range e.parts[from:] {
		e.parts[from+i].key.owner = owner
	}
	switch {
	case done:
		e.finished = append(e.finished, finish{family: candidates, owner: owner})
	case any:
		e.finished = append(e.finished, finish{family: candidates, owner: owner, but: begins, some: true})
	}
}

// endBefore marks the piece before the one of kind k that was just read as its text's last.
func (e *streamEvent) endBefore(k kind) {
	at := len(e.parts) - 1
	if k != kindNone {
		at--
	}
	if at >= 0 {
		e.parts[at].last = true
	}
}

// geminiPart reads a part and gives its kind.
func (e *streamEvent) geminiPart(r *jsonReader) kind {
	from, thought := len(e.parts), false
	e.fields(r, func(key []byte) {
		switch string(key) {
		case "text":
			e.piece(r, candidates, kindText)
		case "thought":
			thought = r.peek() == 't'
		}
	})
	if len(e.parts) == from {
		return kindNone
	}
	if thought {
		e.parts[from].key.kind = kindReasoning
	}
	return e.parts[from].key.kind
}

// frame appends what has to stand around a text that goes out in an event of its own. Events with one text are taken as they are;
// of a chunk only what identifies the answer is, since clients add up what it brings besides.
func (e *streamEvent) frame(head, tail, event []byte, from int, p *part) ([]byte, []byte) {
	_, to, _ := eventData(event)
	switch p.key.family {
	case blocks, outputs:
		return append(head, event[:from+p.start]...), append(tail, event[from+p.end:]...)
	}
	head = append(head, event[:from]...)
	head = append(head, '{')
	for _, m := range e.head {
		head = append(head, '"')
		head = append(head, m.key...)
		head = append(head, `":`...)
		head = append(head, m.value...)
		head = append(head, ',')
	}
	if p.key.family == candidates {
		head = append(head, `"candidates":[{"content":{"parts":[{`...)
		if p.key.kind == kindReasoning {
			head = append(head, `"thought":true,`...)
		}
		head = append(head, `"text":"`...)
		tail = append(tail, `"}],"role":"model"},"index":`...)
		tail = strconv.AppendInt(tail, int64(p.key.owner), 10)
		tail = append(tail, "}]}"...)
		return head, append(tail, event[to:]...)
	}
	head = append(head, `"choices":[{"index":`...)
	head = strconv.AppendInt(head, int64(p.key.owner), 10)
	head, tail = chatFrame(head, tail, p.key)
	tail = append(tail, `,"finish_reason":null}]}`...)
	return head, append(tail, event[to:]...)
}

// chatFrame appends what stands around a text in a choice.
func chatFrame(head, tail []byte, key channelKey) ([]byte, []byte) {
	switch key.kind {
	case kindCompletion:
		return append(head, `,"text":"`...), append(tail, `"`...)
	case kindReasoning:
		return append(head, `,"delta":{"reasoning":"`...), append(tail, `"}`...)
	case kindReasoningContent:
		return append(head, `,"delta":{"reasoning_content":"`...), append(tail, `"}`...)
	case kindRefusal:
		return append(head, `,"delta":{"refusal":"`...), append(tail, `"}`...)
	case kindFunction:
		return append(head, `,"delta":{"function_call":{"arguments":"`...), append(tail, `"}}`...)
	case kindTool, kindCustom:
		head = append(head, `,"delta":{"tool_calls":[{"index":`...)
		head = strconv.AppendInt(head, int64(key.index), 10)
		if key.kind == kindCustom {
			return append(head, `,"custom":{"input":"`...), append(tail, `"}}]}`...)
		}
		return append(head, `,"function":{"arguments":"`...), append(tail, `"}}]}`...)
	}
	return append(head, `,"delta":{"content":"`...), append(tail, `"}`...)
}
