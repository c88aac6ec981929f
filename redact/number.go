package redact

// A number is written as groups of digits parted by a space, '-', '.', '/' or '_'. Which identifier it can be is decided
// by the count of digits and the lengths of the groups; only then are check digits computed and labels looked for.

const (
	maxGroups = 120
	maxDigits = 19 // a payment card's (ISO/IEC 7812-1), the longest of all
)

// run is the groups of one stretch of text, left to right.
type run struct {
	n      int
	from   [maxGroups]int32 // of each group
	to     [maxGroups]int32
	sized  [maxGroups + 2]uint8 // how many digits each has, with two of none behind the last
	sep    [maxGroups]byte      // before each group: ' ', '-', '.', '/' or '_'
	pre    [maxGroups + 1]int16
	digits [maxGroups*maxDigits + maxDigits + 1]byte
	sizes  uint32 // the lengths of groups, a bit for each
	zeros  uint32 // likewise of those that begin with 0
	threes bool   // two groups of three stand side by side
	dots   bool   // dots part groups
	more   bool   // the run goes on behind the last group
	pairs  bool   // '-' stands beside a group of two, as in addresses of hardware, and the run is not one row of more groups
	read   bool   // labels are those around the run, see labelsOf
	labels label
}

// pairsOfMAC is how many pairs of digits an address of hardware has.
const pairsOfMAC = 6

// ahead is how many groups of a long run are kept for the next look at it: no number begins in them and ends in the run.
const ahead = maxPhoneGroups

// number looks at the run of digit groups whose first is the word [a,b), and gives the offset to go on from.
func (s *scan) number(a, b int) int {
	if s.unannounced(a, b) {
		s.numberEnd = b
		return b
	}
	if b-a < 4 && s.at(b) == ')' && s.at(a-1) == '(' {
		s.numberEnd = b
		s.phone(a, false) // an area code is nothing else
		return b
	}
	r := &s.run
	s.readRun(r, a, b)
	if r.n == 1 && b-a < 4 && !s.dials(r) && !s.goesBelow(b) {
		s.numberEnd = b // neither an identifier nor a year
		return b
	}
	last := r.n
	if r.more {
		last -= ahead
		s.numberEnd = int(r.from[last])
	} else {
		s.numberEnd = int(r.to[r.n-1])
	}
	if r.sizes == 1<<1 && s.at(int(r.to[r.n-1])) == ' ' && !r.more {
		s.spacedOut(int(r.from[r.n-1])) // letters may follow
	}
	if r.spelled() {
		// Digits parted one by one are one number, or none.
		s.numberEnd = int(r.to[r.n-1])
		if !r.more && !(s.at(a-1) == ' ' && digit(s.at(a-2))) {
			s.spelled(r)
		}
		return s.resume(r, b)
	}
	if ones := r.ones(); ones > manySpelled {
		s.numberEnd = int(r.to[ones-1])
		return s.numberEnd
	}
	s.windows(r, last)
	if !r.more && s.breaksAt(int(r.to[r.n-1])) {
		s.acrossLines(r)
	}
	s.birthNumber(r)
	if s.dials(r) {
		s.phones(r, last)
	}
	s.addresses(r)
	return s.resume(r, b)
}

// resume is where the sweep goes on behind a run whose first group ends at b: its numbers are nothing else, but the last few may begin
// an identifier that has letters too, see splitIDs, when any follow.
func (s *scan) resume(r *run, b int) int {
	const few = 4
	end := int(r.to[r.n-1])
	if r.pairs && r.n >= pairsOfMAC {
		return b
	}
	if r.more {
		return max(b, int(r.from[r.n-ahead])-1) // what has not been offered yet
	}
	if s.idle(end) {
		return end
	}
	if r.n <= few {
		return b
	}
	return max(b, int(r.from[r.n-few])-1)
}

// idle says whether nothing that has letters too, and no time, can begin just before the end of a run.
func (s *scan) idle(end int) bool {
	c := s.at(end)
	return c != ':' && !alnum(c) && !alnum(s.at(end+1))
}

// maxWhole is the most groups that are offered together whatever their lengths.
const maxWhole = 10

// fewest is how many digits the shortest identifier has.
const fewest = 8

// windows offers every stretch of groups that begins in the first last ones and has as many digits as an identifier.
func (s *scan) windows(r *run, last int) {
	if r.pre[r.n] < fewest {
		return
	}
	// A piece of a longer number joined with '-', '.' or '/' is not a number of its own.
	if !s.joinedLeft(int(r.from[0])) {
		s.windowsFrom(r, 0)
	}
	i := 1
	for i < last && r.sep[i] != ' ' && r.sep[i] != '/' {
		i++
	}
	if i >= last || r.sizes < 1<<3 {
		return // all shapes have three digits or more somewhere
	}
	may := s.f.shapes.in(r)
	if may == 0 {
		return
	}
	labelled := s.labelsOf(r) != 0
	if may &^= anyLabelled; may == 0 && !labelled {
		return // all shapes that the run has need a label
	}
	for ; i < last; i++ {
		// Without a label around only what the first two digits may begin is worth a look.
		if (r.sep[i] == ' ' || r.sep[i] == '/') && (labelled || may&begins(r.digits[r.pre[i]:]) != 0) {
			s.windowsFrom(r, i)
		}
	}
}

// labelsOf is the meanings of all words around the run; they are read when they are asked for first.
func (s *scan) labelsOf(r *run) label {
	if !r.read {
		r.read, r.labels = true, s.around(int(r.from[0]), int(r.to[r.n-1]))
	}
	return r.labels
}

// windowsFrom offers the stretches that begin with group i: it alone, those of a shape that some identifier has, and all
// groups. Without a label around, most shapes are nobody's.
func (s *scan) windowsFrom(r *run, i int) {
	shapes, pre := s.f.shapes, &r.pre
	state, all := uint8(firstShape), i == 0 && r.n <= maxWhole
	d := r.digits[pre[i]:]
	usual := begins(d)
	for j := i; j < r.n; j++ {
		digits := int(pre[j+1] - pre[i])
		if digits > maxDigits {
			return
		}
		state = shapes.next[state][r.sized[j]]
		what := shapes.usual[state]
		switch {
		case j == i:
			what = bareNumber[digits]
		case all && j == r.n-1:
			if digits >= 12 {
				what = alone
			} else {
				what = max(what, needsLabel)
			}
		case state == 0 && !all:
			return
		}
		switch {
		case what == nobodys, j < r.n-1 && r.sep[j+1] != ' ' && (r.sep[j+1] != '/' || j == i || r.sep[j] == '/'), j == r.n-1 && s.joinedRight(int(r.to[j])):
			continue
		case (what == needsLabel || usual>>(digits-fewest)&1 == 0) && s.labelsOf(r) == 0:
			continue
		}
		s.window(r, i, j)
	}
}

// window offers the groups i to j.
func (s *scan) window(r *run, i, j int) {
	n := number{start: int(r.from[i]), end: int(r.to[j]), d: r.digits[r.pre[i]:r.pre[j+1]], whole: i == 0 && j == r.n-1, bare: i == j}
	for k := i; k <= j; k++ {
		n.group(r.size(k), r.sep[k], k == i)
	}
	n.inner = i > 0 && r.sep[i] == n.sep || j < r.n-1 && r.sep[j+1] == n.sep
	n.fours = i > 0 && r.size(i-1) == 4 || r.size(j+1) == 4
	if s.labelsOf(r) != 0 {
		n.labels = s.around(n.start, n.end)
	}
	n.free = n.whole && n.sep != 'x' && n.sep != '/' && n.sep != '_' && n.sep != 0 && !(n.sep == '.' && j == i+1)
	s.identify(&n)
}

// readRun reads groups from the word [a,whole) on. A group that is too long to be of an identifier stands alone.
func (s *scan) readRun(r *run, a, whole int) {
	t, sep, k, at := s.t, byte(0), 0, 0
	dashes := 0
	r.more, r.read, r.pairs, r.threes, r.dots, r.sizes, r.zeros = false, false, false, false, false, 0, 0
	for {
		// One digit more than any identifier has is enough to see.
		b, end := a, min(len(t), a+maxDigits+1)
		for ; b < end && digit(t[b]); b++ {
			r.digits[at] = t[b] - '0'
			at++
		}
		size := b - a
		if size > maxDigits {
			if k == 0 {
				r.from[0], r.to[0], k = int32(a), int32(whole), 1
				r.pre[1], r.sized[0] = maxDigits+1, uint8(whole-a)
			}
			break
		}
		c := s.at(b)
		what := props[c]
		if what&pLetter != 0 && k > 0 && !(c == 'T' && s.pairAt(b+1, ':')) {
			break
		}
		if k >= maxGroups {
			r.more = true
			break
		}
		r.from[k], r.to[k], r.sep[k], r.sized[k] = int32(a), int32(b), sep, uint8(size)
		switch sep {
		case '.':
			r.dots = true
		case '-':
			r.pairs = r.pairs || size == 2 || k > 0 && r.size(k-1) == 2
			if digit(t[a-2]) { // nothing else parts them
				dashes++
			}
		}
		r.sizes |= 1 << (size & 31)
		if t[a] == '0' {
			r.zeros |= 1 << (size & 31)
		}
		if size == 3 && k > 0 && r.sized[k-1] == 3 {
			r.threes = true
		}
		k++
		r.pre[k] = int16(at)
		if what&pGroup == 0 {
			break
		}
		if next := s.at(b + 1); digit(next) {
			sep, a = c, b+1
		} else if props[next]&pGroup == 0 {
			break
		} else if sep, a = s.groupSep(b); sep == 0 {
			break
		}
	}
	r.n, r.sized[k], r.sized[k+1] = k, 0, 0
	r.pairs = r.pairs && (dashes < k-1 || k <= pairsOfMAC)
}

// groupSep reads the separator at i when a digit follows it: one of five characters, with spaces around it or not. With spaces on both
// sides it parts like a space: "200 - 276-66-7011".
func (s *scan) groupSep(i int) (sep byte, next int) {
	if props[s.at(i)]&pGroup == 0 || props[s.at(i+1)]&(pGroup|pDigit) == 0 {
		return 0, i
	}
	for k := i; k < i+3; k++ {
		switch c := s.at(k); {
		case digit(c):
			if k == i {
				return 0, i
			}
			return sep, k
		case c == ' ':
			if sep == 0 {
				sep = ' '
			}
		case c == '-' || c == '.' || c == '/' || c == '_':
			if sep != 0 && sep != ' ' || c == '.' && s.at(k+1) == ' ' {
				return 0, i // "1. 276-66-7011": a list, or a sentence's end
			}
			sep = c
		default:
			return 0, i
		}
	}
	if !digit(s.at(i+3)) || sep == 0 {
		return 0, i
	}
	if s.t[i] == ' ' && s.t[i+2] == ' ' {
		sep = ' '
	}
	return sep, i + 3
}

// number is what one window of groups says to the detectors.
type number struct {
	d          []byte // the digits' values
	start, end int
	shape      uint64 // group lengths, see g444 and its like; a single group is its length
	sep        byte   // between groups: 0 none, 'x' not one
	whole      bool   // the run has no other groups
	bare       bool   // one group
	labels     label  // of the words around, see around
	least      int32  // the shortest group
	most       int32  // the longest
	inner      bool   // the run has other groups that are parted as its own are
	fours      bool   // one of them that stands beside has four digits
	broken     bool   // it goes on in other lines or columns
	free       bool   // any grouping is to be taken: the digits stand apart on purpose
}

// group adds a group to the shape; sep stands before it.
func (n *number) group(size int32, sep byte, first bool) {
	n.shape = n.shape<<5 | uint64(size)
	n.most = max(n.most, size)
	switch {
	case first:
		n.least = size
		return
	case n.sep == 0:
		n.sep = sep
	case n.sep != sep:
		n.sep = 'x'
	}
	n.least = min(n.least, size)
}

// size is how many digits group k has, 0 behind the last.
func (r *run) size(k int) int32 { return int32(r.sized[k]) }

// grouped says whether the number is written in one of the shapes, or in one group, or digit by digit.
func (n *number) grouped(shapes ...uint64) bool {
	if n.bare {
		return true
	}
	for _, g := range shapes {
		if n.shape == g {
			return n.sep != '/'
		}
	}
	return false
}
