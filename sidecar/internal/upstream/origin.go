package upstream

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/url"
	"os"
	"slices"
	"sync"
	"time"
)

// Origin is where a provider answers (RFC 6454), with the connections kept to it.
type Origin struct {
	host, port string
	private    bool        // only private addresses may be dialled
	tls        *tls.Config // nil: plain
	dialer     *Dialer
	buffers    buffers

	mu      sync.Mutex
	idle    []*Conn // the one used last is taken first, so that a quiet pool shrinks
	closed  bool
	warming bool // a connection is being dialled for the pool
}

const (
	maxIdle  = 1024             // kept connections of an origin
	idleLife = 90 * time.Second // how long one is kept
	trusted  = 500 * time.Millisecond
)

// newOrigin prepares the origin of a base URL. private tells that a key travels over plain HTTP.
func newOrigin(base *url.URL, private bool, caFile string, dialer *Dialer) (*Origin, error) {
	o := &Origin{host: base.Hostname(), port: base.Port(), private: private, dialer: dialer}
	if base.Scheme == "http" {
		if o.port == "" {
			o.port = "80"
		}
		return o, nil
	}
	if o.port == "" {
		o.port = "443"
	}
	o.tls = &tls.Config{ServerName: o.host, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
		ClientSessionCache: tls.NewLRUClientSessionCache(64)}
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, fmt.Errorf("tls_ca: %w", err)
		}
		o.tls.RootCAs = x509.NewCertPool()
		if !o.tls.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("tls_ca: %s holds no PEM certificate", caFile)
		}
	}
	return o, nil
}

// Get returns a kept connection, or dials one within the connect deadline. With fresh it never takes a kept one. waiter may be nil.
func (o *Origin) Get(now, deadline time.Time, fresh bool, waiter Waiter) (*Conn, error) {
	for !fresh {
		c := o.pop()
		if c == nil {
			break
		}
		// One that was in use a moment ago is taken at its word; an older one is asked, since the provider may
		// have closed it, and a POST is not sent twice lightly.
		if waited := now.Sub(c.idle); waited < trusted || waited < idleLife && alive(c.raw) {
			return c, nil
		}
		c.Close()
	}
	return o.dial(deadline, waiter)
}

func (o *Origin) pop() *Conn {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := len(o.idle)
	if n == 0 {
		return nil
	}
	c := o.idle[n-1]
	o.idle[n-1] = nil
	o.idle = o.idle[:n-1]
	return c
}

func (o *Origin) put(c *Conn) {
	o.mu.Lock()
	keep := !o.closed && len(o.idle) < maxIdle
	if keep {
		o.idle = append(o.idle, c)
	}
	o.mu.Unlock()
	if !keep {
		_ = c.net.Close()
	}
}

// reap closes the connections that have waited longer than one is kept.
func (o *Origin) reap(now time.Time) {
	o.mu.Lock()
	n := 0
	for n < len(o.idle) && now.Sub(o.idle[n].idle) >= idleLife {
		n++
	}
	old := append([]*Conn(nil), o.idle[:n]...)
	o.idle = slices.Delete(o.idle, 0, n) // which clears what it moves away from: a closed connection's buffer would live on
	o.mu.Unlock()
	for _, c := range old {
		_ = c.net.Close()
	}
}

// close ends the pool: kept connections go now, those in use when they come back.
func (o *Origin) close() {
	o.mu.Lock()
	idle := o.idle
	o.idle, o.closed = nil, true
	o.mu.Unlock()
	for _, c := range idle {
		_ = c.net.Close()
	}
}
