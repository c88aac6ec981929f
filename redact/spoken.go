package redact

import "bytes"

// spokenSecret looks at the word [a,b), which has letters and digits: an AWS key that a label announces, or a password
// that a sentence tells ("the password is x").
func (s *scan) spokenSecret(a, b int) {
	before := s.at(a - 1)
	if b-a < 2 && props[before]&pJoint == 0 || before == ' ' && props[s.at(b)]&pStop != 0 && plainWord(s.t[a:b]) {
		return
	}
	if a >= s.base64End && (props[before]&pBase64 != 0 || props[s.at(b)]&pBase64 != 0 || b-a == 40) {
		from, to := s.whileBack(a, pAlnum|pBase64, 41), s.while(b, pAlnum|pBase64, len(s.t))
		s.base64End = to
		if to-from == 40 && s.at(to) != '=' && s.awsSecret(from, to) {
			s.add(AWSSecretKey, from, to, byPrefix)
			return
		}
	}
	if a > s.valueStart && a < s.valueEnd && s.valueStart > 0 && contains("=:\"'", s.t[s.valueStart-1]) {
		return // of the value of a key, which has been looked at
	}
	if s.within(a) {
		return
	}
	s.words(a, a)
	h := &s.hits
	if h.key < a-reach {
		return
	}
	for k := h.n - 1; k >= 0 && k >= h.n-16; k-- {
		w := &h.ring[k&63]
		gap := a - int(w.end)
		if gap > reach {
			return
		}
		if gap < 1 || w.what&(lPassword|lKey) == 0 {
			continue
		}
		if from, end := s.whileBack(a, pSpoken, gap), s.stop(a, a+longestSpoken); s.inColumn(int(w.end), from, end) {
			s.judge(w.what, from, from, end, true)
		} else if gap > toldWithin {
			continue
		} else if from, gap, ok := s.told(int(w.end), a); ok {
			s.judgeSpoken(from, w.what, gap)
		}
		return
	}
}

// inColumn says whether [a,b) is what stands in a column of a table, CSV or Markdown, and the label that ends at head names that column in
// a line above.
func (s *scan) inColumn(head, a, b int) bool {
	if bytes.IndexByte(s.t[head:a], '\n') < 0 || !s.columnEnds(head) || !s.columnEnds(b) {
		return false
	}
	column := s.column(a)
	if s.at(a-1) == ' ' {
		a--
	}
	return column > 0 && column == s.column(head) && contains("|,;", s.at(a-1))
}

// columnEnds says whether a column ends at i, or behind a space there.
func (s *scan) columnEnds(i int) bool {
	if s.at(i) == ' ' {
		i++
	}
	return contains("|,;\r\n", s.at(i))
}

// column is how many separators of columns stand before i in its line.
func (s *scan) column(i int) (n int) {
	const longest = 256 // bytes of a line
	for k := i - 1; k >= max(0, i-longest) && s.t[k] != '\n'; k-- {
		if contains("|,;", s.t[k]) {
			n++
		}
	}
	return n
}

// A sentence tells a password within toldWithin bytes behind its label, and one of at most longestSpoken bytes.
const (
	toldWithin    = 32
	longestSpoken = 200
)

// within says whether the word at a stands so far within a run of what told passes over that every label it may find stands in the run too:
// one name with the value. No byte is read twice for it.
func (s *scan) within(a int) bool {
	run, from := &s.spoken, a
	for from > run.end && a-from <= toldWithin && props[s.t[from-1]]&pSpoken != 0 {
		from--
	}
	if from > run.end {
		run.start = from
	}
	run.end = a
	return a-run.start > toldWithin
}

// plainWord says whether letters and digits that stand alone are no password that a sentence tells, whatever it says: see judgeSpoken.
func plainWord(v []byte) bool {
	const kinds, bytes = 16, 7 // from so many bytes on, of two kinds; as many different ones have an entropy of 2.7
	return len(v) < shortestSpoken || len(v) < kinds && !mixedCase(v) && !varied(v, bytes)
}

// shortestSpoken is the length of the shortest password that a sentence tells.
const shortestSpoken = 6

// told says whether what stands between a label word that ends at i and a value of which a is a part belongs to the same sentence. gap is
// its words; the value begins at from.
func (s *scan) told(i, a int) (from int, gap []byte, ok bool) {
	for i < a && (letter(s.t[i]) || s.t[i] >= 0x80 && s.t[i] < 0xE0) {
		i++ // the label's ending: "salasanani"
	}
	from = a
	for from > i && s.t[from-1] != ' ' && s.t[from-1] < 0x80 && !contains("\"'`:=\t|\n<>([", s.t[from-1]) {
		from--
	}
	gap = s.t[i:from]
	if s.at(i) == '>' && s.at(from) == '@' {
		return 0, nil, false // user:<password>@host
	}
	keyed := bytes.IndexByte(gap, ':') >= 0 || bytes.IndexByte(gap, '=') >= 0
	lines := bytes.IndexByte(gap, '\n') >= 0
	if len(gap) == 0 && s.t[i-1] < 0x80 || keyed != lines {
		return 0, nil, false // one name with the label, or the value of a key, which is looked at elsewhere
	}
	for len(gap) > 0 && contains(" \"'`:=>\t|\r\n", gap[0]) {
		gap = gap[1:]
	}
	for len(gap) > 0 && contains(" \"'`:=>\t|\r\n", gap[len(gap)-1]) {
		gap = gap[:len(gap)-1]
	}
	for k, c := range gap {
		if digit(c) || c == '\n' || contains(".!", c) && k+1 < len(gap) && space(gap[k+1]) {
			return 0, nil, false
		}
	}
	return from, gap, true
}

// plainly says whether the words between a label and its value are none, or end in a copula behind few that name what the password is for.
func plainly(gap []byte) bool {
	const copulas = "is|was|to|are|=>|->|-|is now|as|set to|changed to|has been reset to|reset to|ist|lautet|es|est|é|è|e" +
		"|jest|to jest|är|er|on|это|—|–|是|为|為|改为|设为|は|을|는|은|olarak|is:|adalah|là|la|este|je|είναι|هو|هي|היא|है|คือ" +
		"|op|wynosi|à|a|saya|на|е|改成|改成了|変更|είναι:|jest:"
	if len(gap) == 0 || oneOf(copulas, gap) {
		return true
	}
	const others = "policy|policies|length|manager|hash|field|reset|algorithm|strength|type|format|file|store|vault|hint|rule|rules|generator|storage"
	first, last := bytes.IndexByte(gap, ' '), bytes.LastIndexByte(gap, ' ')
	return first > 0 && bytes.Count(gap, []byte{' '}) <= 4 && oneOf(copulas, gap[last+1:]) && !oneOf(others, gap[:first])
}

// judgeSpoken reports the value that begins at a: without a separator only one that no word looks like, and where
// the words of the gap do not make it plain that the label is its own only one made by chance.
func (s *scan) judgeSpoken(a int, what label, gap []byte) {
	b := s.unquoted(a, a)
	for b > a && contains(".?:,", s.t[b-1]) {
		b--
	}
	if b-a < shortestSpoken || b-a > longestSpoken {
		return
	}
	if b != s.spokenEnd {
		s.spokenEnd, s.spokenTries = b, 0
	}
	if s.spokenTries >= maxTries {
		return
	}
	s.spokenTries += 1 + (b-a)/64
	v := s.t[a:b]
	seen := tallyOf(v)
	kinds := seen.kinds()
	if seen.of(nDigit) == 0 || !seen.letters() || s.f.standIn(v) || codeValue(v, false) || kinds < 3 && seen.of(nSpecial) == 0 && b-a < 16 && !(what&lPassword != 0 && b-a >= 7 && entropy(v) >= 2.7) {
		return
	}
	pair := len(gap) == 1 && gap[0] == ',' && contains("\"'", s.at(a-1)) // set("password", "x")
	if !pair && !plainly(gap) && (kinds < 3 || bytes.IndexByte(v, '/') >= 0 || bytes.IndexByte(v, '.') >= 0 || b-a < 12 || seen.of(nSpecial) == 0 && !(digitRuns(v) > 1 && caseChanges(v)*4 >= b-a)) {
		return
	}
	if what&lKey != 0 && what&lPassword == 0 && (b-a < 12 || entropy(v) < 3) || algorithm(v) {
		return
	}
	s.add(GenericSecret, a, b, byContext)
}

// algorithm says whether v is a name such as RS256-signed.
func algorithm(v []byte) bool {
	k := bytes.IndexByte(v, '-')
	if k < 3 || len(v)-k < 4 {
		return false
	}
	for _, c := range v[:k] {
		if props[c]&(pUpper|pDigit) == 0 {
			return false
		}
	}
	for _, c := range v[k+1:] {
		if props[c]&pLower == 0 {
			return false
		}
	}
	return true
}

// digitRuns counts the runs of digits in v.
func digitRuns(v []byte) int {
	n := 0
	for k, c := range v {
		if digit(c) && (k == 0 || !digit(v[k-1])) {
			n++
		}
	}
	return n
}
