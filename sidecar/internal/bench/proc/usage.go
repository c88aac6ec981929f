//go:build linux

package proc

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc/PID/stat's times, USER_HZ of every architecture that Go supports.
const tick = 10 * time.Millisecond

// Tree is a process and all its descendants: NGINX works in a child.
func Tree(pid int) []int {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		fields, err := statFields(path)
		if err != nil {
			continue // it has ended
		}
		parent, _ := strconv.Atoi(fields[1])
		child, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		children[parent] = append(children[parent], child)
	}
	tree := []int{pid}
	for i := 0; i < len(tree); i++ {
		tree = append(tree, children[tree[i]]...)
	}
	return tree
}

// CPU is the run time of processes so far, in user and kernel mode.
func CPU(pids []int) time.Duration {
	var sum time.Duration
	for _, pid := range pids {
		sum += cpu(pid)
	}
	return sum
}

// cpu sums schedstat over the threads, which counts nanoseconds. A thread that has ended is missing there, so the
// process's own count of ticks is taken when it is clearly larger.
func cpu(pid int) time.Duration {
	var fine time.Duration
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	for _, path := range threads {
		if b, err := os.ReadFile(path); err == nil {
			first, _, _ := bytes.Cut(b, []byte(" "))
			ns, _ := strconv.ParseInt(string(first), 10, 64)
			fine += time.Duration(ns)
		}
	}
	fields, err := statFields(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return fine
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	kernel, _ := strconv.ParseInt(fields[12], 10, 64)
	if coarse := time.Duration(user+kernel) * tick; coarse > fine+10*tick {
		return coarse
	}
	return fine
}

// Idle is the time that all cores together have had nothing to do so far, and how many cores there are. It is counted
// exactly, unlike the time that they were busy, of which a tick each 10 ms takes a sample.
func Idle() (idle time.Duration, cores int) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0
	}
	return parseIdle(string(b))
}

// parseIdle reads the lines of the cores: cpuN user nice system idle iowait ...
func parseIdle(stat string) (idle time.Duration, cores int) {
	for line := range strings.Lines(stat) {
		fields := strings.Fields(line)
		if len(fields) < 6 || !strings.HasPrefix(fields[0], "cpu") || fields[0] == "cpu" {
			continue
		}
		cores++
		for _, field := range fields[4:6] {
			n, _ := strconv.ParseInt(field, 10, 64)
			idle += time.Duration(n) * tick
		}
	}
	return idle, cores
}

// statFields are the fields of a stat file after the command, which may hold spaces: state, parent, ...
func statFields(path string) ([]string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(fields) < 13 {
		return nil, fmt.Errorf("%s has %d fields", path, len(fields))
	}
	return fields, nil
}

// Resident is the memory that processes hold now, in bytes. Pages that they share count for each.
func Resident(pids []int) int64 { return statusKiB(pids, "VmRSS:") * 1024 }

// PeakResident is the most that processes held since ResetPeak, in bytes.
func PeakResident(pids []int) int64 { return statusKiB(pids, "VmHWM:") * 1024 }

// ResetPeak starts a new measurement of PeakResident; where the system does not allow it, the peak is the lifetime's.
func ResetPeak(pids []int) {
	for _, pid := range pids {
		_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0)
	}
}

func statusKiB(pids []int, key string) int64 {
	var sum int64
	for _, pid := range pids {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		for line := range strings.Lines(string(b)) {
			if value, ok := strings.CutPrefix(line, key); ok {
				kib, _ := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
				sum += kib
			}
		}
	}
	return sum
}
