package redact

// A number is written as groups of digits parted by a space, '-', '.' or '/'. Which identifier it can be is decided
// by the count of digits and the lengths of the groups; only then are check digits computed and labels looked for.

const (
	maxGroups = 32
	maxDigits = 19 // a payment card's (ISO/IEC 7812-1), the longest of all
)

// run is the groups of one stretch of text, left to right.
type run struct {
	n      int
	from   [maxGroups]int32 // of each group
	to     [maxGroups]int32
	sep    [maxGroups]byte // before each group: ' ', '-', '.', '/' or 'x' when mixed with spaces
	pre    [maxGroups + 1]int16
	digits [maxGroups * maxDigits]byte
	more   bool // the run goes on behind the last group
}

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

// number looks at the run of digit groups whose first is the word [a,b).
func (s *scan) number(a, b int) {
	if a < s.numberEnd {
		return
	}
	r := &s.run
	r.n, r.more = 0, false
	s.readRun(r, a, b)
	last := r.n
	if r.more {
		last = max(1, r.n-maxGroups/2)
		s.numberEnd = int(r.from[last])
	} else {
		s.numberEnd = int(r.to[r.n-1])
	}
	single := r.n > 8
	for k := 0; k < r.n && single; k++ {
		single = r.to[k]-r.from[k] == 1
	}
	if single {
		// Digits parted one by one are one number, or none.
		s.numberEnd = int(r.to[r.n-1])
		if !r.more && !(s.at(a-1) == ' ' && digit(s.at(a-2))) {
			s.spelled(r)
		}
		return
	}
	s.windows(r, last)
	s.birthNumber(r)
	if !s.dials(r) {
		return
	}
	for i := 0; i < last; i++ {
		if i == 0 || r.sep[i] == ' ' && r.phoneLike(i) {
			s.phone(int(r.from[i]), i > 0)
		}
	}
}

// dials says whether a telephone number can begin in the run: there are enough digits, or brackets with more.
func (s *scan) dials(r *run) bool {
	if r.pre[r.n] >= 6 {
		return true
	}
	if c := s.at(int(r.from[0]) - 1); c == '+' || c == '(' {
		return true
	}
	end := int(r.to[r.n-1])
	return s.at(end) == ')' || s.at(end) == '(' || s.at(end) == ' ' && s.at(end+1) == '('
}

// windows offers every stretch of groups that begins in the first last ones and has as many digits as an identifier.
func (s *scan) windows(r *run, last int) {
	const fewest = 8
	if r.pre[r.n] < fewest || s.joinedLeft(int(r.from[0])) && r.n == 1 {
		return
	}
	for i := 0; i < last; i++ {
		// A piece of a longer number joined with '-', '.' or '/' is not a number of its own.
		if i > 0 && r.sep[i] != ' ' || i == 0 && s.joinedLeft(int(r.from[0])) {
			continue
		}
		n := number{start: int(r.from[i])}
		for j := i; j < r.n && j < i+8; j++ {
			size := r.to[j] - r.from[j]
			digits := int(r.pre[j+1] - r.pre[i])
			if digits > maxDigits {
				break
			}
			n.group(size, r.sep[j], j == i)
			if digits < fewest || j < r.n-1 && r.sep[j+1] != ' ' {
				continue
			}
			n.whole, n.bare = i == 0 && j == r.n-1, i == j
			if !n.bare && !n.whole && !usualShape(n.shape) {
				continue
			}
			n.d = r.digits[r.pre[i]:r.pre[j+1]]
			n.end = int(r.to[j])
			if j == r.n-1 && s.joinedRight(n.end) {
				continue
			}
			n.inner = i > 0 && r.sep[i] == n.sep || j < r.n-1 && r.sep[j+1] == n.sep
			n.free = n.whole && n.sep != 'x' && n.sep != '/' && n.sep != 0
			s.identify(&n)
		}
	}
}

// spelled offers a run whose groups are single digits.
func (s *scan) spelled(r *run) {
	n := number{start: int(r.from[0]), end: int(r.to[r.n-1]), d: r.digits[:r.pre[r.n]], whole: true, free: true}
	if len(n.d) > maxDigits || s.joinedLeft(n.start) || s.joinedRight(n.end) {
		return
	}
	for k := range r.n {
		n.group(1, r.sep[k], k == 0)
	}
	s.identify(&n)
}

// readRun reads groups from the word [a,b) on. A group that is too long to be of an identifier stands alone.
func (s *scan) readRun(r *run, a, b int) {
	sep := byte(0)
	for {
		if b-a > maxDigits {
			if r.n == 0 {
				r.from[0], r.to[0], r.n = int32(a), int32(b), 1
				r.pre[1] = maxDigits + 1
			}
			return
		}
		k := r.n
		r.from[k], r.to[k], r.sep[k] = int32(a), int32(b), sep
		at := r.pre[k]
		for _, c := range s.t[a:b] {
			r.digits[at] = c - '0'
			at++
		}
		r.pre[k+1] = at
		r.n++
		next := b
		sep, next = s.groupSep(b)
		if sep == 0 {
			return
		}
		end := next
		for end < len(s.t) && digit(s.t[end]) {
			end++
		}
		if end < len(s.t) && letter(s.t[end]) {
			return
		}
		if r.n == maxGroups {
			r.more = true
			return
		}
		a, b = next, end
	}
}

// groupSep reads the separator at i when a digit follows it: one of four characters, with spaces around it or not.
func (s *scan) groupSep(i int) (sep byte, next int) {
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
		case c == '-' || c == '.' || c == '/':
			if sep != 0 && sep != ' ' {
				return 0, i
			}
			sep = c
		default:
			return 0, i
		}
	}
	if digit(s.at(i+3)) && sep != 0 {
		return sep, i + 3
	}
	return 0, i
}

// number is what one window of groups says to the detectors.
type number struct {
	d          []byte // the digits' values
	start, end int
	shape      uint64 // group lengths, see g444 and its like; a single group is its length
	sep        byte   // between groups: 0 none, 'x' not one
	whole      bool   // the run has no other groups
	bare       bool   // one group
	least      int32  // the shortest group
	most       int32  // the longest
	inner      bool   // the run has other groups that are parted as its own are
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

// usualShape says whether some identifier is written in groups of these lengths.
func usualShape(shape uint64) bool {
	switch shape {
	case g64, g67, g27, g84, g132, g333, g324, g334, g441, g451, g423, g444, g465, g464, g684, g4444, g4441, g4442, g3332, g2333, g4511,
		g44443, g44442, g44441, g6444, g23342, g22232, g632, g14521, g6421, g643, g1222332, g1222338, g44, g55, 6<<10 | 4<<5 | 2:
		return true
	}
	return false
}

// phoneLike says whether a telephone number can begin at group i of a run, where other groups stand before it: a trunk
// zero, or the lengths of a national form.
func (r *run) phoneLike(i int) bool {
	size := func(k int) int32 {
		if k >= r.n {
			return 0
		}
		return r.to[k] - r.from[k]
	}
	first := r.digits[r.pre[i]]
	switch size(i) {
	case 1:
		return size(i+1) == 3 && size(i+2) == 3
	case 3:
		return size(i+1) == 3 && size(i+2) == 4 || size(i+1) == 4 && size(i+2) == 4 || first == 0
	}
	return first == 0 && size(i) <= 5 || size(i) >= 9
}

// joinedLeft says whether the number that begins at i is the tail of something: a version, a UUID, a longer
// number, an amount.
func (s *scan) joinedLeft(i int) bool {
	c, p := s.at(i-1), s.at(i-2)
	switch c {
	case '+', '@', '^', '~':
		return true
	case '$':
		return true
	case '.':
		return alnum(p)
	case '-', '_', '/', ',':
		if c == '-' && (space(p) || p == '(' || p == ',' || p == '[') {
			return true // a negative number
		}
		if digit(p) {
			return c != '/' && c != ',' || c == ',' && digitsOnly(s.t[max(0, i-4):i-1])
		}
		if c == '-' && hex(p) {
			// A group of a UUID stands before it.
			from := s.whileBack(i-1, pAlnum, 13)
			return hasDigit(s.t[from : i-1])
		}
	}
	return false
}

// joinedRight says whether the number that ends at i goes on as something else.
func (s *scan) joinedRight(i int) bool {
	c, q := s.at(i), s.at(i+1)
	switch c {
	case '%', '@':
		return true
	case '-':
		if !alnum(q) {
			return false
		}
		end := s.while(i+1, pAlnum, 13)
		return hasDigit(s.t[i+1:end]) || s.at(end) == '-'
	case '.', '_':
		return digit(q)
	case ':':
		return digit(q) && !digit(s.at(i+3)) && !space(s.at(i+3))
	}
	return false
}

func digitsOnly(v []byte) bool {
	for _, c := range v {
		if !digit(c) && c != ',' {
			return false
		}
	}
	return true
}

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
