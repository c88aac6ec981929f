package e2etest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
	"time"
)

// Port finds a loopback port that is free now and outside the range from which systems take ports for outgoing connections (from
// 32768 on Linux, from 49152 by RFC 6335, section 6), so that a process that is killed can come back on it.
func Port(t testing.TB) int {
	t.Helper()
	return Ports(t, 1)[0]
}

// Ports is Port for several that nobody listens on yet: no two are the same.
func Ports(t testing.TB, n int) []int {
	t.Helper()
	var ports []int
	for range 200 + n {
		port := 20000 + rand.IntN(12000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		defer l.Close() // once all are found
		if ports = append(ports, port); len(ports) == n {
			return ports
		}
	}
	t.Fatal("no free port between 20000 and 32000")
	return nil
}

// Addresses are 127.0.0.1 with as many different free ports.
func Addresses(t testing.TB, n int) []string {
	t.Helper()
	var list []string
	for _, port := range Ports(t, n) {
		list = append(list, fmt.Sprintf("127.0.0.1:%d", port))
	}
	return list
}

// Until asks again and again until it is told yes, and says how long that took. Between two times it leaves the processor to those
// whom it asks about.
func Until(t testing.TB, what string, yes func() bool) time.Duration {
	t.Helper()
	for begin := time.Now(); ; {
		if yes() {
			return time.Since(begin)
		}
		if time.Since(begin) > Patience {
			t.Fatalf("%s: not within %v", what, Patience)
		}
		<-time.After(time.Millisecond)
	}
}
