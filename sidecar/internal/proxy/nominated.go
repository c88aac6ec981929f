package proxy

import "bytes"

// nominated is which headers a Connection header says are for its hop alone (RFC 9110, section 7.6.1).
type nominated struct {
	list []byte          // the options, with commas between them
	set  map[string]bool // of those in lower case, when the list is long; nil: it is not
}

// longList is how many bytes of options are gone over for each header. With more of them it would be many times many: a head may hold
// thousands of either.
const longList = 256

func nominate(list []byte) nominated {
	n := nominated{list: list}
	if len(list) > longList {
		n.set = make(map[string]bool)
		for option := range bytes.SplitSeq(bytes.ToLower(list), []byte(",")) {
			n.set[alias(bytes.TrimSpace(option))] = true
		}
	}
	return n
}

// has tells whether a header is among them.
func (n *nominated) has(name []byte) bool {
	if len(name) == 0 || len(n.list) == 0 {
		return false
	}
	if n.set != nil {
		return n.set[string(bytes.ToLower(name))]
	}
	for option := range bytes.SplitSeq(n.list, []byte(",")) {
		if bytes.EqualFold(bytes.TrimSpace(option), name) {
			return true
		}
	}
	return false
}

// withoutNominated takes out the lines of these headers.
func withoutNominated(lines []byte, n nominated) []byte {
	kept := lines[:0]
	for l := range bytes.SplitAfterSeq(lines, []byte("\n")) {
		if name, _, _ := bytes.Cut(l, []byte(":")); !n.has(name) {
			kept = append(kept, l...)
		}
	}
	return kept
}

// joined is the value of a header that comes in several lines (RFC 9110, section 5.3). The first line's is not copied, and never
// written to, since it has no room behind it.
func joined(before, value []byte) []byte {
	if before == nil {
		return value[:len(value):len(value)]
	}
	return append(append(before, ','), value...)
}
