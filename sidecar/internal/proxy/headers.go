package proxy

import (
	"github.com/valyala/fasthttp"

	"github.com/soukproxy/souk/sidecar/internal/telemetry"
)

// headers is what souk takes from a request's headers. The slices point into the request.
type headers struct {
	authorization []byte
	apiKey        []byte
	traceparent   []byte
	encoding      []byte // content-encoding of the body
	origin        []byte
	corsHeaders   []byte // access-control-request-headers
	deliver       []byte // x-souk-deliver
	resume        []byte // x-souk-resume
	forward       []byte // lines for the provider, each with its CRLF
	traceparents  int
	handOff       []headerLine // what a hand-off may be made of: Souk-*, Signature, Signature-Input, Content-Digest
	souk          int          // of those, 1 + the place of the first Souk-* header; 0: there is none
	signature     bool         // among those is a Signature or Signature-Input
	twice         bool         // there are two Authorization headers
}

// headerLine is a header as it came.
type headerLine struct{ name, value []byte }

// read goes over the headers once. To a provider go only: accept, user-agent, openai-*, anthropic-* and idempotency-key,
// unless Connection nominates them; the body's content-type is what souk has read it as. A Souk-* header is a gateway's word: identify
// either verifies it or refuses the request.
func (s *headers) read(h *fasthttp.RequestHeader) {
	forward, handOff := s.forward[:0], s.handOff[:0]
	*s = headers{handOff: handOff}
	var nominated []byte
	for name, value := range h.All() {
		if len(name) == 0 {
			continue
		}
		switch name[0] | 0x20 {
		case 'a':
			switch {
			case fold(name, "accept"):
				forward = line(forward, name, value)
			case fold(name, "authorization"):
				s.twice = s.twice || s.authorization != nil
				s.authorization = value
			case fold(name, "api-key"):
				s.setAPIKey(value)
			case prefix(name, "anthropic-") && plainName(name):
				forward = line(forward, name, value)
			case fold(name, "access-control-request-headers"):
				s.corsHeaders = value
			}
		case 'c':
			switch {
			case fold(name, "content-encoding"):
				s.encoding = value
			case fold(name, "content-digest"):
				s.handOff = append(s.handOff, headerLine{name, value})
			case fold(name, "connection"):
				nominated = joined(nominated, value)
			}
		case 'u':
			if fold(name, "user-agent") {
				forward = line(forward, name, value)
			}
		case 'o':
			switch {
			case prefix(name, "openai-") && plainName(name):
				forward = line(forward, name, value)
			case fold(name, "origin"):
				s.origin = value
			}
		case 'i':
			if fold(name, "idempotency-key") {
				forward = line(forward, name, value)
			}
		case 't':
			if fold(name, "traceparent") {
				s.traceparent = value
				s.traceparents++
			}
		case 'x':
			switch {
			case fold(name, "x-api-key"):
				s.apiKey = value
			case fold(name, "x-souk-deliver"):
				s.deliver = value
			case fold(name, "x-souk-resume"):
				s.resume = value
			}
		case 's':
			switch {
			case prefix(name, "souk-"):
				s.handOff = append(s.handOff, headerLine{name, value})
				if s.souk == 0 {
					s.souk = len(s.handOff)
				}
			case fold(name, "signature") || fold(name, "signature-input"):
				s.handOff = append(s.handOff, headerLine{name, value})
				s.signature = true
			}
		}
	}
	if len(nominated) > 0 {
		forward = withoutNominated(forward, nominate(nominated))
	}
	s.forward = forward
}

func (s *headers) setAPIKey(value []byte) {
	if s.apiKey == nil {
		s.apiKey = value
	}
}

// trace is the caller's trace, or a new one: several traceparent headers count as none (W3C Trace Context, section 3.2).
func (s *headers) trace() telemetry.Trace {
	if s.traceparents == 1 {
		if t, ok := telemetry.ParseTrace(s.traceparent); ok {
			return t
		}
	}
	return telemetry.NewTrace()
}

func line(dst, name, value []byte) []byte {
	dst = append(dst, name...)
	dst = append(dst, ": "...)
	dst = append(dst, value...)
	return append(dst, "\r\n"...)
}

// plainName tells whether a name that a caller chose can stand in a header line: letters, digits, dashes and underscores.
func plainName(name []byte) bool {
	for _, c := range name {
		if l := c | 0x20; (l < 'a' || l > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

func fold(name []byte, lower string) bool {
	return len(name) == len(lower) && prefix(name, lower)
}

// prefix compares without regard to case; lower is lower case and holds letters and dashes only.
func prefix(name []byte, lower string) bool {
	if len(name) < len(lower) {
		return false
	}
	for i := range len(lower) {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

func cutName(name []byte) string { return string(name[:min(len(name), 64)]) }

// keeps tells which of a provider's headers go on to the caller: all but what belongs to the hop, to souk's own framing, or to
// the provider's origin in a browser.
func keeps(name []byte) bool {
	switch name[0] | 0x20 {
	case 'c':
		return !fold(name, "connection") && !fold(name, "content-length") && !fold(name, "content-encoding")
	case 't':
		return !fold(name, "transfer-encoding") && !fold(name, "te") && !fold(name, "trailer")
	case 'd':
		return !fold(name, "date") // souk's own is sent
	case 'k':
		return !fold(name, "keep-alive")
	case 'p':
		return !prefix(name, "proxy-")
	case 'u':
		return !fold(name, "upgrade")
	case 's':
		return !fold(name, "set-cookie") && !fold(name, "set-cookie2") && !fold(name, "strict-transport-security") && !prefix(name, "souk-") && !fold(name, "server-timing")
	case 'a':
		return !fold(name, "alt-svc") && !prefix(name, "access-control-")
	case 'x':
		return !prefix(name, "x-souk-") || fold(name, "x-souk-simulated")
	}
	return true
}
