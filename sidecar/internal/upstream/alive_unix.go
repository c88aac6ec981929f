//go:build unix

package upstream

import (
	"net"
	"syscall"
)

// alive peeks without waiting: a kept connection has nothing to say and is not closed.
func alive(conn net.Conn) bool {
	n, err := peek(conn)
	return n < 0 && (err == syscall.EAGAIN || err == syscall.EWOULDBLOCK)
}

// pending peeks without waiting: there is something to read, though a deadline that has passed may keep it from being read.
func pending(conn net.Conn) bool {
	n, _ := peek(conn)
	return n > 0
}

// peek looks at the next byte that was received: 1 when there is one, 0 at the end, -1 with an error.
func peek(conn net.Conn) (n int, err error) {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return -1, syscall.ENOTSUP
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return -1, err
	}
	var b [1]byte
	// Control, since Read fails for a deadline that was set for an earlier answer.
	if failed := rc.Control(func(fd uintptr) {
		n, _, err = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	}); failed != nil {
		return -1, failed
	}
	if err != nil {
		return -1, err
	}
	return n, nil
}
