//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/bench/proc"
	"github.com/soukproxy/souk/sidecar/internal/bench/report"
	"github.com/soukproxy/souk/sidecar/internal/bench/wire"
)

const (
	helperPath = "github.com/soukproxy/souk/sidecar/internal/bench/cmd/"
	// readyTimeout bounds the time to the first good answer; a market of 10,000 providers takes its time.
	readyTimeout = 30 * time.Second
)

// bench is one run: its directory, its processes and what it has measured.
type bench struct {
	opts     *options
	progress io.Writer
	launcher *launcher
	dir      string
	pinned   bool
	nextPort int
	nextDir  int

	mock     *process
	mockAddr string
	proxies  []proxy  // souk first
	targets  []target // the proxies, running, and direct

	processes []*process // all that were ever started
	awake     []*process // those that keep the cores from sleeping now
	round     int
	cells     []report.Cell
}

// target is what load goes to: a running proxy, or the mock itself.
type target struct {
	proxy
	instance
	process *process // nil: direct
}

func newBench(opts *options, progress io.Writer) (*bench, error) {
	dir, err := os.MkdirTemp("", "souk-bench-")
	if err != nil {
		return nil, err
	}
	b := &bench{opts: opts, progress: progress, dir: dir, launcher: newLauncher()}
	// The benchmark itself stays off the proxies' core.
	b.pinned = runtime.NumCPU() > 1 && proc.PinSelf(loadCore) == nil
	return b, nil
}

// close ends every process, the last one first, and removes the directory.
func (b *bench) close() {
	for _, p := range slices.Backward(b.processes) {
		p.stop()
	}
	b.launcher.close()
	_ = os.RemoveAll(b.dir)
}

// The cores, on a machine that has two or more.
const (
	proxyCore = 0
	loadCore  = 1
)

// core is where a process goes, -1 where processes are not bound.
func (b *bench) core(wanted int) int {
	if !b.pinned {
		return -1
	}
	return wanted
}

// helper is the path of one of the benchmark's own commands, once build has made it.
func (b *bench) helper(name string) string { return filepath.Join(b.dir, "bin", name) }

func (b *bench) build(ctx context.Context) error {
	bin := filepath.Join(b.dir, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	args := []string{"build", "-o", bin}
	for _, name := range []string{"mock", "load", "bare", "awake"} {
		args = append(args, helperPath+name)
	}
	if out, err := exec.CommandContext(ctx, "go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("build the benchmark's helpers: %w\n%s", err, out)
	}
	return nil
}

// start runs the mock and one instance of every proxy.
func (b *bench) start(ctx context.Context) error {
	var err error
	if b.mockAddr, err = b.freeAddr(); err != nil {
		return err
	}
	dir, err := b.newDir("mock")
	if err != nil {
		return err
	}
	cmd := exec.Command(b.helper("mock"), "-addr", b.mockAddr)
	cmd.Env = append(os.Environ(), "GOGC=400") // it shares its core with the load
	if b.mock, err = b.startProcess("mock", dir, cmd, b.core(loadCore)); err != nil {
		return err
	}
	direct := target{proxy: proxy{name: report.Direct, model: mockModel}, instance: instance{addr: b.mockAddr}, process: b.mock}
	if err := b.waitReady(ctx, &direct); err != nil {
		return err
	}
	direct.process = nil
	if b.proxies, err = b.findProxies(); err != nil {
		return err
	}
	for _, p := range b.proxies {
		t, _, err := b.launch(ctx, p)
		if err != nil {
			return err
		}
		b.targets = append(b.targets, *t)
	}
	b.targets = append(b.targets, direct)
	return nil
}

// findProxies lists what can be measured; souk must be there, NGINX may be missing.
func (b *bench) findProxies() ([]proxy, error) {
	var all []proxy
	if b.standsIn() {
		all = append(all, b.standIn(b.opts.soukCmd))
	} else {
		souk, err := filepath.Abs(b.opts.souk)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(souk); err != nil {
			return nil, fmt.Errorf("no souk binary (%w): run make build, or name one with -souk", err)
		}
		b.opts.souk = souk
		all = append(all, b.soukProxy(souk, plainConfig(b.mockAddr, askedDirectives())))
	}
	all = append(all, b.bareProxy())
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		fmt.Fprintln(b.progress, "NGINX is not installed; what is compared to it will not be measured")
		return all, nil
	}
	return append(all, b.nginxProxy(nginx)), nil
}

// standsIn tells whether another command takes souk's place.
func (b *bench) standsIn() bool { return len(b.opts.soukCmd) > 0 }

// launch runs a new instance of a proxy, and tells how long it took from exec to its first good answer.
func (b *bench) launch(ctx context.Context, p proxy) (*target, time.Duration, error) {
	in, err := b.newInstance(p.name)
	if err != nil {
		return nil, 0, err
	}
	cmd, err := p.command(in)
	if err != nil {
		return nil, 0, err
	}
	started := time.Now()
	process, err := b.startProcess(p.name, in.dir, cmd, b.core(proxyCore))
	if err != nil {
		return nil, 0, err
	}
	t := &target{proxy: p, instance: in, process: process}
	if err := b.waitReady(ctx, t); err != nil {
		process.stop()
		return nil, 0, err
	}
	return t, time.Since(started), nil
}

func (b *bench) newInstance(name string) (in instance, err error) {
	if in.dir, err = b.newDir(name); err != nil {
		return in, err
	}
	if in.addr, err = b.freeAddr(); err != nil {
		return in, err
	}
	in.admin, err = b.freeAddr()
	return in, err
}

func (b *bench) newDir(name string) (string, error) {
	b.nextDir++
	dir := filepath.Join(b.dir, fmt.Sprintf("%s-%d", name, b.nextDir))
	return dir, os.Mkdir(dir, 0o755)
}

// waitReady asks until the target gives a good answer.
func (b *bench) waitReady(ctx context.Context, t *target) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	request := wire.Request(t.addr, chatPath, wire.Body(t.model(""), 256, false))
	for {
		err := askOnce(t.addr, request)
		if err == nil {
			return nil
		}
		select {
		case <-t.process.exited:
			return fmt.Errorf("%s ended before its first answer; %s", t.name, t.process.lastWords())
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return ctx.Err()
			}
			return fmt.Errorf("%s gave no good answer in %s (%w); %s", t.name, readyTimeout, err, t.process.lastWords())
		case <-time.After(300 * time.Microsecond):
		}
	}
}

func askOnce(addr string, request []byte) error {
	conn, err := wire.Dial(addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Ask(request)
	return err
}
