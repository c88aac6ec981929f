// Package filtertest plays the proxy for package filter: natively, and for what compilers make of it. It keeps every header line, as
// Envoy and NGINX do and the SDKs' own test hosts do not, and notes what a filter must not do to either.
package filtertest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Proxy is a host with one request in hand. Its methods are the host functions of proxy-wasm.
type Proxy struct {
	NGINX      bool // ngx_wasm_module; otherwise Envoy
	Request    [][2]string
	Response   [][2]string
	Body       []byte // what a filter can read of a body: the request's, then the answer's
	Spooled    bool   // NGINX has put the body into a file
	Properties map[string]string
	Local      *Local
	Log        []string
	Faults     []string // what the filter did and a real host does not forgive

	gone bool // the request's headers are on their way
}

// Local is an answer of the filter's own.
type Local struct {
	Status  uint32
	Headers [][2]string
	Body    string
}

// errNotFound is the hosts' status for what is not there.
var errNotFound = errors.New("not found")

// maxPairs is how many header lines NGINX shows, its own :path and the like among them.
const maxPairs = 100

// Count is how many headers the proxy says there are.
func (p *Proxy) Count(headers [][2]string) int {
	if !p.NGINX {
		return len(headers)
	}
	n := 0
	for _, h := range headers {
		if !strings.HasPrefix(h[0], ":") {
			n++
		}
	}
	return n
}

// RequestHeaders are those of the request, as far as the proxy shows them.
func (p *Proxy) RequestHeaders() ([][2]string, error) {
	if p.NGINX {
		return p.Request[:min(len(p.Request), maxPairs)], nil
	}
	return p.Request, nil
}

// SetRequestHeader replaces all lines of a header by one.
func (p *Proxy) SetRequestHeader(name, value string) error {
	switch {
	case p.gone:
		p.fault("header %s is set when the headers have left", name)
	case p.NGINX && name == ":authority":
		p.fault("NGINX cannot set :authority")
	case p.NGINX && name == ":path" && strings.Contains(value, "?"):
		p.fault("NGINX traps when :path is set with a query")
	case value == "" || strings.ContainsAny(value, "\r\n\x00"):
		p.fault("header %s is set to a value that no header has", name)
	}
	set := false
	kept := p.Request[:0]
	for _, h := range p.Request {
		switch {
		case !strings.EqualFold(h[0], name):
			kept = append(kept, h)
		case !set:
			set = true
			kept = append(kept, [2]string{h[0], value})
		}
	}
	if !set {
		kept = append(kept, [2]string{name, value})
	}
	p.Request = kept
	return nil
}

// RemoveRequestHeader removes all lines of a header.
func (p *Proxy) RemoveRequestHeader(name string) error {
	if p.NGINX {
		p.fault("NGINX sends %s all the same when it is removed", name)
	}
	if p.gone {
		p.fault("header %s is removed when the headers have left", name)
	}
	p.Request = without(p.Request, name)
	return nil
}

// RemoveResponseHeader removes all lines of a header.
func (p *Proxy) RemoveResponseHeader(name string) error {
	p.Response = without(p.Response, name)
	return nil
}

func without(headers [][2]string, name string) [][2]string {
	kept := [][2]string{}
	for _, h := range headers {
		if !strings.EqualFold(h[0], name) {
			kept = append(kept, h)
		}
	}
	return kept
}

// ResponseHeaders are those of the answer.
func (p *Proxy) ResponseHeaders() ([][2]string, error) { return p.Response, nil }

// ReadBody is a part of the body that is in hand.
func (p *Proxy) ReadBody(start, size int) ([]byte, error) {
	if p.Spooled || start >= len(p.Body) {
		return nil, errNotFound
	}
	return p.Body[start:min(len(p.Body), start+size)], nil
}

// SetBody replaces the body that is in hand.
func (p *Proxy) SetBody(body []byte) error {
	p.Body = append([]byte(nil), body...)
	return nil
}

// Property is what the proxy knows under a path.
func (p *Proxy) Property(path []string) ([]byte, error) {
	value, ok := p.Properties[strings.Join(path, "/")]
	if !ok {
		return nil, errNotFound
	}
	return []byte(value), nil
}

// Respond takes an answer of the filter's own.
func (p *Proxy) Respond(status uint32, headers [][2]string, body []byte, _ int32) error {
	if p.Local != nil {
		p.fault("a request is answered twice")
	}
	p.Local = &Local{status, headers, string(body)}
	return nil
}

// Warn takes a line for the log.
func (p *Proxy) Warn(message string) { p.Log = append(p.Log, message) }

func (p *Proxy) fault(format string, args ...any) {
	p.Faults = append(p.Faults, fmt.Sprintf(format, args...))
}

// sized checks that a content-length that is sent is the body's.
func (p *Proxy) sized(what string, headers [][2]string, body []byte) {
	for _, h := range headers {
		if strings.EqualFold(h[0], "content-length") && h[1] != strconv.Itoa(len(body)) {
			p.fault("the %s says that it has %s bytes, and has %d", what, h[1], len(body))
		}
	}
}
