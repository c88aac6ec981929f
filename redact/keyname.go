package redact

// How a key's name says that its value is a secret: by its last word, or by a label just before the separator.

// The meanings of a key's last word, besides those of labels.
const (
	lCounts label = 1 << 62 // a key about secrets that holds none: max_tokens, password_policy
	lPass   label = 1 << 63 // "pass", which ends "bypass" and "compass" too
)

// newKeyEnds compiles the last words of keys, back to front.
func newKeyEnds() *lexicon {
	l := newLexiconBuilder(lPassword, lKey, lCounts, lPass)
	for at, words := range [...][]string{
		1: {"password", "passwd", "passwort", "passphrase", "pwd", "secret", "credentials", "credential", "bindpw", "rootpw", "_pw", "rootpass",
			"userpass", "adminpass", "psk", "presharedkey", "preshared_key"},
		2: {"token", "apikey", "api_key", "accesskey", "access_key", "secretkey", "secret_key", "private_key", "authkey", "auth_key", "encryption_key",
			"signing_key", "master_key", "account_key", "accountkey", "sharedaccesskey", "shared_key", "license_key", "authorization", "authtoken",
			"_auth", "authentication", "app_key", "admin_key", "storage_key", "subscription_key", "subscriptionkey", "adminkey"},
		3: {"tokens", "count", "limit", "length", "policy", "type", "name", "expiry", "expires", "url", "uri", "path", "file", "hash", "enabled",
			"required", "regex", "pattern", "size", "budget", "endpoint", "header", "field", "label", "hint", "format", "min", "max", "usage",
			"prefix", "version", "ttl", "mechanism", "provider", "method", "scheme", "public_key", "publickey", "publickeytoken", "monkey", "turkey", "_id", "keyid",
			"tokenid", "credentialid", "secretid", "_at", "domain", "_date", "_time", "arn", "prompt", "hashers", "pagetoken", "page_token", "nexttoken", "next_token"},
		4: {"pass"},
	} {
		for _, w := range words {
			back := []byte(w)
			for i, k := 0, len(back)-1; i < k; i, k = i+1, k-1 {
				back[i], back[k] = back[k], back[i]
			}
			l.insert(string(back), uint8(at), true)
		}
	}
	return l.compile()
}

// keyEnd gives the kind of secret that the end of the key t[a:i] names, or lCounts. All of the key has a code.
func (s *scan) keyEnd(a, i int) label {
	l, what := s.f.keyEnds, label(0)
	cur := uint16(0)
	for k := i; k > a; k-- {
		if cur = l.step(cur, codes[s.t[k-1]&0x7F]); cur == 0 {
			break
		}
		if end := l.nodes[cur].end; end != 0 {
			what |= l.what[end]
		}
	}
	if what&lPass != 0 {
		if i-a == len("PASS") && s.t[a+1] == 'A' && s.at(i) == ':' {
			return what &^ lPass // a test's verdict
		}
		// "bypass" has a letter before it, "dbPass" and "DB_PASS" begin a word.
		if k := i - 5; k >= a && letter(s.t[k]) && !(props[s.t[k+1]]&pUpper != 0 && props[s.t[k]]&pLower != 0) {
			return what &^ lPass
		}
		what |= lPassword
	}
	return what
}

// keyOf is the end of the key before the separator at sep: brackets, quotes and spaces may stand between them.
func (s *scan) keyOf(sep int) int {
	i := sep
	for i > 0 && sep-i < 6 && props[s.t[i-1]]&pWrap != 0 {
		i--
	}
	return i
}

// untyped is where the separator behind a key's name stands, of an '=' at sep that a type may stand before: password: str = "x" and
// Password { get; set; } = "x".
func (s *scan) untyped(sep int) int {
	const longest = 40
	i := sep
	for i > 0 && sep-i < longest && (props[s.t[i-1]]&(pAlnum|pURLSafe) != 0 || contains(" .?<>[]&{};'", s.t[i-1])) {
		i--
	}
	switch {
	case s.at(i-1) == ':' && alnum(s.at(i-2)) && (letter(s.at(i+1)) || s.at(i+1) == '&') && s.at(i) == ' ':
		return i - 1
	case i < sep && s.at(sep-1) == ' ' && s.at(sep-2) == '}':
		for k := i; k < sep; k++ {
			if s.has(k, " { get;") {
				return k
			}
		}
	}
	return sep
}

// pairKey is where the name ends of which the value before the separator at sep is that: {"name": "DB_PASSWORD", "value": "x"}. It is sep where
// the key is not called so.
func (s *scan) pairKey(sep int) int {
	i := s.keyOf(sep)
	from := s.whileBack(i, pAlnum|pURLSafe, 10)
	if !oneOf("value|Value|default", s.t[from:i]) {
		return sep
	}
	const between = 12
	name := from
	for name > 0 && from-name < between && contains(" \t\r\n\"'{,-\\", s.t[name-1]) {
		name--
	}
	return name
}

// keyed says whether a key may end before the separator at sep, by the two bytes before it.
func (s *scan) keyed(sep int) bool {
	p := props[s.at(sep-1)]
	return p&pWrap == 0 && p&pKey != 0 || p&pWrap != 0 && (props[s.at(sep-2)]&(pWrap|pKey) != 0 || s.at(sep-2) == '}')
}

// keyName gives the kind of secret that the key before the separator at sep names with its own last word: 0 when a label
// nearby may still do so, lCounts when none can. It is not ok where there is no key.
func (s *scan) keyName(sep int) (what label, ok bool) {
	i := s.keyOf(sep)
	if i == 0 || props[s.t[i-1]]&pKey == 0 {
		return 0, false
	}
	if props[s.t[i-1]]&(pAlnum|pURLSafe) != 0 {
		if what = s.keyEnd(s.whileBack(i, pAlnum|pURLSafe, 64), i); what&lCounts != 0 {
			return lCounts, true
		}
	}
	return what & (lPassword | lKey), true
}

// labelledKey gives the kind of secret that a label names which ends in the key before the separator at sep, or just
// before it: "api key (prod): x", "DB_PASSWORD_2=x", "密码：x".
func (s *scan) labelledKey(sep int) label {
	const near = 14
	s.words(sep, sep)
	h, i := &s.hits, s.keyOf(sep)
	if h.key < i-near {
		return 0
	}
	for k := h.n - 1; k >= 0 && k >= h.n-64; k-- {
		w := &h.ring[k&63]
		if int(w.end) > i {
			continue
		}
		if i-int(w.end) > near {
			break
		}
		if w.what&(lPassword|lKey) != 0 && s.keyGoesOn(int(w.end), i) {
			return w.what
		}
	}
	return 0
}

// keyGoesOn says whether what follows a label word up to the separator is still part of the key's name.
func (s *scan) keyGoesOn(from, to int) bool {
	for i := from; i < to; i++ {
		if c := s.t[i]; props[c]&pKey == 0 || c == '.' && space(s.at(i+1)) {
			return false
		}
	}
	return true
}
