package e2e

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything that must happen may take on a busy machine.
const patience = 20 * time.Second

// process is a child process whose output is kept.
type process struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	out   output
	done  chan struct{} // closed when it has ended
}

// start runs a program; it is killed at the end of the test if it still runs.
func start(t testing.TB, dir string, env []string, name string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(name, args...), done: make(chan struct{})}
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	p.cmd.SysProcAttr = childAttr()
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
	t.Cleanup(p.kill)
	return p
}

// kill ends the process at once and returns when it has ended.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

func (p *process) signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatalf("signal %v: %v", s, err)
	}
}

// exit waits for the process to end by itself and returns its exit code.
func (p *process) exit(t testing.TB, within time.Duration) int {
	t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(within):
		t.Fatalf("%s still runs after %v; it printed:\n%s", p.cmd.Path, within, p.out.String())
		return -1
	}
}

// await waits for the pattern in the output from an offset on, and returns its submatches.
func (p *process) await(pattern *regexp.Regexp, from int) ([]string, error) {
	timeout := time.After(patience)
	for {
		text, grown := p.out.watch()
		if m := pattern.FindStringSubmatch(text[min(from, len(text)):]); m != nil {
			return m, nil
		}
		select {
		case <-grown:
		case <-p.done:
			// The last of the output may have come together with the end.
			if m := pattern.FindStringSubmatch(p.out.String()[min(from, len(p.out.String())):]); m != nil {
				return m, nil
			}
			return nil, errors.New("it ended, and printed:\n" + p.out.String())
		case <-timeout:
			return nil, errors.New("nothing like " + pattern.String() + " in its output:\n" + p.out.String())
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

func (o *output) String() string {
	text, _ := o.watch()
	return text
}
