//go:build !unix

package upstream

import (
	"net"
	"time"
)

// alive reads with a deadline that has passed: a kept connection has nothing to say and is not closed.
func alive(conn net.Conn) bool {
	var b [1]byte
	if conn.SetReadDeadline(time.Unix(1, 0)) != nil {
		return false
	}
	_, err := conn.Read(b[:])
	ne, ok := err.(net.Error)
	return ok && ne.Timeout() && conn.SetReadDeadline(time.Time{}) == nil
}

// pending cannot be told here without taking the byte.
func pending(net.Conn) bool { return false }
