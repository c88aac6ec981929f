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

// appendIDs appends the beginning of a chunk of its own: only what identifies the answer, since clients add up what a chunk brings besides.
func (e *streamEvent) appendIDs(dst []byte) []byte {
	dst = append(dst, '{')
	for _, m := range e.head {
		dst = append(dst, '"')
		dst = append(dst, m.key...)
		dst = append(dst, `":`...)
		dst = append(dst, m.value...)
		dst = append(dst, ',')
	}
	return dst
}

// appendHead appends what stands between the ids and the text of a chunk of its own. Frames of blocks and outputs have it already.
func appendHead(dst []byte, key channelKey) []byte {
	switch key.family {
	case candidates:
		dst = append(dst, `"candidates":[{"content":{"parts":[{`...)
		if key.kind == kindReasoning {
			dst = append(dst, `"thought":true,`...)
		}
		return append(dst, `"text":"`...)
	case choices:
	default:
		return dst
	}
	dst = append(dst, `"choices":[{"index":`...)
	dst = strconv.AppendInt(dst, int64(key.owner), 10)
	switch key.kind {
	case kindCompletion:
		return append(dst, `,"text":"`...)
	case kindReasoning:
		return append(dst, `,"delta":{"reasoning":"`...)
	case kindReasoningContent:
		return append(dst, `,"delta":{"reasoning_content":"`...)
	case kindRefusal:
		return append(dst, `,"delta":{"refusal":"`...)
	case kindFunction:
		return append(dst, `,"delta":{"function_call":{"arguments":"`...)
	case kindTool, kindCustom:
		dst = append(dst, `,"delta":{"tool_calls":[{"index":`...)
		dst = strconv.AppendInt(dst, int64(key.index), 10)
		if key.kind == kindCustom {
			return append(dst, `,"custom":{"input":"`...)
		}
		return append(dst, `,"function":{"arguments":"`...)
	}
	return append(dst, `,"delta":{"content":"`...)
}

// appendTail appends what stands behind it.
func appendTail(dst []byte, key channelKey) []byte {
	switch key.family {
	case candidates:
		dst = append(dst, `"}],"role":"model"},"index":`...)
		dst = strconv.AppendInt(dst, int64(key.owner), 10)
		return append(dst, "}]}"...)
	case choices:
	default:
		return dst
	}
	switch key.kind {
	case kindCompletion:
		dst = append(dst, `"`...)
	case kindFunction:
		dst = append(dst, `"}}`...)
	case kindTool, kindCustom:
		dst = append(dst, `"}}]}`...)
	default:
		dst = append(dst, `"}`...)
	}
	return append(dst, `,"finish_reason":null}]}`...)
}
