package proxytest

import (
	"net"
	"syscall"
	"unsafe"
)

// siocoutq asks how many bytes of a TCP connection the other side has not acknowledged.
const siocoutq = 0x5411

// unread is how many bytes wait in the connection's send queue.
func unread(c net.Conn) int {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return 0
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return 0
	}
	var n int32
	_ = rc.Control(func(fd uintptr) {
		_, _, _ = syscall.Syscall(syscall.SYS_IOCTL, fd, siocoutq, uintptr(unsafe.Pointer(&n)))
	})
	return int(n)
}
