package kongtest

import (
	"encoding/json"
	"fmt"
	"strings"

	pb "github.com/Kong/go-pdk/server/kong_plugin_protocol"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// call does what a plugin asks for. No reply and no error is an exit: Kong has stopped running the plugin.
func (x *Exchange) call(method string, args []byte) (reply []byte, err error) {
	x.Calls = append(x.Calls, method)
	if x.Before != nil {
		x.Before(method)
	}
	module := method[:max(strings.LastIndexByte(method, '.'), 0)]
	switch module {
	case "kong.client":
		return x.client(method)
	case "kong.request", "kong.response":
		if method == "kong.response.exit" {
			return nil, x.exit(args)
		}
		return x.message(method, args)
	case "kong.nginx", "kong.ctx.shared":
		return x.context(method, args)
	case "kong.service", "kong.service.request":
		return []byte{}, x.service(method, args)
	case "kong.log":
		return x.log(method, args)
	}
	return nil, &Fault{Desynchronised, fmt.Sprintf("%.60q is not the name of a function", method)}
}

// decode reads arguments as lua-protobuf does, which raises an error when they are not of their type.
func decode[M proto.Message](args []byte, into M) error {
	if err := proto.Unmarshal(args, into); err != nil {
		return &Fault{Desynchronised, fmt.Sprintf("%.60q are not the arguments of the call", args)}
	}
	return nil
}

// encode makes a reply of values that are known to be UTF-8.
func encode(m proto.Message) ([]byte, error) {
	data, err := proto.Marshal(m)
	if err != nil {
		return nil, err
	}
	if data == nil {
		data = []byte{}
	}
	return data, nil
}

// encodeText makes a reply of a string without asking whether it is UTF-8: neither does Kong.
func encodeText(text string) ([]byte, error) { return encode(&pb.ByteString{V: []byte(text)}) }

func raised(format string, args ...any) error { return &Fault{Raised, fmt.Sprintf(format, args...)} }

func (x *Exchange) client(method string) ([]byte, error) {
	switch {
	case method == "kong.client.get_consumer" && x.Consumer != nil:
		return encode(&pb.Consumer{Id: x.Consumer.ID, Username: x.Consumer.Username, CustomId: x.Consumer.CustomID, Tags: x.Consumer.Tags})
	case method == "kong.client.get_credential" && x.CredentialID != "":
		return encode(&pb.AuthenticatedCredential{Id: x.CredentialID})
	case method == "kong.client.get_consumer", method == "kong.client.get_credential":
		return []byte{}, nil // nil in Lua: an empty message, and no error
	}
	return nil, raised("the fake has no %s", method)
}

func (x *Exchange) message(method string, args []byte) ([]byte, error) {
	switch method {
	case "kong.request.get_method":
		return encodeText(x.Method)
	case "kong.request.get_headers", "kong.response.get_headers":
		var limit pb.Int
		if err := decode(args, &limit); err != nil {
			return nil, err
		}
		if limit.V < 1 || limit.V > mostHeaders {
			return nil, raised("max_headers must be >= 1 and <= %d", mostHeaders)
		}
		if method == "kong.response.get_headers" {
			if x.phase != "log" {
				return nil, raised("function cannot be called in %s phase", x.phase)
			}
			return encodeHeaders(x.ResponseHeader.byName(defaultHeaders)), nil // those saved for the timer, whatever the limit
		}
		return encodeHeaders(x.Header.byName(int(limit.V))), nil
	case "kong.response.get_status":
		return encode(&pb.Int{V: int32(x.Status)})
	}
	return nil, raised("the fake has no %s", method)
}

func (x *Exchange) exit(args []byte) error {
	var a pb.ExitArgs
	if err := decode(args, &a); err != nil {
		return err
	}
	if x.phase != "access" {
		return raised("function cannot be called in %s phase", x.phase)
	}
	if a.Status < 100 || a.Status > 599 {
		return raised("code must be a number between 100 and 599")
	}
	x.Exit = &Exit{Status: int(a.Status), Body: a.Body, Header: map[string][]string{}}
	for name, v := range a.Headers.GetFields() {
		x.Exit.Header[name] = texts(v)
	}
	return nil
}

func (x *Exchange) context(method string, args []byte) ([]byte, error) {
	var name pb.String
	if err := decode(args, &name); err != nil {
		return nil, err
	}
	switch method {
	case "kong.nginx.get_var":
		return encodeText(map[string]string{
			"upstream_uri": x.Path, "args": x.Query, "upstream_scheme": x.Scheme, "request_method": x.Method,
		}[name.V])
	case "kong.ctx.shared.get":
		v, err := structpb.NewValue(x.Shared[name.V])
		if err != nil {
			return nil, err
		}
		return encode(v)
	}
	return nil, raised("the fake has no %s", method)
}

func (x *Exchange) log(method string, args []byte) ([]byte, error) {
	switch method {
	case "kong.log.set_serialize_value":
		var kv pb.KV
		if err := decode(args, &kv); err != nil {
			return nil, err
		}
		if x.phase == "access" { // later it is set in a copy that nobody reads
			if x.Serialized == nil {
				x.Serialized = map[string]any{}
			}
			x.Serialized[kv.K] = kv.V.AsInterface()
		}
		return []byte{}, nil
	case "kong.log.serialize":
		if x.phase != "log" {
			return nil, raised("function cannot be called in %s phase", x.phase)
		}
		data, err := json.Marshal(x.logged)
		if err != nil {
			return nil, err
		}
		return encodeText(string(data))
	}
	var list structpb.ListValue
	if err := decode(args, &list); err != nil {
		return nil, err
	}
	text := ""
	for _, v := range list.Values {
		text += fmt.Sprint(v.AsInterface())
	}
	x.Lines = append(x.Lines, Line{strings.TrimPrefix(method, "kong.log."), text})
	return []byte{}, nil
}
