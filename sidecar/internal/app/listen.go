package app

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxy"
)

// listening is one open listener of the data plane.
type listening struct {
	net.Listener
	tls *atomic.Pointer[tls.Config] // nil: plain
}

// listen opens the listeners that a generation names and that are not open yet. When one fails, those it opened are closed
// again, and the rest is as before.
func (a *App) listen(g *generation) error {
	var opened []string
	certs := map[*listening]*tls.Config{}
	undo := func(err error) error {
		for _, id := range opened {
			_ = a.listeners[id].Close()
			delete(a.listeners, id)
		}
		return err
	}
	for _, at := range g.snapshot.Config.Listen {
		id := listenerID(at)
		cert, err := serverTLS(at.TLS)
		if err != nil {
			return undo(err)
		}
		l := a.listeners[id]
		if l == nil {
			if l, err = open(at); err != nil {
				return undo(fmt.Errorf("listen: %w", err))
			}
			a.listeners[id] = l
			opened = append(opened, id)
		}
		if cert != nil {
			certs[l] = cert
		}
	}
	for l, cert := range certs {
		l.tls.Store(cert)
	}
	for _, id := range opened {
		a.serve(a.listeners[id])
	}
	return nil
}

func (a *App) serve(l *listening) {
	wrapped := proxy.Listen(l.Listener, a.watcher)
	if l.tls != nil {
		wrapped = tls.NewListener(wrapped, &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			return l.tls.Load(), nil
		}})
	}
	wrapped = proxy.Strict(wrapped, a.server.ReadBufferSize)
	a.serving.Go(func() {
		if err := a.server.Serve(wrapped); err != nil && !errors.Is(err, net.ErrClosed) && !a.draining.Load() {
			a.log.Error("a listener ended", "address", l.Addr().String(), "error", err)
		}
	})
	a.log.Info("listening", "address", l.Addr().String(), "tls", l.tls != nil)
}

// Addrs are the data plane's addresses, in the configuration's order.
func (a *App) Addrs() []net.Addr {
	a.mu.Lock()
	defer a.mu.Unlock()
	var addrs []net.Addr
	for _, at := range a.handler.Snapshot().Config.Listen {
		if l := a.listeners[listenerID(at)]; l != nil {
			addrs = append(addrs, l.Addr())
		}
	}
	return addrs
}

// AdminAddr is the admin listener's address; nil: it is off.
func (a *App) AdminAddr() net.Addr {
	if a.adminAt == nil {
		return nil
	}
	return a.adminAt.Addr()
}

// closeUnlisted closes listeners that the configuration no longer names; their connections go on.
func (a *App) closeUnlisted(cfg *config.Config) {
	named := map[string]bool{}
	for _, at := range cfg.Listen {
		named[listenerID(at)] = true
	}
	for id, l := range a.listeners {
		if !named[id] {
			_ = l.Close()
			delete(a.listeners, id)
		}
	}
}

func (a *App) closeListeners() {
	for _, l := range a.listeners {
		_ = l.Close()
	}
	if a.adminAt != nil {
		_ = a.adminAt.Close()
	}
}

// listenAdmin opens the admin listener, once; it does not follow reloads.
func (a *App) listenAdmin(cfg *config.Config) error {
	if cfg.Admin.Listen == "off" {
		return nil
	}
	l, err := net.Listen("tcp", cfg.Admin.Listen)
	if err != nil {
		return fmt.Errorf("admin.listen: %w", err)
	}
	a.adminAt = l
	a.serving.Go(func() { _ = a.admin.Serve(l) })
	return nil
}

func listenerID(at config.Listener) string {
	kind := "plain"
	if at.TLS != nil {
		kind = "tls"
	}
	return strings.Join([]string{kind, at.TCP, at.Unix, fmt.Sprint(at.Mode)}, " ")
}

func open(at config.Listener) (*listening, error) {
	if at.Unix != "" {
		return openUnix(at)
	}
	l, err := net.Listen("tcp", at.TCP)
	if err != nil {
		return nil, err
	}
	opened := &listening{Listener: l}
	if at.TLS != nil {
		opened.tls = &atomic.Pointer[tls.Config]{}
	}
	return opened, nil
}

// openUnix takes over the path of a socket that nobody answers on any more; one that is answered is another process's.
func openUnix(at config.Listener) (*listening, error) {
	l, err := net.Listen("unix", at.Unix)
	if errors.Is(err, syscall.EADDRINUSE) {
		if c, dialErr := net.Dial("unix", at.Unix); dialErr == nil {
			_ = c.Close()
			return nil, fmt.Errorf("%s: another process listens there", at.Unix)
		}
		if info, statErr := os.Lstat(at.Unix); statErr != nil || info.Mode()&os.ModeSocket == 0 {
			return nil, fmt.Errorf("%s: there is a file that is no socket; remove it, or name another path", at.Unix)
		}
		if rmErr := os.Remove(at.Unix); rmErr != nil {
			return nil, rmErr
		}
		l, err = net.Listen("unix", at.Unix)
	}
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(at.Unix, os.FileMode(at.Mode)); err != nil {
		_ = l.Close()
		return nil, err
	}
	return &listening{Listener: l}, nil
}

// serverTLS reads a listener's certificates.
func serverTLS(t *config.TLS) (*tls.Config, error) {
	if t == nil {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
	if err != nil {
		return nil, fmt.Errorf("listen.tls: %w", err)
	}
	c := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	if t.ClientCA != "" {
		pem, err := os.ReadFile(t.ClientCA)
		if err != nil {
			return nil, fmt.Errorf("listen.tls.client_ca: %w", err)
		}
		c.ClientCAs = x509.NewCertPool()
		if !c.ClientCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("listen.tls.client_ca: %s holds no PEM certificate", t.ClientCA)
		}
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return c, nil
}
