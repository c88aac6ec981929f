package filter

import (
	"strings"

	"github.com/soukproxy/souk/policy/handoff"
)

// heads are what the filter needs of a request's headers.
type heads struct {
	method, path string
	identity     string
	groups       string
	identities   int // how many lines
	groupLines   int
	routes       int
	sized        bool // there is a content-length
	bodied       bool // there may be a body, by content-length, transfer-encoding or the method
	coded        bool // there is a content-encoding that changes the bytes
}

// look goes over the headers once. count is how many the host says there are.
func (f *Filter) look(headers [][2]string, count int) (heads, *refusal) {
	h, pseudo, length := heads{}, 0, ""
	c := f.config
	for i := range headers {
		name, value := headers[i][0], headers[i][1]
		switch {
		case name == "":
			continue
		case name[0] == ':':
			pseudo++
			if name == ":method" {
				h.method = value
			} else if name == ":path" {
				h.path = value
			}
		case reserved(name) || len(name) == len("connection") && strings.EqualFold(name, "connection") && nominates(value):
			return h, badRequest("reserved_header",
				"souk-*, signature and signature-input are headers of the gateway; a client does not send them or name them in connection")
		case is(name, c.identity.header):
			h.identities++
			h.identity = value
		case is(name, "content-length"):
			h.sized, length = true, value
		case is(name, "transfer-encoding"):
			h.bodied = true
		case is(name, "content-encoding"):
			h.coded = !strings.EqualFold(value, "identity")
		}
		// Not cases: one header can be both.
		if is(name, c.identity.groupsHeader) {
			h.groupLines++
			h.groups = value
		}
		if is(name, c.route[0]) {
			h.routes++
		}
	}
	posts := h.method != "GET" && h.method != "HEAD" && h.method != "DELETE" && h.method != "OPTIONS"
	h.bodied = h.bodied || h.sized && length != "0" || !h.sized && posts
	// NGINX counts without :method and its like.
	shown := len(headers)
	if c.nginx {
		shown -= pseudo
	}
	switch {
	case shown < count:
		return h, badRequest("too_many_headers", "the request has too many header lines to check them")
	case h.identities > 1:
		return h, badRequest("duplicate_identity", "the header "+c.identity.header+" comes more than once")
	case h.groupLines > 1:
		return h, badRequest("duplicate_identity", "the header "+c.identity.groupsHeader+" comes more than once")
	case h.routes > 1:
		return h, badRequest("duplicate_route", "the header "+c.route[0]+" comes more than once")
	}
	return h, nil
}

// is tells whether a header has the name, which is in lower case; none has the empty one.
func is(name, lower string) bool {
	return len(name) == len(lower) && name[0]|0x20 == lower[0]|0x20 && strings.EqualFold(name, lower)
}

// reserved tells whether a header is the gateway's: any Souk-*, Signature or Signature-Input, with - or with _, which some servers take
// for the same.
func reserved(name string) bool {
	if len(name) < 5 || name[0]|0x20 != 's' {
		return false
	}
	if strings.IndexByte(name, '_') >= 0 {
		name = strings.ReplaceAll(name, "_", "-")
	}
	return handoff.Reserved(name) || strings.EqualFold(name, handoff.HeaderInput) || strings.EqualFold(name, handoff.HeaderSignature)
}

// nominates tells whether a value of Connection has a host drop a header of the hand-off (RFC 9110, section 7.6.1).
func nominates(connection string) bool {
	for _, name := range strings.Split(connection, ",") {
		if reserved(strings.Trim(name, " \t")) {
			return true
		}
	}
	return false
}
