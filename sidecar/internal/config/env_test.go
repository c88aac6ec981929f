package config

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestFetchSendsTheKeyToOneServerOnly(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + ln.Addr().String()
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/key":
			_, _ = w.Write([]byte(r.Header.Get("Authorization")))
		case "/redirect":
			http.Redirect(w, r, "/key", http.StatusFound)
		case "/endless":
			for chunk := []byte(strings.Repeat("x", 1<<16)); ; {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}
	})}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(ln) }()
	defer func() { srv.Close(); <-done }()

	env, key := SystemEnv(), NewSecret("MARKER")
	if !env.Probe(ln.Addr().String(), time.Second) || env.Probe("127.0.0.1:0", time.Second) {
		t.Error("the probe is wrong")
	}
	for _, c := range []struct{ name, path, want, problem string }{
		{"the key is a bearer token", "/key", "Bearer MARKER", ""},
		{"a redirect is not followed", "/redirect", "", "status 302"},
		{"an endless answer is cut", "/endless", "", "more than 4 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			body, err := env.Fetch(base+c.path, key, 10*time.Second)
			if c.problem == "" {
				if err != nil || string(body) != c.want {
					t.Errorf("got %q, %v", body, err)
				}
			} else if err == nil || !strings.Contains(err.Error(), c.problem) || strings.Contains(err.Error(), "MARKER") {
				t.Errorf("got %d bytes, %v", len(body), err)
			}
		})
	}
	if body, err := env.Fetch(base+"/key", Secret{}, 10*time.Second); err != nil || len(body) != 0 {
		t.Errorf("without a key: got %q, %v", body, err)
	}
}
