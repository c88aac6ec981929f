package redact

import (
	"errors"
	"slices"
	"sync"
)

// Finder finds values by its options. It is immutable and safe for concurrent use.
type Finder struct {
	on      [typeCount]bool
	private bool
	allow   map[string]struct{}
	labels  *lexicon
	// standIns are words of values that are not secrets.
	standIns *lexicon
	terms    *lexicon // the operator's dictionary; nil when there is none
	codes    *dialling
	shapes   *shapes
	keyEnds  *lexicon   // last words of keys, see newKeyEnds
	pool     *sync.Pool // of *scan: scratch that would otherwise be allocated by every call
}

// NewFinder compiles options. It refuses a type that is not of the catalogue and an empty dictionary term.
func NewFinder(o Options) (*Finder, error) {
	f := &Finder{private: o.PrivateIPs, labels: newLabels(), standIns: newStandIns(), codes: newDialling(), shapes: newShapes(), keyEnds: newKeyEnds()}
	types := o.Types
	if types == nil {
		types = defaultTypes()
	}
	for _, t := range types {
		if t == None || t > Dictionary {
			return nil, errors.New("a type to find is not of the catalogue; take one of Types()")
		}
		f.on[t] = true
	}
	if len(o.Allow) > 0 {
		f.allow = make(map[string]struct{}, len(o.Allow))
		for _, v := range o.Allow {
			f.allow[v] = struct{}{}
		}
	}
	if len(o.Dictionary) > 0 && f.on[Dictionary] {
		terms, err := newTerms(o.Dictionary)
		if err != nil {
			return nil, err
		}
		f.terms = terms
	}
	f.pool = &sync.Pool{New: func() any { return new(scan) }}
	return f, nil
}

// defaultTypes is the catalogue without URL, which is off unless asked for.
func defaultTypes() []Type {
	all := Types()
	return slices.DeleteFunc(all, func(t Type) bool { return t == URL })
}

// Find appends what it finds in text to dst: sorted, not overlapping, on UTF-8 boundaries where text is UTF-8.
// It allocates nothing of its own when text is ASCII and nothing is found.
func (f *Finder) Find(dst []Finding, text []byte) []Finding {
	return f.FindLabelled(dst, "", text)
}

// FindLabelled is Find for a value whose label stands elsewhere: the key of a JSON member, the header of a
// table's column. The label counts as a context word right before the text.
func (f *Finder) FindLabelled(dst []Finding, label string, text []byte) []Finding {
	if len(text) < minValue {
		return dst
	}
	s := f.pool.Get().(*scan)
	s.reset(f)
	s.load(label, text)
	s.sweep()
	if f.on[Email] {
		s.spokenEmails()
	}
	if f.terms != nil {
		s.dictionary()
	}
	s.resolve()
	for _, c := range s.found {
		start, end := s.original(int(c.start), int(c.end))
		if start < 0 || start >= end {
			continue
		}
		if f.allow != nil {
			if _, ok := f.allow[string(text[start:end])]; ok {
				continue
			}
		}
		dst = append(dst, Finding{Start: start, End: end, Type: c.typ})
	}
	s.release()
	f.pool.Put(s)
	return dst
}

// minValue is the length of the shortest value that can be found: a dictionary term of two bytes.
const minValue = 2

// rank orders what speaks for a candidate where two overlap: see REDACT's "checksum > prefix > context > shape".
type rank uint8

const (
	byShape    rank = iota + 1 // the form alone
	byContext                  // a label word nearby
	byPrefix                   // a prefix, a length and an alphabet
	byChecksum                 // check digits
	byBoth                     // check digits and a label, or a frame that nothing else has (PEM, userinfo of a URL)
	byOperator                 // the operator's own list
)

// candidate is a value that a validator accepted, before overlaps are resolved.
type candidate struct {
	start, end int32
	typ        Type
	rank       rank
}

// better says whether a wins over b where they overlap.
func (a candidate) better(b candidate) bool {
	if a.rank != b.rank {
		return a.rank > b.rank
	}
	if la, lb := a.end-a.start, b.end-b.start; la != lb {
		return la > lb
	}
	if a.start != b.start {
		return a.start < b.start
	}
	return a.typ < b.typ
}

// resolve leaves in s.found the winners among overlapping candidates, sorted by start.
func (s *scan) resolve() {
	if len(s.found) < 2 {
		return
	}
	found := s.found
	order(len(found), func(i, j int) bool {
		if found[i].start != found[j].start {
			return found[i].start < found[j].start
		}
		return found[i].better(found[j])
	}, func(i, j int) { found[i], found[j] = found[j], found[i] })
	kept := s.found[:0]
	for _, c := range s.found {
		wins := true
		for n := len(kept); n > 0 && kept[n-1].end > c.start; n = len(kept) {
			if !c.better(kept[n-1]) {
				wins = false
				break
			}
			kept = kept[:n-1]
		}
		if wins {
			kept = append(kept, c)
		}
	}
	s.found = kept
}
