//go:build !linux

package proxytest

import (
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/config"
)

// Blackhole skips the test: a listener whose queue is full behaves differently here.
func Blackhole(t testing.TB, _ string) config.Provider {
	t.Helper()
	t.Skip("needs a kernel that drops connections to a full queue")
	return config.Provider{}
}
