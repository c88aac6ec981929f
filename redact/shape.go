package redact

// shapes of group lengths, five bits a group
const (
	g44      = 4<<5 | 4
	g55      = 5<<5 | 5
	g64      = 6<<5 | 4
	g67      = 6<<5 | 7
	g27      = 2<<5 | 7
	g84      = 8<<5 | 4
	g132     = 13<<5 | 2
	g333     = 3<<10 | 3<<5 | 3
	g324     = 3<<10 | 2<<5 | 4
	g334     = 3<<10 | 3<<5 | 4
	g441     = 4<<10 | 4<<5 | 1
	g451     = 4<<10 | 5<<5 | 1
	g423     = 4<<10 | 2<<5 | 3
	g444     = 4<<10 | 4<<5 | 4
	g465     = 4<<10 | 6<<5 | 5
	g464     = 4<<10 | 6<<5 | 4
	g684     = 6<<10 | 8<<5 | 4
	g4444    = 4<<15 | g444
	g4441    = g444<<5 | 1
	g4442    = g444<<5 | 2
	g3332    = g333<<5 | 2
	g2333    = 2<<15 | g333
	g4511    = g451<<5 | 1
	g44443   = g4444<<5 | 3
	g44442   = g4444<<5 | 2
	g44441   = g4444<<5 | 1
	g6444    = 6<<15 | g444
	g23342   = 2<<20 | 3<<15 | 3<<10 | 4<<5 | 2
	g22232   = 2<<20 | 2<<15 | 2<<10 | 3<<5 | 2
	g632     = 6<<10 | 3<<5 | 2
	g14521   = 1<<20 | 4<<15 | 5<<10 | 2<<5 | 1
	g6421    = 6<<15 | 4<<10 | 2<<5 | 1
	g643     = 6<<10 | 4<<5 | 3
	g1222332 = 1<<30 | 2<<25 | 2<<20 | 2<<15 | 3<<10 | 3<<5 | 2
	g1222338 = 1<<25 | 2<<20 | 2<<15 | 2<<10 | 6<<5 | 2
)

// standing says what numbers of a shape can be.
type standing uint8

const (
	nobodys    standing = iota // no identifier's
	needsLabel                 // an identifier's when a label announces it
	alone                      // an identifier's as it stands, if its check digits hold
)

// shapes is an automaton over the lengths of groups that knows how identifiers are written.
type shapes struct {
	next  [128][maxDigits + 1]uint8 // by state and length; 0 is where no shape goes on
	usual [128]standing
	any   [128][maxDigits + 1]uint8 // likewise of the shapes that may begin at any group, see anywhere
	ends  [128]lengths              // by state of any: what ends there
}

// lengths are how many digits numbers have, a bit for each length from fewest on. anyLabelled marks those that need a label.
type lengths uint16

const anyLabelled lengths = 1 << 15

// firstShape is the state before the first group.
const firstShape = 1

// newShapes is by reference: TinyGo copies an array of such a size element by element, in a hundred kilobytes of code.
func newShapes() *shapes {
	a := &shapes{}
	states := uint8(firstShape + 1)
	add := func(shape uint64, what standing) {
		var sizes []uint64
		digits := 0
		for ; shape > 0; shape >>= 5 {
			sizes = append(sizes, shape&31)
			digits += int(shape & 31)
		}
		state := uint8(firstShape)
		for k := len(sizes) - 1; k >= 0; k-- {
			if a.next[state][sizes[k]] == 0 {
				a.next[state][sizes[k]] = states
				states++
			}
			state = a.next[state][sizes[k]]
		}
		a.usual[state] = what
		a.ends[state] = anyLabelled
		if what == alone {
			a.ends[state] = lengthOf(digits)
		}
	}
	for _, shape := range [...]uint64{g27, g333, g334, g441, g451, g423, g2333, g4511, g6421, g643, g44, g55} {
		add(shape, needsLabel)
	}
	for _, shape := range [...]uint64{
		g64, g67, g84, g132, g324, g444, g465, g464, g684, g4444, g4441, g4442, g3332, g44443, g44442, g44441, g6444, g23342, g22232, g632, g14521,
		g1222332, g1222338, 6<<10 | 4<<5 | 2,
	} {
		add(shape, alone)
	}
	a.anywhere(states)
	return a
}

// anywhere completes the automaton so that one pass over a run of groups tells which shapes end in it, wherever they begin: where no
// shape goes on, the longest end of what was read that begins one does (A. V. Aho and M. J. Corasick, Efficient String Matching, 1975).
func (a *shapes) anywhere(states uint8) {
	back := make([]uint8, states) // the state of that longest end
	for size := range a.any[0] {
		a.any[0][size] = firstShape
	}
	for level := []uint8{firstShape}; len(level) > 0; {
		var deeper []uint8
		for _, state := range level {
			a.ends[state] |= a.ends[back[state]]
			for size := range a.any[state] {
				onward := a.any[back[state]][size]
				if next := a.next[state][size]; next != 0 {
					back[next], onward = onward, next
					deeper = append(deeper, next)
				}
				a.any[state][size] = onward
			}
		}
		level = deeper
	}
}

// in is what a run may hold: numbers in one group, and in shapes, wherever they begin.
func (a *shapes) in(r *run) (may lengths) {
	state := uint8(firstShape)
	for k := range r.n {
		size := r.sized[k]
		state = a.any[state][size]
		may |= a.ends[state] | bareLengths[size]
	}
	return may
}

// lengthOf is the set of one length.
func lengthOf(digits int) lengths { return 1 << (digits - fewest) }

// bareNumber is the standing of a number in one group, by its length; it is never written to.
var bareNumber = [maxDigits + 1]standing{8: needsLabel, 9: needsLabel, 10: needsLabel, 11: alone, 12: alone, 13: alone, 14: alone, 15: alone, 16: alone, 17: alone, 18: alone, 19: alone}

// bareLengths is bareNumber as lengths; it is never written to.
var bareLengths = buildBareLengths()

func buildBareLengths() (l [maxDigits + 1]lengths) {
	for digits, what := range bareNumber {
		switch what {
		case needsLabel:
			l[digits] = anyLabelled
		case alone:
			l[digits] = lengthOf(digits)
		}
	}
	return l
}

// beginnings are the lengths that a number with these first two digits may have to be an identifier without a label; it is never
// written to. It spares most numbers of a table the rest.
var beginnings = buildBeginnings()

func buildBeginnings() (b [100]lengths) {
	set := func(from, to int, lengths ...int) {
		for p := from; p <= to; p++ {
			for _, n := range lengths {
				b[p] |= lengthOf(n)
			}
		}
	}
	set(0, 99, 8, 9, 10, 11, 13, 14) // dates, areas, numbers given out in order
	set(20, 99, 12)                  // Aadhaar
	set(18, 20, 12)                  // personnummer with its century
	set(10, 49, 15)                  // NIR
	set(70, 89, 15)
	set(11, 83, 18) // provinces
	// Cards, as issued has them.
	set(40, 49, 13, 16, 19)
	set(51, 55, 16)
	set(22, 27, 16)
	set(97, 97, 16)
	set(34, 37, 15)
	set(18, 21, 15)
	set(30, 39, 14)
	for _, p := range [...]int{22, 30, 35, 36, 39, 60, 62, 64, 65, 81, 82, 95} {
		set(p, p, 16, 17, 18, 19)
	}
	for _, p := range [...]int{6, 50, 56, 57, 58, 60, 63, 67} {
		set(p, p, 12, 13, 14, 15, 16, 17, 18, 19)
	}
	return b
}

// begins is the lengths that the number with these digits may have to be an identifier without a label. Twelve digits from 0 or 1 on are a
// personnummer, with a month.
func begins(d []byte) lengths {
	l := beginnings[two(d, 0)]
	if d[0] < 2 && two(d, 4) > 12 {
		l &^= lengthOf(12)
	}
	return l
}
