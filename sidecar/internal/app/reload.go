package app

import (
	"context"
	"os"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxy"
)

const (
	refreshEvery = proxy.Pulse
	lookEvery    = time.Second // at the configuration's files
	reapEvery    = 10 * time.Second
)

// tend keeps the running sidecar current until ctx ends: figures, connections, and the configuration.
func (a *App) tend(ctx context.Context) {
	refresh, look, reap := time.NewTicker(refreshEvery), time.NewTicker(lookEvery), time.NewTicker(reapEvery)
	defer refresh.Stop()
	defer look.Stop()
	defer reap.Stop()
	seen := prints(a.handler.Snapshot().Config)
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-refresh.C:
			a.handler.Woken(time.Since(now))
			a.refresh(now)
		case now := <-reap.C:
			a.registry.Reap(now)
			a.warm(now)
		case <-a.options.Reload:
			a.reload("asked to")
			if err := a.logFile.Reopen(); err != nil {
				a.log.Error("the access log could not be reopened", "error", err)
			}
			seen = prints(a.handler.Snapshot().Config)
		case now := <-look.C:
			a.prober.Tick(now)
			if now := prints(a.handler.Snapshot().Config); !same(seen, now) {
				a.reload("a file changed")
				seen = now
			}
		}
	}
}

// reload replaces the configuration, all or nothing.
func (a *App) reload(why string) {
	err := a.tryReload()
	if err != nil {
		a.metrics.Reloaded(false, 0)
		a.log.Error("the new configuration is not used; the running one stays", "error", err)
		return
	}
	a.metrics.Reloaded(true, a.generation)
	a.log.Info("configuration reloaded", "because", why, "generation", a.generation)
}

func (a *App) tryReload() error {
	cfg, err := a.options.Load()
	if err != nil {
		return err
	}
	g, err := a.compile(cfg)
	if err != nil {
		return err
	}
	if err := a.listen(g); err != nil {
		return err
	}
	old := a.handler.Snapshot().Config
	a.commit(g)
	a.closeUnlisted(cfg)
	for what, changed := range map[string]bool{
		"limits.headers": old.Limits.Headers != cfg.Limits.Headers, "log": old.Log != cfg.Log, "admin.listen": old.Admin.Listen != cfg.Admin.Listen,
	} {
		if changed {
			a.log.Warn("a change of " + what + " takes effect at the next start")
		}
	}
	return nil
}

// print is what tells that a file has changed. Stat follows links, as the mounts of a Kubernetes ConfigMap need.
type print struct {
	modified time.Time
	size     int64
}

func prints(cfg *config.Config) map[string]print {
	p := map[string]print{}
	for _, name := range config.Files(cfg) {
		if info, err := os.Stat(name); err == nil {
			p[name] = print{info.ModTime(), info.Size()}
		} else {
			p[name] = print{}
		}
	}
	return p
}

func same(a, b map[string]print) bool {
	if len(a) != len(b) {
		return false
	}
	for name, p := range a {
		if q, ok := b[name]; !ok || !p.modified.Equal(q.modified) || p.size != q.size {
			return false
		}
	}
	return true
}
