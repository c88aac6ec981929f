package e2etest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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
	cmd   *exec.Cmd
	stdin io.WriteCloser
	out   output
	done  chan struct{} // closed when it has ended
}

// Start runs a program in a folder, with additions to the environment. Its input stays open until CloseInput. It is killed at the end
// of the test if it still runs.
func Start(t testing.TB, dir string, env []string, name string, args ...string) *Process {
	t.Helper()
	p := &Process{cmd: exec.Command(name, args...), done: make(chan struct{})}
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	p.cmd.SysProcAttr = childAttr()
	p.cmd.WaitDelay = Patience // for its own children, which may hold its output when it is killed
	p.out.grown = make(chan struct{})
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
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

// CloseInput ends the process's standard input.
func (p *Process) CloseInput() error { return p.stdin.Close() }

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
func (p *Process) Exit(t testing.TB, within time.Duration) int {
	t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(within):
		t.Fatalf("%s still runs after %v; it printed:\n%s", p.cmd.Path, within, p.Output())
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

// AwaitText fails the test unless a text comes in the output behind an offset.
func (p *Process) AwaitText(t testing.TB, text string, from int) {
	t.Helper()
	if _, err := p.Await(regexp.MustCompile(regexp.QuoteMeta(text)), from); err != nil {
		t.Fatal(err)
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
