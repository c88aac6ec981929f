package proxy

import (
	"bytes"
	"net"
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/soukproxy/souk/policy/handoff"
	"github.com/soukproxy/souk/sidecar/internal/caller"
	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/fault"
)

// identify finds out who asks.
func (x *exchange) identify() *fault.Error {
	who, handOff, err := x.h.identify(x.ctx, x.snap, &x.headers)
	if err != nil {
		challenge(x.ctx, x.snap.Config.Auth, err)
		return err
	}
	x.who, x.handOff = who, handOff
	x.record.Caller, x.record.Via, x.record.Credential = who.Name, who.Via, who.Credential
	return nil
}

// identify finds the caller by the hand-off or the key that came with a request. Under auth: any it is the hand-off if one of its
// headers is there, right or wrong. Souk-* headers that nobody verifies are refused in every mode: a gateway behind which a client could
// send them unseen has to hear of it.
func (h *Handler) identify(ctx *fasthttp.RequestCtx, snap *Snapshot, q *headers) (*caller.Caller, caller.HandOff, *fault.Error) {
	if q.twice {
		return nil, caller.HandOff{}, fault.New(400, fault.TypeInvalid, "bad_request", "the header authorization comes twice; send one (RFC 9110, section 5.3)")
	}
	auth := snap.Config.Auth
	if auth == config.AuthHandoff || auth == config.AuthAny && (q.souk > 0 || q.signature) {
		who, handOff, err := snap.Gateways.Identify(received(ctx, q.handOff), protected(ctx))
		if err != nil {
			h.metrics.HandOff("", strings.TrimPrefix(err.Code, "handoff_"))
		} else {
			h.metrics.HandOff(handOff.Key(), "accepted")
		}
		return who, handOff, err
	}
	if q.souk > 0 {
		h.metrics.HandOff("", "unverified")
		return nil, caller.HandOff{}, fault.New(401, fault.TypeAuth, "handoff_unverified",
			"the header %s is a gateway's hand-off, which this sidecar does not take under auth: %s; do not send it, or set auth: handoff", cutName(q.handOff[q.souk-1].name), auth)
	}
	who, err := snap.Keys.Identify(auth, q.authorization, q.apiKey)
	return who, caller.HandOff{}, err
}

// challenge names what the auth mode takes to who sent no identity, or a wrong one (RFC 9110, section 11.6.1); under none there is
// nothing that would help. Hand-offs have a scheme of their own: RFC 9421 signs messages and names no scheme.
func challenge(ctx *fasthttp.RequestCtx, auth string, e *fault.Error) {
	if e.Status != 401 {
		return
	}
	r := &ctx.Response.Header
	if auth == config.AuthKeys || auth == config.AuthAny {
		r.Add("www-authenticate", "Bearer")
	}
	if auth == config.AuthHandoff || auth == config.AuthAny {
		r.Add("www-authenticate", `Signature tag="`+handoff.Label+`", alg="`+handoff.Algorithm+`"`)
	}
}

// received is a request as a hand-off signs it: the request line and the body as they came, and the headers copied, since what they say may
// outlive the request. A gateway may have signed it before it had the body, so it counts when the head arrived.
func received(ctx *fasthttp.RequestCtx, lines []headerLine) handoff.Received {
	path, query := target(ctx.Request.Header.RequestURI())
	r := handoff.Received{Method: alias(ctx.Method()), Path: alias(path), Query: alias(query), Body: ctx.Request.Body(), Fields: make([]handoff.Field, len(lines))}
	if s := strictOf(ctx.Conn()); s != nil {
		r.Arrived = s.arrived
	}
	for i, l := range lines {
		r.Fields[i] = handoff.Field{Name: alias(l.name), Value: string(l.value)}
	}
	return r
}

// target splits a request's target, of which a proxy may have sent the absolute form (RFC 9112, section 3.2.2).
func target(uri []byte) (path, query []byte) {
	if len(uri) > 0 && uri[0] != '/' {
		if _, rest, ok := bytes.Cut(uri, []byte("://")); ok {
			uri = []byte("/")
			if at := bytes.IndexAny(rest, "/?"); at >= 0 {
				uri = rest[at:]
			}
		}
	}
	path, query, _ = bytes.Cut(uri, []byte("?"))
	if len(path) == 0 {
		path = []byte("/") // RFC 9421, section 2.2.6
	}
	return path, query
}

// protected tells that nobody between the gateway and here can change a body: the hop is loopback, a unix socket or mutual TLS.
func protected(ctx *fasthttp.RequestCtx) bool {
	if state := ctx.TLSConnectionState(); state != nil && len(state.VerifiedChains) > 0 {
		return true
	}
	return ownHost(ctx.RemoteAddr())
}

func ownHost(remote net.Addr) bool {
	switch a := remote.(type) {
	case *net.UnixAddr:
		return true
	case *net.TCPAddr:
		return a.IP.IsLoopback()
	}
	return false
}

// spend uses the hand-off up when the first attempt starts: whatever was refused before may be sent again.
func (x *exchange) spend() *fault.Error {
	if x.handOff.Key() == "" {
		return nil
	}
	err := x.snap.Gateways.Spend(&x.handOff)
	x.handOff = caller.HandOff{}
	if err != nil {
		x.h.metrics.HandOff("", strings.TrimPrefix(err.Code, "handoff_"))
	}
	return err
}
