package redact

// A line's end may cut an identifier, a wallet or a token in two. Both halves are looked at as one word, with what stands before them, where
// a label announces an identifier or where they are as long as a token; numbers go on in other lines by themselves, see acrossLines.

const (
	shortestCut      = 9   // an identifier of letters and digits
	shortestTokenCut = 20  // an AWS access key
	longestCut       = 128 // the longest token with a fixed length, and some more
)

// besideBreak says whether a line ends or begins beside the word [a,b).
func (s *scan) besideBreak(a, b int) bool {
	c := s.at(b)
	return c == '\n' || c == '\r' || a > 0 && s.t[a-1] == '\n'
}

// cutWord looks at the word [a,b), which begins a line or ends one, together with what stands on the other side of that line's end.
func (s *scan) cutWord(a, b int) {
	if c := s.at(b); b < len(s.t) && (c == '\n' || c == '\r') {
		s.cut(b)
	} else if a > 0 && s.t[a-1] == '\n' {
		end := a - 1
		if s.at(end-1) == '\r' {
			end--
		}
		s.cut(end)
	}
}

// cut looks at the words on both sides of the line's end at i as one.
func (s *scan) cut(i int) {
	if i <= s.cutEnd {
		return
	}
	s.cutEnd = i
	below := s.wordBelow(i)
	if below == 0 {
		return
	}
	if !alnum(s.at(below+1)) && s.spaceIn(i-shortestCut+1, i) {
		return
	}
	var had property
	from, end := i, below
	for ; from > 0 && i-from < longestCut && props[s.t[from-1]]&pSpace == 0; from-- {
		had |= props[s.t[from-1]]
	}
	for ; end < len(s.t) && end-below < longestCut && props[s.t[end]]&(pAlnum|pURLSafe|pBase64) != 0; end++ {
		had |= props[s.t[end]]
	}
	size := i - from + end - below
	if had&pLetter == 0 || size < shortestCut || size > longestCut || props[s.at(i-1)]&(pAlnum|pURLSafe) == 0 && s.at(i-1) != '.' {
		return
	}
	if size < shortestTokenCut {
		if s.around(from, end)&(lIDs|lUSCC|lIT) == 0 {
			return
		}
		from = max(0, from-reach)
	}
	if s.wholeBefore(i) {
		return
	}
	if !s.joins(i - from + end - below) {
		return
	}
	joint := s.jointScan()
	joint.buf = append(append(joint.buf, s.t[from:i]...), s.t[below:end]...)
	joint.look()
	for _, c := range joint.found {
		start, stop := from+int(c.start), below+int(c.end)-(i-from)
		if start < i && stop > below && cutTypes>>c.typ&1 != 0 {
			s.found = append(s.found, candidate{start: int32(start), end: int32(stop), typ: c.typ, rank: c.rank})
		}
	}
}

// wholeBefore says whether a value that is known by itself ends at i.
func (s *scan) wholeBefore(i int) bool {
	const few = 16 // values that end there, or within it
	for k := len(s.found) - 1; k >= max(0, len(s.found)-few); k-- {
		if c := s.found[k]; int(c.end) == i && c.rank >= byPrefix {
			return true
		}
	}
	return false
}

// cutTypes are the types that are known by check digits or a fixed length, and have letters.
const cutTypes uint64 = 1<<CryptoWallet | 1<<CNUSCC | 1<<CNResidentID | 1<<ESNIF | 1<<ESNIE | 1<<ITFiscalCode | 1<<FRNIR | 1<<FIHETU | 1<<SGNRIC |
	1<<UKNINO | 1<<INPAN | 1<<AWSAccessKey | 1<<GitHubToken | 1<<GitLabToken | 1<<SlackToken | 1<<SlackWebhook | 1<<StripeKey | 1<<OpenAIKey |
	1<<AnthropicKey | 1<<GoogleAPIKey | 1<<NPMToken | 1<<PyPIToken | 1<<HuggingFaceToken | 1<<SendGridKey | 1<<TelegramToken | 1<<TwilioKey |
	1<<DigitalOceanToken | 1<<ShopifyToken | 1<<DatabricksToken

// wordBelow is where the next line's first word begins behind the line's end at i, 0 when another mark stands before it.
func (s *scan) wordBelow(i int) int {
	const farthest = 6
	for k := i + 1; k < min(len(s.t), i+farthest); k++ {
		switch c := s.t[k]; {
		case alnum(c):
			return k
		case c != ' ' && c != '>' && !(c == '\n' && k == i+1 && s.t[i] == '\r'):
			return 0
		}
	}
	return 0
}

// spaceIn says whether a space stands in [from,i).
func (s *scan) spaceIn(from, i int) bool {
	for ; from < i; from++ {
		if space(s.at(from)) {
			return true
		}
	}
	return false
}
