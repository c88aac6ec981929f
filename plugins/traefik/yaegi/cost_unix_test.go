//go:build unix

package yaegi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/soukproxy/souk/plugins/traefik/traefiktest"
)

// typical is a request as Traefik passes it on for a client of an SDK.
func typical(t testing.TB) *http.Request {
	r := httptest.NewRequest("POST", "http://gateway.example/v1/chat/completions", strings.NewReader(`{"model":"m"}`))
	for name, value := range map[string]string{
		"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "Authorization": "Bearer " + strings.Repeat("t", 200),
		"Content-Type": "application/json", "User-Agent": "OpenAI/Python 1.50.0", "X-Stainless-Arch": "x64", "X-Stainless-Async": "false",
		"X-Stainless-Lang": "python", "X-Stainless-Os": "Linux", "X-Stainless-Package-Version": "1.50.0", "X-Stainless-Retry-Count": "0",
		"X-Stainless-Runtime": "CPython", "X-Stainless-Runtime-Version": "3.12.1", "X-Forwarded-For": "192.0.2.1",
		"X-Forwarded-Host": "gateway.example", "X-Forwarded-Port": "443", "X-Forwarded-Proto": "https", "X-Forwarded-Server": "traefik-1",
		"X-Real-Ip": "192.0.2.1", "X-User": "acme/alice",
	} {
		r.Header.Set(name, value)
	}
	return r
}

// oneRequest is what the middleware does with one request: all of it is in Rewrite, the rest is a reverse proxy like Traefik's own.
func oneRequest(t testing.TB, config map[string]any) (pass func()) {
	t.Helper()
	h, err := load(t, &output{}).New(t.Context(), http.NotFoundHandler(), traefiktest.Config("http://127.0.0.1:1", config), "souk@bench")
	if err != nil {
		t.Fatal(err)
	}
	proxy := h.(*httputil.ReverseProxy)
	in := typical(t)
	out := in.Clone(t.Context())
	return func() {
		clear(out.Header)
		out.Body = io.NopCloser(strings.NewReader(`{"model":"m"}`))
		proxy.Rewrite(&httputil.ProxyRequest{In: in, Out: out})
		if out.Header.Get("Signature") == "" {
			t.Fatal("not signed")
		}
	}
}

// TestTheMiddlewareCostsAnInterpretedRequestLittle prints what it costs, in the processor's time, and holds what does not depend on the
// machine: how much is allocated. A loop over bytes or headers would show there too.
func TestTheMiddlewareCostsAnInterpretedRequestLittle(t *testing.T) {
	pass := oneRequest(t, nil)
	if n := testing.AllocsPerRun(100, pass); n > 270 {
		t.Errorf("%.0f allocations for a request; want at most 270", n)
	}
	const rounds, requests = 5, 400
	least := time.Hour
	for range rounds {
		before := cpuTime(t)
		for range requests {
			pass()
		}
		least = min(least, (cpuTime(t)-before)/requests)
	}
	t.Logf("%v of processor time for a request, the least of %d rounds of %d", least, rounds, requests)
}

func BenchmarkMiddleware(b *testing.B) {
	for name, config := range map[string]map[string]any{
		"header":   nil,
		"scopes":   {"identity": map[string]any{"header": "X-User", "groupsHeader": "X-Forwarded-Port"}, "constraints": map[string]any{"region": []string{"eu"}}},
		"failOpen": {"failOpen": true, "redactionRequired": false},
		"body":     {"body": "required"},
	} {
		b.Run(name, func(b *testing.B) {
			pass := oneRequest(b, config)
			b.ReportAllocs()
			before := cpuTime(b)
			for b.Loop() {
				pass()
			}
			b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

// cpuTime is what the process has used so far. Unlike the time on the clock it hardly depends on what else the machine does.
func cpuTime(t testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
