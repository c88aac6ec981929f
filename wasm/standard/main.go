// Command standard is the filter for hosts that can run what standard Go compiles: Envoy from version 1.33 on. It binds package
// filter to the SDK github.com/proxy-wasm/proxy-wasm-go-sdk.
package main

import (
	"crypto/rand"
	"os"
	"runtime"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"

	"github.com/soukproxy/souk/wasm/filter"
)

func main() {}

// A host calls into the module once init functions have run; main never runs.
func init() {
	takeRoom()
	proxywasm.SetVMContext(&vm{options: filter.Options{Now: now, Random: rand.Reader, Getenv: os.Getenv}})
}

// takeRoom takes the 4 MiB at which the runtime collects, and some more, and gives them back to it. A collection that ends late, on a busy
// worker, then finds this room and does not grow the module's memory, which no host can take back.
func takeRoom() {
	runtime.KeepAlive(make([]byte, 5<<20))
	runtime.GC()
}

type vm struct {
	types.DefaultVMContext
	options filter.Options
}

func (v *vm) NewPluginContext(uint32) types.PluginContext { return &plugin{options: v.options} }

// plugin is one configuration of the filter.
type plugin struct {
	types.DefaultPluginContext
	options filter.Options
	filter  *filter.Filter
	host    filter.Host
}

func (p *plugin) OnPluginStart(int) types.OnPluginStartStatus {
	configuration, _ := proxywasm.GetPluginConfiguration() // an error is that there is none
	var err error
	if p.filter, err = filter.New(string(configuration), p.options); err != nil {
		proxywasm.LogCritical("souk: " + err.Error())
		return types.OnPluginStartStatusFailed
	}
	p.host = filter.Host{
		RequestHeaders:       proxywasm.GetHttpRequestHeaders,
		SetRequestHeader:     proxywasm.ReplaceHttpRequestHeader,
		RemoveRequestHeader:  proxywasm.RemoveHttpRequestHeader,
		RequestBody:          proxywasm.GetHttpRequestBody,
		SetRequestBody:       proxywasm.ReplaceHttpRequestBody,
		ResponseHeaders:      proxywasm.GetHttpResponseHeaders,
		RemoveResponseHeader: proxywasm.RemoveHttpResponseHeader,
		ResponseBody:         proxywasm.GetHttpResponseBody,
		SetResponseBody:      proxywasm.ReplaceHttpResponseBody,
		Property:             proxywasm.GetProperty,
		Respond:              proxywasm.SendHttpResponse,
		Warn:                 proxywasm.LogWarn,
	}
	return types.OnPluginStartStatusOK
}

func (p *plugin) NewHttpContext(uint32) types.HttpContext {
	return &stream{Stream: p.filter.Stream(&p.host)}
}

// stream is one request and its answer.
type stream struct {
	types.DefaultHttpContext
	*filter.Stream
}

func (s *stream) OnHttpRequestHeaders(count int, end bool) types.Action {
	return action(s.RequestHeaders(count, end))
}

func (s *stream) OnHttpRequestBody(size int, end bool) types.Action {
	return action(s.RequestBody(size, end))
}

func (s *stream) OnHttpRequestTrailers(int) types.Action       { return action(s.RequestTrailers()) }
func (s *stream) OnHttpResponseHeaders(int, bool) types.Action { return action(s.ResponseHeaders()) }

func (s *stream) OnHttpResponseBody(size int, end bool) types.Action {
	return action(s.ResponseBody(size, end))
}

func (s *stream) OnHttpStreamDone() { s.Done() }

func action(a filter.Action) types.Action {
	if a == filter.Pause {
		return types.ActionPause
	}
	return types.ActionContinue
}
