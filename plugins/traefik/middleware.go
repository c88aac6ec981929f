package traefik

import (
	"context"
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
	m := &middleware{name: name, known: map[string]*handoff.Prepared{}}
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
	proxy := &httputil.ReverseProxy{Transport: transport, ErrorHandler: m.failed, FlushInterval: -1}
	proxy.BufferPool = &buffers{} // yaegi makes an interface of it here, not in the literal
	proxy.Rewrite = func(p *httputil.ProxyRequest) {
		if m.next != nil {
			keep(p)
		}
		if refused := handOff(m, p.In, p.Out); refused != nil {
			refuse(p, refused)
		}
	}
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
	known map[string]*handoff.Prepared // statements about callers, at most maxKnown
}

// maxKnown is how many callers' statements are kept, so that they need not be written anew with each request.
const maxKnown = 1024

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

// handOff makes of a request that came in the one that goes to the sidecar, or tells why it is refused.
//
// It is long, and no method: each call of an interpreted function costs about 1 us, of a method 3 us, and each expression in
// either costs something whether it is reached or not. What is seldom needed is in functions of its own.
func handOff(m *middleware, in, out *http.Request) *refusal {
	sent := lines(in.Header, m.ordinary)
	if (strings.Contains(sent, "souk-") || strings.Contains(sent, "signature")) && reserved(sent, in.Header) {
		return reservedHeader()
	}
	var statement *handoff.Prepared
	if m.who.alone && strings.Count(sent, m.who.header.line) == 1 {
		m.mu.RLock()
		statement = m.known[in.Header.Get(m.who.header.name)]
		m.mu.RUnlock()
	}
	var refused *refusal
	if statement == nil {
		if statement, refused = introduce(m, in, sent); refused != nil {
			return refused
		}
	}
	digest := ""
	if out.Body != nil {
		if digest, refused = hold(m, out); refused != nil {
			return refused
		}
	}
	path, query, _ := strings.Cut(out.URL.RequestURI(), "?")
	signed, err := m.signer.Sign(handoff.Request{Method: out.Method, Path: path, Query: query, Digest: digest}, statement)
	if err != nil {
		return unsigned(err)
	}
	h := out.Header
	h[handoff.HeaderCaller] = []string{signed.Caller}
	if signed.Applied != "" {
		h[handoff.HeaderApplied] = []string{signed.Applied}
	}
	if signed.Constraints != "" {
		h[handoff.HeaderConstraints] = []string{signed.Constraints}
	}
	if digest != "" {
		h[handoff.HeaderDigest] = []string{digest}
	}
	h[handoff.HeaderInput] = []string{signed.Input}
	h[handoff.HeaderSignature] = []string{signed.Signature}
	// The gateway has checked these; they go no further.
	delete(h, "Authorization")
	delete(h, "Cookie")
	out.Trailer = nil // it could hold what the header may not
	out.Host = ""
	out.URL.Scheme = "http"
	out.URL.Host = m.sidecar.host
	out.URL.ForceQuery = false // as it was signed
	return nil
}

// introduce is what the middleware says about a caller whom handOff does not know, or cannot know by one header.
func introduce(m *middleware, in *http.Request, lines string) (*handoff.Prepared, *refusal) {
	id, groups, refused := identify(m.who, in, lines)
	if refused != nil {
		return nil, refused
	}
	name := id
	if !m.who.alone || id == "" { // handOff must not find these by a header's value
		name += "\n" + groups
	}
	m.mu.RLock()
	known := m.known[name]
	m.mu.RUnlock()
	if known != nil {
		return known, nil
	}
	return m.learn(name, id, groups)
}

// learn keeps what is said about a caller under a name.
func (m *middleware) learn(name, id, groups string) (*handoff.Prepared, *refusal) {
	c := m.who.caller(id, groups)
	fresh, err := m.template.Prepare(&c)
	if err != nil {
		return nil, notAccepted(err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.known) >= maxKnown {
		m.known = map[string]*handoff.Prepared{}
	}
	m.known[name] = fresh
	return fresh, nil
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
		m.sidecar.passed()
		m.next.ServeHTTP(w, original)
		return
	}
	unreachable().write(w)
}
