package redact

import "unicode/utf8"

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
	switch string(w) {
	case "de", "of", "del", "DE", "OF", "DEL", "den", "d", "the", "año", "г", "года", "พ", "ศ", "ค", "พศ", "tháng", "năm", "ngày", "anno", "van", "στις", "του", "di", "a", "von", "في", "الثاني", "الأول", "الاول":
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
