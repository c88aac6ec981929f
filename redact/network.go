package redact

// ipv4 reads a dotted address (RFC 791, without leading zeros as RFC 6943, section 3.1.1 advises) at i, which begins
// a number, and reports it unless it is nobody's. It gives the end, or i when there is none.
func (s *scan) ipv4(i int) int {
	var octet [4]int
	k := i
	for n := 0; n < 4; n++ {
		from := k
		v := 0
		for k < len(s.t) && k-from < 4 && digit(s.t[k]) {
			v = v*10 + int(s.t[k]-'0')
			k++
		}
		if k == from || k-from > 3 || v > 255 || k-from > 1 && s.t[from] == '0' {
			return i
		}
		octet[n] = v
		if n < 3 {
			end, form := s.dotEnd(k)
			if form != plainDot && (form != bracketDot || s.at(k) == ' ') {
				return i
			}
			k = end // one in brackets is written so that it is no link
		}
	}
	after := s.at(k)
	if alnum(after) || after == '.' && digit(s.at(k+1)) || after == '_' && s.at(i-1) != '_' || after == '+' {
		return i
	}
	if after == '-' && alnum(s.at(k+1)) && s.at(s.while(k+1, pDigit, 4)) != '.' {
		return i // 1.6.2.0-1+b3; a range of addresses goes on with a dot
	}
	if s.at(i-1) == ' ' && s.at(i-2) == '=' && contains("<>=~!", s.at(i-3)) {
		return i // ">= 1.2.99.3"
	}
	if before := s.at(i - 1); before == '.' || before == '^' || before == '=' && s.at(i-2) == '=' && after != '=' || before == '-' && alnum(s.at(i-2)) && !s.behindAddress(i-1) || before == '_' && after != '_' || before == '/' && letter(s.at(i-2)) && s.at(i-2) != 's' && s.inPath(i) {
		return i
	}
	// Four small numbers are a version, a section or an object identifier where the text says so.
	if octet[0] != 0 && (s.f.private || !notPublic(octet)) && !s.nobody(i, k, 24, lVersion) && (!smallNumbers(octet) || notPublic(octet) || s.hostAround(i, k) || s.labelled(i, k, lHost)) {
		s.add(IPAddress, i, k, byPrefix)
	}
	s.numberEnd = max(s.numberEnd, k)
	return k
}

// hostAround says whether what stands around [start,end) shows an address: a URL, a port, the length of a prefix.
func (s *scan) hostAround(start, end int) bool {
	before, after := s.at(start-1), s.at(end)
	return before == '/' && s.at(start-2) == '/' || (after == ':' || after == '/') && digit(s.at(end+1))
}

// behindAddress says whether an address was found that ends at i: the '-' there is a range's.
func (s *scan) behindAddress(i int) bool {
	last := len(s.found) - 1
	return last >= 0 && s.found[last].typ == IPAddress && int(s.found[last].end) == i
}

// addresses looks for those that stand behind other groups of a run: "200 131.218.86.43".
func (s *scan) addresses(r *run) {
	last := r.n - 1
	if !r.dots && closing(s.at(int(r.to[last]))) == 0 {
		return
	}
	for k := 1; k <= last; k++ {
		from := int(r.from[k])
		dotted := k+3 <= last && r.sep[k+1] == '.' && r.sep[k+2] == '.' && r.sep[k+3] == '.'
		if r.sep[k] == ' ' && from >= s.phoneEnd && (dotted || k == last) { // of the last one the dots may be in brackets
			s.ipv4(from)
		}
	}
}

// smallNumbers says whether four numbers are as likely a section, a version or an object identifier: all are below 32
// (one address in four thousand), or they begin as X.500's and ISO's identifiers do. Resolvers that everybody knows are
// addresses.
func smallNumbers(o [4]int) bool {
	if o[0] == 2 && o[1] == 5 && (o[2] == 4 || o[2] == 29) || o[0] == 1 && o[1] == 3 {
		return true
	}
	known := o[0] == o[1] && o[1] == o[2] && o[2] == o[3] || o == [4]int{8, 8, 4, 4} || o == [4]int{1, 0, 0, 1} || o == [4]int{4, 2, 2, 2}
	return o[0] < 32 && o[1] < 32 && o[2] < 32 && o[3] < 32 && !known
}

// inPath says whether the number at i is a piece of a path such as a user agent's: "Chrome/74.0.3.1".
func (s *scan) inPath(i int) bool {
	from := s.whileBack(i-1, pLetter, 24)
	return props[s.at(from)]&pUpper != 0 || contains("-/ \n\"'", s.at(from-1))
}

// notPublic are the loopback, private (RFC 1918), link-local, multicast and reserved ranges, and netmasks.
func notPublic(o [4]int) bool {
	switch {
	case o[0] == 10, o[0] == 127, o[0] == 0, o[0] >= 224:
		return true
	case o[0] == 192 && o[1] == 168, o[0] == 172 && o[1]&0xF0 == 16, o[0] == 169 && o[1] == 254:
		return true
	}
	return false
}

// shortestIPv6 is the length of the shortest address that ipv6 takes: 1:2::3.
const shortestIPv6 = 6

// colons looks for an IPv6 or MAC address around the ':' at i, the first of a run of hexadecimal digits and ':'. It gives the end of
// the address, 0 when there is none.
func (s *scan) colons(i int) int {
	const longest = 45 // of an address (RFC 4291, section 2.2)
	end, more := i+1, false
	for ; end < len(s.t); end++ {
		if c := s.t[end]; c == ':' {
			more = true
		} else if !hex(c) && (c != '.' || !digit(s.at(end+1))) {
			break
		}
	}
	if s.colonEnd = end; !more {
		return 0
	}
	for s.t[end-1] == ':' && s.t[end-2] != ':' {
		end--
	}
	after := s.at(end)
	if alnum(after) || after == '_' || after == '/' && s.t[end-1] == ':' && !digit(s.at(end+1)) {
		return 0 // the last is a line of /etc/passwd: 1000:1000::/home
	}
	start := i
	for start > 0 && i-start <= longest && props[s.t[start-1]]&(pHex|pColon) != 0 {
		start--
	}
	if end-start > longest+2 || end-start < shortestIPv6 && !s.f.private {
		return 0
	}
	// A single ':' before the address is punctuation: "peer:2001:db8::1" is read as written first.
	for s.t[start] == ':' && start+1 < end && s.t[start+1] != ':' {
		start++
	}
	if alnum(s.at(start - 1)) {
		// The end of a word that looks hexadecimal: "mac:01:29:f3:3c:fb:65".
		for start < end && s.t[start] != ':' {
			start++
		}
		if start++; s.at(start) == ':' {
			return 0
		}
	} else if before := s.at(start - 1); before == '_' || before == '.' {
		return 0
	}
	v := s.t[start:end]
	if mac(v) {
		if !nobodysMAC(v) {
			s.add(MACAddress, start, end, byShape)
		}
		return end
	}
	if s.f.private && string(v) == "::1" || ipv6(v) && (s.f.private || !localIPv6(v)) {
		s.add(IPAddress, start, end, byPrefix)
		return end
	}
	return 0
}

// mac says whether v is six pairs of hexadecimal digits parted by one of ':' and '-' (IEEE 802).
func mac(v []byte) bool {
	if len(v) != 17 || v[2] != ':' && v[2] != '-' {
		return false
	}
	for k, c := range v {
		if k%3 == 2 {
			if c != v[2] {
				return false
			}
		} else if !hex(c) {
			return false
		}
	}
	return true
}

// nobodysMAC is the unset and the broadcast address.
func nobodysMAC(v []byte) bool {
	for k, c := range v {
		if k%3 != 2 && c != v[0] {
			return false
		}
	}
	return v[0] == '0' || v[0]|0x20 == 'f'
}

// dashedMAC looks for a MAC address in the form 00-1B-44-11-3A-B7 (or Cisco's 001b.4411.3ab7) around a word [a,b).
func (s *scan) dashedMAC(a, b int) bool {
	switch {
	case b-a == 2 && a >= s.dashEnd && (s.at(b) == '-' || s.at(a-1) == '-'):
		for n := 0; n < 5 && s.at(a-1) == '-' && hex(s.at(a-2)) && hex(s.at(a-3)) && !alnum(s.at(a-4)); n++ {
			a -= 3
		}
		for s.dashEnd = b; s.at(s.dashEnd) == '-' && hex(s.at(s.dashEnd+1)) && hex(s.at(s.dashEnd+2)) && !alnum(s.at(s.dashEnd+3)); {
			s.dashEnd += 3
		}
		if a+17 > len(s.t) || s.at(a-1) == '-' || alnum(s.at(a+17)) || s.at(a+17) == '-' && alnum(s.at(a+18)) {
			return false
		}
		if v := s.t[a : a+17]; v[2] == '-' && mac(v) && !nobodysMAC(v) {
			s.add(MACAddress, a, a+17, byShape)
			s.numberEnd = max(s.numberEnd, a+17)
			return true
		}
	case b-a == 4 && s.at(a-1) == '.' && a >= 5 && allHex(s.t[a-5:a-1]):
		return s.dottedMAC(a - 5)
	case b-a == 4 && s.at(b) == '.':
		return s.dottedMAC(a)
	}
	return false
}

// bareMAC is twelve hexadecimal digits that a label calls an address of hardware.
func (s *scan) bareMAC(a, b int) {
	if v := s.t[a:b]; allHex(v) && hasDigit(v) && lettersOf(v) > 0 && varied(v, 4) {
		if d := s.distance(a, b, lMAC); d >= 0 && d <= 8 {
			s.add(MACAddress, a, b, byContext)
		}
	}
}

// dottedMAC looks for 001b.4411.3ab7 (Cisco) at a.
func (s *scan) dottedMAC(a int) bool {
	const size = 14
	end := a + size
	if end > len(s.t) || s.t[a+4] != '.' || s.t[a+9] != '.' || alnum(s.at(end)) || alnum(s.at(a-1)) || s.at(a-1) == '.' ||
		s.at(end) == '.' && alnum(s.at(end+1)) {
		return false
	}
	letters := false
	for k, c := range s.t[a:end] {
		if k%5 != 4 {
			if !hex(c) {
				return false
			}
			letters = letters || !digit(c)
		}
	}
	if letters {
		s.add(MACAddress, a, end, byShape)
		s.numberEnd = max(s.numberEnd, end)
	}
	return letters
}

// ipv6 says whether v is an address by RFC 4291, section 2.2.
func ipv6(v []byte) bool {
	groups, gap, i := 0, -1, 0
	digits, longest := 0, 0
	if len(v) >= 2 && v[0] == ':' && v[1] == ':' {
		gap, i = 0, 2
	}
	for i < len(v) {
		from := i
		for i < len(v) && hex(v[i]) {
			if digit(v[i]) {
				digits++
			}
			i++
		}
		if i < len(v) && v[i] == '.' {
			if !dotted(v[from:]) {
				return false
			}
			groups += 2
			digits++
			break
		}
		if i-from < 1 || i-from > 4 {
			return false
		}
		longest = max(longest, i-from)
		groups++
		if i == len(v) {
			break
		}
		if v[i] != ':' {
			return false
		}
		i++
		if i < len(v) && v[i] == ':' {
			if gap >= 0 {
				return false
			}
			gap = groups
			i++
		} else if i == len(v) {
			return false
		}
	}
	if gap < 0 {
		// Eight pairs are a world-wide name or an EUI-64.
		return groups == 8 && longest > 2
	}
	// "std::dec" and "face::cafe" are names of code: a short one needs a digit and a long group, or many groups.
	return groups <= 7 && digits > 0 && (groups >= 3 || groups >= 1 && longest >= 3 && len(v) >= 6 && digit(v[0]) || groups == 2 && (v[0]|0x20 == 'f') && longest == 4)
}

func dotted(v []byte) bool {
	dots, n, part := 0, 0, 0
	for _, c := range v {
		switch {
		case digit(c):
			part = part*10 + int(c-'0')
			if n++; n > 3 || part > 255 {
				return false
			}
		case c == '.' && n > 0:
			dots++
			n, part = 0, 0
		default:
			return false
		}
	}
	return dots == 3 && n > 0
}

// localIPv6 are loopback, unspecified, link-local, unique local and multicast addresses (RFC 4291, RFC 4193).
func localIPv6(v []byte) bool {
	if len(v) < 5 || v[0] == ':' && v[1] == ':' && len(v) < 6 {
		return true
	}
	if v[2] == ':' || v[3] == ':' {
		return false
	}
	if v[0]|0x20 != 'f' {
		return false
	}
	switch b := v[1] | 0x20; b {
	case 'c', 'd', 'f':
		return true
	case 'e': // fe80 to febf, and fe00, which files of hosts have
		return contains("089ab", v[2]|0x20)
	}
	return false
}
