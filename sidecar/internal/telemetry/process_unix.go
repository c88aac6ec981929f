//go:build linux || darwin

package telemetry

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
	"time"
)

// readUsage asks the kernel; memory and open descriptors come from Linux's /proc and are unknown elsewhere.
func readUsage() usage {
	u := usage{cpu: -1, resident: -1, virtual: -1, fds: -1, maxFDs: -1}
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) == nil {
		u.cpu = time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil {
		u.maxFDs = int64(min(uint64(limit.Cur), 1<<62))
	}
	if statm, err := os.ReadFile("/proc/self/statm"); err == nil {
		u.virtual, u.resident = pages(statm, 0), pages(statm, 1)
	}
	if dir, err := os.Open("/proc/self/fd"); err == nil {
		if names, err := dir.Readdirnames(-1); err == nil {
			u.fds = int64(len(names)) - 1 // without the one that reads
		}
		dir.Close()
	}
	return u
}

// pages reads one field of proc_pid_statm(5), in bytes.
func pages(statm []byte, field int) int64 {
	fields := bytes.Fields(statm)
	if field >= len(fields) {
		return -1
	}
	n, err := strconv.ParseInt(string(fields[field]), 10, 64)
	if err != nil {
		return -1
	}
	return n * int64(os.Getpagesize())
}
