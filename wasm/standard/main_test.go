package main

import (
	"io"
	"log"
	"strings"
	"testing"
	"time"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/proxytest"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"

	"github.com/soukproxy/souk/wasm/filter"
	"github.com/soukproxy/souk/wasm/filter/filtertest"
)

// TestBinding runs Envoy's cases on the SDK's own host. NGINX's are for a host that behaves as that: see package hosttest.
func TestBinding(t *testing.T) {
	log.SetOutput(io.Discard) // the host prints what the filter logs
	for _, c := range filtertest.Cases() {
		if c.NGINX() {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			host, done := start(c.Config, c.Properties)
			defer done()
			if host.StartPlugin() != types.OnPluginStartStatusOK {
				t.Fatalf("the configuration is refused: %q", host.GetCriticalLogs())
			}
			r := run(host, &c.Exchange)
			for _, wrong := range c.Judge(&r) {
				t.Error(wrong)
			}
		})
	}
}

func TestABadConfigurationIsRefusedAndNamed(t *testing.T) {
	log.SetOutput(io.Discard)
	for config, want := range map[string]string{"": "souk: the configuration is not JSON: ", filtertest.Config(`,"hosst":"envoy"`): "souk: the configuration: it has an unknown field"} {
		host, done := start(config, nil)
		if status := host.StartPlugin(); status != types.OnPluginStartStatusFailed {
			t.Errorf("%s: %v", config, status)
		}
		if logs := host.GetCriticalLogs(); len(logs) != 1 || !strings.HasPrefix(logs[0], want) {
			t.Errorf("%s: logged %q", config, logs)
		}
		done()
	}
}

func start(config string, properties map[string]string) (host proxytest.HostEmulator, done func()) {
	options := filter.Options{
		Now:    func() time.Time { return time.Unix(filtertest.Now, 0) },
		Random: filtertest.Random{Bytes: filtertest.Nonce},
		Getenv: func(name string) string { return filtertest.Environment()[name] },
	}
	o := proxytest.NewEmulatorOption().WithVMContext(&vm{options: options}).WithPluginConfiguration([]byte(config))
	for path, value := range properties {
		o.WithProperty(strings.Split(path, "/"), []byte(value))
	}
	return proxytest.NewHostEmulator(o)
}

func run(host proxytest.HostEmulator, x *filtertest.Exchange) (r filtertest.Result) {
	id := host.InitializeHttpContext()
	defer host.CompleteHttpContext(id)
	defer func() { r.Log = host.GetWarnLogs() }()
	refused := func() bool {
		local := host.GetSentLocalResponse(id)
		if local == nil {
			return false
		}
		r.Local = &filtertest.Local{Status: local.StatusCode, Headers: local.Headers, Body: string(local.Data)}
		return true
	}
	action := host.CallOnRequestHeaders(id, x.Headers, len(x.Body) == 0 && x.Trailers == nil)
	for i, piece := range x.Body {
		if refused() {
			return r
		}
		action = host.CallOnRequestBody(id, []byte(piece), i == len(x.Body)-1 && x.Trailers == nil)
		if action == types.ActionContinue {
			r.Body += string(host.GetCurrentRequestBody(id))
		}
	}
	if x.Trailers != nil && !refused() {
		action = host.CallOnRequestTrailers(id, x.Trailers)
	}
	if refused() {
		return r
	}
	if action == types.ActionPause {
		r.Faults = append(r.Faults, "the request is held back for ever")
	}
	r.Headers = host.GetCurrentRequestHeaders(id)
	host.CallOnResponseHeaders(id, x.Answer, len(x.AnswerBody) == 0)
	for i, piece := range x.AnswerBody {
		host.CallOnResponseBody(id, []byte(piece), i == len(x.AnswerBody)-1)
		r.AnswerBody += string(host.GetCurrentResponseBody(id))
	}
	r.Answer = host.GetCurrentResponseHeaders(id)
	return r
}
