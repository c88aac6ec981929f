package redact

import (
	"bytes"
	"unicode/utf8"
)

// Addresses by RFC 5321 and RFC 6531: a dot-atom of at most 64 bytes, '@', a domain of at most 255 with a top level.
const (
	maxLocal  = 64
	maxDomain = 255
)

// email looks for an address around the '@' at i.
func (s *scan) email(i int) {
	if i < s.userEnd || i == 0 || s.at(i+1) == '@' {
		return
	}
	local, domain, loose, cut, broken := i, i+1, false, false, false
	if before, after := s.t[i-1], s.at(i+1); !alnum(before) || !alnum(after) {
		switch {
		case before == ' ' && after == ' ' && s.single(i-2) && s.single(i+2):
			s.spacedOut(i)
			return
		case after == closing(before) && after != 0:
			if s.signBefore(i + 2) {
				s.hiddenEmail(i-1, i+2, false) // john[@]example.com
			}
			return
		}
		// "name @ example.com" hides an address from simple readers, and a line end may cut one.
		if before == ' ' {
			local, loose = local-1, true
		} else if n := s.lineBefore(local); n > 0 {
			local, loose, cut = local-n, true, true
		}
		if after == ' ' {
			domain, loose = domain+1, true
		} else if n := s.lineEnd(domain); n > 0 {
			domain, broken, loose = domain+n, true, loose || i-s.whileBack(i, pLocal, 3) < 3
		}
	}
	if s.at(local-1) == '"' {
		s.quotedEmail(local, domain)
		return
	}
	if c := s.at(local - 1); c < utf8.RuneSelf && props[c]&pLocal == 0 || c == '.' || c == '\'' || s.noDomain(domain) {
		return // as localStart and domainEnd would find
	}
	end, top, form := s.anyDomain(domain)
	if form == cutDot || form == spacedDot {
		loose = true
	}
	if end == 0 {
		return
	}
	start := s.hiddenStart(local, form)
	for k := 0; k < 2 && s.at(end+k) == '_' && s.t[start] == '_'; k++ {
		start++ // _jane@example.com_ is slanted, and with two of them bold
	}
	if start >= local {
		return
	}
	name := s.t[start:local]
	switch {
	case string(name) == "git":
		return // git@host:owner/repository
	case (loose || broken) && !(commonTop(top) && (!loose || strongLocal(name)) || s.labelled(start, local, lMail)):
		return
	case cut && s.decorates(end):
		return
	case s.notAddress(start, local, domain, end, top):
		return
	}
	s.add(Email, start, end, byChecksum)
}

// quotedEmail looks for an address whose local part is in quotes (RFC 5321, section 4.1.2), which end before local: "john doe"@example.com.
func (s *scan) quotedEmail(local, domain int) {
	open := local - 2
	for open >= 0 && local-open <= maxLocal && s.t[open] != '"' && s.t[open] != '\n' {
		open--
	}
	if open < 0 || s.t[open] != '"' || open == local-2 || !contains(" \n\t<(:,;", s.at(open-1)) {
		return
	}
	if end, top, _ := s.domainEnd(domain); end > 0 && commonTop(top) {
		s.add(Email, open, end, byPrefix)
	}
}

// noDomain says whether what stands at i has no second label of two bytes, and so is none that domainEnd takes. Characters that are not ASCII
// may be of a label; behind a dot it does not say so of them.
func (s *scan) noDomain(i int) bool {
	t, label, dots := s.t, i, 0
	for ; i < len(t); i++ {
		switch c := t[i]; {
		case props[c]&pAlnum != 0, c == '-':
			if dots > 0 && i > label {
				return false
			}
		case c == '.':
			dots, label = dots+1, i+1
		case c >= utf8.RuneSelf:
			if dots > 0 {
				return false
			}
		default:
			return !contains(" [({<\n\r", c) || s.noHiddenDot(i)
		}
	}
	return true
}

// notAddress are the look-alikes: scp targets, package versions, handles, scaled images, matrix products.
func (s *scan) notAddress(start, local, domain, end int, top []byte) bool {
	before, after := s.at(start-1), s.at(end)
	switch {
	case before == '@', before == '/' && s.at(start-2) == '/':
		return true // @user@host; the userinfo of a URL
	case after == ':' && (s.at(end+1) == '/' || s.at(end+1) == '~'):
		return true
	case after == '(' && (local-start < 3 || !commonTop(top) || oneOf("to|mm|mv|ne|gt|ge", top)), after == '@':
		return true // x@w.to(device)
	case s.has(domain, "openssh.com") || s.has(domain, "libssh.org"):
		return bytes.IndexByte(s.t[start:local], '-') > 0 && hasDigit(s.t[start:local]) // names of algorithms: aes256-gcm@openssh.com
	case oneOf("service|socket|timer|target|mount|slice|scope|device", top):
		return true // units of systemd: getty@tty1.service
	case fileTop(top) && digit(s.at(domain)):
		return true // logo@2x.png
	case local-start == 1 && s.at(domain+1) == '.' && !commonTop(top) && len(top) > 2:
		return true // W@x.shape
	}
	return false
}

// localStart is where the local part that ends at end begins; end when there is none.
func (s *scan) localStart(end int) int {
	i, low := end, max(0, end-maxLocal)
	for i > low {
		c := s.t[i-1]
		if props[c]&pLocal != 0 && !(c == '-' && s.longDash(i-1)) {
			i--
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		r, n := utf8.DecodeLastRune(s.t[:i])
		// Letters of parted scripts belong to it; ideographs do only when nothing else is there.
		if !addressLetter(r) || unparted(r) && i < end && s.t[i] < utf8.RuneSelf || s.t[i] == '-' && r >= 0x590 && r < 0x600 {
			break // Hebrew joins "to" and "from" with a dash
		}
		i -= n
	}
	for i < end && (s.t[i] == '.' || s.t[i] == '-' || s.t[i] == '\'' || s.t[i] == '%') {
		i++
	}
	if i == end || s.t[end-1] == '.' || s.t[end-1] == '\'' {
		return end
	}
	if k := bytes.Index(s.t[i:end], []byte("..")); k >= 0 {
		i += bytes.LastIndex(s.t[i:end], []byte("..")) + 2
	}
	if !utf8.RuneStart(s.t[i]) {
		return end
	}
	return i
}

// addressLetter says whether r may stand in an internationalised address.
func addressLetter(r rune) bool {
	switch {
	case r < 0xC0 || r == 0xD7 || r == 0xF7 || r == utf8.RuneError:
		return false
	case r == 0x60C || r == 0x61B || r == 0x61F || r == 0x6D4 || r == 0x964 || r == 0x965 || r >= 0x5BE && r < 0x5D0 || r == 0x5F3 || r == 0x5F4:
		return false // punctuation of Arabic, Hindi and Hebrew
	case r >= 0x2000 && r < 0x2E80, r >= 0x3000 && r < 0x3041, r >= 0xFE30 && r < 0xFFDD && r < 0xFF66, r >= 0x1F000:
		return false
	}
	return true
}

// unparted says whether r is of a script without spaces between words.
func unparted(r rune) bool {
	return r >= 0x2E80 && r < 0xFB00 || r >= 0xE00 && r < 0xE80
}

// domainEnd reads a domain name at i; top is its last label. The end is 0 when there is none. The last label read ends at stop, whatever
// it is.
func (s *scan) domainEnd(i int) (end int, top []byte, stop int) {
	limit := min(len(s.t), i+maxDomain)
	begin, labels, good := i, 0, 0
	stop = i
	for begin < limit {
		k := s.labelEnd(begin, limit)
		stop = k
		if k == begin {
			break
		}
		label := s.t[begin:k]
		for len(label) > 0 && label[len(label)-1] == '-' {
			label = label[:len(label)-1]
		}
		if len(label) == 0 || label[0] == '-' || len(label) > 63 {
			break
		}
		labels++
		if labels > 1 && topLevel(label) && !(good > 0 && props[label[0]]&pUpper != 0 && commonTop(top) && props[top[0]]&pLower != 0) {
			good, top = begin+len(label), label
		}
		if s.at(k) != '.' || len(label) != k-begin {
			break
		}
		begin = k + 1
	}
	after, next := s.at(good), s.at(good+1)
	if good == 0 || after == '_' && alnum(next) || after == '-' && alnum(next) && !s.longDash(good) {
		return 0, nil, stop
	}
	if good < begin && (digit(s.at(good+1)) && s.at(good) == '.') {
		return 0, nil, stop // a.b.1: a version, not a host
	}
	return good, top, stop
}

// labelEnd is the end of one label of a domain name. A label that began in ASCII ends where an ideograph follows.
func (s *scan) labelEnd(i, limit int) int {
	k := i
	for k < limit {
		c := s.t[k]
		if props[c]&pAlnum != 0 || c == '-' && !s.longDash(k) {
			k++
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		r, n := utf8.DecodeRune(s.t[k:])
		if !addressLetter(r) || unparted(r) && k > i && s.t[k-1] < utf8.RuneSelf {
			break
		}
		k += n
	}
	return k
}

// topLevel says whether a label can be a top level domain: letters, or punycode.
func topLevel(label []byte) bool {
	if len(label) < 2 || len(label) > 24 {
		return false
	}
	if len(label) > 4 && string(label[:4]) == "xn--" {
		return true
	}
	for _, c := range label {
		if c < utf8.RuneSelf && !letter(c) {
			return false
		}
	}
	return true
}

// commonTop says whether a label is a top level domain that addresses have every day; two letters are a country's.
func commonTop(label []byte) bool {
	var low [8]byte
	if len(label) == 2 {
		return true
	}
	if len(label) > len(low) {
		return false
	}
	for k, c := range label {
		low[k] = c | 0x20
	}
	return oneOf("com|org|net|edu|gov|mil|int|info|biz|name|dev|app|cloud|online|site|xyz|tech|shop|store|email|example|test|"+
		"local|internal|pro|mobi|asia|eu|agency|company|live|club|blog", low[:len(label)])
}

// fileTop says whether a label is a file's extension rather than a domain.
func fileTop(label []byte) bool {
	return oneOf("png|jpg|jpeg|gif|svg|webp|css|js|ts|json|html|txt|md|tgz|zip|gz|tar|jar|whl", label)
}

func hasDigit(v []byte) bool {
	for _, c := range v {
		if digit(c) {
			return true
		}
	}
	return false
}
