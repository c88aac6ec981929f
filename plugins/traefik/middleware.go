package traefik

import (
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
	m := &middleware{name: name, prepared: map[caller]*handoff.Prepared{}}
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
	if m.maxBody, err = config.signedBody(m.sidecar.local); err != nil {
		return nil, err
	}
	transport := m.sidecar.transport()
	// Traefik makes the middleware anew with each reload, and ends the context of the old one.
	context.AfterFunc(ctx, func() { transport.CloseIdleConnections() })
	return &httputil.ReverseProxy{Rewrite: m.rewrite, Transport: transport, ErrorHandler: m.failed, FlushInterval: -1}, nil
}

// middleware hands off the requests of one router.
type middleware struct {
	name     string
	sidecar  *sidecar
	signer   *handoff.Signer
	template *handoff.Template
	who      *identity
	maxBody  int64        // bytes of a body that is signed; 0: bodies are not signed
	next     http.Handler // nil: fail closed

	mu       sync.RWMutex
	prepared map[caller]*handoff.Prepared // bounded by maxPrepared
}

// maxPrepared is how many callers' statements are kept, so that they need not be written anew with each request.
const maxPrepared = 1024

type contextKey string

// What a request's context holds.
const (
	inboundKey contextKey = "souk inbound" // the request as it came, where it may fail open
	refusalKey contextKey = "souk refusal" // the *refusal that is its answer
)

// rewrite makes of a request what goes to the sidecar. One that is refused gets no scheme: the transport makes an error of that,
// and failed writes the refusal. Nothing else between here and the sidecar can answer.
func (m *middleware) rewrite(p *httputil.ProxyRequest) {
	if m.next != nil {
		p.Out = p.Out.WithContext(context.WithValue(p.Out.Context(), inboundKey, p.In))
		if p.Out.Body != nil {
			p.Out.Body = io.NopCloser(p.Out.Body) // http.Transport closes it when it cannot connect
		}
	}
	refused := m.handOff(p.In.Header, p.Out)
	if refused != nil {
		p.Out.URL.Scheme = ""
		p.Out = p.Out.WithContext(context.WithValue(p.Out.Context(), refusalKey, refused))
	}
}

// handOff signs and addresses a request, or tells why it is refused. The header is the one that came in, whole.
func (m *middleware) handOff(header http.Header, r *http.Request) *refusal {
	sent, err := lines(header)
	if err != nil {
		return badRequest("invalid_headers", "The headers cannot be read.")
	}
	if reserved(sent) {
		return badRequest("reserved_header", "Headers whose names begin with Souk-, Signature and Signature-Input are the gateway's alone.")
	}
	who, refused := m.who.read(header, r.TLS, sent)
	if refused != nil {
		return refused
	}
	statement, err := m.statement(who)
	if err != nil {
		return badRequest("invalid_identity", "The identity cannot be handed off: "+err.Error()+".")
	}
	digest := ""
	if m.maxBody > 0 && r.Body != nil {
		if digest, refused = m.digest(r); refused != nil {
			return refused
		}
	}
	path, query, _ := strings.Cut(r.URL.RequestURI(), "?")
	signed, err := m.signer.Sign(handoff.Request{Method: r.Method, Path: path, Query: query, Digest: digest}, statement)
	if err != nil {
		return badRequest("invalid_request", "The request cannot be signed: "+err.Error()+".")
	}
	for _, f := range signed.Fields() {
		r.Header[f.Name] = []string{f.Value}
	}
	// The gateway has checked these; they go no further.
	delete(r.Header, "Authorization")
	delete(r.Header, "Cookie")
	r.Trailer = nil // it could hold what the header may not
	r.URL.Scheme, r.URL.Host, r.URL.ForceQuery, r.Host = "http", m.sidecar.host, false, ""
	return nil
}

// statement is what the middleware says about a caller, kept from an earlier request.
func (m *middleware) statement(who caller) (*handoff.Prepared, error) {
	m.mu.RLock()
	known := m.prepared[who]
	m.mu.RUnlock()
	if known != nil {
		return known, nil
	}
	c := m.who.statement(who)
	fresh, err := m.template.Prepare(&c)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.prepared) >= maxPrepared {
		m.prepared = map[caller]*handoff.Prepared{}
	}
	m.prepared[who] = fresh
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
