// Command wrong is a plugin that makes the mistakes that package kongtest has to notice, each when its configuration asks for it.
package main

import (
	"os"

	pdk "github.com/Kong/go-pdk"
	"github.com/Kong/go-pdk/server"
	pb "github.com/Kong/go-pdk/server/kong_plugin_protocol"
	"google.golang.org/protobuf/types/known/structpb"
)

type config struct{ Mistake string }

func (c *config) Access(kong *pdk.PDK) {
	switch c.Mistake {
	case "sends text that is not UTF-8":
		_ = kong.ServiceRequest.SetHeader("x-user", "\xff")
		_ = kong.Service.SetTarget("127.0.0.1", 8420)
	case "sends text that is not UTF-8 last":
		_ = kong.ServiceRequest.SetHeader("x-user", "\xff")
	case "names an upstream that is not there":
		_ = kong.Service.SetUpstream("souk")
	case "names an upstream that is there":
		_ = kong.Service.SetUpstream("known")
	case "closes the bridge":
		_ = kong.Response.Close()
	case "ends the process":
		panic("wrong")
	case "calls on after an exit":
		kong.Response.Exit(418, []byte("teapot"), nil)
		_ = kong.Service.SetTarget("127.0.0.1", 8420)
	case "asks for too many headers":
		_, _ = kong.Request.GetHeaders(5000)
	}
}

func (c *config) Log(kong *pdk.PDK) {
	switch c.Mistake {
	case "sets a field of the log in the log phase":
		_ = kong.Log.Ask("kong.log.set_serialize_value", &pb.KV{K: "late", V: structpb.NewStringValue("x")}, nil)
	case "exits in the log phase":
		kong.Response.Exit(500, nil, nil)
	case "retargets in the log phase":
		_ = kong.Service.SetTarget("127.0.0.1", 8420)
	}
}

// responding has a phase that buffers streams.
type responding struct{ config }

func (*responding) Response(*pdk.PDK) {}

func main() {
	constructor := func() any { return &config{} }
	if os.Getenv("WRONG_PHASE") != "" {
		constructor = func() any { return &responding{} }
	}
	_ = server.StartServer(constructor, "0.1.0", 1)
}
