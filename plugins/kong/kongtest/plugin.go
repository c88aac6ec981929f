package kongtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	pb "github.com/Kong/go-pdk/server/kong_plugin_protocol"
	"google.golang.org/protobuf/proto"
)

// Build compiles the plugin in a package into a folder and returns the binary's path. The name of the file is the name of the plugin.
func Build(dir, pkg, name string, flags ...string) (string, error) {
	path := filepath.Join(dir, name)
	args := append(append([]string{"build"}, flags...), "-o", path, pkg)
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return path, nil
}

// Info is what a plugin's -dump says.
type Info struct {
	Protocol   string
	SocketPath string
	Plugins    []struct {
		Name     string
		Phases   []string
		Version  string
		Priority int
		Schema   Schema
	}
}

// Plugin is a running plugin.
type Plugin struct {
	Name   string
	Phases []string
	Schema Schema
	socket string

	mu       sync.Mutex
	idle     []net.Conn // kept alive, as Kong does
	sequence int64
	output   bytes.Buffer
}

// Start runs a plugin's binary until the test ends, and queries it as Kong does.
func Start(tb testing.TB, binary string) *Plugin {
	tb.Helper()
	dir := tb.TempDir() // of its own: socket paths are short
	info, err := Query(binary, dir)
	if err != nil {
		tb.Fatal(err)
	}
	p := &Plugin{Name: info.Plugins[0].Name, Phases: info.Plugins[0].Phases, Schema: info.Plugins[0].Schema, socket: info.SocketPath}
	cmd := exec.Command(binary, "-kong-prefix", dir)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	listening, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		p.collect(stderr, listening)
	}()
	tb.Cleanup(func() {
		p.hangUp()
		_ = cmd.Process.Kill()
		<-done
		_ = cmd.Wait()
	})
	select {
	case <-listening:
	case <-done:
		tb.Fatalf("%s ended: %s", binary, p.Output())
	}
	return p
}

// Query runs a plugin with -dump, as Kong does before it starts it, and tells what Kong would have against it.
func Query(binary, dir string) (*Info, error) {
	out, err := exec.Command(binary, "-dump", "-kong-prefix", dir).Output()
	if err != nil {
		return nil, fmt.Errorf("%s -dump: %w", binary, err)
	}
	var info Info
	if err := json.Unmarshal(out, &info); err != nil {
		return nil, fmt.Errorf("%s -dump: %w", binary, err)
	}
	if info.Protocol != "ProtoBuf:1" || len(info.Plugins) != 1 {
		return nil, fmt.Errorf("%s -dump: protocol %q with %d plugins; one of ProtoBuf:1 is expected", binary, info.Protocol, len(info.Plugins))
	}
	p := info.Plugins[0]
	if p.Name != filepath.Base(binary) {
		return nil, fmt.Errorf("the plugin %s is in a file of another name, %s", p.Name, binary)
	}
	for _, phase := range p.Phases {
		if phase == "response" {
			return nil, errors.New("the plugin has a response phase: Kong would buffer every stream to its end")
		}
		if !slices.Contains([]string{"certificate", "rewrite", "access", "log"}, phase) {
			return nil, fmt.Errorf("the plugin has an unknown phase %q", phase)
		}
	}
	return &info, p.Schema.Check()
}

// Connect is a plugin that runs already, such as in the test's own process, behind a socket.
func Connect(tb testing.TB, socket string, info *Info) *Plugin {
	p := &Plugin{Name: info.Plugins[0].Name, Phases: info.Plugins[0].Phases, Schema: info.Plugins[0].Schema, socket: socket}
	tb.Cleanup(p.hangUp)
	return p
}

// Worker is the same plugin as another of NGINX's workers sees it: with connections of its own, and a count of configurations that
// begins anew.
func (p *Plugin) Worker(tb testing.TB) *Plugin {
	w := &Plugin{Name: p.Name, Phases: p.Phases, Schema: p.Schema, socket: p.socket}
	tb.Cleanup(w.hangUp)
	return w
}

func (p *Plugin) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.idle {
		conn.Close()
	}
	p.idle = nil
}

// collect keeps what the plugin writes, and tells when it listens: go-pdk's server says so, and others have to.
func (p *Plugin) collect(stderr io.Reader, listening chan<- struct{}) {
	told := false
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		p.mu.Lock()
		p.output.WriteString(lines.Text() + "\n")
		p.mu.Unlock()
		if !told && strings.Contains(strings.ToLower(lines.Text()), "listening on ") {
			close(listening)
			told = true
		}
	}
}

// Output is what the plugin has written to its standard error, which Kong logs.
func (p *Plugin) Output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.String()
}

// Instance is a configuration of the plugin.
type Instance struct {
	plugin *Plugin
	id     int32
}

// Instance starts an instance. The configuration is checked and completed by the schema, and has what Kong adds to it.
func (p *Plugin) Instance(config map[string]any) (*Instance, error) {
	full, err := p.Schema.Complete(config)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.sequence++
	seq := p.sequence
	p.mu.Unlock()
	full["__seq__"] = seq
	full["__plugin_id"] = fmt.Sprintf("00000000-0000-4000-8000-%012d", seq)
	full["__key__"] = "plugins:" + p.Name
	full["route_id"] = "00000000-0000-4000-8000-0000000000ff"
	full["$refs"] = map[string]any{}
	data, err := json.Marshal(full)
	if err != nil {
		return nil, err
	}
	ret, err := p.command(&pb.RpcCall{Call: &pb.RpcCall_CmdStartInstance{CmdStartInstance: &pb.CmdStartInstance{Name: p.Name, Config: data}}})
	if err != nil {
		return nil, fmt.Errorf("starting instance: %w", err)
	}
	return &Instance{plugin: p, id: ret.GetInstanceStatus().GetInstanceId()}, nil
}

// Close ends an instance.
func (i *Instance) Close() error {
	_, err := i.plugin.command(&pb.RpcCall{Call: &pb.RpcCall_CmdCloseInstance{CmdCloseInstance: &pb.CmdCloseInstance{InstanceId: i.id}}})
	return err
}

// command makes a call that needs no bridge.
func (p *Plugin) command(c *pb.RpcCall) (*pb.RpcReturn, error) {
	conn, err := p.dial()
	if err != nil {
		return nil, err
	}
	ret, err := func() (*pb.RpcReturn, error) {
		if err := send(conn, c); err != nil {
			return nil, err
		}
		return receive(conn)
	}()
	if err != nil {
		conn.Close()
		return nil, err
	}
	p.keep(conn)
	return ret, nil
}

func (p *Plugin) dial() (net.Conn, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		conn := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return conn, nil
	}
	p.mu.Unlock()
	conn, err := net.Dial("unix", p.socket)
	if err == nil {
		err = conn.SetDeadline(time.Now().Add(time.Minute)) // a plugin that hangs fails the test
	}
	return conn, err
}

func (p *Plugin) keep(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, conn)
}

func send(w io.Writer, c *pb.RpcCall) error {
	data, err := proto.Marshal(c)
	if err != nil {
		return err
	}
	return writeFrame(w, data)
}

func receive(r io.Reader) (*pb.RpcReturn, error) {
	data, err := readFrame(r)
	if err != nil {
		return nil, err
	}
	var ret pb.RpcReturn
	return &ret, proto.Unmarshal(data, &ret)
}
