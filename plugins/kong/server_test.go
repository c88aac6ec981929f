package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	pb "github.com/Kong/go-pdk/server/kong_plugin_protocol"
	"google.golang.org/protobuf/proto"

	"github.com/soukproxy/souk/plugins/kong/kongtest"
)

// clock is a time that a test sets.
type clock struct{ nanos atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(0, c.nanos.Load()) }
func (c *clock) advance(d time.Duration) { c.nanos.Add(int64(d)) }

// started is a server and its listener.
type started struct {
	*server
	net.Listener
	once   sync.Once
	closed chan struct{} // closed with the listener
}

// Close closes the listener.
func (s *started) Close() error {
	defer s.once.Do(func() { close(s.closed) })
	return s.Listener.Close()
}

// served is a server in this process, whose clock stands still.
func served(t *testing.T) (*started, *kongtest.Plugin, *clock, func()) {
	t.Helper()
	info, err := kongtest.Query(built, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "s")
	listener, err := listen(socket)
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{}
	c.advance(time.Duration(time.Now().UnixNano()))
	s := &started{server: newServer(environment{now: c.now, random: zeroes{}}), Listener: listener, closed: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.serve(ctx, s) }()
	end := func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serving ended with %v", err)
		}
		ended <- nil // for the second call
	}
	t.Cleanup(end)
	return s, kongtest.Connect(t, socket, info), c, end
}

func TestWorkersThatCountAlikeKeepTheirConfigurations(t *testing.T) {
	_, plugin, _, _ := served(t)
	one := instance(t, plugin.Worker(t), map[string]any{"via": "one", "region": []string{"eu"}})
	two := instance(t, plugin.Worker(t), map[string]any{"via": "two"}) // the second worker's first, too
	for _, test := range []struct {
		i    *kongtest.Instance
		want string
	}{{one, "one"}, {two, "two"}} {
		x := alice()
		test.i.Access(x)
		if got := verify(t, verifier(t), x); got.Caller.Via != test.want {
			t.Errorf("the configuration is %s's, not %s's", got.Caller.Via, test.want)
		}
	}
}

func TestAnInstanceThatIsNotThereClosesTheBridge(t *testing.T) {
	s, plugin, clock, _ := served(t)
	closed, kept := instance(t, plugin, nil), instance(t, plugin, nil)
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	clock.advance(idle - time.Minute)
	kept.Access(alice())
	old := instance(t, plugin, nil)
	clock.advance(idle / 2)
	kept.Access(alice())
	clock.advance(idle / 2)
	clock.advance(time.Minute)
	instance(t, plugin, nil) // starting one forgets those that nobody used for an hour
	if n := len(s.instances); n != 2 {
		t.Errorf("%d instances are kept", n)
	}
	for _, test := range []struct {
		name  string
		i     *kongtest.Instance
		fault kongtest.FaultKind
	}{
		{"closed by Kong", closed, kongtest.Closed},
		{"not used for an hour", old, kongtest.Closed},
		{"used half an hour ago", kept, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := alice()
			test.i.Access(x)
			var fault *kongtest.Fault
			kind := kongtest.FaultKind("")
			if errors.As(x.Fault, &fault) {
				kind = fault.Kind
			}
			if kind != test.fault {
				t.Errorf("fault %v, want %q; Kong starts an instance anew when the bridge closes", x.Fault, test.fault)
			}
		})
	}
	if err := closed.Close(); err == nil {
		t.Error("closed twice")
	}
}

func TestWorkersAskAtOnce(t *testing.T) {
	ready := newReadiness(t, 200)
	_, plugin, _, _ := served(t)
	var workers sync.WaitGroup
	for n := range 8 {
		worker := plugin.Worker(t)
		via := fmt.Sprintf("worker-%d", n)
		i := instance(t, worker, map[string]any{"via": via, "probe_interval": 100, "probe_url": ready.URL + "/readyz"})
		workers.Go(func() {
			for range 50 {
				x := alice()
				i.Access(x)
				if x.Fault != nil || x.Exit != nil {
					t.Errorf("fault %v, exit %v", x.Fault, x.Exit)
					return
				}
				if !strings.Contains(x.Header.Get("Souk-Caller"), via) {
					t.Errorf("another's configuration: %s", x.Header.Get("Souk-Caller"))
				}
				i.Log(x)
			}
			if err := i.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	done := make(chan struct{})
	go func() {
		workers.Wait()
		close(done)
	}()
	for {
		select {
		case <-ready.probed:
		case <-done:
			return
		}
	}
}

// FuzzConnection holds that no bytes on the socket end the process or keep a connection for ever.
func FuzzConnection(f *testing.F) {
	frame := func(call *pb.RpcCall) []byte {
		data, err := proto.Marshal(call)
		if err != nil {
			f.Fatal(err)
		}
		return append(binary.LittleEndian.AppendUint32(nil, uint32(len(data))), data...)
	}
	config := []byte(`{"key_id":"k","secret":"` + testSecret + `","sidecar_scheme":"https"}`)
	start := frame(&pb.RpcCall{Sequence: 1, Call: &pb.RpcCall_CmdStartInstance{CmdStartInstance: &pb.CmdStartInstance{Name: "x", Config: config}}})
	event := frame(&pb.RpcCall{Sequence: 2, Call: &pb.RpcCall_CmdHandleEvent{CmdHandleEvent: &pb.CmdHandleEvent{InstanceId: 1, EventName: "access"}}})
	end := frame(&pb.RpcCall{Sequence: 3, Call: &pb.RpcCall_CmdCloseInstance{CmdCloseInstance: &pb.CmdCloseInstance{InstanceId: 1}}})
	f.Add(slices.Concat(start, event, []byte{0, 0, 0, 0, 3, 0, 0, 0, 10, 1, 'c'}))
	f.Add(slices.Concat(start, end, end))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		s := newServer(environment{now: time.Now, random: zeroes{}})
		client, conn := net.Pipe()
		go func() {
			_, _ = client.Write(data)
			client.Close()
		}()
		drained := make(chan struct{})
		go func() {
			defer close(drained)
			_, _ = io.Copy(io.Discard, client)
		}()
		s.connection(t.Context(), conn)
		<-drained
		s.expire(0)
		if len(s.conns) != 0 || len(s.probes.all) != 0 {
			t.Errorf("%d connections and %d probes are left", len(s.conns), len(s.probes.all))
		}
	})
}

func TestThePluginHasNoOtherPhases(t *testing.T) {
	for _, phase := range []string{"response", "rewrite", "certificate", "preread", "header_filter", ""} {
		if (&plugin{}).phase(phase) != nil {
			t.Errorf("there is a phase %q", phase)
		}
	}
}

func TestTheServerEndsWhenItIsTold(t *testing.T) {
	ready := newReadiness(t, 200)
	s, plugin, _, end := served(t)
	instance(t, plugin, map[string]any{"fail_open": true, "redaction": "applied", "probe_interval": 100, "probe_url": ready.URL + "/readyz"})
	<-ready.probed
	end()
	if len(s.instances) != 0 || len(s.probes.all) != 0 || len(s.conns) != 0 {
		t.Errorf("%d instances, %d probes and %d connections are left", len(s.instances), len(s.probes.all), len(s.conns))
	}
	if _, err := plugin.Instance(configured(nil)); err == nil {
		t.Error("it still answers")
	}
}

func TestAnEventThatRunsWhenTheServerEndsComesToItsEnd(t *testing.T) {
	s, plugin, _, end := served(t)
	i := instance(t, plugin, nil)
	x := alice()
	ending := make(chan struct{})
	x.Before = func(method string) {
		if method != "kong.request.get_method" {
			return
		}
		go func() {
			defer close(ending)
			end()
		}()
		<-s.closed
	}
	i.Access(x)
	if x.Fault != nil || x.Host != "127.0.0.1" {
		t.Errorf("fault %v, host %s", x.Fault, x.Host)
	}
	<-ending
}

func TestASocketThatIsLeftOverIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := listen(path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

func TestAPrefixThatIsNotThereIsNamed(t *testing.T) {
	if _, err := listen(filepath.Join(t.TempDir(), "nowhere", "s")); err == nil {
		t.Error("it listens nowhere")
	}
}
