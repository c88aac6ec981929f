package redact

import (
	"bytes"
	"sync"
	"unsafe"
)

const (
	// maxNested is how deep JSON in strings of JSON is followed: tool arguments that carry a document are two.
	maxNested = 3
	// maxDepth bounds the recursion over values that are looked into.
	maxDepth = 128
)

// FindJSON appends what f finds in the texts of a request body to dst: chat, completions, embeddings and Responses of OpenAI,
// Anthropic's Messages, Gemini's generateContent. Start and End are offsets in body as it stands, escapes included. Only strings
// that carry text are looked at: never keys, numbers, models, ids, roles, enums, names of tools or base64 media. JSON in a string
// is looked into three levels deep: of tool arguments, which a program reads, the strings alone; of a message's content, which
// a model reads, also keys and long numbers.
func FindJSON(dst []Finding, f *Finder, body []byte) ([]Finding, error) {
	return DetectJSON(dst, found{f}, body)
}

// DetectJSON is FindJSON with any Detector: it gets the texts one by one, in the order of the body.
func DetectJSON(dst []Finding, d Detector, body []byte) ([]Finding, error) {
	w := walker{jsonReader: jsonReader{text: body}, detector: d, found: dst}
	if err := w.body(); err != nil {
		return dst, err
	}
	return w.found, nil
}

// Detector finds values besides a Finder's, such as names and addresses by an external recogniser. Detect appends findings in text
// to dst, sorted by Start and not overlapping. label is the name of a value that has one, such as the key in tool arguments, and
// otherwise empty. It must keep neither. An error keeps the request from leaving.
type Detector interface {
	Detect(dst []Finding, label string, text []byte) ([]Finding, error)
}

// found makes a Detector of a Finder.
type found struct{ *Finder }

func (f found) Detect(dst []Finding, label string, text []byte) ([]Finding, error) {
	return f.FindLabelled(dst, label, text), nil
}

// walker goes over a body and lets a detector look at its texts.
type walker struct {
	jsonReader
	detector Detector
	found    []Finding // offsets in the text that the reader is at
	levels   []uint8   // of each finding, when leveled: how many strings it stands in
	leveled  bool
	scratch  [maxNested + 1][]byte
	nested   int  // strings around the text that the reader is at
	prose    bool // the outermost of them is a message's: keys and numbers are text too
	depth    int
	sources  int // objects of roleSource around the reader
}

// release lets go of the body and of scratch that one large body has grown, and keeps the rest for another walk.
func (w *walker) release(pool *sync.Pool) {
	const keep = 1 << 16
	kept := walker{found: w.found[:0], levels: w.levels[:0], scratch: w.scratch}
	for i := range kept.scratch {
		if cap(kept.scratch[i]) > keep {
			kept.scratch[i] = nil
		}
	}
	if cap(kept.found) > keep/24 {
		kept.found, kept.levels = nil, nil
	}
	*w = kept
	pool.Put(w)
}

// A level of a finding is how many strings it stands in. quoted marks a number, in whose place a token needs quotes.
const quoted = 0x80

// minNumber is the shortest number in JSON in a message that is looked at, in digits: the shortest that identifies somebody.
const minNumber = 7

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
			w.prose = true
			w.string(w.pos-1-len(content), content, escaped, nil)
			w.prose = false
		case as == roleDeep && !media(key, content):
			w.string(w.pos-1-len(content), content, escaped, key)
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
		from := w.pos
		if w.literal(); w.prose && w.err == nil {
			w.number(from, key)
		}
	}
}

// number lets the detector look at the number that begins at from and ends where the reader stands. It is masked as a whole.
func (w *walker) number(from int, key []byte) {
	digits := w.text[from:w.pos]
	if len(digits) < minNumber {
		return
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return
		}
	}
	before := len(w.found)
	if w.detect(digits, key); len(w.found) == before || w.err != nil {
		return
	}
	w.found = w.found[:before+1]
	f := &w.found[before]
	f.Start, f.End = from, w.pos
	if w.leveled {
		w.levels = w.levels[:before+1]
		w.levels[before] = uint8(w.nested) | quoted
	}
}

func (w *walker) enter() {
	if w.depth++; w.depth > maxDepth {
		w.fail(errJSONDepth)
	}
}

func (w *walker) object(as role) {
	textual := false
	if as == roleSource {
		// Of sources in sources only the outermost is gone over twice, so that depth does not multiply the work.
		textual = w.sources > 0 || w.plainSource()
		w.sources++
		defer func() { w.sources-- }()
	}
	first := true
	for key, ok := w.member(&first); ok; key, ok = w.member(&first) {
		switch as {
		case roleRoot:
			w.value(rootRole(key), nil)
		case roleContent:
			w.value(contentRole(key), nil)
		case roleDeep:
			if w.prose {
				w.key()
			}
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

// key lets the detector look at the key that the reader has just passed.
func (w *walker) key() {
	// The value may be looked at with its key in hand, so this goes by the text, not by a copy in the scratch.
	end := w.keyAt + indexByte(w.text[w.keyAt:], '"')
	content := w.text[w.keyAt:end]
	if indexByte(content, '\\') < 0 {
		w.string(w.keyAt, content, false, nil)
		return
	}
	probe := jsonReader{text: w.text, pos: w.keyAt - 1}
	content, _ = probe.str()
	w.string(w.keyAt, content, true, nil)
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

// string lets the detector look at a string's text. base is where its content stands.
func (w *walker) string(base int, content []byte, escaped bool, key []byte) {
	from := len(w.found)
	if !escaped {
		w.detect(content, key)
		for i := range w.found[from:] {
			w.found[from+i].Start += base
			w.found[from+i].End += base
		}
		return
	}
	scratch := w.scratch[w.nested]
	if cap(scratch) < len(content) {
		scratch = make([]byte, 0, max(len(content), 2*cap(scratch)))
	}
	text, ok := unescape(scratch[:0], content)
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
	w.jsonReader = jsonReader{text: text, strict: true}
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
	if w.leveled {
		w.levels = w.levels[:from]
	}
	return false
}

// detect appends what the detector finds in text. The key goes with it, since "ssn" or "password" is often the only word that tells
// what a value is.
func (w *walker) detect(text, key []byte) {
	label := unsafe.String(unsafe.SliceData(key), len(key))
	all, err := w.detector.Detect(w.found, label, text)
	if err != nil {
		w.err = err
		return
	}
	w.found = all
	if w.leveled {
		for len(w.levels) < len(w.found) {
			w.levels = append(w.levels, uint8(w.nested+1))
		}
	}
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
