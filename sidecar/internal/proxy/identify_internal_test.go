package proxy

import (
	"net"
	"testing"
)

func TestTheTargetOfARequestIsItsPathAndQueryAsTheyCame(t *testing.T) {
	for _, c := range []struct{ uri, path, query string }{
		{"/v1/chat/completions", "/v1/chat/completions", ""},
		{"/v1/chat/completions?", "/v1/chat/completions", ""},
		{"/v1/x%2Fy/../z?a=1?b=%20", "/v1/x%2Fy/../z", "a=1?b=%20"},
		{"http://souk.example/v1/models?x", "/v1/models", "x"},
		{"http://souk.example?x", "/", "x"},
		{"http://souk.example", "/", ""},
		{"//souk.example/v1", "//souk.example/v1", ""},
		{"/v1?u=http://x/y", "/v1", "u=http://x/y"},
		{"*", "*", ""},
		{"", "/", ""},
	} {
		if path, query := target([]byte(c.uri)); string(path) != c.path || string(query) != c.query {
			t.Errorf("%q: got %q and %q", c.uri, path, query)
		}
	}
}

func TestAHopIsThisHostsOwnOverLoopbackAndSockets(t *testing.T) {
	for _, c := range []struct {
		remote net.Addr
		own    bool
	}{
		{&net.UnixAddr{Net: "unix"}, true},
		{&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, true},
		{&net.TCPAddr{IP: net.IPv6loopback}, true},
		{&net.TCPAddr{IP: net.ParseIP("::ffff:127.0.0.2")}, true},
		{&net.TCPAddr{IP: net.IPv4(10, 0, 0, 1)}, false},
		{&net.TCPAddr{IP: net.ParseIP("fe80::1")}, false},
		{&net.TCPAddr{}, false},
		{&net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}, false},
		{nil, false},
	} {
		if ownHost(c.remote) != c.own {
			t.Errorf("%v: got %v", c.remote, !c.own)
		}
	}
}
