package e2e

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// fixedPort finds a loopback port that is free now and outside the range from which systems take ports for outgoing
// connections (from 32768 on Linux, from 49152 by RFC 6335, section 6), so that a process that is killed can come back on it.
func fixedPort(t testing.TB) int {
	t.Helper()
	for range 200 {
		port := 20000 + rand.IntN(12000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		_ = l.Close()
		return port
	}
	t.Fatal("no free port between 20000 and 32000")
	return 0
}
