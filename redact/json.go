package redact

import "bytes"

const (
	// maxNested is how deep JSON in strings of JSON is followed: tool arguments that carry a document are two.
	maxNested = 3
	// maxDepth bounds the recursion over values that are looked into.
	maxDepth = 128
)

// FindJSON appends what f finds in the texts of a request body to dst: chat, completions, embeddings and Responses of OpenAI,
// Anthropic's Messages, Gemini's generateContent. Start and End are offsets in body as it stands, escapes included. Only strings
// that carry text are looked at: never keys, numbers, models, ids, roles, enums, names of tools or base64 media. JSON in a string,
// such as tool arguments, is looked into three levels deep.
func FindJSON(dst []Finding, f *Finder, body []byte) ([]Finding, error) {
	w := walker{jsonReader: jsonReader{text: body}, detector: found{f}, found: dst}
	if err := w.body(); err != nil {
		return dst, err
	}
	return w.found, nil
}

// Detector finds values besides a Finder's, such as names and addresses by an external recogniser. Detect appends findings in text
// to dst, sorted by Start and not overlapping. It must not keep text. An error keeps the request from leaving.
type Detector interface {
	Detect(dst []Finding, text []byte) ([]Finding, error)
}

// found makes a Detector of a Finder.
type found struct{ *Finder }

func (f found) Detect(dst []Finding, text []byte) ([]Finding, error) { return f.Find(dst, text), nil }

// walker goes over a body and lets a detector look at its texts.
type walker struct {
	jsonReader
	detector Detector
	found    []Finding // offsets in the text that the reader is at
	levels   []uint8   // of each finding: how many strings it stands in; kept only when it is not nil
	scratch  [maxNested + 1][]byte
	keyed    []byte
	nested   int // strings around the text that the reader is at
	depth    int
}

// role is what a value is for; it decides which strings inside are text.
type role uint8

const (
	roleSkip    role = iota
	roleRoot         // the request
	roleContent      // messages, parts, blocks, items: text under the keys that hold text
	roleDeep         // a caller's or a tool's own data: every string is text
	roleSchema       // definitions of tools and formats: descriptions only
	roleNamed        // a schema's map from names to schemas
	roleFormat       // text when it is a string, a definition otherwise
	roleSource       // Anthropic's source of a document or image: text by its type
)

func (w *walker) body() error {
	w.peek()
	w.value(roleRoot, nil)
	w.end()
	return w.err
}

// value goes over the value at pos. key is what names it where a name gives context to a text, as in tool arguments.
func (w *walker) value(as role, key []byte) {
	if w.err != nil {
		return
	}
	if as == roleSkip {
		w.skip()
		return
	}
	if w.pos >= len(w.text) {
		w.fail(errJSONEnd)
		return
	}
	switch w.text[w.pos] {
	case '"':
		content, escaped := w.str()
		if w.err != nil || len(content) == 0 {
			return
		}
		switch {
		case as == roleContent, as == roleFormat, as == roleSchema && string(key) == "description":
			w.string(content, escaped, nil)
		case as == roleDeep && !media(key, content):
			w.string(content, escaped, key)
		}
	case '{':
		w.enter()
		w.object(as)
		w.depth--
	case '[':
		w.enter()
		if as == roleSchema {
			key = nil
		}
		for first := true; w.next(']', &first); {
			w.peek()
			w.value(as, key)
		}
		w.depth--
	default:
		w.literal()
	}
}

func (w *walker) enter() {
	if w.depth++; w.depth > maxDepth {
		w.fail(errJSONDepth)
	}
}

func (w *walker) object(as role) {
	textual := as == roleSource && w.plainSource()
	first := true
	for key, ok := w.member(&first); ok; key, ok = w.member(&first) {
		switch as {
		case roleRoot:
			w.value(rootRole(key), nil)
		case roleContent:
			w.value(contentRole(key), nil)
		case roleDeep:
			w.value(roleDeep, key)
		case roleSource:
			if textual && string(key) == "data" || string(key) == "content" {
				w.value(roleContent, nil)
			} else {
				w.value(roleSkip, nil)
			}
		case roleNamed:
			w.value(roleSchema, nil)
		default:
			w.value(schemaRole(key), key)
		}
	}
}

// plainSource tells that the source object at pos is a plain text document, which carries its text where others carry base64.
func (w *walker) plainSource() bool {
	probe := w.jsonReader
	first := true
	for key, ok := probe.member(&first); ok; key, ok = probe.member(&first) {
		if string(key) == "type" && probe.peek() == '"' {
			content, _ := probe.str()
			return string(content) == "text"
		}
		probe.skip()
	}
	return false
}

// string lets the detector look at a string's text; the reader stands after it.
func (w *walker) string(content []byte, escaped bool, key []byte) {
	base := w.pos - 1 - len(content)
	from := len(w.found)
	if !escaped {
		w.detect(content, key)
		for i := range w.found[from:] {
			w.found[from+i].Start += base
			w.found[from+i].End += base
		}
		return
	}
	text, ok := unescape(w.scratch[w.nested][:0], content)
	w.scratch[w.nested] = text
	if !ok {
		w.fail(errJSONEscape)
		return
	}
	if w.nested == maxNested || !bracketed(text) || !w.inner(text) {
		w.detect(text, key)
	}
	m := offsetMap{content: content}
	for i := range w.found[from:] {
		f := &w.found[from+i]
		f.Start = base + m.start(f.Start)
		f.End = base + m.end(f.End)
	}
}

// inner goes over a string's text as the JSON that it is; false: it is none, and nothing was found.
func (w *walker) inner(text []byte) bool {
	outer, from := w.jsonReader, len(w.found)
	w.jsonReader = jsonReader{text: text}
	w.nested++
	w.peek()
	w.value(roleDeep, nil)
	w.end()
	w.nested--
	err := w.err
	w.jsonReader = outer
	if err == nil {
		return true
	}
	w.found = w.found[:from]
	if w.levels != nil {
		w.levels = w.levels[:from]
	}
	return false
}

// detect appends what the detector finds in text. A key goes before it, since "ssn" or "password" is often the only word that tells
// what a value is.
func (w *walker) detect(text, key []byte) {
	from, before := len(w.found), 0
	if len(key) > 0 {
		w.keyed = appendKey(w.keyed[:0], key)
		before = len(w.keyed)
		w.keyed = append(w.keyed, text...)
		text = w.keyed
	}
	all, err := w.detector.Detect(w.found, text)
	if err != nil {
		w.err = err
		return
	}
	kept := from
	for _, f := range all[from:] {
		if f.Start = max(f.Start-before, 0); f.End-before > f.Start {
			f.End -= before
			all[kept] = f
			kept++
		}
	}
	w.found = all[:kept]
	if w.levels != nil {
		for len(w.levels) < len(w.found) {
			w.levels = append(w.levels, uint8(w.nested+1))
		}
	}
}

// appendKey writes a key as text would: "cardNumber" and "card_number" become words, and what it was stands before the colon, as in
// an assignment.
func appendKey(dst, key []byte) []byte {
	split := false
	for i, c := range key {
		switch upper := c >= 'A' && c <= 'Z'; {
		case c == '_' || c == '-' || c == '.':
			dst = append(dst, ' ')
			split = true
		case upper && i > 0 && key[i-1] >= 'a' && key[i-1] <= 'z':
			dst = append(dst, ' ', c)
			split = true
		default:
			dst = append(dst, c)
		}
	}
	if split {
		dst = append(dst, ' ')
		dst = append(dst, key...)
	}
	return append(dst, ':', ' ')
}

// bracketed tells text that may be a JSON object or array.
func bracketed(text []byte) bool {
	text = bytes.TrimSpace(text)
	if len(text) < 2 {
		return false
	}
	first, last := text[0], text[len(text)-1]
	return first == '{' && last == '}' || first == '[' && last == ']'
}
