//go:build linux

package main

import (
	"os/exec"
	"runtime"
	"syscall"

	"github.com/soukproxy/souk/sidecar/internal/bench/proc"
)

// launcher starts processes from one thread of its own. A child inherits the starting thread's core, so that its Go
// runtime counts one core from the first moment; and the kernel's promise to end a child with its parent (Pdeathsig)
// is bound to that thread, which therefore must live as long as the benchmark.
type launcher struct {
	orders chan order
	ended  chan struct{}
}

type order struct {
	cmd  *exec.Cmd
	core int // -1: any
	err  chan error
}

func newLauncher() *launcher {
	l := &launcher{orders: make(chan order), ended: make(chan struct{})}
	go l.run()
	return l
}

func (l *launcher) run() {
	defer close(l.ended)
	runtime.LockOSThread() // never unlocked: a thread bound to a core must not run anything else
	for o := range l.orders {
		if o.core >= 0 {
			if err := proc.PinThread(o.core); err != nil {
				o.err <- err
				continue
			}
		}
		o.err <- o.cmd.Start()
	}
}

// start starts a command on a core. It is put into a process group of its own, so that an interrupt at the terminal
// reaches the benchmark alone, which then ends everything in order.
func (l *launcher) start(cmd *exec.Cmd, core int) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	o := order{cmd: cmd, core: core, err: make(chan error, 1)}
	l.orders <- o
	return <-o.err
}

// close ends the thread, and with it whatever is still running.
func (l *launcher) close() {
	close(l.orders)
	<-l.ended
}
