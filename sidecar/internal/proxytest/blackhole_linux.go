package proxytest

import (
	"fmt"
	"net"
	"net/url"
	"syscall"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
)

// Blackhole is a provider at an address that does not answer: it listens with a full queue, so that the kernel drops
// further attempts to connect.
func Blackhole(t testing.TB, name string) config.Provider {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", at.(*syscall.SockaddrInet4).Port)
	for range 16 {
		c, err := net.DialTimeout("tcp", address, 100*time.Millisecond)
		if err != nil {
			return provider(name, &url.URL{Scheme: "http", Host: address, Path: "/v1"}, "")
		}
		t.Cleanup(func() { _ = c.Close() })
	}
	t.Skip("this kernel accepts connections beyond the queue")
	return config.Provider{}
}
