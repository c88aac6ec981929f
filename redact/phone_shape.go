package redact

type phoneShape uint8

const (
	none phoneShape = iota
	weak
	strong
)

// mayBeStrong says whether grouping may find the groups strong, by what all strong forms have.
func (p *phoneText) mayBeStrong() bool {
	if p.n < 8 || p.n > 13 {
		return false
	}
	switch first := p.digits[0]; {
	case first == 0, p.n == 10 && p.groups == 3:
		return true
	case p.n == 11 && (first == 1 && (p.digits[1] >= 3 || p.groups == 4) || first == 7 || first == 8):
		return true
	}
	return p.closes()
}

// grouping judges how much the groups of a national number say.
func (s *scan) grouping(p *phoneText) phoneShape {
	d := p.digits[:p.n]
	for k := 0; k < p.groups; k++ {
		if p.size(k) > 13 || p.groups > 1 && p.size(k) > 8 || p.sep[k] == '/' && k > 2 {
			return none
		}
	}
	if same(d) || p.groups == 2 && p.size(0) == 5 && p.size(1) == 3 && p.sep[1] == '-' {
		return none // Brazil's ZIP codes are 5-3
	}
	g := p.groups
	if s.at(p.start-1) == '=' && letter(s.at(p.start-2)) && !alnum(s.at(p.start-3)) && s.at(p.end()) == ';' {
		return weak // a=404-268-8350; of a script
	}
	switch {
	case p.n == 10 && g == 3 && p.size(0) == 3 && p.size(1) == 3 && d[0] >= 2 && d[3] >= 2 && (p.sep[2] != ' ' || p.sep[1] == ')'):
		return strong // NANP: NXX-NXX-XXXX
	case p.n == 11 && g == 4 && d[0] == 1 && p.size(0) == 1 && p.size(1) == 3 && p.size(2) == 3 && d[1] >= 2 && d[4] >= 2:
		return strong
	case p.closes() && p.size(0) >= 2 && p.size(0) <= 5 && p.n >= 8 && (p.n <= 12 || p.n == 13 && d[0] == 0) && g >= 2:
		return strong // an area code in brackets
	case p.n == 11 && g == 5 && d[0] == 0 && d[1] > 1 && p.size(0) == 1 && p.size(1) == 3 && p.size(2) == 3 && p.size(3) == 2 && s.alone(p):
		return strong // Turkey: 0 532 123 45 67
	case p.n == 11 && (d[0] == 8 || d[0] == 7) && g >= 4 && p.size(0) == 1 && p.size(1) == 3:
		return strong // Russia: 8 (912) 345-67-89
	case d[0] == 0 && d[1] != 0 && p.n >= 9 && p.n <= 12 && g >= 2 && p.size(0) >= 2 && p.size(0) <= 5 && p.even() && !s.goesOn(p):
		if g == 2 && p.size(0) == 5 && p.size(1) == 4 && p.sep[1] == '-' {
			return weak // a ZIP code
		}
		if p.n == 2*g && g != 5 || g == 3 && p.sep[1] == '.' && p.size(2) == 2 {
			return weak // a row of pairs, which France has five of
		}
		if g == 3 && p.size(0) == 4 && p.size(1) == 4 && p.size(2) == 4 && p.sep[1] == ' ' {
			return weak // groups of four as all numbers have
		}
		if g == 3 && p.size(0) == 3 && (p.size(1) == 2 && p.size(2) == 4 || p.size(1) == 3 && p.sep[1] == ' ' && p.sep[2] == ' ' && p.size(2) != 4) {
			return weak // an SSN; groups of three as all numbers have
		}
		return strong // a trunk zero and an area code
	case p.n == 10 && g == 3 && p.size(0) == 3 && p.size(1) == 3 && d[0] >= 2 && d[3] >= 2 && s.alone(p):
		return strong // NANP with spaces
	case g == 1 && d[0] == 0 && d[1] != 0 && (p.n == 10 || p.n == 11) && !ascending(d) && s.alone(p):
		return strong // a trunk zero, with the rest in one
	case p.n == 11 && d[0] == 1 && d[1] >= 3 && (g == 3 && p.size(0) == 3 && p.size(1) == 4 || g == 1 && s.inChinese(p.start, p.end())):
		return strong // China: 138 0013 8000
	case p.n >= 6 && p.n <= 11, p.n <= 13 && d[0] == 0, p.n == 12 && g > 1 && p.size(0) < 4:
		return weak
	}
	return none
}

// dials says whether a telephone number can begin in the run: there are enough digits, or brackets with more.
func (s *scan) dials(r *run) bool {
	if r.pre[r.n] >= 6 {
		return true
	}
	return s.dialsOn(int(r.from[0]), int(r.to[r.n-1]))
}

// dialsOn says whether the telephone number that the run [start,end) begins may go on behind it.
func (s *scan) dialsOn(start, end int) bool {
	c, next := s.at(end), s.at(end+1)
	if c == ')' || c == '(' || c == ' ' && next == '(' {
		return true
	}
	// Behind '+' or a bracket it may go on where the run ended.
	before := s.at(start - 1)
	if before == '+' && s.goesBelow(end) {
		return true
	}
	return (before == '+' || before == '(') && props[c]&pGroup != 0 && (props[next]&(pGroup|pDigit) != 0 || next == '(' || next == ')')
}

// phones looks for telephone numbers that begin in the first last groups of a run. Most groups of a table are none's by their size.
func (s *scan) phones(r *run, last int) {
	a, bracket := int(r.from[0]), s.bracketAt(int(r.to[r.n-1])) // a bracket may part groups that the run does not have
	called := s.labelsOf(r)&(lPhone|lCall) != 0
	if before := s.at(a - 1); before == '+' || before == '(' || bracket || s.linked(a) || r.dialForm(0) || called && s.dialled(r, 0) {
		s.phone(a, false)
	}
	if r.onlyFirst() && s.phoneEnd <= a {
		return
	}
	for i := 1; i < last; i++ {
		if (r.sep[i] == ' ' || r.sep[i] == '/' && s.phoneEnd == int(r.to[i-1])) && (bracket || r.dialForm(i) || called && s.dialled(r, i)) && (r.phoneLike(i) || s.nextDialled(int(r.from[i]))) {
			s.phone(int(r.from[i]), true)
		}
	}
}

// dialled says whether a word that announces telephone numbers stands near the groups from i on.
func (s *scan) dialled(r *run, i int) bool {
	end := int(r.to[r.n-1])
	return !(i == r.n-1 && s.tied(end)) && s.around(int(r.from[i]), end)&(lPhone|lCall) != 0
}

// phoneLike says whether a telephone number can begin at group i of a run, where other groups stand before it: a trunk
// zero, or the lengths of a national form.
func (r *run) phoneLike(i int) bool {
	first := r.digits[r.pre[i]]
	switch size := r.size(i); size {
	case 1:
		return r.size(i+1) == 3 && r.size(i+2) == 3
	case 3:
		return first == 0 || (r.size(i+1) == 3 || r.size(i+1) == 4) && r.size(i+2) == 4
	default:
		return first == 0 && size <= 5 || size >= 9
	}
}

// onlyFirst says whether no telephone number can begin behind the first group, by the lengths that the run has: see phoneLike. So it is
// in most tables.
func (r *run) onlyFirst() bool {
	const three, four = 1 << 3, 1 << 4
	zeros := uint32(1<<6 | 1<<7 | 1<<8)
	others := zeros | 1<<2 | four | 1<<5
	if !r.threes {
		zeros, others = zeros|1<<1, others|1<<1 // one digit has two groups of three behind it
	}
	if r.sizes&four == 0 {
		others |= three // three have a group of four behind the next
	}
	return r.zeros&^zeros == 0 && r.sizes&^others == 0
}

// dialForm says whether a telephone number can begin with group i, before it is read as one: without '+', a bracket or a label nearby only
// a few forms are taken, see grouping.
func (r *run) dialForm(i int) bool {
	at := int(r.pre[i])
	d := (*[3]byte)(r.digits[at:])
	if d[0] == 0 && (d[1]|d[2] != 0 || int(r.pre[r.n])-at < len(d)) {
		return true
	}
	switch second := r.size(i + 1); r.size(i) {
	case 1:
		return second == 3 && (d[0] == 1 || d[0] >= 7)
	case 3:
		return second == 3 || second == 4 && d[0] == 1
	case 11:
		return d[0] == 1 && (d[1] >= 3 || i == r.n-1) // China's; behind the last one the kind of its line may stand
	}
	return false
}

// bracketAt says whether a bracket follows at i, or behind a space.
func (s *scan) bracketAt(i int) bool {
	c := s.at(i)
	if c == ' ' {
		c = s.at(i + 1)
	}
	return c == '(' || c == ')'
}

// alone says whether the number stands in a sentence or on a line, and not among marks of code or of tables.
func (s *scan) alone(p *phoneText) bool {
	end := p.end()
	before, after := s.at(p.start-1), s.at(end)
	if p.inner || !contains(" \n(", before) || !contains(" \n).,;:!?", after) {
		return false
	}
	q, next := s.at(p.start-2), s.at(end+1)
	if before == ' ' && !letter(q) && q < 0x80 && !contains(".,:;!?)\n-/", q) {
		return false
	}
	return after == '\n' || space(next) || next == '\n' || after == ' ' && (letter(next) || next >= 0x80 || contains("(-/", next))
}

// ascending says whether each digit is one more than that before it: 0123456789.
func ascending(d []byte) bool {
	for k := 1; k < len(d); k++ {
		if d[k] != (d[k-1]+1)%10 {
			return false
		}
	}
	return true
}

// goesOn says whether the number is a piece of a row of groups: of hexadecimal bytes, of a table.
func (s *scan) goesOn(p *phoneText) bool {
	end := p.end()
	if s.at(end) == ' ' && hex(s.at(end+1)) && hex(s.at(end+2)) && (!alnum(s.at(end+3)) || digit(s.at(end+1)) && digit(s.at(end+2))) {
		return true
	}
	i := p.start
	return s.at(i-1) == ' ' && hex(s.at(i-2)) && hex(s.at(i-3)) && !alnum(s.at(i-4)) && (digit(s.at(i-2)) || digit(s.at(i-3))) ||
		s.at(i-1) == ':' && hex(s.at(i-2)) && (!alnum(s.at(i-3)) || hex(s.at(i-3)) && !alnum(s.at(i-4)))
}

// even says whether all groups behind the first have at least two digits.
func (p *phoneText) even() bool {
	for k := 1; k < p.groups; k++ {
		if p.size(k) < 2 {
			return false
		}
	}
	return true
}

// likeSSN says whether the groups are those of a US social security number: 3-2-4.
func (p *phoneText) likeSSN() bool {
	return p.groups == 3 && p.size(0) == 3 && p.size(1) == 2 && p.size(2) == 4 && p.sep[1] == '-' && p.sep[2] == '-'
}

// inChinese says whether an ideograph stands near the number.
func (s *scan) inChinese(start, end int) bool {
	for i := max(0, start-24); i < min(len(s.t), end+24); i++ {
		if c := s.t[i]; c >= 0xE4 && c <= 0xE9 {
			return true
		}
	}
	return false
}

// tied says whether the number that ends at i goes on behind a mark.
func (s *scan) tied(i int) bool {
	switch q := s.at(i + 1); s.at(i) {
	case '%', '@':
		return true
	case '_':
		return alnum(q)
	case '/':
		return alnum(q) && !s.kindBehind(i) && !s.dialledBehind(i+1)
	case '-':
		return alnum(q) && !s.kindBehind(i)
	case '.', ':':
		return digit(q)
	}
	return false
}

// dialledBehind says whether as many digits as a telephone number has follow at i: "404-268-8350/404-268-8351".
func (s *scan) dialledBehind(i int) bool {
	const least, longest = 9, 16
	digits := 0
	for end := min(len(s.t), i+longest); i < end && (digit(s.t[i]) || s.t[i] == '-' || s.t[i] == ' ' || s.t[i] == '.'); i++ {
		if digit(s.t[i]) {
			digits++
		}
	}
	return digits >= least
}

// notPhone are the look-alikes: dates, times, decimals, addresses, numbers that go on.
func (s *scan) notPhone(p *phoneText, end int) bool {
	if s.tied(end) || alnum(s.at(end)) && !s.extensionMark(end) || s.at(end) == ',' && digit(s.at(end+1)) && !digit(s.at(end+4)) && p.groups == 1 {
		return true
	}
	g := p.groups
	dots := 0
	for k := 1; k < g; k++ {
		if p.sep[k] == '.' {
			dots++
		}
	}
	switch {
	case g == 1:
		return p.n == 8 && dateDigits(p.digits[:8]) || s.counted(end)
	case g == 4 && p.n == 11 && dots == 2 && p.sep[3] == '-', g == 5 && p.n == 14 && p.sep[3] == '/':
		return true // a CPF or CNPJ
	case dots > 0 && p.sep[g-1] == '.' && p.size(g-1) == 1:
		return true // a section
	case g == 2 && dots == 1 && !(p.digits[0] == 0 && p.size(0) > 1 && p.size(0) < 5 && p.size(1) > 4):
		return true // a decimal, whose whole part has no zero before others
	case g == 2 && p.n == 8 && p.size(0) == 4 && p.sep[1] != ' ' && year(p.digits[:4]) && year(p.digits[4:8]):
		return true // 2006-2022
	case g == 4 && dots == 3 && p.size(0) <= 3 && p.size(1) <= 3 && p.size(2) <= 3 && p.size(3) <= 3 && p.n < 9:
		return true // an address, or a version
	case g == 3 && dots == 2 && p.digits[0] != 0 && p.size(0) < 3 && p.size(1) == 3 && p.size(2) == 3:
		return true // 1.660.000
	case g == 3 && p.n == 6 && p.sep[1] == p.sep[2] && (p.sep[1] == '/' || p.sep[1] == '.') && p.size(0) == 2 && p.size(1) == 2 &&
		(day(2000, two(p.digits[:], 2), two(p.digits[:], 0)) || day(2000, two(p.digits[:], 0), two(p.digits[:], 2))):
		return true // 17/05/24
	case g >= 3 && p.size(0) == 4 && p.size(1) <= 2 && p.size(2) <= 2 && (p.sep[1] == p.sep[2]) && year(p.digits[:4]):
		return true // 2024-05-17
	case g == 3 && p.size(0) <= 2 && p.size(1) <= 2 && p.size(2) == 4 && p.sep[1] == p.sep[2] && p.sep[1] != ' ' && year(p.digits[p.count[1]:]):
		return true // 17.05.2024
	case g == 3 && p.size(0) <= 2 && p.size(1) <= 2 && p.size(2) == 4 && year(p.digits[p.count[1]:]):
		return true
	}
	return false
}

// counted says whether what stands at i counts things, in Chinese, Japanese and Korean: 21106409台.
func (s *scan) counted(i int) bool {
	if s.at(i) < 0xE4 {
		return false
	}
	for _, counter := range [...]string{"台", "部", "件", "枚", "个", "個", "条", "條", "건", "명"} {
		if s.has(i, counter) {
			return true
		}
	}
	return false
}

func year(d []byte) bool {
	y := two(d, 0)*100 + two(d, 2)
	return y >= 1800 && y <= 2100
}

// yearAt is year for four digits of the text, by the Thai calendar too.
func (s *scan) yearAt(i int) bool {
	y := (int(s.t[i]-'0')*10+int(s.t[i+1]-'0'))*100 + int(s.t[i+2]-'0')*10 + int(s.t[i+3]-'0')
	return y >= 1800 && y <= 2100 || birthYear(y)
}

// dateDigits says whether eight digits are a date: 20240517 or 17052024.
func dateDigits(d []byte) bool {
	return year(d[:4]) && day(0, two(d, 4), two(d, 6)) || year(d[4:]) && (day(0, two(d, 2), two(d, 0)) || day(0, two(d, 0), two(d, 2)))
}
