package redact

import "bytes"

// colon looks at what the ':' at i marks: a URL, an address, a token, the value of a key. It gives the offset to go on from.
func (s *scan) colon(i int) int {
	next := s.at(i + 1)
	within := i < s.colonEnd
	if p := props[next]; p&(pToken|pColon) != 0 {
		if next == ':' && s.at(i-1) == ':' {
			return max(i+1, s.while2(i+2, ':')-1)
		}
		if !within && p&(pHex|pColon) != 0 {
			if end := s.colons(i); end > i {
				return end
			}
		}
		if next != ':' && s.digitsBefore(i) {
			s.telegram(i)
		}
	} else if next == '/' && s.at(i+2) == '/' {
		s.authority(i)
		return i + 1
	}
	if next != ' ' && s.at(i-1) == 'a' && s.has(i-4, "data") {
		if end := s.dataURL(i + 1); end > 0 {
			return end
		}
	}
	// Behind another ':' of one run of hexadecimal digits there is no key.
	if !s.spent(i+1) && !(within && s.t[i-1] != ':') && s.keyed(i) {
		s.value(i, i+1)
	}
	return i + 1
}

// dataURL is the end of the base64 of a "data:" URL (RFC 2397) behind the ':' before i, 0 when there is none: media holds no text.
func (s *scan) dataURL(i int) int {
	const longest, least = 96, 64
	k := bytes.Index(s.t[i:min(len(s.t), i+longest)], []byte(";base64,"))
	if k < 0 || bytes.IndexByte(s.t[i:i+k], ' ') >= 0 {
		return 0
	}
	from := i + k + len(";base64,")
	end := s.while(from, pAlnum|pBase64, len(s.t))
	if end-from < least {
		return 0
	}
	return end
}

// idleColon says whether the ':' at i marks nothing else, within a run of hexadecimal digits and ':' that has been looked at and goes on.
func (s *scan) idleColon(i int) bool {
	return (s.t[i-1] != ':' || s.t[i+1] != ':' && s.spent(i+1)) && !s.digitsBefore(i)
}

// digitsBefore says whether digits stand three and eight bytes before i, as before a bot token.
func (s *scan) digitsBefore(i int) bool { return i >= 8 && digit(s.t[i-3]) && digit(s.t[i-8]) }

// element looks at the text of an XML element, <password>...</password>, whose '>' is at i.
func (s *scan) element(i int) {
	if !letter(s.at(i-1)) && s.at(i-1) < 0x80 || s.at(i+1) == '<' || !alnum(s.at(i+1)) && space(s.at(i+1)) {
		return
	}
	a := i
	for a > 0 && i-a < 40 && (props[s.t[a-1]]&(pAlnum|pURLSafe) != 0 || s.t[a-1] >= 0x80) {
		a--
	}
	if s.at(a-1) != '<' {
		return
	}
	end := i + 1
	for end < len(s.t) && end-i < 256 && s.t[end] != '<' && s.t[end] != '\n' {
		end++
	}
	if s.at(end) == '<' && s.at(end+1) == '/' {
		if what, ok := s.keyName(i); ok && what != lCounts {
			s.judge(what, i, i+1, end, true)
		}
	}
}

// argument looks at the only argument of a call, which ends with the quote at i: setPassword("x").
func (s *scan) argument(i int) {
	quote, from := s.t[i], i
	for from > 0 && i-from <= maxSecret && s.t[from-1] != quote && s.t[from-1] != '\n' {
		from--
	}
	open := from - 2
	if i-from < shortestSecret || s.at(from-1) != quote || s.at(open) != '(' {
		return
	}
	if what, ok := s.keyName(open); ok && what != 0 && what != lCounts {
		s.judge(what, open, from, i, true)
	}
}

// maxSecret is the longest value of a key that is looked at, and maxTries how many keys may share the end of one value
// ("a:b:c=d"): both keep "key=key=key=" linear.
const (
	maxSecret = 256
	maxTries  = 4
	// shortestSecret is the length of the shortest value that is looked at, shortestWord that of the shortest that may be one word.
	shortestSecret = 6
	shortestWord   = 20
	// maxFigures is the length of the longest password without letters.
	maxFigures = 12
)

// spent says whether the value without quotes in which from stands has had as many keys as it may have.
func (s *scan) spent(from int) bool { return from < s.spentEnd }

// value reads the value that begins behind from and is not spent, for the key that ends before the separator at sep. Most are words of
// prose, so that the value is looked at before the key.
func (s *scan) value(sep, from int) {
	if sep < s.userEnd {
		return
	}
	t, i := s.t, from
	for i < len(t) && i < from+6 && props[t[i]]&pWrap != 0 && (t[i] == ' ' || t[i] == '\t' || t[i] == '*' && t[from] == '*') {
		i++ // **key:** value
	}
	for i < len(t) && i < from+8 && t[i] == '\\' {
		i++ // of quotes in a document within a document
	}
	if i+shortestSecret > len(t) || t[i] == '\n' || t[i] == '\r' {
		return
	}
	if t[i] == '[' && (t[i+1] == '"' || t[i+1] == '\'' || i == from && t[sep] == '=' && s.boxed(i)) {
		i++
	}
	if t[i] == '!' {
		i = s.tagged(i) // !!str x, of YAML
	}
	bold := t[i] == '*' && t[i+1] == '*'
	if bold {
		i += 2
	}
	if letter(t[i]) {
		if t[i+1] == '\'' || t[i+1] == '"' {
			i++ // N'...' of SQL, b"..." of Python
		} else if i += s.scheme(i); i >= len(t) {
			return
		}
	}
	quote := t[i]
	quoted := quote == '"' || quote == '\'' || quote == '`'
	end := i
	if quoted {
		if s.at(i+3) == quote && t[i+2] != quote {
			return // two bytes at most, as most often in JSON and in code
		}
		if i, end = s.inQuotes(i, quote); end < 0 {
			return
		}
		for end > i && t[end-1] == '\\' {
			end--
		}
		if t[sep] == '=' {
			sep = s.untyped(sep)
		}
	} else {
		if end = s.valueEnd; i < s.valueStart || i >= end {
			end = s.stop(i, i+shortestWord)
		}
		if s.opens(end) {
			if what, ok := s.keyName(sep); ok && what&lPassword != 0 && what != lCounts {
				end = s.through(i, end)
			}
		}
		if end < i+shortestSecret || end < i+shortestWord && s.weak(i, s.trimmed(i, end)) {
			return
		}
		if key := s.keyOf(sep); key == 0 || props[t[key-1]]&pKey == 0 {
			return
		}
		end = s.unquoted(i, end)
		if k := bytes.Index(t[i:end], []byte("**")); bold && k > 0 {
			end = i + k
		}
	}
	if end-i > maxSecret {
		return
	}
	if !quoted && !(from == i && t[sep] == '=' && s.at(end) == '\n' && s.at(end-1) == '?') {
		end = s.trimmed(i, end)
	}
	if s.weak(i, end) {
		return
	}
	if what, ok := s.keyName(sep); ok && what != lCounts {
		s.judge(what, sep, i, end, quoted)
	}
}

// boxed says whether the brackets that open at i hold one word: key=[x].
func (s *scan) boxed(i int) bool {
	end := s.stop(i+1, i+maxSecret)
	return s.at(end) == ']' && props[s.at(end+1)]&pStop != 0
}

// tagged is where a value begins behind the tag at i, if there is one and a value: "!vault x".
func (s *scan) tagged(i int) int {
	end := s.while(i+1, pLetter, 16)
	if s.t[i+1] == '!' {
		end = s.while(i+2, pLetter, 16)
	}
	if s.at(end) != ' ' || end+1+shortestSecret > len(s.t) {
		return i
	}
	return end + 1
}

// weak says whether the value [a,b) is so short that it is no secret, or short and hopeless.
func (s *scan) weak(a, b int) bool {
	n := b - a
	return n < shortestSecret || n < shortestWord && hopeless(s.t[a:b], tallyOf(s.t[a:b]))
}

// inQuotes is what stands between the quote at i, of which there may be three, and its like; the end is negative when a space or a
// line's end comes first: words.
func (s *scan) inQuotes(i int, quote byte) (from, end int) {
	t, first := s.t, i
	for i++; i < len(t) && t[i] == quote && i < first+9; i++ {
	}
	from = i
	for end = i; end < len(t) && end-from < maxSecret; end++ {
		c := t[end]
		if props[c]&pStop == 0 {
			continue
		}
		if c == quote {
			return from, end
		}
		if c == ' ' && from == i && end > i && end+1 == i+s.scheme(i) {
			from = end + 1 // only a scheme has a space
		} else if c == ' ' || c == '\n' {
			break
		}
	}
	return from, -1
}

// scheme is the length of the scheme that stands before the value at i: "Authorization: Bearer x" (RFC 9110, section 11.4).
func (s *scan) scheme(i int) int {
	word := ""
	switch s.at(i) | 0x20 {
	case 'b':
		if word = "bearer "; s.at(i+1)|0x20 == 'a' {
			word = "basic "
		}
	case 't':
		word = "token "
	case 'a':
		word = "apikey "
	case 'd':
		word = "digest "
	default:
		return 0
	}
	if s.at(i+len(word)-1) != ' ' || !s.foldHas(i, word) {
		return 0
	}
	return len(word)
}

// unquoted is the end of a value without quotes that begins at i and has been read up to read.
func (s *scan) unquoted(i, read int) int {
	if i >= s.valueStart && i < s.valueEnd {
		return s.valueEnd
	}
	s.valueTries, s.spentEnd = 0, 0
	s.valueStart, s.valueEnd = i, s.stop(read, i+maxSecret+1)
	return s.valueEnd
}

// opens says whether what ends a value without quotes at i may be a character of a password: a bracket, a comma or the like with no space,
// quote or key behind it.
func (s *scan) opens(i int) bool {
	next := s.at(i + 1)
	return props[s.at(i)]&pInside != 0 && props[next]&pStop == 0 && next != '=' && next != ':' && i+1 < len(s.t) && !s.parameter(i+1)
}

// through is the end of a password without quotes that begins at i, where others end at end already.
func (s *scan) through(i, end int) int {
	for s.opens(end) && end-i < maxSecret {
		end = s.stop(end+1, i+maxSecret+1)
	}
	s.valueTries, s.spentEnd = 0, 0
	s.valueStart, s.valueEnd = i, end
	return end
}

// stop is where the text from i on ends a value without quotes, at most limit.
func (s *scan) stop(i, limit int) int {
	limit = min(len(s.t), limit)
	for k, c := range s.t[i:limit] {
		if props[c]&pStop != 0 || c == '&' && s.parameter(i+k+1) {
			return i + k
		}
	}
	return limit
}

// trimmed is the end of the value [a,b) without what ends a sentence behind it.
func (s *scan) trimmed(a, b int) int {
	const most = 16 // an ellipsis and more
	a = max(a, b-most)
	for b > a && (s.t[b-1] == '.' || s.t[b-1] == '?' || s.t[b-1] == ':' || s.t[b-1] == '\\') {
		b--
	}
	return b
}

// parameter says whether "name=" stands at i, as after the '&' between a query's parameters.
func (s *scan) parameter(i int) bool {
	end := s.while(i, pAlnum|pURLSafe, 24)
	return end > i && s.at(end) == '='
}

// judge reports the value [a,b) when its form is that of the secret that its key names. what is 0 when only a label before
// the separator at sep can tell, which is looked for last.
func (s *scan) judge(what label, sep, a, b int, quoted bool) {
	if b-a < shortestSecret || b-a > maxSecret {
		return
	}
	if !quoted {
		if s.valueTries >= maxTries {
			return
		}
		if s.valueTries += 1 + (s.valueEnd-a)/64; s.valueTries >= maxTries { // a long one costs as much as several
			s.spentEnd = s.valueEnd
		}
	}
	v := s.t[a:b]
	seen := tallyOf(v)
	if seen.of(nWide) > 0 || hopeless(v, seen) || !seen.letters() && b-a > maxFigures {
		return
	}
	if what == 0 {
		if what = s.labelledKey(s.pairKey(sep)); what == 0 {
			if !s.userOption(sep) {
				return
			}
			what = lPassword
		}
	}
	if !strongEnough(v, what, seen) || s.f.standIn(v) || codeValue(v, quoted) || dateOf(v) {
		return
	}
	if s.awsSecret(a, b) {
		s.add(AWSSecretKey, a, b, byPrefix)
		return
	}
	t := GenericSecret
	if !quoted && what&lPassword != 0 && (s.at(b) == ';' || s.keyAfterSemicolon(sep)) {
		t = ConnectionString // Server=...;Password=...;
	}
	s.add(t, a, b, byContext)
}

// userOption says whether the name before the ':' at sep is that of a command's option: curl -u name:password.
func (s *scan) userOption(sep int) bool {
	a := s.whileBack(sep, pLocal|pURLSafe, maxLocal)
	if s.at(a-1) == '"' {
		a--
	}
	return s.has(a-3, "-u ") || s.has(a-7, "--user ")
}

// keyAfterSemicolon says whether a ';' stands before the key whose separator is at sep.
func (s *scan) keyAfterSemicolon(sep int) bool {
	a := s.whileBack(sep, pAlnum, 24)
	for a > 0 && s.t[a-1] == ' ' {
		a--
	}
	return s.at(a-1) == ';'
}

// awsSecret says whether [a,b) has the form of an AWS secret access key: forty characters of base64, not hexadecimal.
func (s *scan) awsSecret(a, b int) bool {
	v := s.t[a:b]
	if len(v) != 40 || !mixedCase(v) || !varied(v, 16) || caseChanges(v) < 9 || bytes.HasSuffix(v, []byte("EXAMPLEKEY")) {
		return false
	}
	for _, c := range v {
		if props[c]&(pAlnum|pBase64) == 0 {
			return false
		}
	}
	return s.labelled(a, b, lAWS) || s.besideAccessKey(a)
}

// besideAccessKey says whether an AWS access key stands right before what begins at a, as in calls that take both.
func (s *scan) besideAccessKey(a int) bool {
	const near = 48
	for k := len(s.found) - 1; k >= 0 && k >= len(s.found)-4; k-- {
		if c := s.found[k]; c.typ == AWSAccessKey && int(c.end) < a && a-int(c.end) <= near {
			return true
		}
	}
	return false
}
