package kongtest

import (
	"fmt"
	"slices"
	"strings"

	pb "github.com/Kong/go-pdk/server/kong_plugin_protocol"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/structpb"
)

// service changes where the request goes, and as what. It is allowed in the access phase alone.
func (x *Exchange) service(method string, args []byte) error {
	if x.phase != "access" {
		return raised("function cannot be called in %s phase", x.phase)
	}
	switch method {
	case "kong.service.set_target":
		var target pb.Target
		if err := decode(args, &target); err != nil {
			return err
		}
		if target.Port < 0 || target.Port > 65535 {
			return raised("port must be an integer between 0 and 65535: given %d", target.Port)
		}
		x.Host, x.Port = target.Host, int(target.Port)
		return nil
	case "kong.service.request.set_headers":
		var fields structpb.Struct
		if err := decode(args, &fields); err != nil {
			return err
		}
		for name, v := range fields.Fields {
			if err := x.setHeader(name, v); err != nil {
				return err
			}
		}
		return nil
	case "kong.service.request.set_header":
		var kv pb.KV
		if err := decode(args, &kv); err != nil {
			return err
		}
		return x.setHeader(kv.K, kv.V)
	}
	var text pb.String
	if err := decode(args, &text); err != nil {
		return err
	}
	switch method {
	case "kong.service.set_upstream":
		if slices.Contains(x.Upstreams, text.V) {
			x.Host, x.Port = text.V, 0
		} // Kong's function returns an error, which does not get to go-pdk: the request goes to the origin
		return nil
	case "kong.service.request.set_scheme":
		if text.V != "http" && text.V != "https" {
			return raised("invalid scheme: %s", text.V)
		}
		x.Scheme = text.V
		return nil
	case "kong.service.request.set_path":
		if !strings.HasPrefix(text.V, "/") {
			return raised("path must start with /")
		}
		x.Path = escape(text.V)
		return nil
	}
	return raised("the fake has no %s", method)
}

func (x *Exchange) setHeader(name string, v *structpb.Value) error {
	if name == "" || strings.ContainsAny(name, " :\r\n") {
		return raised("invalid header name %q", name)
	}
	x.Header.Set(name, texts(v)...)
	return nil
}

// texts are the strings of a value that is one or a list of them.
func texts(v *structpb.Value) []string {
	if list := v.GetListValue(); list != nil {
		var out []string
		for _, item := range list.Values {
			out = append(out, item.GetStringValue())
		}
		return out
	}
	return []string{v.GetStringValue()}
}

// escape percent-encodes what Kong does not leave as it is when it sends a path on: everything but RFC 3986's reserved and unreserved
// characters and %.
func escape(path string) string {
	var out strings.Builder
	for i := range len(path) {
		c := path[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("!#$&'()*+,/:;=?@[]-_.~%", c) >= 0:
			out.WriteByte(c)
		default:
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}

// encodeHeaders is a google.protobuf.Struct of headers. It is written by hand because Go's encoder refuses text that is not UTF-8, and
// Kong's does not.
func encodeHeaders(h map[string][]string) []byte {
	out := []byte{}
	for name, values := range h {
		var value []byte
		if len(values) == 1 {
			value = lengthed(value, 3, []byte(values[0]))
		} else {
			var items []byte
			for _, v := range values {
				items = lengthed(items, 1, lengthed(nil, 3, []byte(v)))
			}
			value = lengthed(value, 6, items)
		}
		out = lengthed(out, 1, lengthed(lengthed(nil, 1, []byte(name)), 2, value))
	}
	return out
}

func lengthed(b []byte, number protowire.Number, field []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, number, protowire.BytesType), field)
}
