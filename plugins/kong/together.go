package main

import (
	"encoding/binary"
	"fmt"

	pb "github.com/Kong/go-pdk/server/kong_plugin_protocol"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
)

// call is one of Kong's functions, with what it takes and what becomes of its answer; nil: nothing.
type call struct {
	method   string
	arg, out proto.Message
}

// together makes several calls at once. Kong takes one after the other from the connection and answers in that order, so they may be
// written before the first answer is read: the two processes wake each other up once and not for every call. All answers are read, so that
// an error leaves the two in step. What cannot be encoded is found before anything is written.
func (k bridge) together(calls ...call) error {
	var frames []byte
	for _, c := range calls {
		var arg []byte
		if c.arg != nil {
			var err error
			if arg, err = proto.Marshal(c.arg); err != nil {
				return fmt.Errorf("%s: %w", c.method, errNotUTF8)
			}
		}
		frames = appendFrame(appendFrame(frames, []byte(c.method)), arg)
	}
	if _, err := k.turns.Write(frames); err != nil {
		return err
	}
	var first error
	for _, c := range calls {
		data, err := k.turns.readFrame()
		if err != nil {
			return fmt.Errorf("%s: %w", c.method, err)
		}
		if c.out == nil {
			continue
		}
		if err := proto.Unmarshal(data, c.out); err != nil && first == nil {
			first = fmt.Errorf("%s: %w", c.method, err)
		}
	}
	return first
}

func appendFrame(to, data []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(to, uint32(len(data))), data...)
}

// known is what Kong knows of a request.
type known struct {
	headers    headers
	full       bool // there may be more headers
	credential pb.AuthenticatedCredential
	consumer   pb.Consumer
	groups     []string // authenticated groups, if they were asked for
	method     string
	path       string // as Kong sends it: stripped, joined with the service's, changed by plugins before this one
	query      string // behind the access phase Kong appends it
}

// variable is the call for one of NGINX's. A ByteString is on the wire what a String is, but for the check that it is UTF-8.
func variable(name string, out *pb.ByteString) call {
	return call{"kong.nginx.get_var", &pb.String{V: name}, out}
}

// know asks for all that a request's hand-off is made of.
func (k bridge) know(groups bool) (*known, error) {
	var n known
	var method, path, query pb.ByteString
	var lines, shared emptypb.Empty // keeps what it does not know as it came
	calls := append(make([]call, 0, 7),
		call{"kong.request.get_headers", &pb.Int{V: maxHeaders}, &lines},
		call{"kong.client.get_credential", nil, &n.credential},
		call{"kong.client.get_consumer", nil, &n.consumer},
		call{"kong.request.get_method", nil, &method},
		variable("upstream_uri", &path),
		variable("args", &query),
	)
	if groups {
		calls = append(calls, call{"kong.ctx.shared.get", &pb.String{V: "authenticated_groups"}, &shared})
	}
	err := k.together(calls...)
	if err == nil {
		n.headers, err = readHeaders(lines.ProtoReflect().GetUnknown())
	}
	if err == nil && groups {
		n.groups, err = readValue(shared.ProtoReflect().GetUnknown())
	}
	n.full = n.headers.lines() >= maxHeaders
	n.method, n.path, n.query = string(method.V), string(path.V), string(query.V)
	return &n, err
}
