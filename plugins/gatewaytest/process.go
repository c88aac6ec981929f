// Package gatewaytest runs real gateways, the souk binary and simulated providers, each a process of its own on loopback, for the
// tests of the adapters and the examples. make e2e uses it; it knows souk from outside only.
package gatewaytest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"testing"
	"time"
)

// Patience is how long anything that must happen may take on a busy machine.
const Patience = 20 * time.Second

// Process is a child whose output is kept.
type Process struct {
	cmd  *exec.Cmd
	out  output
	done chan struct{} // closed when it has ended
}

// Start runs a program in a folder, with additions to the environment; it is killed at the end of the test if it still runs.
func Start(t testing.TB, dir string, env []string, name string, args ...string) *Process {
	t.Helper()
	p := &Process{cmd: exec.Command(name, args...), done: make(chan struct{})}
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	p.cmd.SysProcAttr = childAttr()
	p.cmd.WaitDelay = Patience // for its own children, which may hold its output when it is killed
	p.out.grown = make(chan struct{})
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	go func() {
		_ = p.cmd.Wait() // the state is in p.cmd.ProcessState
		close(p.done)
	}()
	t.Cleanup(p.Kill)
	return p
}

// Kill ends the process at once and returns when it has ended.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// Signal sends a signal.
func (p *Process) Signal(t testing.TB, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatalf("signal %v: %v", s, err)
	}
}

// Running tells whether it has not ended.
func (p *Process) Running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// PID is the process's id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Exit waits for the process to end by itself, and returns its exit code.
func (p *Process) Exit(t testing.TB) int {
	t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(Patience):
		t.Fatalf("%s still runs; it printed:\n%s", p.cmd.Path, p.Output())
		return -1
	}
}

// Output is what it has printed so far, on standard output and standard error.
func (p *Process) Output() string {
	text, _ := p.out.watch()
	return text
}

// Await waits for a pattern in the output behind an offset, and returns its submatches.
func (p *Process) Await(pattern *regexp.Regexp, from int) ([]string, error) {
	timeout := time.After(Patience)
	for {
		text, grown := p.out.watch()
		if m := pattern.FindStringSubmatch(text[min(from, len(text)):]); m != nil {
			return m, nil
		}
		select {
		case <-grown:
		case <-p.done:
			// The last of the output may have come together with the end.
			text := p.Output()
			if m := pattern.FindStringSubmatch(text[min(from, len(text)):]); m != nil {
				return m, nil
			}
			return nil, errors.New("it ended, and printed:\n" + text)
		case <-timeout:
			return nil, fmt.Errorf("nothing like %s in its output:\n%s", pattern, p.Output())
		}
	}
}

// output is what a process has printed so far.
type output struct {
	mu    sync.Mutex
	text  bytes.Buffer
	grown chan struct{} // closed at the next write
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.grown)
	o.grown = make(chan struct{})
	return o.text.Write(p)
}

func (o *output) watch() (string, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String(), o.grown
}

// Port finds a loopback port that is free now and outside the range from which systems take ports for outgoing connections (from
// 32768 on Linux, from 49152 by RFC 6335, section 6), so that a process that is killed can come back on it.
func Port(t testing.TB) int {
	t.Helper()
	for range 200 {
		port := 20000 + rand.IntN(12000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		_ = l.Close()
		return port
	}
	t.Fatal("no free port between 20000 and 32000")
	return 0
}

// Until asks again and again until it is told yes, and says how long that took.
func Until(t testing.TB, what string, yes func() bool) time.Duration {
	t.Helper()
	for begin := time.Now(); ; {
		if yes() {
			return time.Since(begin)
		}
		if time.Since(begin) > Patience {
			t.Fatalf("%s: not within %v", what, Patience)
		}
	}
}
