package redact

// acrossLines offers a run together with the lines below it that go on with digits, when it has a label.
func (s *scan) acrossLines(r *run) {
	from, end := int(r.from[0]), int(r.to[r.n-1])
	if r.pre[r.n] >= maxDigits || s.nextLine(end) == 0 || s.around(from, from)&(lIDs|lCard) == 0 || s.joinedLeft(from) {
		return
	}
	n := number{start: from, sep: 'x', whole: true, broken: true}
	d := append(s.digits[:0], r.digits[:r.pre[r.n]]...)
	for range maxDigits {
		next := s.nextLine(end)
		if next == 0 {
			break
		}
		for end = next; len(d) <= maxDigits; {
			for ; digit(s.at(end)) && len(d) <= maxDigits; end++ {
				d = append(d, s.t[end]-'0')
			}
			sep, next := s.groupSep(end)
			if sep == 0 {
				break
			}
			end = next
		}
	}
	if n.d, n.end = d, end; len(d) > maxDigits || len(d) < fewest || alnum(s.at(end)) || s.joinedRight(end) {
		return
	}
	n.labels = s.around(n.start, n.end)
	s.identify(&n)
}

// nextLine is where the digits begin with which the next line, or the next column, goes on with a number that ends at i, 0 when it does
// not. A dash may stand before the line's end, and spaces and a mail's '>' around it.
func (s *scan) nextLine(i int) int {
	const farthest = 8
	line, parted := false, false
	for k := i; k < i+farthest; k++ {
		switch c := s.at(k); {
		case digit(c) && parted:
			return k
		case c == '\n' && !line && k < len(s.t):
			line, parted = true, true
		case c == '\t', k == i && s.oddMark(i):
			parted = true
		case c == ' ', c == '\r' && !line, c == '-' && k == i, c == '>' && line:
		case line && (c == '-' || c == '.') && digit(s.at(k+1)):
		default:
			return 0
		}
	}
	return 0
}

// goesBelow says whether a line or a column ends at i and the next one begins with digits.
func (s *scan) goesBelow(i int) bool {
	return s.breaksAt(i) && s.nextLine(i) != 0
}

// breaksAt says whether a line or a column may end at i, perhaps behind a dash or spaces.
func (s *scan) breaksAt(i int) bool {
	c := s.at(i)
	return c == '\n' || c == '\r' || c == '\t' || (c == ' ' || c == '-') && space(s.at(i+1)) || s.oddMark(i)
}

// oddMark says whether a mark that numbers do not have stands at i behind a group of four digits and others follow: 4111|1111|1111|1111.
func (s *scan) oddMark(i int) bool {
	return props[s.at(i)]&(pAlnum|pSpace) == 0 && digit(s.at(i+1)) && contains("|:+*,", s.t[i]) && i-s.whileBack(i, pDigit, 5) == 4
}

// leads says whether the number that begins at i follows a word or a mark, and no other number; behind a line's end a colon must stand.
func (s *scan) leads(i int) bool {
	c := s.at(i - 1)
	if c == '\n' && s.at(i-2) == ':' {
		return true
	}
	if c == ' ' {
		c = s.at(i - 2)
	}
	return props[c]&(pDigit|pSpace) == 0 && c != ','
}

// spelled says whether all of many groups are single digits.
func (r *run) spelled() bool {
	return r.n > 8 && r.sizes == 1<<1
}

// manySpelled is how many digits one by one are surely no number, whatever stands behind them.
const manySpelled = 32

// ones is how many groups of one digit a run begins with.
func (r *run) ones() int {
	k := 0
	for r.sized[k] == 1 {
		k++
	}
	return k
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
	n.labels = s.around(n.start, n.end)
	s.identify(&n)
}
