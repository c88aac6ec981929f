package redact

import "unicode/utf8"

// birthNumber looks for dates that are written in digits in the groups of a run, announced as dates of birth.
func (s *scan) birthNumber(r *run) {
	if !s.f.on[DateOfBirth] || !r.mayBeDate() {
		return
	}
	// Behind a year an ideograph may be a part of the date, and another may stand for the word.
	end := int(r.to[r.n-1])
	if !s.near(int(r.from[0]), end, lBirth) && !s.has(end, "年") && !s.has(end, "년") && !s.bornBehind(end) {
		return
	}
	for i := 0; i < r.n; i++ {
		size := int(r.sized[i])
		start := int(r.from[i])
		if size == 4 && birthYear(s.digitsAt(start, start+4)) {
			s.writtenDate(start)
		}
		switch {
		case i+2 < r.n && size <= 4 && r.dateSeps(i) && (i == 0 || r.sep[i] == ' '):
			if s.numericDate(r, i) {
				s.birth(start, int(r.to[i+2]))
				i += 2
			}
		case size == 8 && dateDigits(r.digits[r.pre[i]:r.pre[i+1]]):
			s.birth(start, int(r.to[i]))
		case size == 6 && shortDate(r.digits[r.pre[i]:r.pre[i+1]]) && s.calledBirth(start, int(r.to[i])):
			s.birth(start, int(r.to[i]))
		}
	}
}

// dateSeps says whether what parts the groups from i on parts a date: twice the same, or as in 20/10-2001 and 22/8 1958.
func (r *run) dateSeps(i int) bool {
	first, second := r.sep[i+1], r.sep[i+2]
	return first == second || first == '/' && (second == '-' || second == ' ') && r.size(i+2) == 4
}

// shortDate says whether six digits are a date, 850312 or 120385.
func shortDate(d []byte) bool {
	return day(2000, two(d, 2), two(d, 4)) || day(2000, two(d, 2), two(d, 0))
}

// calledBirth says whether a word right before [start,end) calls it a date of birth, or a syllable right behind it.
func (s *scan) calledBirth(start, end int) bool {
	const near = 6
	d := s.unspent(start, end, lBirth)
	return d >= 0 && d <= near || s.bornBehind(end)
}

// mayBeDate says whether a run has three groups, a year, or a date in eight digits.
func (r *run) mayBeDate() bool {
	if r.sizes == 1<<3 {
		return false
	}
	for i := 2; i < r.n; i++ {
		if r.sep[i] == r.sep[i-1] && r.size(i) != 3 {
			return true
		}
	}
	if r.sizes&(1<<4|1<<6|1<<8) == 0 {
		return false
	}
	for i := range r.n {
		if d := r.digits[r.pre[i]:r.pre[i+1]]; len(d) == 4 && birthYear(two(d, 0)*100+two(d, 2)) || len(d) == 6 && shortDate(d) || len(d) == 8 && dateDigits(d) {
			return true
		}
	}
	return false
}

// timestamp is the end of a point in time at i, 2024-05-17 12:30 or 2024-05-17T12:30:45.678 (ISO 8601), 0 when there is none.
// Midnight is what programs write behind a date of birth.
func (s *scan) timestamp(i int) int {
	const size = len("2024-05-17T")
	if i+size > len(s.t) || !s.pairAt(i, s.t[i+2]) || !s.pairAt(i+2, s.t[i+4]) || !s.pairAt(i+5, s.t[i+4]) || !digit(s.t[i+8]) || !digit(s.t[i+9]) ||
		s.t[i+10] != ' ' && s.t[i+10] != 'T' || s.has(i+size, "00:00") {
		return 0
	}
	var d [8]byte
	for k, at := range [8]int{0, 1, 2, 3, 5, 6, 8, 9} {
		d[k] = s.t[i+at] - '0'
	}
	if !year(d[:4]) || !day(0, two(d[:], 4), two(d[:], 6)) {
		return 0
	}
	return s.clock(i + size)
}

// clock is the end of the time of day at i, 12:30 or 12:30:45.678, 0 when there is none.
func (s *scan) clock(i int) int {
	if !s.pairAt(i, ':') || s.t[i] > '2' || s.at(i+3)-'0' > 5 || !digit(s.at(i+4)) {
		return 0
	}
	end := i + 5
	if s.at(end) == ':' && digit(s.at(i+6)) && digit(s.at(i+7)) {
		end = i + 8
		if c := s.at(end); (c == '.' || c == ',') && digit(s.at(end+1)) {
			end = s.while(end+1, pDigit, 10)
		}
	}
	if c := s.at(end); alnum(c) && c != 'Z' || c == ':' || (c == '.' || c == '/' || c == '-' || c == ',') && alnum(s.at(end+1)) {
		return 0
	}
	return end
}

// pairAt says whether two digits and then c stand at i.
func (s *scan) pairAt(i int, c byte) bool {
	return digit(s.at(i)) && digit(s.at(i+1)) && s.at(i+2) == c
}

// numericDate says whether the groups i to i+2 are a date, in any order that is used.
func (s *scan) numericDate(r *run, i int) bool {
	var v, size [3]int
	for k := range 3 {
		size[k] = int(r.sized[i+k])
		for _, d := range r.digits[r.pre[i+k]:r.pre[i+k+1]] {
			v[k] = v[k]*10 + int(d)
		}
	}
	if i+3 < r.n && r.sep[i+3] != ' ' || size[1] > 2 {
		return false
	}
	switch {
	case size[0] == 4:
		return size[2] <= 2 && birthYear(v[0]) && day(v[0], v[1], v[2])
	case size[0] > 2:
		return false
	case size[2] == 4:
		return birthYear(v[2]) && (day(v[2], v[1], v[0]) || day(v[2], v[0], v[1]))
	case size[2] == 2:
		return (r.sep[i+1] != ' ' || s.calledBirth(int(r.from[i]), int(r.to[i+2]))) && (day(2000, v[1], v[0]) || day(2000, v[0], v[1]) || day(2000, v[1], v[2]))
	}
	return false
}

// birthYear is one that a living person can be born in, by the Gregorian or the Thai calendar.
func birthYear(y int) bool { return y >= 1890 && y <= 2035 || y >= 2433 && y <= 2578 }

// birth reports a date when a label announces it.
func (s *scan) birth(start, end int) {
	if alnum(s.at(start-1)) || alnum(s.at(end)) && s.at(end) != 'T' {
		return
	}
	d := s.distance(start, end, lBirth)
	if d >= 0 && d <= reach && (s.digitsBetween(start-d, start, 4) || s.dateBetween(start-d, start)) && !s.joinedDate(start, d) {
		d = s.behind(end, lBirth) // it announces one date, and those that a word joins to it
	}
	if d > reach && s.numberBehind(end+d-reach-1) {
		d = -1 // it is the next date's
	}
	if d >= 0 || s.bornBehind(end) {
		s.add(DateOfBirth, start, end, byBoth)
		s.phoneEnd = max(s.phoneEnd, end)
	}
}

// joinedDate says whether a short word joins the date at start to another, which a label d bytes before announces: "born 12.03.1985 and 14.05.1987".
func (s *scan) joinedDate(start, d int) bool {
	last := start - 1
	for !digit(s.at(last)) {
		last--
	}
	letters := 0
	for _, c := range s.t[last:start] {
		switch {
		case letter(c), c >= utf8.RuneSelf:
			letters++
		case c == '\n', c == '.':
			return false
		}
	}
	return letters > 0 && letters <= 3 && start-last < d
}

// bornBehind says whether the syllable that means "born" in Chinese, Japanese and Korean stands at i, and no word that begins with it.
func (s *scan) bornBehind(i int) bool {
	const size = len("生")
	switch next := s.at(i + size); {
	case s.has(i, "生"):
		return next < 0xE4
	case s.has(i, "생"):
		return next < 0xEA || s.has(i+size, "이") || s.has(i+size, "입") || s.has(i+size, "인") || s.has(i+size, "으") || s.has(i+size, "의") || s.has(i+size, "은")
	}
	return false
}

// dateBetween says whether three numbers that '/' parts stand in [from,to).
func (s *scan) dateBetween(from, to int) bool {
	marks := 0
	for i := from + 1; i < to-1; i++ {
		if s.t[i] == '/' && digit(s.t[i-1]) && digit(s.t[i+1]) {
			marks++
		}
	}
	return marks > 1
}

// numberBehind says whether a digit follows the word that begins at i, at most a few words behind it.
func (s *scan) numberBehind(i int) bool {
	const words = 28 // bytes
	for end := min(len(s.t), i+words); i < end; i++ {
		switch c := s.t[i]; {
		case digit(c):
			return true
		case c == '\n', c == ';', c == '|', c == ')', c == '.' && space(s.at(i+1)) && i > 3 && letter(s.t[i-3]) && letter(s.t[i-2]):
			return false
		}
	}
	return false
}

// compactDate is 04Jun1984, and other days that are written so.
func (s *scan) compactDate(a, b int) {
	v := s.t[a:b]
	if digit(v[0]) && digit(v[1]) && letter(v[2]) && digit(v[5]) && month(v[2:5]) && digitsOnly(v[5:]) && birthYear(s.digitsAt(b-4, b)) {
		s.birth(a, b)
	}
}

// digitsAt is the number that the digits [a,b) write.
func (s *scan) digitsAt(a, b int) (n int) {
	for _, c := range s.t[a:b] {
		n = n*10 + int(c-'0')
	}
	return n
}
