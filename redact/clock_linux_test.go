package redact

import (
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

// took is the processor time of the work alone: what other processes take from a busy machine does not count.
func took(work func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	from := threadTime()
	work()
	return threadTime() - from
}

// threadTime is the processor time of this thread (clock_gettime(2)). getrusage counts in ticks of some milliseconds.
func threadTime() time.Duration {
	const threadClock = 3 // CLOCK_THREAD_CPUTIME_ID
	var t syscall.Timespec
	if _, _, failed := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&t)), 0); failed != 0 {
		panic(failed)
	}
	return time.Duration(t.Nano())
}
