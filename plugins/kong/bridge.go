package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	pdk "github.com/Kong/go-pdk"
	pb "github.com/Kong/go-pdk/server/kong_plugin_protocol"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// bridge is Kong, as far as the plugin needs it. A call that is made by itself costs about 30 us, most of it on Kong's side; see together
// for many.
//
// go-pdk writes a call's name before it encodes the arguments. When these hold text that is not UTF-8, they cannot be encoded, and Kong
// takes the next call's name for them. So nothing is sent that was not checked, and what comes back is read as bytes, because Kong
// passes on whatever a client sent.
type bridge struct {
	kong  *pdk.PDK
	turns *turns
}

func newBridge(t *turns) bridge { return bridge{pdk.Init(t), t} }

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

// setHeaders is the call that sets headers of the request as it goes on.
func setHeaders(h map[string][]string) call {
	fields := make(map[string]*structpb.Value, len(h))
	for name, values := range h {
		list := &structpb.ListValue{Values: make([]*structpb.Value, len(values))}
		for i, v := range values {
			list.Values[i] = structpb.NewStringValue(v)
		}
		fields[name] = structpb.NewListValue(list)
	}
	return call{"kong.service.request.set_headers", &structpb.Struct{Fields: fields}, nil}
}

// setPath is the call that sets the path of the request as it goes on, which Kong escapes.
func setPath(path string) call {
	return call{"kong.service.request.set_path", &pb.String{V: path}, nil}
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
