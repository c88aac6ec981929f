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

func TestBusyLeavesOutWhatIsIdleOrNice(t *testing.T) {
	got := parseBusy("cpu  100 2000 30 40000 50 6 7 8 0 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n")
	if want := (100 + 30 + 6 + 7 + 8) * tick; got != want {
		t.Errorf("busy for %v, want %v", got, want)
	}
	if got := parseBusy("cpu 1 2"); got != 0 {
		t.Errorf("a line cut short counts as %v", got)
	}
	if Busy() <= 0 {
		t.Error("this machine has never worked")
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
