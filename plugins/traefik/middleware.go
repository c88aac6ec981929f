package traefik

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"

	"github.com/soukproxy/souk/policy/handoff"
)

// New makes the middleware of one router. The handler that it returns passes requests on to the sidecar; next is called only if
// the sidecar cannot be reached and the configuration says failOpen.
func New(ctx context.Context, next http.Handler, config *Config, name string) (http.Handler, error) {
	m := &middleware{name: name, known: map[string]*handoff.Prepared{}, seen: map[string]*handoff.Addressed{}}
	if config.FailOpen {
		m.next = next
	}
	var err error
	if m.sidecar, err = config.sidecar(name); err != nil {
		return nil, err
	}
	if m.signer, err = config.signer(); err != nil {
		return nil, err
	}
	if m.template, err = config.template(); err != nil {
		return nil, err
	}
	if m.who, err = config.identity(m.template); err != nil {
		return nil, err
	}
	m.ordinary = ordinary(m.who)
	m.maxBody = config.MaxBody
	if m.signsBodies, err = config.signsBodies(m.sidecar.local); err != nil {
		return nil, err
	}
	transport := m.sidecar.transport()
	// Traefik makes the middleware anew with each reload, and ends the context of the old one.
	context.AfterFunc(ctx, func() { transport.CloseIdleConnections() })
	proxy := &httputil.ReverseProxy{Transport: transport, ErrorHandler: m.failed}
	proxy.BufferPool = newBuffers() // yaegi makes an interface of it here, not in the literal
	proxy.Rewrite = rewrite(m)
	return proxy, nil
}

// middleware hands off the requests of one router.
type middleware struct {
	name        string
	sidecar     *sidecar
	signer      *handoff.Signer
	template    *handoff.Template
	who         *identity
	ordinary    map[string]bool
	maxBody     int64 // bytes
	signsBodies bool
	next        http.Handler // nil: fail closed

	mu    sync.RWMutex
	known map[string]*handoff.Prepared  // what is said about callers, by who they are; at most maxKnown
	seen  map[string]*handoff.Addressed // and with requests, by their target and their headers but for the ordinary ones; likewise
}

// maxKnown is how many callers' statements are kept, so that they need not be written anew with each request; maxSeen how long a target
// and headers may be, in bytes, by which they are found at once.
const (
	maxKnown = 1024
	maxSeen  = 1024
)

type contextKey string

// What a request's context holds.
const (
	inboundKey contextKey = "souk inbound" // the request as it came, where it may fail open
	refusalKey contextKey = "souk refusal" // the *refusal that is its answer
)

// keep leaves in the context what the service needs if the request does not reach the sidecar.
func keep(p *httputil.ProxyRequest) {
	p.Out = p.Out.WithContext(context.WithValue(p.Out.Context(), inboundKey, p.In))
}

// refuse takes the request's scheme away. The transport makes an error of that, and failed writes the refusal: nothing else
// between here and the sidecar can answer.
func refuse(p *httputil.ProxyRequest, with *refusal) {
	p.Out.URL.Scheme = ""
	p.Out = p.Out.WithContext(context.WithValue(p.Out.Context(), refusalKey, with))
}

// rewrite is what makes of a request that came in the one that goes to the sidecar, or refuses it.
//
// Interpreted, each expression in a function's body takes memory with every call, run or not, and a call of the standard library's
// takes 0.5 us or more. So here is only what most requests need, with as few calls and expressions as may be, and what does not
// change is in variables around it. handOff does the same for any request.
func rewrite(m *middleware) func(p *httputil.ProxyRequest) {
	target, without, name, mu, open, digests := m.sidecar.target, m.ordinary, m.who.header.name, &m.mu, m.next != nil, m.signsBodies
	small := m.maxBody
	if small > smallBody {
		small = smallBody
	}
	return func(p *httputil.ProxyRequest) {
		if open {
			keep(p)
		}
		out, header, lines := p.Out, p.In.Header, new(strings.Builder)
		_ = header.WriteSubset(lines, without) // a builder takes all
		// A target and a line have no line ends, so that no two requests are written alike. Written, a value has no white space around it;
		// where another middleware has set the identity, it may. So that comes as it is too.
		mu.RLock()
		said := m.seen[fmt.Sprintln(out.Method, out.URL, "\n", lines, header[name])]
		mu.RUnlock()
		n := out.ContentLength
		if said == nil || n <= 0 || n > small {
			handOff(m, p, said)
			return
		}
		body := make([]byte, n)
		var err error
		if _, err = io.ReadFull(out.Body, body); err != nil {
			unreadable(p)
			return
		}
		out.Body = io.NopCloser(bytes.NewReader(body))
		if digests {
			said = digested(said, body, out.Header)
		}
		if err = handoff.SignInto(out.Header, said); err != nil {
			unsigned(p, err)
			return
		}
		// The gateway has checked these; they go no further.
		delete(out.Header, "Authorization")
		delete(out.Header, "Cookie")
		out.Trailer = nil // it could hold what the header may not
		p.SetURL(target)
	}
}

// handOff is rewrite for any request; said, unless nil, is what is said with those like it.
func handOff(m *middleware, p *httputil.ProxyRequest, said *handoff.Addressed) {
	if said == nil {
		if said = introduce(m, p); said == nil {
			return
		}
	}
	out := p.Out
	if out.Body != nil {
		body, ok := hold(m, p)
		if !ok {
			return
		}
		if m.signsBodies {
			said = digested(said, body, out.Header)
		}
	}
	if err := handoff.SignInto(out.Header, said); err != nil {
		unsigned(p, err)
		return
	}
	delete(out.Header, "Authorization")
	delete(out.Header, "Cookie")
	out.Trailer = nil
	out.URL.ForceQuery = false
	p.SetURL(m.sidecar.target)
}

// digested puts the digest of a body into the header, and into what is said.
func digested(said *handoff.Addressed, body []byte, header http.Header) *handoff.Addressed {
	digest := handoff.DigestOf(body)
	header[handoff.HeaderDigest] = []string{digest}
	said, _ = said.With(digest) // which refuses texts that no digest is
	return said
}

// about is what is signed of a request but its body. A query is signed without its ?, and an empty one not at all.
func about(out *http.Request) handoff.Request {
	r := handoff.Request{Method: out.Method}
	r.Path, r.Query, _ = strings.Cut(out.URL.RequestURI(), "?")
	return r
}

// introduce is what the middleware says with a request of which it has not seen the like before; nil: the request is refused.
func introduce(m *middleware, p *httputil.ProxyRequest) *handoff.Addressed {
	b := new(strings.Builder)
	_ = p.In.Header.WriteSubset(b, m.ordinary)
	lines := "\n" + strings.ToLower(b.String())
	if (strings.Contains(lines, "souk-") || strings.Contains(lines, "signature")) && reserved(p, lines) {
		return nil
	}
	id, groups, refused := identify(m.who, p.In, lines)
	if refused != nil {
		refuse(p, refused)
		return nil
	}
	name := id + "\n" + groups
	m.mu.RLock()
	known := m.known[name]
	m.mu.RUnlock()
	if known == nil {
		if known, refused = m.learn(name, id, groups); refused != nil {
			refuse(p, refused)
			return nil
		}
	}
	said, err := m.signer.Address(about(p.Out), known)
	if err != nil {
		unsigned(p, err)
		return nil
	}
	seen := fmt.Sprintln(p.Out.Method, p.Out.URL, "\n", b, p.In.Header[m.who.header.name]) // as rewrite has it
	if m.who.certificate == "" && !p.Out.URL.ForceQuery && len(seen) <= maxSeen {
		m.mu.Lock()
		if len(m.seen) >= maxKnown {
			m.seen = map[string]*handoff.Addressed{}
		}
		m.seen[seen] = said
		m.mu.Unlock()
	}
	return said
}

// learn keeps what is said about a caller under a name.
func (m *middleware) learn(name, id, groups string) (*handoff.Prepared, *refusal) {
	c := m.who.caller(id, groups)
	statement, err := m.template.Prepare(&c)
	if err != nil {
		return nil, notAccepted(err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.known) >= maxKnown {
		m.known = map[string]*handoff.Prepared{}
	}
	m.known[name] = statement
	return statement, nil
}

// failed answers a request that the sidecar did not.
func (m *middleware) failed(w http.ResponseWriter, r *http.Request, err error) {
	if refused, ok := r.Context().Value(refusalKey).(*refusal); ok {
		refused.write(w)
		return
	}
	if r.Context().Err() != nil { // the caller has hung up: this is for Traefik's access log
		w.WriteHeader(499)
		return
	}
	if !dialling(err) {
		log.Printf("souk: %s: the connection to %s broke: %v", m.name, m.sidecar.url, err)
		broken().write(w)
		return
	}
	m.sidecar.lost(err, m.next != nil)
	if original, ok := r.Context().Value(inboundKey).(*http.Request); ok && m.next != nil {
		if r.Body != nil {
			original.Body = r.Body // which was held, and of which nothing was sent
		}
		m.sidecar.passed()
		m.next.ServeHTTP(w, original)
		return
	}
	unreachable().write(w)
}
