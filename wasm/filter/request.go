package filter

import (
	"strconv"
	"strings"

	"github.com/soukproxy/souk/policy/handoff"
	"github.com/soukproxy/souk/redact"
)

// RequestHeaders hands the request off, or says why not. count is how many headers the host says there are; end that no body
// follows, which NGINX says always.
func (s *Stream) RequestHeaders(count int, end bool) Action {
	headers, err := s.host.RequestHeaders()
	if err != nil {
		return s.refuse(broken())
	}
	var refused *refusal
	if s.heads, refused = s.f.look(headers, count); refused != nil {
		return s.refuse(refused)
	}
	if s.who, refused = s.f.identify(s.host, &s.heads); refused != nil {
		return s.refuse(refused)
	}
	s.onward()
	c := s.f.config
	s.awaiting = (c.digest || c.redact.on) && (c.nginx || !end)
	if s.awaiting && c.redact.on && s.heads.coded {
		return s.refuse(&refusal{415, "invalid_request_error", "body_encoded",
			"the body is compressed, and has to be searched for personal data; send it as it is"})
	}
	switch {
	case s.awaiting && c.hold:
		return Pause
	case s.awaiting && !c.nginx:
		// The headers go on before the body. Of what they promise, nothing goes on if it cannot be kept.
		s.who.redacted = true
		if s.heads.sized && s.host.RemoveRequestHeader("content-length") != nil {
			return s.refuse(broken())
		}
	}
	if !s.awaiting || !c.nginx || !s.heads.bodied {
		refused = s.sign("")
	} else if !s.route() { // NGINX does not wait. It is signed when the body is known; the sidecar refuses it if that is never
		refused = broken()
	}
	if refused != nil {
		return s.refuse(refused)
	}
	return Continue
}

// onward is the request as the sidecar will receive it.
func (s *Stream) onward() {
	c := s.f.config
	target := s.heads.path
	if c.nginx {
		// NGINX shows a path that it has decoded, and sends on the one that came.
		if raw := property(s.host, []string{"ngx", "request_uri"}); raw != "" {
			target = raw
		}
	}
	path, query, _ := strings.Cut(target, "?")
	if rest, found := strings.CutPrefix(path, c.stripPrefix); found && (rest == "" || rest[0] == '/') {
		path = rest
	}
	if path = c.addPrefix + path; path == "" {
		path = "/"
	}
	s.request = handoff.Request{Method: s.heads.method, Path: path, Query: query}
}

// sign writes the hand-off into the request's headers, in place of what may be there.
func (s *Stream) sign(digest string) *refusal {
	known, err := s.f.said(s.who)
	if err != nil {
		return &refusal{403, "permission_error", "caller_not_accepted",
			"the caller's identity or scopes cannot be handed off: " + err.Error()}
	}
	s.request.Digest = digest
	said, err := known.about(s.f.signer, &s.request)
	var signed *handoff.Headers
	if err == nil {
		signed, err = said.Sign()
	}
	if err != nil {
		return badRequest("request_not_signable", "the request cannot be handed off: "+err.Error())
	}
	if !s.set("souk-caller", signed.Caller) || !s.set("souk-applied", signed.Applied) || !s.set("souk-constraints", signed.Constraints) ||
		!s.set("content-digest", signed.Digest) || !s.set("signature-input", signed.Input) || !s.set("signature", signed.Signature) || !s.route() {
		return broken()
	}
	return nil
}

// route writes what brings the request to the sidecar, and its answer back in a form that can be restored.
func (s *Stream) route() bool {
	c := s.f.config
	ok := s.set(c.route[0], c.route[1]) && s.set(":authority", c.authority)
	if c.redact.restore {
		ok = ok && s.set("accept-encoding", "identity")
	}
	if target := s.target(); target != s.heads.path && !c.nginx {
		ok = ok && s.set(":path", target)
	}
	return ok
}

// set writes a header that has a value.
func (s *Stream) set(name, value string) bool {
	return value == "" || s.host.SetRequestHeader(name, value) == nil
}

func (s *Stream) target() string {
	if s.request.Query == "" && !strings.HasSuffix(s.heads.path, "?") {
		return s.request.Path
	}
	return s.request.Path + "?" + s.request.Query
}

// RequestBody waits for the whole body where it has to be read. size is what has come so far.
func (s *Stream) RequestBody(size int, end bool) Action {
	c := s.f.config
	switch {
	case s.over:
		return Pause
	case !s.awaiting:
		return Continue
	case size > c.maxBody:
		return s.refuse(tooLarge(c.maxBody))
	case !end:
		return Pause
	}
	s.awaiting = false
	digest := ""
	if size > 0 {
		body, err := s.host.RequestBody(0, size)
		if err != nil || len(body) < size {
			return s.refuse(unreadable())
		}
		if c.redact.on {
			var refused *refusal
			if body, refused = s.mask(body); refused != nil {
				return s.refuse(refused)
			}
			s.who.redacted = true
		}
		if c.digest {
			digest = handoff.DigestOf(body)
		}
	}
	if c.hold || c.nginx {
		if refused := s.sign(digest); refused != nil {
			return s.refuse(refused)
		}
	}
	return Continue
}

// mask puts the masked body in place of the caller's, and gives it.
func (s *Stream) mask(body []byte) ([]byte, *refusal) {
	scope := s.f.vault.Request()
	masked, err := s.f.masker.JSON(scope, body)
	// Not errors.As, which brings reflection along; the errors of package redact come unwrapped.
	switch err := err.(type) {
	case nil:
	case *redact.BlockedError:
		return nil, &refusal{446, "invalid_request_error", "redact_blocked", "the request " + err.Error()}
	case *redact.JSONError:
		return nil, badRequest("body_not_json", "the body is not JSON that can be searched for personal data: "+err.Error())
	default:
		if err == redact.ErrVaultFull {
			return nil, &refusal{413, "invalid_request_error", "redact_limit",
				"the request holds more personal data than redaction keeps for one request; send less at a time"}
		}
		return nil, &refusal{500, "internal_error", "redact_failed", "redaction failed, so the request was not sent"}
	}
	if s.f.config.redact.restore && scope.Len() > 0 {
		s.scope = scope
	}
	if len(masked.Counts) == 0 {
		return body, nil
	}
	if s.host.SetRequestBody(masked.Text) != nil {
		return nil, broken()
	}
	c := s.f.config
	if s.heads.sized && (c.hold || c.nginx) && !s.set("content-length", strconv.Itoa(len(masked.Text))) {
		return nil, broken()
	}
	return masked.Text, nil
}

// RequestTrailers ends a request whose body should have ended before.
func (s *Stream) RequestTrailers() Action {
	if s.awaiting {
		return s.refuse(badRequest("trailers", "the request has trailers, with which its body cannot be read; leave them out"))
	}
	if s.over {
		return Pause
	}
	return Continue
}
