//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/bench/proc"
)

// stopGrace is how long a process may take to end after SIGTERM.
const stopGrace = 3 * time.Second

// process is one that the benchmark started and will end.
type process struct {
	name   string
	cmd    *exec.Cmd
	log    string        // file with what it printed
	exited chan struct{} // closed once it ended
}

// startProcess starts a command on a core; what it prints goes to a file in its directory.
func (b *bench) startProcess(name, dir string, cmd *exec.Cmd, core int) (*process, error) {
	path := filepath.Join(dir, "output")
	output, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer output.Close() // the child has its own handle
	cmd.Stdout, cmd.Stderr = output, output
	if err := b.launcher.start(cmd, core); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &process{name: name, cmd: cmd, log: path, exited: make(chan struct{})}
	b.processes = append(b.processes, p)
	go func() { // ends with the process, which stop ends at the latest
		_ = cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

// pids are the process and its descendants now.
func (p *process) pids() []int { return proc.Tree(p.cmd.Process.Pid) }

func (p *process) running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// stop ends the process, first politely, then with its whole group, and waits for it.
func (p *process) stop() {
	if !p.running() {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(stopGrace):
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.exited
	}
}

// lastWords are the last lines that the process printed, for an error that tells why it does not work.
func (p *process) lastWords() string {
	b, _ := os.ReadFile(p.log)
	text := strings.TrimSpace(string(b[max(0, len(b)-1000):]))
	if text == "" {
		return "it printed nothing"
	}
	return "it printed: " + text
}
