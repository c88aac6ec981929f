package traefiktest

import (
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// open is a configuration that fails open.
func open(more map[string]any) map[string]any {
	config := map[string]any{"failOpen": true, "redactionRequired": false}
	maps.Copy(config, more)
	return config
}

func down(t *testing.T, build Build) {
	gone := func(t *testing.T) string {
		l := Listen(t)
		_ = l.Close()
		return "http://" + l.Addr().String()
	}
	t.Run("requests are refused, and may be sent again", func(t *testing.T) {
		g := gateway(t, build, noService(t), Config(gone(t), nil))
		got := Send(t, Request(t, "POST", g.URL+"/v1/chat/completions", "{}", user("alice")))
		if got.Status != 503 || got.Code() != "sidecar_down" || got.Header.Get("Retry-After") != "1" {
			t.Errorf("%d %v %s", got.Status, got.Header, got.Body)
		}
	})
	t.Run("so it is where a unix socket is not there", func(t *testing.T) {
		g := gateway(t, build, noService(t), Config("unix://"+filepath.Join(t.TempDir(), "s"), nil))
		if got := Send(t, Request(t, "GET", g.URL+"/v1/models", "", user("alice"))); got.Status != 503 || got.Code() != "sidecar_down" {
			t.Errorf("%d %s", got.Status, got.Body)
		}
	})
	for _, c := range []struct {
		name   string
		config map[string]any
	}{
		{"where that was chosen, the service gets the request as it came", open(nil)},
		{"so it does when the body was read to be signed", open(map[string]any{"body": "required"})},
		{"so it does where redaction is applied before", map[string]any{"failOpen": true, "applied": []string{"credentials", "redaction"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got *http.Request
			var body []byte
			service := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got = r
				body, _ = io.ReadAll(r.Body)
				_, _ = io.WriteString(w, "from the service")
			})
			g := gateway(t, build, service, Config(gone(t), c.config))
			header := with(with(user("alice"), "Authorization", "Bearer b"), "X-Forwarded-For", "192.0.2.1")
			prompt := strings.Repeat("prompt ", 10000)
			answer := Send(t, Request(t, "POST", g.URL+"/v1/chat/completions?a=1", prompt, header))
			if answer.Status != 200 || answer.Body != "from the service" {
				t.Fatalf("%d %s", answer.Status, answer.Body)
			}
			if string(body) != prompt || got.RequestURI != "/v1/chat/completions?a=1" || got.Host != strings.TrimPrefix(g.URL, "http://") {
				t.Errorf("%d bytes at %s of %s", len(body), got.RequestURI, got.Host)
			}
			for name, values := range header {
				if got.Header.Get(name) != values[0] {
					t.Errorf("%s: %q, want %q", name, got.Header.Get(name), values[0])
				}
			}
			for name := range got.Header {
				if strings.HasPrefix(name, "Souk-") || strings.HasPrefix(name, "Signature") {
					t.Errorf("the service got %s", name)
				}
			}
		})
	}
	t.Run("what is refused stays refused when it fails open", func(t *testing.T) {
		g := gateway(t, build, noService(t), Config(gone(t), open(nil)))
		for code, header := range map[string]http.Header{
			"no_identity":        {},
			"duplicate_identity": with(http.Header{}, "X-User", "a", "b"),
			"reserved_header":    with(user("alice"), "Souk-Caller", `id="root"`),
		} {
			if got := Send(t, Request(t, "POST", g.URL+"/v1/x", "{}", header)); got.Code() != code {
				t.Errorf("%d %s; want %s", got.Status, got.Body, code)
			}
		}
	})
	t.Run("a middleware whose context has ended keeps no connection", func(t *testing.T) {
		closed := make(chan struct{})
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				close(closed)
			}
		}
		server.Start()
		t.Cleanup(server.Close)
		ctx, reload := context.WithCancel(t.Context())
		h, err := build(ctx, noService(t), Config(server.URL, nil), "souk@test")
		if err != nil {
			t.Fatal(err)
		}
		Send(t, Request(t, "POST", Gateway(t, h).URL+"/v1/x", "{}", user("alice")))
		select {
		case <-closed:
			t.Fatal("the connection is not kept")
		default:
		}
		reload()
		await(t, "the end of the connection", closed)
	})
	t.Run("a sidecar that comes back gets requests at once", func(t *testing.T) {
		l := Listen(t)
		_ = l.Close()
		service := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "from the service") })
		g := gateway(t, build, service, Config("http://"+l.Addr().String(), open(nil)))
		request := func() string { return Send(t, Request(t, "POST", g.URL+"/v1/x", "{}", user("alice"))).Body }
		if got := request(); got != "from the service" {
			t.Fatalf("with the sidecar down: %q", got)
		}
		again, err := net.Listen("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		NewSidecar(t, again, nil)
		if got := request(); got != "from the sidecar" {
			t.Errorf("with the sidecar back: %q", got)
		}
	})
}
