package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	pb "github.com/Kong/go-pdk/server/kong_plugin_protocol"
	"google.golang.org/protobuf/proto"
)

const (
	// idle is how long an instance is kept without an event. Kong does not close instances of routes that were deleted, and
	// starts one anew if it is needed after all.
	idle = time.Hour
	// grace is what running events get when the process is asked to end.
	grace = time.Second
)

// server is the plugin's end of Kong's protocol for plugin servers: calls and returns in frames, and within the call of an event the
// bridge, on which go-pdk's modules call Kong. go-pdk has a server of its own. It is not used because it takes Kong's sequence number for
// an instance's id, which in many versions of Kong each worker counts for itself, so that one route can get another's configuration; forgets
// all instances that are older than a minute whenever one is closed; tells no instance that it is closed; and writes a call in four pieces.
type server struct {
	env    environment
	probes *probes

	mu        sync.Mutex
	last      int32
	instances map[int32]*plugin
	conns     map[net.Conn]bool // whether a call is running on it
}

func newServer(env environment) *server {
	return &server{env: env, probes: &probes{all: map[target]*probe{}}, instances: map[int32]*plugin{}, conns: map[net.Conn]bool{}}
}

// listen takes the place of a socket that a process before this one has left.
func listen(socket string) (net.Listener, error) {
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("removing an old socket: %w", err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, fmt.Errorf("is -kong-prefix Kong's prefix? %w", err)
	}
	return listener, nil
}

// serve answers Kong until the context ends. Then it lets running events come to their end, and gives up all instances.
func (s *server) serve(ctx context.Context, listener net.Listener) error {
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	defer listener.Close()
	var connections sync.WaitGroup
	for {
		conn, err := listener.Accept()
		if err != nil {
			s.hangUp(false)
			hard := time.AfterFunc(grace, func() { s.hangUp(true) })
			connections.Wait()
			hard.Stop()
			s.expire(0)
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		s.mark(conn, false)
		connections.Go(func() { s.connection(ctx, conn) })
	}
}

func (s *server) mark(conn net.Conn, busy bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[conn] = busy
}

// hangUp closes the connections on which nothing runs, or all.
func (s *server) hangUp(all bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn, busy := range s.conns {
		if all || !busy {
			conn.Close()
		}
	}
}

// connection answers call after call, until Kong hangs up or an event ends with an exit. A call that cannot be answered closes it: that
// is how Kong learns that an instance is to be started anew.
func (s *server) connection(ctx context.Context, conn net.Conn) {
	defer func() {
		conn.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.conns, conn)
	}()
	t := newTurns(conn)
	for ctx.Err() == nil {
		data, err := t.readFrame()
		if err != nil {
			return
		}
		var call pb.RpcCall
		if err := proto.Unmarshal(data, &call); err != nil {
			return
		}
		s.mark(conn, true)
		ret, err := s.call(t, &call)
		if err != nil || t.closed {
			return
		}
		ret.Sequence = call.Sequence
		if t.writeFrame(ret) != nil || t.out.Flush() != nil {
			return
		}
		s.mark(conn, false)
	}
}

// errCall is a call that is not answered.
var errCall = errors.New("no such call, instance or phase")

func (s *server) call(t *turns, call *pb.RpcCall) (*pb.RpcReturn, error) {
	switch c := call.Call.(type) {
	case *pb.RpcCall_CmdStartInstance:
		p := newPlugin(c.CmdStartInstance.Config, s.env, s.probes)
		return status(c.CmdStartInstance.Name, s.add(p)), nil
	case *pb.RpcCall_CmdCloseInstance:
		id := c.CmdCloseInstance.InstanceId
		p := s.find(id, true)
		if p == nil {
			return nil, errCall
		}
		p.close(s.probes)
		return status("", id), nil
	case *pb.RpcCall_CmdGetInstanceStatus:
		id := c.CmdGetInstanceStatus.InstanceId
		if s.find(id, false) == nil {
			return nil, errCall
		}
		return status("", id), nil
	case *pb.RpcCall_CmdHandleEvent:
		p := s.find(c.CmdHandleEvent.InstanceId, false)
		if p == nil {
			return nil, errCall
		}
		phase := p.phase(c.CmdHandleEvent.EventName)
		if phase == nil {
			return nil, errCall
		}
		p.used.Store(s.env.now().UnixNano())
		phase(newBridge(t))
		if t.closed {
			return nil, nil
		}
		return &pb.RpcReturn{}, t.writeFrame(nil) // the end of the bridge
	}
	return nil, errCall
}

func status(name string, id int32) *pb.RpcReturn {
	return &pb.RpcReturn{Return: &pb.RpcReturn_InstanceStatus{InstanceStatus: &pb.InstanceStatus{Name: name, InstanceId: id}}}
}

// add gives an instance an id that no other has had.
func (s *server) add(p *plugin) int32 {
	s.expire(idle)
	p.used.Store(s.env.now().UnixNano())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	s.instances[s.last] = p
	return s.last
}

func (s *server) find(id int32, remove bool) *plugin {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.instances[id]
	if remove {
		delete(s.instances, id)
	}
	return p
}

// expire gives up the instances that have had no event for a while; 0: all.
func (s *server) expire(after time.Duration) {
	before := s.env.now().Add(-after).UnixNano()
	var old []*plugin
	s.mu.Lock()
	for id, p := range s.instances {
		if after == 0 || p.used.Load() < before {
			old = append(old, p)
			delete(s.instances, id)
		}
	}
	s.mu.Unlock()
	for _, p := range old {
		p.close(s.probes)
	}
}
