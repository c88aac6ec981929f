package redact

import "bytes"

// colon looks at what the ':' at i marks: a URL, an address, a token, the value of a key.
func (s *scan) colon(i int) {
	next := s.at(i + 1)
	if next == ':' && s.at(i-1) == ':' {
		return
	}
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
	longValue = 48
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
	for _, scheme := range s.schemes(i) {
		if s.foldHas(i, scheme) {
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
	for _, scheme := range s.schemes(i) {
		if s.foldHas(i, scheme) {
			i += len(scheme)
			break
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

// schemes are the names of authorization schemes that the text at i may begin with (IANA's registry, and what APIs call theirs).
func (s *scan) schemes(i int) []string {
	switch s.at(i) | 0x20 {
	case 'a', 'b', 'd', 't':
		return authSchemes
	}
	return nil
}

// authSchemes is never written to.
var authSchemes = []string{"bearer ", "basic ", "token ", "apikey ", "digest "}

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
	if b-a > longValue {
		// Looking at the key is cheaper.
		if _, ok := s.secretKey(sep); !ok {
			return
		}
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
