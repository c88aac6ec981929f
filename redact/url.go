package redact

import "bytes"

// authorityMarks says what a byte is in the authority of a URL; it is never written to.
var authorityMarks = buildAuthorityMarks()

const (
	parts         = iota + 1 // '@' and ':'
	closes                   // ends the authority
	closesOutside            // does so where no '@' is before it: quotes and commas around a URL, but in a password
	closesBehind             // does so behind an '@'
)

func buildAuthorityMarks() (m [256]uint8) {
	for c := range m {
		if space(byte(c)) {
			m[c] = closes
		}
	}
	for _, mark := range [...]struct {
		bytes string
		is    uint8
	}{{"@:", parts}, {"\"<>`/\\", closes}, {"',;", closesOutside}, {"?", closesBehind}} {
		for k := range len(mark.bytes) {
			m[mark.bytes[k]] = mark.is
		}
	}
	return m
}

// authority looks at "scheme://" whose ':' is at i: a password in the userinfo, a webhook, and the URL itself.
func (s *scan) authority(i int) {
	const longest = 512
	from := i + 3
	last, colon := -1, -1
	limit := min(len(s.t), from+longest)
read:
	for end := from; end < limit; end++ {
		switch c := s.t[end]; authorityMarks[c] {
		case 0:
		case closes:
			if c != '/' || !s.percented(end) {
				break read
			}
		case closesOutside:
			if last < 0 && (c != ',' || colon < 0) && (c != ';' || colon > 0 && digitsOnly(s.t[colon+1:end])) {
				break read
			}
		case closesBehind:
			if last >= 0 {
				break read
			}
		default:
			if c == '@' {
				last = end
			} else if colon < 0 {
				colon = end
			}
		}
	}
	if last < 0 && s.at(from) != 'h' && !s.f.on[URL] {
		return // neither a userinfo nor a webhook
	}
	scheme := i
	for scheme > 0 && i-scheme < 24 && (alnum(s.t[scheme-1]) || s.t[scheme-1] == '+' || s.t[scheme-1] == '.' || s.t[scheme-1] == '-') {
		scheme--
	}
	for scheme < i && !letter(s.t[scheme]) {
		scheme++
	}
	if scheme == i {
		return
	}
	if last > 0 {
		s.userEnd = last + 1
		if colon > 0 && colon < last-1 && (alnum(s.at(last+1)) || s.at(last+1) == '[' || s.at(last+1) >= 0x80) {
			if v := s.t[colon+1 : last]; !s.f.standIn(v) && !namedPassword(v) {
				s.add(ConnectionString, colon+1, last, byBoth)
			}
		}
	}
	const hooks = "hooks.slack.com/"
	if s.has(from, hooks) || s.has(from, "hooks.slack-gov.com/") {
		s.webhook(scheme, from)
	}
	if s.f.on[URL] {
		if stop := s.urlEnd(from); stop > from+2 {
			s.add(URL, scheme, stop, byShape)
		}
	}
}

// percented says whether the character at i is written with percent-encoding, which leaves it no meaning in a URL (RFC 3986, section 2.2).
func (s *scan) percented(i int) bool {
	return s.mapped && i >= s.lead && s.src[s.places.at(i-s.lead)] == '%'
}

// webhook is https://hooks.slack.com/services/T.../B.../... and its workflow and trigger kinds.
func (s *scan) webhook(start, host int) {
	path := host + bytes.IndexByte(s.t[host:], '/') + 1
	end := path
	slashes := 0
	for end < len(s.t) && end-path < 200 && (alnum(s.t[end]) || s.t[end] == '/' || s.t[end] == '_' || s.t[end] == '-') {
		if s.t[end] == '/' {
			slashes++
		}
		end++
	}
	if slashes < 2 || end-path < 30 || !varied(s.t[path:end], 14) {
		return
	}
	if s.has(path, "services/") || s.has(path, "workflows/") || s.has(path, "triggers/") {
		s.add(SlackWebhook, start, end, byBoth)
	}
}

// urlEnd is where a URL ends, without the punctuation of the sentence around it.
func (s *scan) urlEnd(i int) int {
	end := i
	for end < len(s.t) && end-i < 4096 {
		c := s.t[end]
		if space(c) || c == '"' || c == '<' || c == '>' || c == '`' || c == '{' || c == '}' || c >= 0x80 {
			break
		}
		end++
	}
	for end > i && bytes.IndexByte([]byte(".,;:!?)]'"), s.t[end-1]) >= 0 {
		end--
	}
	return end
}

// namedPassword are the words that manuals put where a password goes.
func namedPassword(v []byte) bool {
	var low [12]byte
	if len(v) > len(low) {
		return false
	}
	for k, c := range v {
		low[k] = c | 0x20
	}
	return oneOf("password|passwd|pass|pwd|pw|secret|token|user|p4ssw0rd", low[:len(v)])
}
