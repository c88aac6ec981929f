package proxy

import (
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/soukproxy/souk/sidecar/internal/caller"
	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/route"
)

// read answers what asks nothing of a provider: health, the market, and plans.
func (h *Handler) read(ctx *fasthttp.RequestCtx, snap *Snapshot, path string) {
	switch path {
	case "/healthz":
		plain(ctx, 200, "ok\n")
		return
	case "/readyz":
		h.ready(ctx)
		return
	}
	var q headers
	q.read(&ctx.Request.Header)
	err := snap.screen(ctx, q.origin)
	if err == nil {
		allowOrigin(&ctx.Response.Header, q.origin)
		if preflight(ctx, &q) {
			return
		}
	}
	var who *caller.Caller
	if err == nil {
		if who, _, err = h.identify(ctx, snap, &q); err != nil {
			challenge(ctx, snap.Config.Auth, err)
		}
	}
	if err == nil {
		err = h.view(ctx, snap, who, path, &q)
	}
	if err != nil {
		h.refuse(ctx, err)
	}
}

func (h *Handler) ready(ctx *fasthttp.RequestCtx) {
	if h.draining.Load() {
		plain(ctx, 503, "draining\n")
		return
	}
	plain(ctx, 200, "ready\n")
}

func (h *Handler) view(ctx *fasthttp.RequestCtx, snap *Snapshot, who *caller.Caller, path string, q *headers) *fault.Error {
	if path == "/v1/route" {
		if !ctx.IsPost() {
			return notAllowed(ctx, "POST", path)
		}
		return h.plan(ctx, snap, who, q)
	}
	if _, ok := operation(path); ok {
		return notAllowed(ctx, "POST", path)
	}
	m, now := snap.Market, time.Now()
	figures := snap.Book.AllFigures()
	switch {
	case path == "/v1/models", path == "/v1/providers", path == "/v1/key", strings.HasPrefix(path, "/v1/models/"):
		if !ctx.IsGet() && !ctx.IsHead() {
			return notAllowed(ctx, "GET", path)
		}
	default:
		return fault.New(404, fault.TypeNotFound, "unknown_path", "there is nothing at %s; see POST /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/route, and GET /v1/models, /v1/providers, /v1/key", cutName([]byte(path)))
	}
	switch path {
	case "/v1/models":
		writeJSON(ctx, m.Models())
		return nil
	case "/v1/providers":
		writeJSON(ctx, m.ProvidersView(figures))
		return nil
	case "/v1/key":
		writeJSON(ctx, keyView(who))
		return nil
	}
	name := strings.TrimPrefix(path, "/v1/models/")
	if decoded, err := url.PathUnescape(name); err == nil {
		name = decoded
	}
	base, endpoints := strings.CutSuffix(name, "/endpoints")
	if endpoints {
		name = base
	}
	model, _, err := m.Resolve(name)
	if err != nil {
		return asFault(err)
	}
	if endpoints {
		writeJSON(ctx, m.Endpoints(model, figures, now))
	} else {
		writeJSON(ctx, m.Listing(model).View())
	}
	return nil
}

// plan answers POST /v1/route: what would be done with a request, and why; nothing is sent.
func (h *Handler) plan(ctx *fasthttp.RequestCtx, snap *Snapshot, who *caller.Caller, q *headers) *fault.Error {
	body, err := plainBody(ctx, q.encoding, snap.Config.Limits.Body)
	if err != nil {
		return err
	}
	ask, edits := route.Ask{PlanOnly: true}, dialect.Edits{}
	if err := h.dialect.ReadAsk(route.Chat, body, &ask, &edits); err != nil {
		return err
	}
	policy := snap.Policy
	policy.Constraints = Constraints(who)
	plan, err := snap.Book.Explain(&ask, policy, rand.Uint64())
	if err != nil {
		return err
	}
	writeJSON(ctx, plan)
	return nil
}

// keyView is OpenRouter's shape of GET /v1/key, as far as souk knows it.
func keyView(who *caller.Caller) any {
	type data struct {
		Label  *string  `json:"label"`
		Scopes []string `json:"scopes"`
		Models []string `json:"models"`
	}
	v := struct {
		Data data `json:"data"`
	}{data{Scopes: append([]string{}, who.Scopes...), Models: append([]string{}, who.Models...)}}
	if !who.Anonymous() {
		v.Data.Label = &who.Name
	}
	return v
}

func notAllowed(ctx *fasthttp.RequestCtx, method, path string) *fault.Error {
	ctx.Response.Header.Set("Allow", method)
	return fault.New(405, fault.TypeInvalid, "method_not_allowed", "%s takes %s", path, method)
}

func asFault(err error) *fault.Error {
	if e, ok := err.(*fault.Error); ok {
		return e
	}
	return fault.New(500, fault.TypeInternal, "internal", "souk made an error of its own")
}

func plain(ctx *fasthttp.RequestCtx, status int, text string) {
	ctx.SetStatusCode(status)
	ctx.SetContentType("text/plain; charset=utf-8")
	ctx.SetBodyString(text)
}

// writeJSON writes one of souk's own views, which always encode.
func writeJSON(ctx *fasthttp.RequestCtx, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		plain(ctx, 500, "encoding failed\n")
		return
	}
	ctx.SetContentType("application/json")
	ctx.SetBody(append(text, '\n'))
}
