package admin_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/valyala/fasthttp"
	"go.uber.org/goleak"

	"github.com/soukproxy/souk/sidecar/internal/admin"
	"github.com/soukproxy/souk/sidecar/internal/config"
)

func TestMain(m *testing.M) {
	// fasthttp looks every 10 s whether a server has been shut down, and keeps one goroutine for the date of all of them.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"), goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

// serve runs a handler on a loopback port and returns a function that asks it.
func serve(t *testing.T, h *admin.Handler) func(path string, fields ...string) (int, string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &fasthttp.Server{Handler: h.Serve}
	done := make(chan error, 1)
	go func() { done <- server.Serve(ln) }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	t.Cleanup(func() {
		_ = server.Shutdown()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return func(path string, fields ...string) (int, string) {
		t.Helper()
		req, err := http.NewRequest("GET", "http://"+ln.Addr().String()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(fields); i += 2 {
			req.Header.Set(fields[i], fields[i+1])
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
}

func TestHealthChecksNeedNoTokenAndTellWhatIsWrong(t *testing.T) {
	health := admin.Health{Ready: true, Version: "v1", Generation: 3, Offers: 5, Usable: 4}
	get := serve(t, &admin.Handler{Token: func() config.Secret { return config.NewSecret("token") }, Health: func() admin.Health { return health }, Metrics: func(io.Writer) error { return nil }})
	for _, path := range []string{"/healthz", "/readyz"} {
		status, body := get(path)
		var got admin.Health
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 || got != health {
			t.Errorf("%s is %d %s (%v)", path, status, body, err)
		}
	}
	health.Ready, health.Reason = false, "draining"
	if status, body := get("/readyz"); status != 503 || body == "" {
		t.Errorf("/readyz while draining is %d %s", status, body)
	}
	if status, _ := get("/healthz"); status != 200 {
		t.Errorf("/healthz while draining is %d", status)
	}
}

func TestTheTokenIsAskedForWhereOneIsSet(t *testing.T) {
	for name, c := range map[string]struct {
		token, sent string
		want        int
	}{
		"none is set":            {"", "", 200},
		"none is set, one sent":  {"", "Bearer anything", 200},
		"the right one":          {"secret", "Bearer secret", 200},
		"none sent":              {"secret", "", 401},
		"a wrong one":            {"secret", "Bearer wrong", 401},
		"a longer one":           {"secret", "Bearer secrets", 401},
		"without its scheme":     {"secret", "secret", 401},
		"an empty one":           {"secret", "Bearer ", 401},
		"another scheme":         {"secret", "Basic secret", 401},
		"the right one, but old": {"secret2", "Bearer secret", 401},
	} {
		t.Run(name, func(t *testing.T) {
			get := serve(t, &admin.Handler{Token: func() config.Secret { return config.NewSecret(c.token) }, Health: func() admin.Health { return admin.Health{} },
				Metrics: func(w io.Writer) error { _, err := io.WriteString(w, "souk_metric 1\n"); return err }})
			var fields []string
			if c.sent != "" {
				fields = []string{"Authorization", c.sent}
			}
			status, body := get("/metrics", fields...)
			if status != c.want || (status == 200) != (body == "souk_metric 1\n") {
				t.Errorf("/metrics is %d %s", status, body)
			}
			if status, _ := get("/debug/pprof/heap", fields...); status != c.want {
				t.Errorf("/debug/pprof/heap is %d", status)
			}
			if status, _ := get("/metrics", append(fields, "Origin", "http://evil.example")...); status != 403 {
				t.Errorf("/metrics for a web page is %d", status)
			}
		})
	}
}
