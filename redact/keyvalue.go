package redact

import "bytes"

// colon looks at what the ':' at i marks: a URL, an address, a token, the value of a key.
func (s *scan) colon(i int) {
	next := s.at(i + 1)
	if next == '/' && s.at(i+2) == '/' {
		s.authority(i)
		return
	}
	if hex(next) || next == ':' {
		s.colons(i)
	}
	if digit(s.at(i-1)) && (alnum(next) || next == '_' || next == '-') {
		s.telegram(i)
	}
	if next != '=' { // ":=" is looked at by its second half
		s.value(i, i+1)
	}
}

// equal looks at what the '=' at i marks.
func (s *scan) equal(i int) {
	next := s.at(i + 1)
	if next == '=' {
		if props[s.at(i-1)]&(pAlnum|pBase64) != 0 {
			s.azure(i)
		}
		return
	}
	if p := s.at(i - 1); p == '=' || p == '!' || p == '<' || p == '~' {
		return
	}
	if next == '>' {
		s.value(i, i+2)
		return
	}
	s.value(i, i+1)
}

// element looks at the text of an XML element, <password>...</password>, whose '>' is at i.
func (s *scan) element(i int) {
	if !letter(s.at(i-1)) || s.at(i+1) == '<' || !alnum(s.at(i+1)) && space(s.at(i+1)) {
		return
	}
	a := s.whileBack(i, pAlnum|pURLSafe, 40)
	if s.at(a-1) != '<' {
		return
	}
	end := i + 1
	for end < len(s.t) && end-i < 256 && s.t[end] != '<' && s.t[end] != '\n' {
		end++
	}
	if s.at(end) == '<' && s.at(end+1) == '/' {
		s.judge(i, i+1, end, true)
	}
}

// maxSecret is the longest value of a key that is looked at, and maxTries how many keys may share the end of one value
// ("a:b:c=d"): both keep "key=key=key=" linear.
const (
	maxSecret = 256
	maxTries  = 4
)

// value reads the value that begins behind from, for the key that ends before the separator at sep.
func (s *scan) value(sep, from int) {
	if sep < s.userEnd || from > s.valueStart && from < s.valueEnd && s.valueTries >= maxTries {
		return
	}
	i := from
	for i < from+6 && (s.at(i) == ' ' || s.at(i) == '\t') {
		i++
	}
	if c := s.at(i); c == '\n' || c == '\r' {
		return
	}
	// "Authorization: Bearer x" has a scheme before the value.
	for _, scheme := range [...]string{"bearer ", "basic ", "token ", "apikey ", "digest "} {
		if c := s.t[i] | 0x20; c == scheme[0] && s.foldHas(i, scheme) {
			i += len(scheme)
			break
		}
	}
	quote := s.at(i)
	if quote != '"' && quote != '\'' && quote != '`' {
		s.judge(sep, i, s.unquoted(i), false)
		return
	}
	i++
	for s.at(i) == quote && i < from+9 {
		i++ // """
	}
	for _, scheme := range [...]string{"bearer ", "basic ", "token "} {
		if s.foldHas(i, scheme) {
			i += len(scheme)
		}
	}
	end := i
	for end < len(s.t) && end-i < maxSecret && s.t[end] != quote && s.t[end] != '\n' && s.t[end] != ' ' {
		end++
	}
	if s.at(end) == quote {
		s.judge(sep, i, end, true)
	} else if s.at(end) == ' ' {
		return // words
	}
}

// unquoted is the end of a value without quotes that begins at i.
func (s *scan) unquoted(i int) int {
	if i >= s.valueStart && i < s.valueEnd {
		return s.valueEnd
	}
	s.valueTries = 0
	end := i
	for end < len(s.t) && end-i <= maxSecret {
		c := s.t[end]
		if c >= 0x80 || space(c) || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>' || c == ';' || c == ',' || c == '&' && s.parameter(end+1) || c == '|' || c == ')' || c == ']' || c == '}' {
			break
		}
		end++
	}
	s.valueStart, s.valueEnd = i, end
	return end
}

// parameter says whether "name=" stands at i, as after the '&' between a query's parameters.
func (s *scan) parameter(i int) bool {
	end := s.while(i, pAlnum|pURLSafe, 24)
	return end > i && s.at(end) == '='
}

// judge reports the value [a,b) when its form is that of a secret and the key before sep says that it is one.
func (s *scan) judge(sep, a, b int, quoted bool) {
	if b-a > maxSecret {
		return
	}
	if !quoted {
		if s.valueTries++; s.valueTries > maxTries {
			return
		}
		for b > a && (s.t[b-1] == '.' || s.t[b-1] == '?' || s.t[b-1] == ':' || s.t[b-1] == '\\') {
			b--
		}
	}
	if b-a < 6 {
		return
	}
	v := s.t[a:b]
	var seen uint8
	high := false
	for _, c := range v {
		seen |= props[c]
		high = high || c >= 0x80
	}
	kinds := 0
	for _, k := range [...]uint8{pDigit, pLower, pUpper} {
		if seen&k != 0 {
			kinds++
		}
	}
	if high || seen&pLetter == 0 && seen&pDigit == 0 {
		return
	}
	if kinds < 2 && !special(v) && b-a < 20 && !(seen&pLetter == 0) {
		return // one word
	}
	what, ok := s.secretKey(sep)
	if !ok || !strongEnough(v, what, seen, kinds) || s.f.standIn(v) || codeValue(v, quoted) {
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

// strongEnough weighs what a value looks like against what its key says.
func strongEnough(v []byte, what label, seen uint8, kinds int) bool {
	e := entropy(v)
	n := len(v)
	switch {
	case seen&pLetter == 0:
		// Digits alone: a person's password may be, a token is not.
		return what&lPassword != 0 && what&lKey == 0 && n >= 6 && n <= 12 && e >= 1.5 && special(v) || what&lPassword != 0 && n >= 8 && n <= 10 && e >= 2.0 && !special(v)
	case what&lPassword != 0:
		if kinds >= 2 && seen&pDigit != 0 || special(v) && kinds >= 2 || special(v) && seen&pDigit != 0 {
			return n >= 6 && e >= 2.0
		}
		return n >= 20 && e >= 3.6 && random(v)
	default:
		if seen&pDigit != 0 {
			name := bytes.TrimRight(v, "0123456789")
			return n >= 10 && e >= 2.8 && !(n-len(name) <= 4 && len(name) < n && !hasDigit(name) && identifier(name))
		}
		return n >= 20 && e >= 3.6 && random(v)
	}
}

// random says whether letters change case in a way that words do not.
func random(v []byte) bool {
	vowels := 0
	for _, c := range v {
		if contains("aeiouAEIOU", c) {
			vowels++
		}
	}
	return caseChanges(v)*3 >= len(v) || vowels*6 < len(v)
}

// caseChanges counts where a capital stands beside what is none.
func caseChanges(v []byte) int {
	n := 0
	for k := 1; k < len(v); k++ {
		if (props[v[k]]^props[v[k-1]])&pUpper != 0 {
			n++
		}
	}
	return n
}

// special says whether v has punctuation that identifiers do not have.
func special(v []byte) bool {
	for _, c := range v {
		if !alnum(c) && c != '_' && c != '.' && c != '-' && c != '/' {
			return true
		}
	}
	return false
}

// secretKey says whether the key that ends before the separator at sep names a secret, and of which kind.
func (s *scan) secretKey(sep int) (label, bool) {
	// Brackets, quotes and spaces between the key and its separator.
	i := sep
	for i > 0 && sep-i < 6 && (contains(" \t\"'`])*:?", s.t[i-1])) {
		i--
	}
	if i == 0 {
		return 0, false
	}
	a := s.whileBack(i, pAlnum|pURLSafe, 64)
	key := s.t[a:i]
	if countsSecrets(key) {
		return 0, false
	}
	if what := secretSuffix(key); what != 0 {
		return what, true
	}
	// A label word that ends in the key or just before it: "api key (prod): x", "DB_PASSWORD_2=x", "密码：x".
	s.words(sep, sep)
	h := &s.hits
	for k := h.n - 1; k >= 0 && k >= h.n-64; k-- {
		w := h.ring[k&63]
		if int(w.end) > i {
			continue
		}
		if i-int(w.end) > 14 {
			break
		}
		if w.what&(lPassword|lKey|lAWS) == 0 {
			continue
		}
		if w.what&(lPassword|lKey) == 0 || !s.keyGoesOn(int(w.end), i) {
			continue
		}
		return w.what, true
	}
	return 0, false
}

// keyGoesOn says whether what follows a label word up to the separator is still part of the key's name.
func (s *scan) keyGoesOn(from, to int) bool {
	for i := from; i < to; i++ {
		if c := s.t[i]; !alnum(c) && c < 0x80 && !contains(" _-[].\"'#*", c) || c == '.' && space(s.at(i+1)) {
			return false
		}
	}
	return true
}

// secretSuffix gives the kind of secret that the end of a key names.
func secretSuffix(key []byte) label {
	for _, w := range [...]struct {
		end  string
		what label
	}{{"password", lPassword}, {"passwd", lPassword}, {"passwort", lPassword}, {"passphrase", lPassword}, {"pwd", lPassword}, {"secret", lPassword}, {"pass", lPassword},
		{"token", lKey}, {"apikey", lKey}, {"api_key", lKey}, {"api-key", lKey}, {"accesskey", lKey}, {"access_key", lKey}, {"secretkey", lKey}, {"secret_key", lKey}, {"secret-key", lKey},
		{"private_key", lKey}, {"authkey", lKey}, {"auth_key", lKey}, {"encryption_key", lKey}, {"signing_key", lKey}, {"master_key", lKey}, {"account_key", lKey}, {"accountkey", lKey},
		{"sharedaccesskey", lKey}, {"shared_key", lKey}, {"license_key", lKey}, {"credentials", lPassword}, {"credential", lPassword}, {"authorization", lKey}, {"authtoken", lKey}, {"_auth", lKey}, {"authentication", lKey}} {
		if len(key) >= len(w.end) && equalFold(key[len(key)-len(w.end):], w.end) {
			if w.end == "pass" && len(key) > 4 && letter(key[len(key)-5]) && !(props[key[len(key)-4]]&pUpper != 0 && props[key[len(key)-5]]&pLower != 0) {
				return 0 // "bypass", "compass"
			}
			return w.what
		}
	}
	return 0
}

// countsSecrets are keys about secrets that hold none: max_tokens, token_count, password_policy.
func countsSecrets(key []byte) bool {
	for _, w := range [...]string{"tokens", "count", "limit", "length", "policy", "type", "name", "expiry", "expires", "url", "uri", "path", "file", "hash", "enabled", "required", "regex", "pattern", "size", "budget", "endpoint", "header", "field", "label", "hint", "format", "min", "max", "usage", "prefix", "version", "ttl", "public_key", "publickey", "monkey", "turkey", "_id", "keyid"} {
		if len(key) >= len(w) && equalFold(key[len(key)-len(w):], w) {
			return true
		}
	}
	return false
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
	return s.labelled(a, b, lAWS)
}

// spokenSecret looks at the word [a,b), which has letters and digits: an AWS key that a label announces, or a password
// that a sentence tells ("the password is x").
func (s *scan) spokenSecret(a, b int) {
	if b-a < 2 {
		return
	}
	before := s.at(a - 1)
	if props[before]&pBase64 != 0 || props[s.at(b)]&pBase64 != 0 || b-a == 40 {
		from, to := s.whileBack(a, pAlnum|pBase64, 41), s.while(b, pAlnum|pBase64, 41)
		if to-from == 40 && s.at(to) != '=' && s.awsSecret(from, to) {
			s.add(AWSSecretKey, from, to, byPrefix)
			return
		}
	}
	s.words(a, a)
	h := &s.hits
	for k := h.n - 1; k >= 0 && k >= h.n-16; k-- {
		w := h.ring[k&63]
		gap := a - int(w.end)
		if gap < 1 || w.what&(lPassword|lKey) == 0 {
			if gap > 24 {
				return
			}
			continue
		}
		if gap > 24 {
			return
		}
		if from, ok := s.told(int(w.end), a); ok {
			s.judgeSpoken(from, w.what)
		}
		return
	}
}

// told says whether the text between a label word that ends at i and a value of which a is a part is a copula ("is",
// "lautet", "是"); the value begins at from.
func (s *scan) told(i, a int) (from int, ok bool) {
	from = a
	for from > i && s.t[from-1] != ' ' && s.t[from-1] < 0x80 && !contains("\"'`:=\n", s.t[from-1]) {
		from--
	}
	gap := s.t[i:from]
	if len(gap) == 0 && s.t[i-1] < 0x80 || bytes.IndexByte(gap, ':') >= 0 || bytes.IndexByte(gap, '=') >= 0 {
		return 0, false // one name with the label, or the value of a key, which is looked at elsewhere
	}
	for len(gap) > 0 && contains(" \"'`:=>", gap[0]) {
		gap = gap[1:]
	}
	for len(gap) > 0 && contains(" \"'`:=>", gap[len(gap)-1]) {
		gap = gap[:len(gap)-1]
	}
	switch string(gap) {
	case "", "is", "was", "to", "are", "=>", "->", "-", "is now", "as", "of", "set to", "changed to", "has been reset to", "reset to",
		"ist", "lautet", "es", "est", "é", "è", "e", "jest", "to jest", "är", "er", "on", "это", "—", "–", "是", "为", "為", "改为", "设为", "は", "을", "는", "은", "olarak", "is:", "adalah", "la", "este", "je", "είναι", "هو", "هي", "היא", "है", "คือ", "op", "wynosi", "à", "a":
		return from, true
	}
	return 0, false
}

// judgeSpoken reports the value that begins at a: without a separator only one that no word looks like.
func (s *scan) judgeSpoken(a int, what label) {
	b := s.unquoted(a)
	for b > a && contains(".?!:,", s.t[b-1]) {
		b--
	}
	if b-a < 6 || b-a > 200 {
		return
	}
	v := s.t[a:b]
	var seen uint8
	for _, c := range v {
		seen |= props[c]
	}
	kinds := 0
	for _, k := range [...]uint8{pDigit, pLower, pUpper} {
		if seen&k != 0 {
			kinds++
		}
	}
	if seen&pDigit == 0 || seen&pLetter == 0 || s.f.standIn(v) || codeValue(v, false) || kinds < 3 && !special(v) && b-a < 16 && !(what&lPassword != 0 && b-a >= 7 && entropy(v) >= 2.7) {
		return
	}
	if what&lKey != 0 && what&lPassword == 0 && (b-a < 12 || entropy(v) < 3) {
		return
	}
	s.add(GenericSecret, a, b, byContext)
}
