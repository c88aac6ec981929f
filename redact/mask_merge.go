package redact

import "slices"

// mergeFindings makes one list without overlaps of two that are: all[from:mid] and all[mid:]. What overlaps becomes one finding that
// covers both, of the longer one's type: dropping either could let a part of a value out.
func mergeFindings(all []Finding, from, mid int) []Finding {
	if from == mid || mid == len(all) {
		return all
	}
	slices.SortStableFunc(all[from:], func(a, b Finding) int { return a.Start - b.Start })
	kept := from
	for _, f := range all[from+1:] {
		last := &all[kept]
		if f.Start >= last.End {
			kept++
			all[kept] = f
			continue
		}
		cover(last, f)
	}
	return all[:kept+1]
}

func cover(last *Finding, f Finding) {
	if f.End-f.Start > last.End-last.Start {
		last.Type = f.Type
	}
	last.End = max(last.End, f.End)
}

// mergeSpots is mergeFindings for spots.
func mergeSpots(a, b []spot) []spot {
	if len(a) == 0 || len(b) == 0 {
		return append(a, b...)
	}
	all := append(a, b...)
	slices.SortStableFunc(all, func(a, b spot) int { return a.Start - b.Start })
	kept := 0
	for _, h := range all[1:] {
		if last := &all[kept]; h.Start < last.End {
			cover(&last.Finding, h.Finding)
			continue
		}
		kept++
		all[kept] = h
	}
	return all[:kept+1]
}
