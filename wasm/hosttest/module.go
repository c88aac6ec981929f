// Package hosttest is a proxy-wasm host for the compiled filter. It runs the modules in wazero and lends them the proxy of package
// filtertest, as Envoy and NGINX would: buffers are asked of the module's own allocator and never given back. It is a module of its
// own, so that the root's requires no WebAssembly runtime.
package hosttest

import (
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"

	"github.com/soukproxy/souk/wasm/filter/filtertest"
)

// Module is a compiled filter, from which instances are made.
type Module struct {
	runtime wazero.Runtime
	code    wazero.CompiledModule
	current *Instance // the one that runs: a host calls one at a time
}

// Compile makes a module of what a compiler wrote. Close it.
func Compile(ctx context.Context, code []byte) (*Module, error) {
	m := &Module{runtime: wazero.NewRuntime(ctx)}
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, m.runtime); err != nil {
		return nil, errors.Join(err, m.runtime.Close(ctx))
	}
	compiled, err := m.runtime.CompileModule(ctx, code)
	if err != nil {
		return nil, errors.Join(err, m.runtime.Close(ctx))
	}
	m.code = compiled
	if compiled.ExportedFunctions()["malloc"] != nil {
		err = errors.New("it exports malloc, which hosts prefer to proxy_on_memory_allocate and never free")
	} else {
		err = m.lend(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, m.runtime.Close(ctx))
	}
	return m, nil
}

// Close frees all that the module's instances hold.
func (m *Module) Close() error { return m.runtime.Close(context.Background()) }

// Clock is what instances see as the time, and as random bytes.
type Clock struct {
	At     int64 // Unix seconds
	Random filtertest.Random
}

// Instance is the filter in one worker of a proxy, configured.
type Instance struct {
	module    *Module
	guest     api.Module
	proxy     *filtertest.Proxy
	config    string
	log       []string
	next      uint64 // the context's id
	functions map[string]api.Function
}

const pluginContext = 1

// Configure starts an instance. An error is the filter's refusal of the configuration, with what it logged.
func (m *Module) Configure(ctx context.Context, configuration string, clock Clock) (*Instance, error) {
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize").
		WithWalltime(func() (int64, int32) { return clock.At, 0 }, sys.ClockResolution(1)).
		WithSysNanotime().WithRandSource(clock.Random)
	for name, value := range filtertest.Environment() {
		config = config.WithEnv(name, value)
	}
	i := &Instance{module: m, config: configuration, next: pluginContext, functions: map[string]api.Function{}}
	m.current = i
	var err error
	if i.guest, err = m.runtime.InstantiateModule(ctx, m.code, config); err != nil {
		return nil, fmt.Errorf("starting the module: %w", err)
	}
	for _, name := range []string{
		"proxy_on_context_create", "proxy_on_vm_start", "proxy_on_configure", "proxy_on_request_headers", "proxy_on_request_body",
		"proxy_on_request_trailers", "proxy_on_response_headers", "proxy_on_response_body", "proxy_on_log", "proxy_on_done",
		"proxy_on_delete", "proxy_on_memory_allocate",
	} {
		if i.functions[name] = i.guest.ExportedFunction(name); i.functions[name] == nil {
			return nil, errors.New("the module does not export " + name)
		}
	}
	i.call("proxy_on_context_create", pluginContext, 0)
	if i.call("proxy_on_vm_start", pluginContext, 0) == 0 {
		return nil, errors.New("the module does not start")
	}
	if i.call("proxy_on_configure", pluginContext, uint64(len(configuration))) == 0 {
		return nil, fmt.Errorf("the module refuses its configuration: %q", i.log)
	}
	return i, nil
}

// call calls the module. What traps there is a panic here.
func (i *Instance) call(name string, args ...uint64) uint64 {
	i.module.current = i
	var stack [4]uint64 // of arguments, then of the result
	copy(stack[:], args)
	if err := i.functions[name].CallWithStack(context.Background(), stack[:]); err != nil {
		panic(fmt.Errorf("%s: %w; it logged %q", name, err, i.log))
	}
	return stack[0]
}

// Memory is how many bytes the instance has taken.
func (i *Instance) Memory() uint32 { return i.guest.Memory().Size() }

// Close ends the instance.
func (i *Instance) Close() error { return i.guest.Close(context.Background()) }

// Begin is a request that p has in hand.
func (i *Instance) Begin(p *filtertest.Proxy) filtertest.Callbacks {
	i.proxy = p
	i.next++
	i.call("proxy_on_context_create", i.next, pluginContext)
	return &request{i, i.next}
}

// request is one context of the module.
type request struct {
	instance *Instance
	id       uint64
}

// goes calls a function that answers with an action: 0 is to go on.
func (r *request) goes(name string, args ...uint64) bool { return r.instance.call(name, args...) == 0 }

func (r *request) RequestHeaders(count int, end bool) bool {
	return r.goes("proxy_on_request_headers", r.id, uint64(count), boolean(end))
}

func (r *request) RequestBody(size int, end bool) bool {
	return r.goes("proxy_on_request_body", r.id, uint64(size), boolean(end))
}

func (r *request) RequestTrailers(count int) bool {
	return r.goes("proxy_on_request_trailers", r.id, uint64(count))
}

func (r *request) ResponseHeaders(count int, end bool) bool {
	return r.goes("proxy_on_response_headers", r.id, uint64(count), boolean(end))
}

func (r *request) ResponseBody(size int, end bool) bool {
	return r.goes("proxy_on_response_body", r.id, uint64(size), boolean(end))
}

func (r *request) Done() {
	r.instance.call("proxy_on_log", r.id)
	r.instance.call("proxy_on_done", r.id)
	r.instance.call("proxy_on_delete", r.id)
	r.instance.proxy = nil
}

func boolean(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
