package redact

// extensionMark says whether an extension follows at i: "x123".
func (s *scan) extensionMark(i int) bool {
	return s.t[i]|0x20 == 'x' && digit(s.at(i+1))
}

// extension is the end of the number with the extension that follows it: x123, ext. 45, or the end itself.
func (s *scan) extension(end int) int {
	i := end
	for s.at(i) == ' ' && i < end+2 {
		i++
	}
	switch {
	case s.at(i)|0x20 == 'x' && digit(s.at(i+1)):
		i++
	case s.foldHas(i, "ext"):
		if i += 3; s.foldHas(i, "ension") {
			i += 6
		}
		for i < end+14 && (s.at(i) == '.' || s.at(i) == ' ' || s.at(i) == ':') {
			i++
		}
	default:
		return end
	}
	stop := s.while(i, pDigit, 7)
	if stop == i || stop-i > 6 || alnum(s.at(stop)) {
		return end
	}
	return stop
}
