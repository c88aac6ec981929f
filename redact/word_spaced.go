package redact

import "math"

// Characters may stand one by one, a space between two: "h e n k @ t e l e n e t . b e". Without the spaces they are looked at as one word,
// with the label before them. Numbers of nothing but digits are looked at by spelled.

const (
	fewestSpaced = 8  // characters, of an address of a host
	mostSpaced   = 64 // of a mail address or a wallet, and of a word or two beside it
)

// spacedOut looks at the row of single characters that has the one at i.
func (s *scan) spacedOut(i int) {
	if i < s.spacedEnd {
		return
	}
	from, end, marks := i, i, false
	for limit := max(i-2*mostSpaced, s.spacedEnd); from > limit && s.at(from-1) == ' ' && s.single(from-2); from -= 2 {
		marks = marks || !digit(s.t[from-2])
	}
	for limit := i + 2*mostSpaced; end < limit && s.at(end+1) == ' ' && s.single(end+2); end += 2 {
		marks = marks || !digit(s.t[end+2])
	}
	goesOn := from < s.spacedEnd // a row that was too long
	s.spacedEnd = end + 1
	if size := (end-from)/2 + 1; goesOn || size < fewestSpaced || size > mostSpaced || !marks && digit(s.t[i]) || !s.joins(size) {
		return
	}
	joint := s.jointScan()
	label := max(0, from-reach)
	joint.buf = append(joint.buf, s.t[label:from]...)
	for k := from; k <= end; k += 2 {
		joint.buf = append(joint.buf, s.t[k])
	}
	joint.look()
	for _, c := range joint.found {
		start, last := int(c.start)-(from-label), int(c.end)-1-(from-label)
		if start >= 0 && c.rank >= byPrefix && c.typ != GenericSecret {
			s.found = append(s.found, candidate{start: int32(from + 2*start), end: int32(from + 2*last + 1), typ: c.typ, rank: c.rank})
		}
	}
}

// single says whether a character of ASCII stands at i alone.
func (s *scan) single(i int) bool {
	c := s.at(i)
	return c > ' ' && c < 0x7F && !alnum(s.at(i-1)) && !alnum(s.at(i+1))
}

// joins says whether size bytes more may be looked at as joints: of a large text no more than a quarter is.
func (s *scan) joins(size int) bool {
	const always = 1024
	s.jointSize += size
	return s.jointSize <= len(s.t)/4+always
}

// jointScan is a scan for a text of pieces of this one's, which its buf takes: it looks for no joints itself.
func (s *scan) jointScan() *scan {
	if s.joint == nil {
		s.joint = new(scan)
	}
	s.joint.reset(s.f)
	s.joint.spacedEnd, s.joint.cutEnd = math.MaxInt, math.MaxInt
	return s.joint
}

// look looks at the pieces in buf.
func (s *scan) look() {
	s.t, s.mapped = s.buf, false
	s.sweep()
	s.resolve()
}
