package proxy

import (
	"fmt"
	"sync"
	"syscall"
)

// Watcher sees callers hang up: one epoll set for all connections, edge-triggered on EPOLLRDHUP. A connection is added once, so
// that a request costs no system call, and nothing is read from it.
type Watcher struct {
	epoll int
	wake  [2]int
	done  chan struct{}

	mu      sync.Mutex
	clients map[int32]*client
	last    int32
}

// watched is what the watcher keeps with a connection.
type watched struct{ id int32 }

const (
	epollRDHUP = 0x2000
	epollET    = 1 << 31
)

// NewWatcher starts the watcher's goroutine; Close ends it.
func NewWatcher() (*Watcher, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	w := &Watcher{epoll: epoll, done: make(chan struct{}), clients: map[int32]*client{}}
	if err := syscall.Pipe2(w.wake[:], syscall.O_CLOEXEC|syscall.O_NONBLOCK); err != nil {
		return nil, fmt.Errorf("pipe: %w", err)
	}
	// The pipe has the id 0, which no connection gets.
	if err := syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, w.wake[0], &syscall.EpollEvent{Events: syscall.EPOLLIN}); err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	go w.run()
	return w, nil
}

// Close ends the goroutine.
func (w *Watcher) Close() {
	_, _ = syscall.Write(w.wake[1], []byte{0})
	<-w.done
	for _, fd := range []int{w.wake[0], w.wake[1], w.epoll} {
		_ = syscall.Close(fd)
	}
}

func (w *Watcher) run() {
	defer close(w.done)
	events := make([]syscall.EpollEvent, 64)
	for {
		n, err := syscall.EpollWait(w.epoll, events, -1)
		if err != nil && err != syscall.EINTR {
			return
		}
		for _, e := range events[:max(n, 0)] {
			if e.Fd == 0 {
				return
			}
			w.mu.Lock()
			c := w.clients[e.Fd]
			w.mu.Unlock()
			if c != nil {
				c.hungUp()
			}
		}
	}
}

func (w *Watcher) add(c *client) {
	sc, ok := c.Conn.(syscall.Conn)
	if !ok {
		return
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.last = max(w.last+1, 1); w.clients[w.last] != nil; w.last = max(w.last+1, 1) {
	}
	c.id = w.last
	w.clients[c.id] = c
	_ = rc.Control(func(fd uintptr) {
		// The kernel gives back what is put here: the id, since a descriptor may be reused before its event is seen.
		_ = syscall.EpollCtl(w.epoll, syscall.EPOLL_CTL_ADD, int(fd), &syscall.EpollEvent{Events: epollRDHUP | epollET, Fd: c.id})
	})
}

// each calls f with every connection that is open.
func (w *Watcher) each(f func(*client)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.clients {
		f(c)
	}
}

func (w *Watcher) remove(c *client) {
	w.mu.Lock()
	delete(w.clients, c.id)
	w.mu.Unlock()
}

// watch and unwatch bracket a request; here the watcher watches all the time.
func (c *client) watch()   {}
func (c *client) unwatch() {}

func (c *client) read(p []byte) (int, error) { return c.Conn.Read(p) }
