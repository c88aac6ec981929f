//go:build unix

package yaegi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/plugins/traefik/traefiktest"
)

// idle is a plugin that does nothing with a request but send it on, as little as a plugin can that has to do so itself.
const idle = `package idle

import (
	"net/http"
	"net/http/httputil"
)

func New(host string, transport http.RoundTripper) http.Handler {
	return &httputil.ReverseProxy{Transport: transport, Rewrite: func(p *httputil.ProxyRequest) {
		p.Out.URL.Scheme, p.Out.URL.Host = "http", host
	}}
}
`

// TestTheMiddlewareCostsLittleMoreThanAProxy prints the processor's time of whole requests over sockets, client and server included: through
// net/http's reverse proxy compiled, through one whose only function is interpreted, and through the middleware.
func TestTheMiddlewareCostsLittleMoreThanAProxy(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"id":"chatcmpl-1","object":"chat.completion","choices":[]}`)
	}))
	t.Cleanup(backend.Close)
	u, err := url.Parse(backend.URL)
	if err != nil {
		t.Fatal(err)
	}
	connections := func() *http.Transport {
		c := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 256}
		t.Cleanup(c.CloseIdleConnections)
		return c
	}
	i, err := New(t.TempDir(), &output{})
	if err != nil {
		t.Fatal(err)
	}
	eval(t, i, idle)
	create, ok := eval(t, i, "idle.New").Interface().(func(string, http.RoundTripper) http.Handler)
	if !ok {
		t.Fatal("idle.New has another type when it is interpreted")
	}
	souk, err := load(t, &output{}).New(t.Context(), http.NotFoundHandler(), traefiktest.Config(backend.URL, nil), "souk@bench")
	if err != nil {
		t.Fatal(err)
	}
	handlers := []http.Handler{
		&httputil.ReverseProxy{Transport: connections(), Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(u) }},
		create(u.Host, connections()),
		souk,
	}
	gateway := make([]string, len(handlers))
	for i, h := range handlers {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		gateway[i] = s.URL
	}
	client := &http.Client{Transport: connections()}
	header := typical(t).Header
	body := `{"model":"m","messages":[{"role":"user","content":"` + strings.Repeat("x", 1000) + `"}]}`
	const rounds, requests = 9, 250
	took := make([][]time.Duration, len(handlers))
	for range rounds {
		for i, url := range gateway {
			before := cpuTime(t)
			for range requests {
				r, err := http.NewRequest("POST", url+"/v1/chat/completions", strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				r.Header = header.Clone()
				a, err := client.Do(r)
				if err != nil || a.StatusCode != 200 {
					t.Fatal(a, err)
				}
				_, _ = io.Copy(io.Discard, a.Body)
				_ = a.Body.Close()
			}
			took[i] = append(took[i], (cpuTime(t)-before)/requests)
		}
	}
	for i := range took {
		slices.Sort(took[i])
	}
	median, least := func(i int) time.Duration { return took[i][rounds/2] }, func(i int) time.Duration { return took[i][0] }
	t.Logf("processor time of a request: compiled proxy %v, one function interpreted %+v, the middleware %+v (medians of %d rounds of %d; least: %v, %+v, %+v)",
		median(0), median(1)-median(0), median(2)-median(0), rounds, requests, least(0), least(1)-least(0), least(2)-least(0))
}
