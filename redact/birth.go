package redact

import "unicode/utf8"

// birthNumber looks for dates that are written in digits in the groups of a run, announced as dates of birth.
func (s *scan) birthNumber(r *run) {
	if !s.f.on[DateOfBirth] || !r.mayBeDate() || s.at(int(r.to[r.n-1])) < utf8.RuneSelf && !s.near(int(r.from[0]), int(r.to[r.n-1]), lBirth) {
		return // behind a date an ideograph may be a part of it, and another may stand for the word
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

// writtenDate looks around the year at i for a month in letters or in ideographs: "12 March 1985", "March 12, 1985",
// "1985年3月12日", "12. März 1985", "12 de marzo de 1985".
func (s *scan) writtenDate(i int) {
	end := i + 4
	if stop := s.ideographDate(end); stop > 0 {
		s.birth(i, stop)
		return
	}
	if start := s.dateBefore(i); start >= 0 {
		s.birth(start, end)
		return
	}
	if start, stop := s.spacedDate(i); start < stop {
		s.birth(start, stop)
		return
	}
	// Year first: "1985 March 12", as Hungarian and Lithuanian have it ("1985. március 12.").
	k := end
	for k < end+3 && (s.at(k) == '.' || s.at(k) == ' ' || s.at(k) == ',' || s.at(k) == '-') {
		k++
	}
	word := k
	k = s.letters(k)
	if !month(s.t[word:k]) {
		return
	}
	for k < len(s.t) && (s.t[k] == ' ' || s.t[k] == '.' || s.t[k] == '-') {
		k++
	}
	if stop := s.while(k, pDigit, 3); stop > k && stop-k <= 2 {
		s.birth(i, stop)
	}
}

// compactDate is 04Jun1984, and other days that are written so.
func (s *scan) compactDate(a, b int) {
	v := s.t[a:b]
	if digit(v[0]) && digit(v[1]) && letter(v[2]) && digit(v[5]) && month(v[2:5]) && digitsOnly(v[5:]) && birthYear(s.digitsAt(b-4, b)) {
		s.birth(a, b)
	}
}

// spacedDate looks around the year at i for a day and a month that are numbers with a full stop and a space behind each: "12. 3. 1985", or
// behind it, as Hungarian has it, "1985. 03. 12."
func (s *scan) spacedDate(i int) (start, end int) {
	y, behind := s.digitsAt(i, i+4), i+4
	if !birthYear(y) {
		return i, i
	}
	monthAt, m := s.spacedBack(i)
	if dayAt, d := s.spacedBack(monthAt); dayAt < monthAt && monthAt < i && day(y, m, d) {
		return dayAt, behind
	}
	if !s.has(behind, ". ") {
		return i, i
	}
	monthAt = behind + 2
	monthEnd := s.while(monthAt, pDigit, 3)
	dayAt := monthEnd + 2
	dayEnd := s.while(dayAt, pDigit, 3)
	if s.has(monthEnd, ". ") && monthEnd-monthAt <= 2 && dayEnd > dayAt && dayEnd-dayAt <= 2 && day(y, s.digitsAt(monthAt, monthEnd), s.digitsAt(dayAt, dayEnd)) {
		return i, dayEnd
	}
	return i, i
}

// spacedBack reads one or two digits and ". " that end before i, and gives where they begin, i when there are none.
func (s *scan) spacedBack(i int) (from, n int) {
	if i < 3 || s.t[i-1] != ' ' || s.t[i-2] != '.' {
		return i, 0
	}
	if from = s.whileBack(i-2, pDigit, 3); from == i-2 || i-2-from > 2 {
		return i, 0
	}
	return from, s.digitsAt(from, i-2)
}

// digitsAt is the number that the digits [a,b) write.
func (s *scan) digitsAt(a, b int) (n int) {
	for _, c := range s.t[a:b] {
		n = n*10 + int(c-'0')
	}
	return n
}

// ideographDate reads what follows a year in Chinese, Japanese or Korean: 年3月12日, 년 3월 12일.
func (s *scan) ideographDate(i int) int {
	for k, marks := range [3][2]string{{"年", "년"}, {"月", "월"}, {"日", "일"}} {
		if k > 0 {
			i = s.while2(i, ' ')
			stop := s.while(i, pDigit, 3)
			if stop == i || stop-i > 2 {
				return 0
			}
			i = stop
		}
		i = s.while2(i, ' ')
		switch {
		case s.has(i, marks[0]) || s.has(i, marks[1]):
			i += len(marks[0])
		case k == 2 && s.has(i, "号"):
			i += len("号")
		default:
			return 0
		}
	}
	return i
}

// eraDate is a date whose year [a,b), with its mark behind it, is short: of an emperor's reign, of the Republic of China, or the last two digits.
func (s *scan) eraDate(a, b int) {
	end := s.ideographDate(b)
	if end == 0 {
		return
	}
	for _, era := range [...]string{"民國", "民国", "昭和", "平成", "令和", "大正", "明治"} {
		if s.has(a-len(era), era) {
			a -= len(era)
			break
		}
	}
	s.birth(a, end)
}

// dashedDate is a date whose day [a,b) a month in letters and the last two digits of the year follow: 12-Jul-63.
func (s *scan) dashedDate(a, b int) {
	const size = len("-Jul-63")
	if end := b + size; end <= len(s.t) && s.t[b+4] == '-' && month(s.t[b+1:b+4]) && digit(s.t[b+5]) && digit(s.t[b+6]) && !alnum(s.at(end)) {
		s.birth(a, end)
	}
}

// dateBefore is where a date begins that ends with the year at i, or -1.
func (s *scan) dateBefore(i int) int {
	const longest = 40
	k, months := i, 0
	dayAt := -1
	for words := 0; words < 6 && k > 0 && i-k < longest; words++ {
		for k > 0 && (s.t[k-1] == ' ' || s.t[k-1] == ',' || s.t[k-1] == '.' || s.t[k-1] == '-' || s.t[k-1] == '/') {
			k--
		}
		from := s.lettersBack(k)
		if from < k {
			w := s.t[from:k]
			switch {
			case month(w):
				if months++; months > 1 {
					return -1
				}
				if dayAt >= 0 {
					return from // March 12, 1985
				}
			case months > 0 && dayAt < 0 && ordinal(w) && digit(s.at(from-1)):
			case dayAt < 0 && months == 0 && ordinal(w) && digit(s.at(from-1)):
			case dayAt >= 0 && months == 0 && string(w) == "tháng":
				months, dayAt = 1, -1 // what stood behind it is the month
			case months == 0 && s.thaiMonth(from, k):
				months++
				from = s.lettersBack(from - 1)
			case !dateWord(w):
				return -1
			}
			k = from
			continue
		}
		from = s.whileBack(k, pDigit, 3)
		if from == k || k-from > 2 || dayAt >= 0 {
			return -1
		}
		dayAt, k = from, from
		if months > 0 {
			return dayAt // 12 March 1985
		}
	}
	return -1
}

// thaiMonth says whether [from,end) is the last letter of a month that is cut short, as in "20 ม.ค. 2506".
func (s *scan) thaiMonth(from, end int) bool {
	if s.at(from-1) != '.' || s.at(end) != '.' || !oneOf("ค|พ|ย", s.t[from:end]) {
		return false
	}
	return oneOf("ม|ก|มี|เม|พ|มิ|ส|ต|ธ", s.t[s.lettersBack(from-1):from-1])
}

// letters is the end of a word at i, lettersBack the start of one before i: ASCII letters and others.
func (s *scan) letters(i int) int {
	from := i
	for i < len(s.t) && i-from < 40 && (letter(s.t[i]) || s.t[i] >= utf8.RuneSelf) {
		i++
	}
	return i
}

func (s *scan) lettersBack(i int) int {
	from := i
	for i > 0 && from-i < 40 && (letter(s.t[i-1]) || s.t[i-1] >= utf8.RuneSelf) {
		i--
	}
	return i
}

// ordinal are endings of a day's number: 12th, 1er, 3rd, 1º.
func ordinal(w []byte) bool {
	switch string(w) {
	case "st", "nd", "rd", "th", "ST", "ND", "RD", "TH", "er", "e", "º", "ª", "°", "го", "й":
		return true
	}
	return false
}

// dateWord are words inside a date: "12 de marzo de 1985", "12th of March".
func dateWord(w []byte) bool {
	if len(w) <= 3 && props[w[0]]&pUpper != 0 {
		return oneOf("de|of|del", []byte{w[0] | 0x20, w[len(w)/2] | 0x20, w[len(w)-1] | 0x20}[:len(w)])
	}
	switch string(w) {
	case "de", "of", "del", "den", "d", "the", "año", "г", "года", "พ", "ศ", "ค", "พศ", "tháng", "năm", "ngày", "anno", "van", "στις", "του", "di", "a", "von", "في", "الثاني", "الأول", "الاول":
		return true
	}
	return false
}

// month says whether w names a month, by the beginning of its name in the languages that the labels have.
func month(w []byte) bool {
	if len(w) < 3 || w[0] >= 0xE1 {
		return false // no script of such names
	}
	var b [16]byte
	n := 0
	for i := 0; i < len(w) && n < len(b)-2; {
		c, size := foldChar(w, i)
		i += size
		if c == 0 {
			continue
		}
		if c < utf8.RuneSelf {
			b[n] = byte(c)
			n++
			continue
		}
		n += utf8.EncodeRune(b[n:n+3], rune(c))
		if n > len(b)-4 {
			break
		}
	}
	if n < 3 {
		return false
	}
	if b[0] < utf8.RuneSelf {
		return n <= 12 && b[0]-'a' < 26 && beginsOneOf(monthRests[b[0]-'a'], b[1:n])
	}
	// Hindi and Thai write three bytes a character; the first two characters are enough.
	const names = "янв|фев|мар|апр|мая|май|июн|июл|авг|сен|окт|ноя|дек|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру|ιαν" +
		"|φεβ|μαρ|απρ|μαι|ιου|αυγ|σεπ|οκτ|νοε|δεκ|ינו|פבר|מרץ|אפר|מאי|יונ|יול|אוג|ספט|אוק|נוב|דצמ|בינו|בפבר|במרץ|באפר|במאי|ביונ|ביול|באוג|בספט|באוק|בנוב|בדצמ|ينا|فبر|مار|ابر" +
		"|ماي|يون|يول|اغس|سبت|اكت|نوف|ديس|كان|شبا|اذا|آذا|نيس|ايا|حزي|تمو|اب|آب|ايل|تشر|जन|फर|मा|अप|मई|जू|जु|अग|सि|अक|नव|दि|มก|กุ|มี|เม|พฤ|มิ|กร|สิ|กั|ตุ|ธั"
	return beginsOneOf(names, b[:n])
}

// monthRests is, by the first letter, what follows it in the names of months; it is never written to.
var monthRests = [26]string{
	0: "pr|vr|br|ug|ou|go|gu|ra", 'b' - 'a': "rz|re", 'c' - 'a': "ze|er", 'd' - 'a': "ub|ec|ez|ic|es",
	'e' - 'a': "ne|br|lo|yl|ki", 'f' - 'a': "eb|ev|ab", 'g' - 'a': "en|iu|ru", 'h' - 'a': "el|uh|az|ei",
	'i' - 'a': "an|un|ul", 'j' - 'a': "an|un|ui|ul|ou", 'k' - 'a': "wi|ve|es|ol|as", 'l' - 'a': "ed|ut|ip|ug|ok|is",
	'm' - 'a': "ar|aa|rt|ay|ai|aj|ei|ag", 'n' - 'a': "is|ov|oi|oe", 'o' - 'a': "ca|ct|kt|tt|ut",
	'p' - 'a': "az|ro|ri", 'r' - 'a': "uj|ij", 's' - 'a': "ze|ty|ij|ub|vi|rp|ie|ep|et|yy|tu",
	't' - 'a': "am|ra|ou|em", 'u' - 'a': "no", 'v' - 'a': "el", 'w' - 'a': "rz", 'z' - 'a': "ar",
}
