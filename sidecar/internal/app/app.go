// Package app runs the sidecar: it wires the parts, starts them, reloads the configuration and drains.
package app

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/soukproxy/souk/sidecar/internal/admin"
	"github.com/soukproxy/souk/sidecar/internal/caller"
	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/dialect/openai"
	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/proxy"
	"github.com/soukproxy/souk/sidecar/internal/telemetry"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
)

// Options are what a sidecar is started with.
type Options struct {
	Load    func() (*config.Config, error) // called at the start and for each reload
	Reload  <-chan struct{}                // asks for a reload; nil: only changed files do
	Log     *slog.Logger
	Version string
	Started func(*App) // called when the listeners are open; nil: nobody is told
}

// App is a running sidecar.
type App struct {
	options  Options
	log      *slog.Logger
	dialects map[string]*dialect.Dialect

	handler  *proxy.Handler
	registry *upstream.Registry
	metrics  *telemetry.Metrics
	logFile  *telemetry.Destination
	access   *telemetry.AccessLog
	watcher  *proxy.Watcher
	prober   *proxy.Prober
	server   *fasthttp.Server
	admin    *fasthttp.Server

	mu        sync.Mutex // of what follows
	gauge     *market.Gauge
	listeners map[string]*listening
	adminAt   net.Listener
	moved     map[*market.Stats]uint64 // Changed of each offer when warm last looked

	draining   atomic.Bool
	generation int64
	replay     caller.Replay
	serving    sync.WaitGroup
}

// Run serves until ctx ends, then drains: no new requests, and running ones get the configured time. It returns an error only when it
// could not start.
func Run(ctx context.Context, o Options) error {
	cfg, err := o.Load()
	if err != nil {
		return err
	}
	a := &App{options: o, log: o.Log, dialects: map[string]*dialect.Dialect{}, listeners: map[string]*listening{}, moved: map[*market.Stats]uint64{},
		replay: caller.NewReplay(time.Now(), proxy.SpendTime)}
	for _, d := range []*dialect.Dialect{openai.New()} {
		a.dialects[d.Name] = d
	}
	if a.logFile, err = telemetry.Open(cfg.Log.Access); err != nil {
		return err
	}
	defer a.logFile.Close()
	a.access = telemetry.NewAccessLog(a.logFile, 0)
	defer a.access.Close()
	if a.watcher, err = proxy.NewWatcher(); err != nil {
		return err
	}
	defer a.watcher.Close()
	a.metrics = telemetry.NewMetrics(telemetry.Options{Version: o.Version, Offers: a.readings(), LogDropped: a.access.Dropped})
	a.registry = upstream.NewRegistry(a.log, func(o *market.Offer, s market.State) {
		a.metrics.OfferMetrics(o.ID, o.Provider.Name, o.Model, o.Provider.Simulated).Breaker(s)
	})
	defer a.registry.Close()
	a.handler = proxy.NewHandler(proxy.Options{Dialect: a.dialects["openai"], Registry: a.registry, Metrics: a.metrics, Access: a.access, Log: a.log})
	a.prober = proxy.NewProber(a.handler)
	defer a.prober.Stop()
	a.server = a.newServer(cfg)
	a.admin = a.newAdmin()

	next, err := a.compile(cfg)
	if err != nil {
		return err
	}
	if !a.awaitReplay(ctx, cfg) {
		return nil
	}
	a.handler.Swap(next.snapshot) // a request may come as soon as a listener is open
	if err := a.listen(next); err != nil {
		return err
	}
	a.commit(next)
	if err := a.listenAdmin(cfg); err != nil {
		a.closeListeners()
		return err
	}
	if o.Started != nil {
		o.Started(a)
	}
	a.tend(ctx)
	a.drain()
	return nil
}

// awaitReplay waits, where hand-offs are taken, until one that is signed now is one that can be accepted: at most a second. A sidecar
// that listened before would refuse its first callers. It is false when ctx ends meanwhile.
func (a *App) awaitReplay(ctx context.Context, cfg *config.Config) bool {
	if cfg.Auth != config.AuthHandoff && cfg.Auth != config.AuthAny {
		return true
	}
	timer := time.NewTimer(time.Until(a.replay.Since))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// newServer is the data plane's HTTP server. What it bounds follows the configuration of the start; the body's limit is
// read for each request.
func (a *App) newServer(cfg *config.Config) *fasthttp.Server {
	return &fasthttp.Server{
		Handler:        a.handler.Serve,
		ErrorHandler:   a.handler.ServerError,
		HeaderReceived: a.handler.Bounds,
		ReadBufferSize: int(cfg.Limits.Headers),
		// A slow caller has this long for its headers; Bounds gives the body more.
		ReadTimeout:                   20 * time.Second,
		IdleTimeout:                   3 * time.Minute,
		DisableHeaderNamesNormalizing: true,
		DisablePreParseMultipartForm:  true,
		NoDefaultServerHeader:         true,
		NoDefaultContentType:          true,
		SecureErrorLogMessage:         true,
		CloseOnShutdown:               true,
		Logger:                        quiet{a.log},
	}
}

func (a *App) newAdmin() *fasthttp.Server {
	h := &admin.Handler{Token: func() config.Secret { return a.handler.Snapshot().Config.Admin.Token }, Health: a.health, Metrics: a.metrics.WritePrometheus}
	return &fasthttp.Server{Handler: h.Serve, ReadTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, NoDefaultServerHeader: true,
		SecureErrorLogMessage: true, Logger: quiet{a.log}, MaxRequestBodySize: 1 << 20}
}

// quiet is fasthttp's logger: what it has to say is about callers' connections.
type quiet struct{ log *slog.Logger }

// Printf shows an error only when it is the network's: one about a request's bytes quotes them, and a key may be among them.
func (q quiet) Printf(format string, args ...any) {
	shown := make([]any, len(args))
	for i, arg := range args {
		shown[i] = arg
		if err, ok := arg.(error); ok && !errors.As(err, new(*net.OpError)) {
			shown[i] = fmt.Sprintf("%T", err)
		}
	}
	q.log.Debug(fmt.Sprintf(format, shown...))
}

func (a *App) health() admin.Health {
	s := a.handler.Snapshot()
	h := admin.Health{Version: a.options.Version, Generation: s.Generation, Offers: len(s.Market.Offers), Ready: true}
	now := time.Now()
	for _, o := range s.Market.Offers {
		h.Simulated = h.Simulated || o.Provider.Simulated
		if state := o.Stats.State(now); state != market.Resting && state != market.Barred {
			h.Usable++
		}
	}
	if a.draining.Load() {
		h.Ready, h.Reason = false, "draining"
	}
	return h
}

// readings yields what the metrics show of the offers that have been used.
func (a *App) readings() iter.Seq[telemetry.OfferReading] {
	return func(yield func(telemetry.OfferReading) bool) {
		now := time.Now()
		for _, o := range a.handler.Snapshot().Market.Offers {
			if o.Stats.Changed() == 0 {
				continue
			}
			r := telemetry.OfferReading{ID: o.ID, Provider: o.Provider.Name, Model: o.Model, Simulated: o.Provider.Simulated, State: o.Stats.State(now), InFlight: o.Stats.InFlight()}
			if !yield(r) {
				return
			}
		}
	}
}

// drain ends the running requests in peace.
func (a *App) drain() {
	a.draining.Store(true)
	a.handler.Drain()
	a.prober.Stop()
	limit := a.handler.Snapshot().Config.Drain
	a.log.Info("draining", "limit", limit.String())
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	a.watcher.CloseUnused()
	if err := a.server.ShutdownWithContext(ctx); err != nil {
		a.log.Warn("requests are still running though the time to drain is over: they get an error")
		a.handler.Stop(a.watcher)
		last, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		_ = a.server.ShutdownWithContext(last)
	}
	a.closeListeners()
	a.handler.Wait()
	a.handler.Snapshot().Guard.Close()
	_ = a.admin.Shutdown()
	a.serving.Wait()
}
