package redact

// mergeFindings makes one list without overlaps of two that are: all[from:mid] and all[mid:]. What overlaps becomes one finding that
// covers both, of the longer one's type: dropping either could let a part of a value out.
func mergeFindings(all []Finding, from, mid int) []Finding {
	if from == mid || mid == len(all) {
		return all
	}
	part := all[from:]
	order(len(part), func(i, j int) bool { return part[i].before(part[j]) }, func(i, j int) { part[i], part[j] = part[j], part[i] })
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

// before is the order of findings in a text; where two begin together, the catalogue's types stand before a recogniser's.
func (f Finding) before(g Finding) bool {
	return f.Start < g.Start || f.Start == g.Start && f.Type < g.Type
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
	order(len(all), func(i, j int) bool { return all[i].before(all[j].Finding) }, func(i, j int) { all[i], all[j] = all[j], all[i] })
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
