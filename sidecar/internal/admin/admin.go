// Package admin answers the operator: metrics and health, on an address of its own.
package admin

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"io"
	"strings"

	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/pprofhandler"

	"github.com/soukproxy/souk/sidecar/internal/config"
)

// Health is what /healthz and /readyz tell.
type Health struct {
	Ready      bool   `json:"ready"`
	Reason     string `json:"reason,omitempty"` // why it is not ready
	Version    string `json:"version"`
	Generation int64  `json:"config_generation"`
	Offers     int    `json:"offers"`
	Usable     int    `json:"offers_usable"` // not resting and not barred
	Simulated  bool   `json:"simulated"`     // whether any provider is
}

// Handler serves the admin listener.
type Handler struct {
	Token   func() config.Secret  // empty: none is asked for, which the configuration allows on loopback only
	Health  func() Health         //
	Metrics func(io.Writer) error // Prometheus text
}

// Serve is the fasthttp handler. Health checks need no token, since orchestrators have none.
func (h *Handler) Serve(ctx *fasthttp.RequestCtx) {
	path := string(ctx.Path())
	switch path {
	case "/healthz":
		writeHealth(ctx, h.Health(), 200)
		return
	case "/readyz":
		health := h.Health()
		status := 200
		if !health.Ready {
			status = 503
		}
		writeHealth(ctx, health, status)
		return
	}
	// A web page could read what is here if its name led to this address; no page's Host is an address or localhost.
	if len(ctx.Request.Header.Peek("Origin")) > 0 || h.Token().Empty() && !ownHost(ctx) {
		ctx.Error("requests of web pages, and to other hosts than localhost and addresses, are not answered here\n", 403)
		return
	}
	if !h.authorized(ctx) {
		ctx.Response.Header.Set("WWW-Authenticate", "Bearer")
		ctx.Error("send the token of admin.token_file: Authorization: Bearer <token>\n", 401)
		return
	}
	switch path {
	case "/metrics":
		ctx.SetContentType("text/plain; version=0.0.4; charset=utf-8")
		_ = h.Metrics(ctx)
	case "/debug/pprof", "/debug/pprof/profile", "/debug/pprof/heap", "/debug/pprof/allocs", "/debug/pprof/goroutine", "/debug/pprof/mutex", "/debug/pprof/block", "/debug/pprof/symbol":
		pprofhandler.PprofHandler(ctx)
	case "/":
		ctx.SetContentType("text/plain; charset=utf-8")
		ctx.SetBodyString("souk admin: /metrics /healthz /readyz /debug/pprof\n")
	default:
		ctx.Error("there is nothing here; see /metrics, /healthz, /readyz\n", 404)
	}
}

func ownHost(ctx *fasthttp.RequestCtx) bool {
	name, ok := config.Hostname(string(ctx.Request.Header.Host()))
	return ok && config.OwnHost(name)
}

func (h *Handler) authorized(ctx *fasthttp.RequestCtx) bool {
	want := h.Token()
	if want.Empty() {
		return true
	}
	token, ok := strings.CutPrefix(string(ctx.Request.Header.Peek("Authorization")), "Bearer ")
	got, expected := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(want.Reveal()))
	return ok && subtle.ConstantTimeCompare(got[:], expected[:]) == 1
}

func writeHealth(ctx *fasthttp.RequestCtx, v Health, status int) {
	text, err := json.Marshal(v)
	if err != nil {
		ctx.Error("encoding failed\n", 500)
		return
	}
	ctx.SetStatusCode(status)
	ctx.SetContentType("application/json")
	ctx.SetBody(append(text, '\n'))
}
