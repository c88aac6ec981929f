package redact

import (
	"errors"
	"slices"
	"sync"
)

// Known values are looked for wherever they stand only between these lengths, in bytes: a shorter one would hit by accident, and
// a longer one is found by its own form every time.
const (
	minKnown = 5
	maxKnown = 128
)

// MaskOptions says how values are masked.
type MaskOptions struct {
	// Finder finds them.
	Finder *Finder
	// Extra finds more, such as names; it may be nil.
	Extra Detector
	// Mode stands for all types, Modes for single ones.
	Mode  Mode
	Modes map[Type]Mode
	// OneWay says that nothing will be restored, so that texts that look like placeholders may stay as they are.
	OneWay bool
}

// Masker masks texts and bodies. It is immutable and safe for concurrent use.
type Masker struct {
	finder *Finder
	all    *Finder // of the whole catalogue, by which Format knows that no check accepts a fake; nil: not needed
	extra  Detector
	modes  [256]Mode
	oneWay bool

	walkers *sync.Pool // of *walker: scratch that would otherwise be allocated by every call
}

// NewMasker compiles options.
func NewMasker(o MaskOptions) (*Masker, error) {
	if o.Finder == nil {
		return nil, errors.New("a masker needs a finder")
	}
	m := &Masker{finder: o.Finder, extra: o.Extra, oneWay: o.OneWay, walkers: &sync.Pool{New: func() any { return new(walker) }}}
	for t := range m.modes {
		m.modes[t] = o.Mode
	}
	for t, mode := range o.Modes {
		m.modes[t] = mode
	}
	for _, mode := range m.modes {
		if mode >= modeCount {
			return nil, errors.New("a redaction mode does not exist; take placeholder, partial, hash, format or block")
		}
	}
	m.modes[literal] = Placeholder
	if slices.Contains(m.modes[:], Format) {
		var err error
		if m.all, err = NewFinder(Options{Types: Types(), PrivateIPs: true}); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// With is the masker with another Extra, for a request of which it is known already what to find. It shares everything else.
func (m *Masker) With(extra Detector) *Masker {
	other := *m
	other.extra = extra
	return &other
}

// Masked is a text with its values masked. Counts says how many of each type, in the order of the catalogue; it holds no values.
type Masked struct {
	Text   []byte
	Counts []Count
}

// Count is how often a type was masked.
type Count struct {
	Type  Type
	Count int
}

// Text masks a plain text. When nothing is found, the result is text itself. On an error there is no text, and none must leave.
func (m *Masker) Text(s *Scope, text []byte) (Masked, error) {
	return m.mask(s, text, func(d Detector) ([]spot, error) {
		all, err := d.Detect(nil, "", text)
		if err != nil {
			return nil, err
		}
		spots := make([]spot, len(all))
		for i, f := range all {
			spots[i] = spot{Finding: f}
		}
		return spots, nil
	})
}

// JSON masks the texts of a request body, as FindJSON finds them. All bytes outside of what is masked leave as they came, and
// a body that was JSON still is. When nothing is found, the result is body itself. On an error there is no body, and none
// must leave.
func (m *Masker) JSON(s *Scope, body []byte) (Masked, error) {
	return m.mask(s, body, func(d Detector) ([]spot, error) {
		w := m.walkers.Get().(*walker)
		defer w.release(m.walkers)
		w.jsonReader, w.detector, w.leveled = jsonReader{text: body}, d, true
		if err := w.body(); err != nil {
			return nil, err
		}
		if len(w.found) == 0 {
			return nil, nil
		}
		spots := make([]spot, len(w.found))
		for i, f := range w.found {
			spots[i] = spot{Finding: f, level: w.levels[i]}
		}
		return spots, nil
	})
}

// spot is a finding in a body, and how many JSON strings it stands in.
type spot struct {
	Finding
	level uint8
}

func (m *Masker) mask(s *Scope, text []byte, look func(Detector) ([]spot, error)) (Masked, error) {
	spots, err := look(m)
	if err != nil {
		return Masked{}, err
	}
	if err := m.blocked(spots); err != nil {
		return Masked{}, err
	}
	if len(spots) > 0 && !m.oneWay {
		if err := reserveLookalikes(s, text, spots); err != nil {
			return Masked{}, err
		}
	}
	for _, h := range spots {
		if _, err := m.token(s, h, text); err != nil {
			return Masked{}, err
		}
	}
	// A value keeps its token where nothing but the value itself tells what it is: further down in the text, or in an
	// assistant's turn in which it was restored.
	if known := s.known(); known != nil {
		again, err := look(knownValues{s, known})
		if err != nil {
			return Masked{}, err
		}
		spots = mergeSpots(spots, again)
	}
	if len(spots) == 0 {
		return Masked{Text: text}, nil
	}
	if err := m.blocked(spots); err != nil {
		return Masked{}, err
	}
	return m.apply(s, text, spots)
}

// reserveLookalikes keeps values from getting the names of look-alikes that stay, as they do where nothing is masked: in names of tools
// and enums, say.
func reserveLookalikes(s *Scope, text []byte, spots []spot) error {
	for _, f := range appendLookalikes(nil, text) {
		for len(spots) > 0 && spots[0].End <= f.Start {
			spots = spots[1:]
		}
		if len(spots) > 0 && spots[0].Start <= f.Start && f.End <= spots[0].End {
			continue
		}
		if err := s.reserve(text[f.Start:f.End]); err != nil {
			return err
		}
	}
	return nil
}

// apply puts the tokens into the text.
func (m *Masker) apply(s *Scope, text []byte, spots []spot) (Masked, error) {
	out := make([]byte, 0, len(text)+16*len(spots))
	var counts [256]int
	at := 0
	for _, h := range spots {
		e, err := m.token(s, h, text)
		if err != nil {
			return Masked{}, err
		}
		out = append(out, text[at:h.Start]...)
		if h.level&quoted != 0 {
			out = appendEscaped(out, []byte{'"'}, int(h.level&^quoted))
			out = append(out, e.token...)
			out = appendEscaped(out, []byte{'"'}, int(h.level&^quoted))
		} else {
			out = append(out, e.token...)
		}
		at = h.End
		counts[h.Type]++
	}
	masked := Masked{Text: append(out, text[at:]...)}
	for t, n := range counts[:literal] {
		if n > 0 {
			masked.Counts = append(masked.Counts, Count{Type: Type(t), Count: n})
		}
	}
	return masked, nil
}

func (m *Masker) token(s *Scope, h spot, text []byte) (entry, error) {
	value := text[h.Start:h.End]
	for level := h.level &^ quoted; level > 0 && slices.Contains(value, '\\'); level-- {
		decoded, ok := unescape(nil, value)
		if !ok {
			return entry{}, &JSONError{Offset: h.Start, Err: errJSONEscape}
		}
		value = decoded
	}
	return s.issue(h.Type, value, m.modes[h.Type], m.all)
}

// blocked is the error for spots that must not leave, nil when there are none.
func (m *Masker) blocked(spots []spot) error {
	var types []Type
	for _, h := range spots {
		if m.modes[h.Type] == Block && !slices.Contains(types, h.Type) {
			types = append(types, h.Type)
		}
	}
	if types == nil {
		return nil
	}
	order(len(types), func(i, j int) bool { return types[i] < types[j] }, func(i, j int) { types[i], types[j] = types[j], types[i] })
	return &BlockedError{Types: types}
}

// Detect implements Detector with all that a Masker masks: what its Finder and its extra Detector find, and look-alikes of
// placeholders.
func (m *Masker) Detect(dst []Finding, label string, text []byte) ([]Finding, error) {
	from := len(dst)
	dst = m.finder.FindLabelled(dst, label, text)
	if m.extra != nil {
		own := len(dst)
		all, err := m.extra.Detect(dst, label, text)
		if err != nil {
			return dst, err
		}
		dst = mergeFindings(all, from, own)
	}
	if !m.oneWay {
		own := len(dst)
		dst = mergeFindings(appendLookalikes(dst, text), from, own)
	}
	return dst, nil
}

// knownValues finds the values of a scope.
type knownValues struct {
	scope *Scope
	words *wordSet
}

// Detect implements Detector.
func (k knownValues) Detect(dst []Finding, _ string, text []byte) ([]Finding, error) {
	for i := 0; i < len(text); {
		n := 0
		if k.words.first[text[i]].hi > 0 && (i == 0 || !alnum(text[i-1]) || !alnum(text[i])) {
			n = k.words.longest(text[i:])
		}
		if n == 0 || i+n < len(text) && alnum(text[i+n]) && alnum(text[i+n-1]) {
			i++
			continue
		}
		dst = append(dst, Finding{Start: i, End: i + n, Type: k.scope.typeOf(text[i : i+n])})
		i += n
	}
	return dst, nil
}
