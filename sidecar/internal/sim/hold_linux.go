package sim

import (
	"net"
	"syscall"
)

// hold keeps a TCP address bound without listening on it: connections are refused, and the kernel gives the port to
// nobody's outgoing connection, so that the provider can come back to it. The next listener may bind before release,
// since both have SO_REUSEADDR. Where the address cannot be held it is left to luck.
func hold(addr string) (release func()) {
	nothing := func() {}
	a, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nothing
	}
	var family int
	var at syscall.Sockaddr
	if ip := a.IP.To4(); ip != nil {
		family, at = syscall.AF_INET, &syscall.SockaddrInet4{Port: a.Port, Addr: [4]byte(ip)}
	} else if ip := a.IP.To16(); ip != nil && a.Zone == "" {
		family, at = syscall.AF_INET6, &syscall.SockaddrInet6{Port: a.Port, Addr: [16]byte(ip)}
	} else {
		return nothing
	}
	fd, err := syscall.Socket(family, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nothing
	}
	if syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1) != nil || syscall.Bind(fd, at) != nil {
		syscall.Close(fd)
		return nothing
	}
	return func() { syscall.Close(fd) }
}
