package redact

// Finder finds values by its options. It is immutable and safe for concurrent use.
type Finder struct{}

// NewFinder compiles options.
func NewFinder(o Options) (*Finder, error) { return &Finder{}, nil }

// Find appends what it finds in text to dst: sorted, not overlapping.
func (f *Finder) Find(dst []Finding, text []byte) []Finding { return dst }
