package upstream

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"
)

func TestAddressesThatNoProviderHasAreRefused(t *testing.T) {
	cases := []struct {
		address string
		private bool
		refused bool
	}{
		{"169.254.169.254:80", false, true}, {"[fe80::1]:80", false, true}, {"[fd00:ec2::254]:80", false, true}, {"[::ffff:169.254.169.254]:80", false, true}, {"100.100.100.200:80", false, true},
		{"127.0.0.1:80", false, false}, {"10.1.2.3:443", false, false}, {"93.184.216.34:443", false, false},
		{"93.184.216.34:80", true, true}, {"[2606:2800:220:1::1]:80", true, true}, {"127.0.0.1:80", true, false}, {"192.168.1.1:80", true, false}, {"[::1]:80", true, false},
		{"nonsense", false, true},
	}
	for _, c := range cases {
		err := allowed(c.address, c.private)
		if (err != nil) != c.refused || err != nil && (!errors.Is(err, ErrForbidden) || ReasonOf(err) != Forbidden) {
			t.Errorf("%s (private %v): %v", c.address, c.private, err)
		}
	}
}

func TestANameThatResolvesToAForbiddenAddressIsNotDialled(t *testing.T) {
	d := &Dialer{Resolve: func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("169.254.169.254")}, nil
	}}
	_, err := d.connect(t.Context(), "rebind.example", "80", false, time.Now().Add(time.Second))
	if !errors.Is(err, ErrForbidden) {
		t.Errorf("the dial ended with %v", err)
	}
}

func TestResolvedNamesAreKeptOverAnOutageOfTheResolver(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	calls, fails := 0, false
	d := &Dialer{Resolve: func(context.Context, string) ([]netip.Addr, error) {
		calls++
		if fails {
			return nil, &net.DNSError{Err: "server misbehaving", Name: "alpha.example"}
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}}
	dial := func() error {
		c, err := d.connect(t.Context(), "alpha.example", port, false, time.Now().Add(5*time.Second))
		if err == nil {
			_ = c.Close()
		}
		return err
	}
	if err := dial(); err != nil || calls != 1 {
		t.Fatalf("the first dial: %v after %d look-ups", err, calls)
	}
	fails = true
	if err := dial(); err != nil || calls != 1 {
		t.Errorf("a fresh name was looked up again: %v after %d look-ups", err, calls)
	}
	d.names["alpha.example"] = resolved{d.names["alpha.example"].addrs, time.Now().Add(-time.Hour)}
	if err := dial(); err != nil || calls != 2 {
		t.Errorf("with the resolver down: %v after %d look-ups", err, calls)
	}
	d.names = nil
	if err := dial(); ReasonOf(err) != DNS || TimedOut(err) {
		t.Errorf("a name that never resolved: %v", err)
	}
}

func TestTheNextAddressIsTriedWhenOneRefuses(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	d := &Dialer{Resolve: func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.1")}, nil
	}}
	c, err := d.connect(t.Context(), "alpha.example", port, false, time.Now().Add(5*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if c.RemoteAddr().String() != ln.Addr().String() {
		t.Errorf("connected to %v", c.RemoteAddr())
	}
	_ = c.Close()
}
