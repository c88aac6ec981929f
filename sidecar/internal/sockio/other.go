//go:build !linux

package sockio

import (
	"net"
	"time"
)

// Wrap returns c.
func Wrap(c net.Conn) net.Conn { return c }

// Bound is false: writes have no bound of their own.
func Bound(net.Conn, time.Duration) bool { return false }

// Unwrap returns c.
func Unwrap(c net.Conn) net.Conn { return c }
