package upstream

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/sockio"
)

var errHandshake = errors.New("tls handshake")

// Dialer connects to providers: it resolves their names, keeps what it resolved, and refuses addresses that no
// provider has.
type Dialer struct {
	// Resolve looks a host up; nil: the system's resolver.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)

	mu    sync.Mutex
	names map[string]resolved
}

type resolved struct {
	addrs []netip.Addr
	at    time.Time
}

// fresh is how long a looked-up address serves without another look. After that a look-up that fails falls back to
// the last answer: a resolver's outage must not become the provider's.
const fresh = 30 * time.Second

func (d *Dialer) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}, nil
	}
	d.mu.Lock()
	known := d.names[host]
	d.mu.Unlock()
	if len(known.addrs) > 0 && time.Since(known.at) < fresh {
		return known.addrs, nil
	}
	resolve := d.Resolve
	if resolve == nil {
		resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	addrs, err := resolve(ctx, host)
	if err != nil || len(addrs) == 0 {
		if len(known.addrs) > 0 {
			return known.addrs, nil
		}
		if err == nil {
			err = &net.DNSError{Err: "no addresses", Name: host, IsNotFound: true}
		}
		return nil, err
	}
	d.mu.Lock()
	if d.names == nil {
		d.names = make(map[string]resolved)
	}
	d.names[host] = resolved{addrs, time.Now()}
	d.mu.Unlock()
	return addrs, nil
}

// connect tries the host's addresses in order, each with its share of what is left of the time.
func (d *Dialer) connect(ctx context.Context, host, port string, private bool, deadline time.Time) (net.Conn, error) {
	addrs, err := d.lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	for i, addr := range addrs {
		share := time.Until(deadline) / time.Duration(len(addrs)-i)
		dialer := net.Dialer{Timeout: share, KeepAlive: 30 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
			return allowed(address, private)
		}}
		var conn net.Conn
		conn, err = dialer.DialContext(ctx, "tcp", net.JoinHostPort(addr.String(), port))
		if err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// allowed refuses link-local and metadata addresses, through which a provider's name could read the machine's own cloud
// credentials; with private it refuses every public one, since a key over plain HTTP must not cross the internet.
func allowed(address string, private bool) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrForbidden, address)
	}
	if config.ForbiddenAddr(ap.Addr()) {
		return fmt.Errorf("%w: %s is a metadata or link-local address", ErrForbidden, ap.Addr())
	}
	if private && !config.PrivateAddr(ap.Addr()) {
		return fmt.Errorf("%w: %s is public, and the provider's key would travel over plain http", ErrForbidden, ap.Addr())
	}
	return nil
}

// Waiter is who waits for a connection. It is told how to end a dial while one runs, and nil when that is over.
type Waiter interface{ Dialling(end context.CancelFunc) }

// dial opens a connection within the deadline, TLS included. waiter may be nil.
func (o *Origin) dial(deadline time.Time, waiter Waiter) (*Conn, error) {
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	if waiter != nil {
		waiter.Dialling(cancel)
		defer waiter.Dialling(nil)
	}
	raw, err := o.dialer.connect(ctx, o.host, o.port, o.private, deadline)
	if err != nil {
		return nil, err
	}
	raw = sockio.Wrap(raw)
	c := &Conn{net: raw, raw: raw, origin: o}
	if o.tls == nil {
		return c, nil
	}
	secure := tls.Client(raw, o.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		if errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", errHandshake, err)
	}
	c.net = secure
	return c, nil
}
