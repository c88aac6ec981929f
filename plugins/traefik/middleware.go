package traefik

import (
	"bytes"
	"context"
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
	m := &middleware{name: name, known: map[string]*spoken{}, seen: map[string]*spoken{}}
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
	proxy.BufferPool = &buffers{} // yaegi makes an interface of it here, not in the literal
	proxy.Rewrite = rewrite(m)
	if m.next != nil {
		one := proxy.Rewrite
		proxy.Rewrite = func(p *httputil.ProxyRequest) {
			keep(p)
			one(p)
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
	known map[string]*spoken // what is said about callers, by who they are; at most maxKnown
	seen  map[string]*spoken // and by the headers that tell it, as they came, with all but the ordinary ones; likewise
}

// spoken is what is said about a caller. It is immutable.
type spoken struct {
	id          string // of the caller, as it came
	statement   *handoff.Prepared
	caller      []string // the values of its headers; nil: not sent
	applied     []string
	constraints []string
}

// maxKnown is how many callers' statements are kept, so that they need not be written anew with each request; maxSeen how long the
// headers may be, in bytes, by which they are found at once.
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
// It is one long function, and reads what does not change from variables around it: an interpreted call of a function costs about
// 0.5 us, of a method or of the standard library's as much or more, and each expression costs something whether it is reached or
// not. What is seldom needed is in functions of its own.
func rewrite(m *middleware) func(p *httputil.ProxyRequest) {
	signer, scheme, host, plain, without, name, mu := m.signer, m.sidecar.scheme, m.sidecar.host, !m.signsBodies, m.ordinary, m.who.header.name, &m.mu
	small := m.maxBody
	if small > smallBody {
		small = smallBody
	}
	if m.next != nil || m.signsBodies {
		small = 0 // hold does more
	}
	return func(p *httputil.ProxyRequest) {
		in, out := p.In, p.Out
		b := &strings.Builder{}
		_ = in.Header.WriteSubset(b, without) // a builder takes all
		id, sent := in.Header[name], b.String()
		mu.RLock()
		said := m.seen[sent]
		mu.RUnlock()
		if said == nil || len(id) != 1 || id[0] != said.id { // as sent, a value has no white space around it; another middleware's may
			if said = introduce(m, p, sent); said == nil {
				return
			}
		}
		if n := out.ContentLength; n > 0 && n <= small { // what hold does, for most
			body := make([]byte, n)
			if _, err := io.ReadFull(out.Body, body); err != nil {
				unreadable(p)
				return
			}
			out.Body = io.NopCloser(bytes.NewReader(body))
		} else if out.Body != nil && !hold(m, p) {
			return
		}
		u := out.URL
		u.ForceQuery = false // a query is signed without its ?, and an empty one not at all
		var input, signature string
		var err error
		if plain && u.RawQuery == "" {
			input, signature, err = handoff.SignPath(signer, out.Method, u.RequestURI(), said.statement)
		} else {
			input, signature, err = signMore(m, out, said)
		}
		if err != nil {
			unsigned(p, err)
			return
		}
		h := out.Header
		h[handoff.HeaderCaller] = said.caller
		h[handoff.HeaderApplied] = said.applied // nil: it is not sent
		h[handoff.HeaderConstraints] = said.constraints
		h[handoff.HeaderInput] = []string{input}
		h[handoff.HeaderSignature] = []string{signature}
		// The gateway has checked these; they go no further.
		delete(h, "Authorization")
		delete(h, "Cookie")
		out.Trailer = nil // it could hold what the header may not
		out.Host = ""
		u.Scheme = scheme
		u.Host = host
	}
}

// signMore signs a request that has a query, or whose body is signed.
func signMore(m *middleware, out *http.Request, said *spoken) (input, signature string, err error) {
	r := handoff.Request{Method: out.Method}
	r.Path, r.Query, _ = strings.Cut(out.URL.RequestURI(), "?")
	if m.signsBodies && out.Body != nil {
		r.Digest = out.Header.Get(handoff.HeaderDigest) // which hold has set
	}
	signed, err := m.signer.Sign(r, said.statement)
	if err != nil {
		return "", "", err
	}
	return signed.Input, signed.Signature, nil
}

// introduce is what the middleware says about a caller whose headers it has not seen before; nil: the request is refused.
func introduce(m *middleware, p *httputil.ProxyRequest, sent string) *spoken {
	lines := "\n" + strings.ToLower(sent)
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
	if m.who.certificate == "" && len(sent) <= maxSeen {
		m.mu.Lock()
		if len(m.seen) >= maxKnown {
			m.seen = map[string]*spoken{}
		}
		m.seen[sent] = known
		m.mu.Unlock()
	}
	return known
}

// learn keeps what is said about a caller under a name.
func (m *middleware) learn(name, id, groups string) (*spoken, *refusal) {
	c := m.who.caller(id, groups)
	statement, err := m.template.Prepare(&c)
	if err != nil {
		return nil, notAccepted(err)
	}
	h := statement.Headers()
	said := &spoken{id: id, statement: statement, caller: []string{h.Caller}}
	if h.Applied != "" {
		said.applied = []string{h.Applied}
	}
	if h.Constraints != "" {
		said.constraints = []string{h.Constraints}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.known) >= maxKnown {
		m.known = map[string]*spoken{}
	}
	m.known[name] = said
	return said, nil
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
