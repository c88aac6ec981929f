//go:build linux

package proc

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"unsafe"
)

const (
	maxCores      = 1024
	schedIdle     = 5  // SCHED_IDLE of sched(7)
	setTimerSlack = 29 // PR_SET_TIMERSLACK of prctl(2)
)

// PinThread binds the calling thread to one core; what it starts from then on inherits that.
func PinThread(core int) error { return pin(0, core) }

// PinSelf binds every thread of this process to one core.
func PinSelf(core int) error {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, t := range threads {
		tid, err := strconv.Atoi(t.Name())
		if err != nil {
			return err
		}
		if err := pin(tid, core); err != nil && err != syscall.ESRCH {
			return err
		}
	}
	return nil
}

func pin(tid, core int) error {
	if core < 0 || core >= maxCores {
		return fmt.Errorf("core %d is out of range", core)
	}
	var mask [maxCores / 64]uint64
	mask[core/64] = 1 << (core % 64)
	_, _, errno := syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, uintptr(tid), unsafe.Sizeof(mask),
		uintptr(unsafe.Pointer(&mask)))
	if errno != 0 {
		return errno
	}
	return nil
}

// GiveWay gives the calling thread the SCHED_IDLE policy: it runs only when nothing else wants its core.
func GiveWay() error {
	var priority int32
	_, _, errno := syscall.RawSyscall(syscall.SYS_SCHED_SETSCHEDULER, 0, schedIdle, uintptr(unsafe.Pointer(&priority)))
	if errno != 0 {
		return errno
	}
	return nil
}

// SharpTimers lets the calling thread's sleeps end when they should, not up to 50 us later.
func SharpTimers() {
	_, _, _ = syscall.RawSyscall6(syscall.SYS_PRCTL, setTimerSlack, 1, 0, 0, 0, 0)
}

// SleepUntil sleeps this thread, not this goroutine, until a time in Unix nanoseconds: the runtime's timers are too
// coarse for a load of constant rate.
func SleepUntil(at int64, now func() int64) {
	for left := at - now(); left > 0; left = at - now() {
		ts := syscall.NsecToTimespec(left)
		_ = syscall.Nanosleep(&ts, nil) // EINTR: the loop sleeps on
	}
}
