package redact

import "bytes"

// The prefixes, lengths and alphabets are those that the issuers document; gitleaks' public rules list most of them.

const pToken = pAlnum | pURLSafe

// token is the end of a run of token characters at i. Prefixes in a token that has been read are tried a few times only.
func (s *scan) token(i int, property property) int {
	if i >= s.tokenEnd {
		s.tokenTries = 0
	} else if s.tokenTries++; s.tokenTries > maxTries {
		return i
	}
	end := 0
	if property == pToken {
		end = s.tokens(&s.segment, i, maxToken)
	} else {
		end = s.while(i, property, maxToken)
	}
	s.tokenEnd = max(s.tokenEnd, end)
	return end
}

const maxToken = 512

// tried says whether the token in which i stands has had as many prefixes as it may have.
func (s *scan) tried(i int) bool { return i < s.tokenEnd && s.tokenTries >= maxTries }

// tokens is the end of the run of pToken at i, at most that many bytes. What an earlier look has read of it is not read again.
func (s *scan) tokens(read *extent, i, most int) int {
	from := i
	if i >= read.start && i < read.end {
		from = read.end
	}
	*read = extent{i, s.while(from, pToken, i+most-from)}
	return read.end
}

// figureIn says whether a digit stands in [a,b), a token of which an earlier look may have read a part likewise.
func (s *scan) figureIn(a, b int) bool {
	read := &s.figureless
	if a < read.start || a > read.end {
		*read = extent{a, a}
	}
	for ; read.end < b; read.end++ {
		if digit(s.t[read.end]) {
			return true
		}
	}
	return false
}

// secret reports [a,b) when its body, which begins at body, has at least least bytes and enough different ones.
func (s *scan) secret(t Type, a, body, b, least int) bool {
	const telling = 128 // bytes: what is made by chance has different ones early
	if b-body < least || !varied(s.t[body:min(b, body+telling)], min(8, least/2)) {
		return false
	}
	s.add(t, a, b, byPrefix)
	return true
}

// head is the start of the word of small letters and digits before i when nothing of a token stands before it.
func (s *scan) head(i int) (int, bool) {
	a := s.whileBack(i, pLower|pDigit, 12)
	if a == i {
		return 0, false
	}
	before := s.at(a - 1)
	return a, !alnum(before) && before != '_'
}

// underscore looks at tokens whose prefix ends in the '_' at i.
func (s *scan) underscore(i int) {
	p := s.at(i - 1)
	if props[p]&pLower == 0 && (p != '8' || s.at(i-2) != 'r') || p != 'c' && s.tried(i+1) {
		return // no prefix ends so, but r8; or no token follows, and it is not whsec
	}
	a, ok := s.head(i)
	if !ok {
		return
	}
	switch string(s.t[a:i]) {
	case "ghp", "gho", "ghu", "ghs", "ghr":
		s.secret(GitHubToken, a, i+1, s.token(i+1, pToken), 36)
	case "github":
		if s.has(i, "_pat_") {
			s.secret(GitHubToken, a, i+5, s.token(i+5, pAlnum|pURLSafe), 22)
		}
	case "sk", "rk":
		for _, kind := range [...]string{"_live_", "_test_", "_prod_"} {
			if s.has(i, kind) {
				s.secret(StripeKey, a, i+6, s.token(i+6, pAlnum), 10)
			}
		}
	case "whsec":
		s.secret(StripeKey, a, i+1, s.while(i+1, pAlnum|pBase64, 100), 24)
	case "npm":
		s.secret(NPMToken, a, i+1, s.token(i+1, pAlnum), 36)
	case "hf":
		s.secret(HuggingFaceToken, a, i+1, s.token(i+1, pAlnum), 30)
	case "api":
		if s.has(i, "_org_") {
			s.secret(HuggingFaceToken, a, i+5, s.token(i+5, pAlnum), 30)
		}
	case "shpat", "shpca", "shppa", "shpss":
		if end := s.token(i+1, pAlnum); end-i-1 == 32 && allHex(s.t[i+1:end]) {
			s.secret(ShopifyToken, a, i+1, end, 32)
		}
	case "dop", "doo", "dor":
		if s.has(i, "_v1_") {
			if end := s.token(i+4, pAlnum); end-i-4 == 64 && allHex(s.t[i+4:end]) {
				s.secret(DigitalOceanToken, a, i+4, end, 64)
			}
		}
	case "gsk", "r8", "sntrys", "sntryu", "figd", "rubygems", "fio", "lin", "pscale", "dckr", "glc", "glsa", "ntn", "nvapi":
		// Tokens of other issuers; two numbers of digits and letters keep names of code out.
		if end := s.token(i+1, pToken); end-i > 30 && hasDigit(s.t[i+1:end]) && mixedCase(s.t[i+1:end]) {
			s.secret(GenericSecret, a, i+1, end, 30)
		}
	}
}

// mixedCase says whether v has letters of both cases.
func mixedCase(v []byte) bool {
	seen := property(0)
	for _, c := range v {
		seen |= props[c]
	}
	return seen&pLower != 0 && seen&pUpper != 0
}

// dash looks at what begins or is marked by the '-' at i; it gives the offset to go on from.
func (s *scan) dash(i int) int {
	if s.at(i+1) == '-' && !alnum(s.at(i-1)) {
		if s.has(i, "-----BEGIN ") && s.at(i-1) != '-' {
			return s.pem(i)
		}
		return s.while2(i, '-')
	}
	p := s.at(i - 1)
	if props[p]&pLower == 0 && (p != '2' || s.at(i-2) != 'v') || props[s.at(i-2)]&pLower == 0 || s.tried(i+1) {
		return i + 1 // no prefix ends so, but lsv2; or no token follows
	}
	a, ok := s.head(i)
	if !ok {
		return i + 1
	}
	switch string(s.t[a:i]) {
	case "sk":
		s.modelKey(a, i)
	case "xoxb", "xoxp", "xoxa", "xoxs", "xoxr", "xoxo", "xoxe", "xoxc", "xoxd", "xapp":
		if end := s.token(i+1, pToken); s.figureIn(i+1, end) {
			s.secret(SlackToken, a, i+1, end, 16)
		}
	case "glpat", "gldt", "glrt", "glptt", "glcbt", "glft", "glimt", "glagent", "gloas", "glsoat", "glffct":
		end := s.token(i+1, pToken)
		for s.at(end) == '.' && alnum(s.at(end+1)) {
			end = s.token(end+1, pToken)
		}
		s.secret(GitLabToken, a, i+1, end, 20)
	case "pypi":
		if s.has(i+1, "AgE") {
			s.secret(PyPIToken, a, i+1, s.token(i+1, pToken), 50)
		}
	case "xai", "pplx", "tvly", "nvapi", "lsv2":
		if end := s.token(i+1, pToken); s.figureIn(i+1, end) && mixedCase(s.t[i+1:end]) {
			s.secret(GenericSecret, a, i+1, end, 30)
		}
	}
	return i + 1
}

// while2 is the end of a run of one byte.
func (s *scan) while2(i int, c byte) int {
	for i < len(s.t) && s.t[i] == c {
		i++
	}
	return i
}

// modelKey looks at keys that begin with "sk-": Anthropic's, OpenAI's, and those that took the form from them.
func (s *scan) modelKey(a, i int) {
	end := s.token(i+1, pToken)
	body := s.t[i+1 : end]
	switch {
	case bytes.HasPrefix(body, []byte("ant-")):
		if s.figureIn(i+1, end) {
			s.secret(AnthropicKey, a, i+5, end, 32)
		}
	case bytes.HasPrefix(body, []byte("or-")), bytes.HasPrefix(body, []byte("lf-")):
		if s.figureIn(i+1, end) {
			s.secret(GenericSecret, a, i+4, end, 32)
		}
	case bytes.HasPrefix(body, []byte("proj-")), bytes.HasPrefix(body, []byte("svcacct-")), bytes.HasPrefix(body, []byte("admin-")), bytes.HasPrefix(body, []byte("None-")):
		if s.figureIn(i+1, end) {
			s.secret(OpenAIKey, a, i+1, end, 32)
		}
	default:
		// Only one segment, so that a name of dashed words is none.
		if end := s.token(i+1, pAlnum); end-i > 20 && hasDigit(s.t[i+1:end]) && !alnum(s.at(end)) {
			if lettersOf(s.t[i+1:end]) >= 6 {
				s.secret(OpenAIKey, a, i+1, max(end, s.token(i+1, pToken)), 20)
			}
		}
	}
}

func lettersOf(v []byte) int {
	n := 0
	for _, c := range v {
		if letter(c) {
			n++
		}
	}
	return n
}

// upper looks at keys marked by the capital at i: AKIA..., AIza..., SG...., and eyJ of a JWT.
func (s *scan) upper(i int) {
	switch s.t[i] {
	case 'A':
		if !alnum(s.at(i - 1)) {
			s.cloudKey(i)
		}
	case 'S':
		if s.at(i+1) == 'G' && s.at(i+2) == '.' && !alnum(s.at(i-1)) {
			mid := s.while(i+3, pToken, 40)
			if s.at(mid) == '.' && mid-i-3 >= 16 {
				if end := s.while(mid+1, pToken, 80); end-mid-1 >= 32 {
					s.secret(SendGridKey, i, i+3, end, 50)
				}
			}
		}
	case 'J':
		if i >= s.jwtEnd && s.at(i-1) == 'y' && s.at(i-2) == 'e' && !alnum(s.at(i-3)) && s.at(i-3) != '_' {
			s.jwt(i - 2)
		}
	}
}

// cloudKey looks at keys that begin with the 'A' at i: few bytes come second and fourth in them.
func (s *scan) cloudKey(i int) {
	switch s.at(i + 1) {
	case 'K', 'S', 'B', 'C', 'R', 'I':
		switch {
		case s.at(i+3)|0x20 != 'a':
		case s.has(i, "AKIA"), s.has(i, "ASIA"), s.has(i, "ABIA"), s.has(i, "ACCA"), s.has(i, "AROA"), s.has(i, "AIDA"):
			// Sixteen characters of base32 (AWS IAM identifiers). Manuals end theirs in EXAMPLE.
			end := s.while(i+4, pUpper|pDigit, 17)
			if end-i == 20 && !alnum(s.at(end)) && s.at(end) != '_' && !bytes.HasSuffix(s.t[i:end], []byte("EXAMPLE")) {
				s.secret(AWSAccessKey, i, i+4, end, 16)
			}
		case s.has(i, "AIza"):
			end := s.while(i+4, pToken, 36)
			if end-i == 39 {
				s.secret(GoogleAPIKey, i, i+4, end, 35)
			}
		}
	case 'T':
		if s.has(i, "ATATT3") || s.has(i, "ATCTT3") {
			s.secret(GenericSecret, i, i+6, s.token(i+6, pToken), 60)
		}
	case 'G':
		if s.has(i, "AGE-SECRET-KEY-1") {
			s.secret(GenericSecret, i, i+16, s.token(i+16, pAlnum), 50)
		}
	}
}

// jwtParts is how many parts a JSON Web Token has at most.
const jwtParts = 5

// jwt reads a JSON Web Token (RFC 7519) at a: a header and a payload that are JSON objects in base64url, a signature
// that may be empty; five parts are an encrypted one (RFC 7516).
func (s *scan) jwt(a int) {
	const longest = 16 << 10
	header := s.tokens(&s.jwtParts[0], a, longest)
	if header-a < 16 || s.at(header) != '.' {
		return
	}
	payload := s.tokens(&s.jwtParts[1], header+1, longest)
	if payload-header < 8 || s.at(payload) != '.' && !s.has(header+1, "eyJ") {
		return
	}
	end := payload
	for part := 2; part < jwtParts && s.at(end) == '.' && (part > 2 || props[s.at(end+1)]&pToken != 0); part++ {
		next := s.tokens(&s.jwtParts[part], end+1, longest)
		if next == end+1 {
			break
		}
		if part > 2 && next-end < 12 {
			break // a sentence goes on
		}
		end = next
	}
	if end == payload && !s.has(header+1, "eyJ") {
		return
	}
	if s.secret(JWT, a, a, end, 30) {
		s.jwtEnd = end
		s.valueEnd = max(s.valueEnd, end)
	}
}

// pem reads a private key in PEM (RFC 7468) or its OpenPGP kin from the "-----BEGIN" at i, to its end line or, where
// that was cut off, as far as its text goes.
func (s *scan) pem(i int) int {
	const longest, title = 64 << 10, 48
	head := s.t[i+11 : min(len(s.t), i+11+title)]
	k := bytes.Index(head, []byte("-----"))
	if k < 0 {
		return i + 5
	}
	name := head[:k]
	if !bytes.Contains(name, []byte("PRIVATE KEY")) {
		return i + 11 + k + 5
	}
	body := i + 11 + k + 5
	end := body
	rest := s.t[body:min(len(s.t), body+longest)]
	if m := bytes.Index(rest, []byte("-----")); m >= 0 && bytes.HasPrefix(rest[m:], []byte("-----END")) {
		end = body + m + 8
		tail := s.t[end:min(len(s.t), end+title)]
		if t := bytes.Index(tail, []byte("-----")); t >= 0 {
			end += t + 5
		} else {
			end += len(tail)
		}
		if m < 40 {
			return body // two constants of code
		}
	} else {
		// Cut off: lines of base64 go on.
		for end < len(s.t) && end-body < longest && (props[s.t[end]]&(pAlnum|pBase64) != 0 || s.t[end] == '=' || s.t[end] == '\n' || s.t[end] == '\r') {
			end++
		}
		for end > body && (space(s.t[end-1])) {
			end--
		}
		if end-body < 16 {
			return body
		}
	}
	s.add(PrivateKey, i, end, byOperator)
	s.numberEnd = max(s.numberEnd, end)
	s.phoneEnd = max(s.phoneEnd, end)
	return end
}

// telegram reads a bot token, "123456789:AA...", around the ':' at i.
func (s *scan) telegram(i int) {
	const size = 35
	if props[s.at(i+size)]&pToken == 0 || props[s.at(i+size+1)]&pToken != 0 {
		return // too short or too long
	}
	end := s.while(i+1, pToken, size)
	if end-i-1 != size || !mixedCase(s.t[i+1:end]) {
		return
	}
	a := s.whileBack(i, pDigit, 11)
	if i-a < 8 || i-a > 10 || alnum(s.at(a-1)) && !(s.at(a-1) == 't' && s.at(a-2) == 'o' && s.at(a-3) == 'b') {
		return
	}
	s.secret(TelegramToken, a, i+1, end, size)
}

// azure reads a storage account's key, 86 characters of base64 and "==", whose first '=' is at i.
func (s *scan) azure(i int) {
	a := s.whileBack(i, pAlnum|pBase64, 87)
	if i-a != 86 || !mixedCase(s.t[a:i]) {
		return
	}
	if s.at(a-1) == '=' && s.foldHas(a-11, "accountkey") || s.labelled(a, i+2, lAzure) {
		s.secret(AzureStorageKey, a, a, i+2, 86)
	}
}
