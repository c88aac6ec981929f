package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	pdk "github.com/Kong/go-pdk"
	pb "github.com/Kong/go-pdk/server/kong_plugin_protocol"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// bridge is Kong, as far as the plugin needs it. Each of its methods that ends in "one call" costs about 30 us, most of it on
// Kong's side.
//
// go-pdk writes a call's name before it encodes the arguments. When these hold text that is not UTF-8, they cannot be encoded, and Kong
// takes the next call's name for them. So nothing is sent that was not checked, and what comes back is read as bytes, because Kong
// passes on whatever a client sent.
type bridge struct{ kong *pdk.PDK }

// refusal is an answer of the plugin's own.
type refusal struct {
	status  int
	kind    string
	code    string
	message string // for the client: no secret and none of the client's own text
}

func (r refusal) Error() string { return r.message }

// errNotUTF8 is a text that go-pdk cannot send.
var errNotUTF8 = errors.New("text that is not UTF-8 cannot be passed to Kong")

// text asks for a value that is a string to Kong: one call.
func (k bridge) text(method string, arg *pb.String) (string, error) {
	var out pb.ByteString // on the wire what pb.String is, but for the check that it is UTF-8
	var err error
	if arg == nil {
		err = k.kong.Request.Ask(method, nil, &out)
	} else {
		err = k.kong.Request.Ask(method, arg, &out)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", method, err)
	}
	return string(out.V), nil
}

// variable is one of NGINX's, empty when it is not set: one call.
func (k bridge) variable(name string) (string, error) {
	return k.text("kong.nginx.get_var", &pb.String{V: name})
}

// headers asks for headers: one call. Kong gives at most 1000; full tells that there may be more.
func (k bridge) headers(method string) (h headers, full bool, err error) {
	var out emptypb.Empty // keeps what it does not know as it came
	if err := k.kong.Request.Ask(method, &pb.Int{V: maxHeaders}, &out); err != nil {
		return nil, false, fmt.Errorf("%s: %w", method, err)
	}
	h, err = readHeaders(out.ProtoReflect().GetUnknown())
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", method, err)
	}
	return h, h.lines() >= maxHeaders, nil
}

// setHeaders sets headers of the request as it goes on: one call.
func (k bridge) setHeaders(h map[string][]string) error {
	for name, values := range h {
		for _, v := range values {
			if !utf8.ValidString(name) || !utf8.ValidString(v) {
				return errNotUTF8
			}
		}
	}
	return k.kong.ServiceRequest.SetHeaders(h)
}

// setPath sets the path of the request as it goes on, which Kong escapes: one call.
func (k bridge) setPath(path string) error {
	if !utf8.ValidString(path) {
		return errNotUTF8
	}
	return k.kong.ServiceRequest.SetPath(path)
}

// mark sets a field of what Kong's logging plugins write: one call. It has an effect before the log phase only. go-pdk has
// the method in its protocol and no function for it.
func (k bridge) mark(field, value string) error {
	return k.kong.Log.Ask("kong.log.set_serialize_value", &pb.KV{K: field, V: structpb.NewStringValue(strings.ToValidUTF8(value, "?"))}, nil)
}

// Levels of Kong's error log.
const (
	levelErr    = "err"
	levelWarn   = "warn"
	levelNotice = "notice"
)

// log writes a line to Kong's error log: one call. Its failure has nowhere to be told.
func (k bridge) log(level, line string) {
	line = strings.ToValidUTF8(line, "?")
	switch level {
	case levelErr:
		_ = k.kong.Log.Err(line)
	case levelWarn:
		_ = k.kong.Log.Warn(line)
	default:
		_ = k.kong.Log.Notice(line)
	}
}

// refuse answers a request with an error: the plugin's own as it is, any other as 503, its text for Kong's log alone.
func (k bridge) refuse(err error) {
	var own refusal
	if !errors.As(err, &own) {
		k.log(levelErr, "the request was not handed off: "+err.Error())
		own = refusal{503, "api_error", "handoff_failed", "the gateway could not hand the request off"}
	}
	k.exit(own)
}

// exit answers a request, in the shape of the sidecar's own errors. Kong does not reply to it and does not go on with the request, so
// nothing may be called after it.
func (k bridge) exit(r refusal) {
	type fault struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Code    string  `json:"code"`
		Param   *string `json:"param"`
	}
	body, err := json.Marshal(struct {
		Error fault `json:"error"`
	}{fault{r.message, r.kind, r.code, nil}})
	if err != nil {
		body = nil // cannot be: it is made of strings
	}
	header := map[string][]string{"content-type": {"application/json"}}
	if r.status == 503 {
		header["retry-after"] = []string{"1"}
	}
	k.kong.Response.Exit(r.status, body, header)
}
