package upstream

import (
	"io"
	"log/slog"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/market"
)

func TestAConnectionIsKeptWarmAndOnlyOne(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	r := NewRegistry(slog.New(slog.NewTextHandler(io.Discard, nil)), func(*market.Offer, market.State) {})
	defer r.Close()
	o, err := newOrigin(&url.URL{Scheme: "http", Host: ln.Addr().String()}, false, "", &r.Dialer)
	if err != nil {
		t.Fatal(err)
	}
	defer o.close()
	target := &Target{Origin: o, Offer: &market.Offer{Timeouts: config.Timeouts{Connect: 5 * time.Second}}}
	for range 3 {
		target.Warm(r, time.Now())
		r.warming.Wait()
	}
	if n := len(o.idle); n != 1 {
		t.Fatalf("%d connections wait; expected one", n)
	}
	c, err := o.Get(time.Now(), time.Now().Add(time.Second), false, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if len(o.idle) != 0 || !c.Untouched() {
		t.Error("the warm connection is not the one that a request gets, or gets no second try when the provider has closed it")
	}
	_ = ln.Close()
	target.Warm(r, time.Now()) // nobody listens any more: the next request finds out
	r.warming.Wait()
	if n := len(o.idle); n != 0 {
		t.Errorf("%d connections wait to a provider that is gone", n)
	}
}
