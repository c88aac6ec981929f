package kongtest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	pb "github.com/Kong/go-pdk/server/kong_plugin_protocol"
)

// Access runs the plugin's access phase on an exchange. Took is what the client waits for it.
func (i *Instance) Access(x *Exchange) { i.event(x, "access") }

// Log runs the log phase.
func (i *Instance) Log(x *Exchange) {
	x.enterLog()
	i.event(x, "log")
}

func (i *Instance) event(x *Exchange, phase string) {
	x.phase, x.Calls = phase, nil
	conn, err := i.plugin.dial()
	if err != nil {
		x.Fault = raised("connection to the plugin: %v", err)
		return
	}
	start := time.Now()
	err = send(conn, &pb.RpcCall{Call: &pb.RpcCall_CmdHandleEvent{CmdHandleEvent: &pb.CmdHandleEvent{InstanceId: i.id, EventName: phase}}})
	if err == nil {
		err = x.Serve(conn)
	}
	x.Took = time.Since(start)
	if err == nil && x.Exit == nil {
		i.plugin.keep(conn)
		return
	}
	conn.Close() // as NGINX does when the request has ended
	x.Fault = err
}

// Serve is the bridge of one event: it answers a plugin's calls until an empty frame and the return, an exit, or a Fault. What the
// event left is in the exchange.
func (x *Exchange) Serve(conn net.Conn) error {
	if x.phase == "" {
		x.phase = "access"
	}
	in := bufio.NewReader(conn) // as NGINX reads; it is empty when the event ends, since the plugin has nothing more to say
	for {
		method, err := readFrame(in)
		if err != nil {
			return closed(err)
		}
		if len(method) == 0 {
			_, err := receive(in)
			return closed(err)
		}
		args, err := readFrame(in)
		if err != nil {
			return closed(err)
		}
		reply, err := x.call(string(method), args)
		if err != nil || x.Exit != nil {
			return err
		}
		if len(x.Calls) == x.Garble {
			reply = []byte{0xff, 0xff, 0xff}
		}
		if err := writeFrame(conn, reply); err != nil {
			return closed(err)
		}
	}
}

func closed(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return &Fault{Closed, "the plugin closed the bridge without an exit"}
	}
	return &Fault{Desynchronised, fmt.Sprintf("the bridge broke: %v", err)}
}
