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

// Writev writes several buffers.
func Writev(c net.Conn, b net.Buffers) error {
	_, err := b.WriteTo(c)
	return err
}
