//go:build linux

package proc

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTreeFindsChildren(t *testing.T) {
	child := exec.Command("cat") // runs until its input closes
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		in.Close()
		child.Wait()
	}()
	tree := Tree(os.Getpid())
	if tree[0] != os.Getpid() || !slices.Contains(tree, child.Process.Pid) {
		t.Errorf("tree %v of %d lacks its child %d", tree, os.Getpid(), child.Process.Pid)
	}
}

func TestCPUCountsWork(t *testing.T) {
	self := []int{os.Getpid()}
	before, start := CPU(self), time.Now()
	for CPU(self)-before < 20*time.Millisecond {
		if time.Since(start) > 10*time.Second {
			t.Fatalf("10 s of work count as %v", CPU(self)-before)
		}
	}
}

func TestIdleIsSummedOverTheCores(t *testing.T) {
	idle, cores := parseIdle("cpu  9 9 9 99 9 9 9 9 0 0\ncpu0 1 2 3 40 5 6 7 8 0 0\ncpu1 1 2 3 50 6 6 7 8 0 0\nintr 1 2 3 4 5 6\n")
	if want := (40 + 5 + 50 + 6) * tick; idle != want || cores != 2 {
		t.Errorf("idle for %v on %d cores, want %v on 2", idle, cores, want)
	}
	if _, cores := Idle(); cores < 1 {
		t.Errorf("this machine has %d cores", cores)
	}
}

func TestMemoryIsRead(t *testing.T) {
	self := []int{os.Getpid()}
	ResetPeak(self)
	if now, peak := Resident(self), PeakResident(self); now < 1<<20 || peak < 1<<20 {
		t.Errorf("resident %d, peak %d bytes, want more than 1 MiB", now, peak)
	}
	if got := Resident(nil); got != 0 {
		t.Errorf("no process holds %d bytes", got)
	}
}

func TestAPinnedThreadStaysOnItsCore(t *testing.T) {
	done := make(chan error, 1)
	var allowed string
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine, and its binding with it
		err := PinThread(0)
		b, _ := os.ReadFile("/proc/thread-self/status")
		for line := range strings.Lines(string(b)) {
			if value, ok := strings.CutPrefix(line, "Cpus_allowed_list:"); ok {
				allowed = strings.TrimSpace(value)
			}
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Skipf("this machine does not give core 0: %v", err)
	}
	if allowed != "0" {
		t.Errorf("the thread may run on cores %q, want 0", allowed)
	}
	if err := PinThread(-1); err == nil {
		t.Error("core -1 was taken")
	}
}

func TestSleepUntilDoesNotReturnEarly(t *testing.T) {
	at := time.Now().Add(2 * time.Millisecond).UnixNano()
	SleepUntil(at, func() int64 { return time.Now().UnixNano() })
	if now := time.Now().UnixNano(); now < at {
		t.Errorf("woke %d ns early", at-now)
	}
}
