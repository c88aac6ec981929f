package handoff

// distinct are names that are there once each, in their order. A few are gone over, which is quickest; of the thousands that a head can
// hold each would be compared with all before it, so those are looked up.
type distinct struct {
	names []string
	at    map[string]int // their places; nil while they are few
}

const few = 16

// find is the place of a name; -1: it is not there.
func (d *distinct) find(name string) int {
	if d.at != nil {
		if i, ok := d.at[name]; ok {
			return i
		}
		return -1
	}
	for i, known := range d.names {
		if known == name {
			return i
		}
	}
	return -1
}

// add puts a name behind the others; it is false when the name is there already.
func (d *distinct) add(name string) bool {
	if d.find(name) >= 0 {
		return false
	}
	d.names = append(d.names, name)
	switch {
	case d.at != nil:
		d.at[name] = len(d.names) - 1
	case len(d.names) > few:
		d.at = make(map[string]int, 4*few)
		for i, known := range d.names {
			d.at[known] = i
		}
	}
	return true
}
