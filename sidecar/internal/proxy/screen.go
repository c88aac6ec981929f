package proxy

import (
	"bytes"
	"fmt"
	"net"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/fault"
)

// screen refuses what a web page in somebody's browser could send: a page may post to any address, this machine's included,
// and would spend its user's money. A browser names the page in Origin; where no credential is asked for, Host must be this
// machine's too, since a page can give its own name souk's address (DNS rebinding).
func (s *Snapshot) screen(ctx *fasthttp.RequestCtx, origin []byte) *fault.Error {
	if len(origin) > 0 && !s.origins[alias(origin)] {
		return fault.New(403, fault.TypePermission, "origin_not_allowed", "pages of the origin %q may not call souk; list it under cors if they should", cutName(origin))
	}
	if s.Config.Auth != config.AuthNone {
		return nil
	}
	// The header as it came, and what the request line says when it has a host: fasthttp takes one for the other.
	host, asked := ctx.Request.Header.Host(), ctx.Host()
	if own := s.namesHost(host) && (bytes.Equal(host, asked) || s.namesHost(asked)); !own && !viaSocket(ctx.LocalAddr()) {
		return fault.New(403, fault.TypePermission, "host_not_allowed", "the Host %q is not this machine's; with auth: none souk answers to localhost and IP addresses, and to names under hosts", cutName(host))
	}
	return nil
}

func viaSocket(a net.Addr) bool { return a != nil && a.Network() == "unix" }

// namesHost tells whether a Host may be asked for: this machine's, an address, or one that the configuration names.
func (s *Snapshot) namesHost(host []byte) bool {
	name, ok := config.Hostname(alias(host))
	return ok && (config.OwnHost(name) || s.hosts[name])
}

// allowOrigin lets a listed page read the answer.
func allowOrigin(r *fasthttp.ResponseHeader, origin []byte) {
	if len(origin) == 0 {
		return
	}
	r.SetBytesV("access-control-allow-origin", origin)
	r.Set("access-control-expose-headers", "x-souk-request-id, x-souk-provider, x-souk-offer, x-souk-attempts, x-souk-cost-usd, server-timing, retry-after")
	r.Set("vary", "origin")
}

// preflight answers a browser's question whether a page may post (Fetch standard, section 4.8). screen has checked the origin.
func preflight(ctx *fasthttp.RequestCtx, q *headers) bool {
	if !ctx.IsOptions() || len(q.origin) == 0 {
		return false
	}
	r := &ctx.Response.Header
	r.Set("access-control-allow-methods", "GET, POST")
	if len(q.corsHeaders) > 0 {
		r.SetBytesV("access-control-allow-headers", q.corsHeaders)
	}
	r.Set("access-control-max-age", "600")
	ctx.SetStatusCode(204)
	return true
}

func typeName(v any) string { return fmt.Sprintf("%T", v) }

// apiPath is a request's path; OpenRouter's clients put /api before it.
func apiPath(path []byte) string {
	if rest, ok := bytes.CutPrefix(path, []byte("/api/v1/")); ok {
		path = path[len(path)-len(rest)-len("/v1/"):]
	}
	return alias(path)
}

// Bounds is fasthttp's HeaderReceived: with the headers there, a body gets its limit and its time.
func (h *Handler) Bounds(*fasthttp.RequestHeader) fasthttp.RequestConfig {
	return fasthttp.RequestConfig{ReadTimeout: bodyTime, MaxRequestBodySize: int(h.snapshot.Load().Config.Limits.Body)}
}

// bodyTime is how long a request's body may take.
const bodyTime = 2 * time.Minute

// SpendTime is how long after its head arrived a request may start its first attempt: the body, and what is done before. For that
// long after their signatures expire spent nonces are kept.
const SpendTime = bodyTime + 30*time.Second
