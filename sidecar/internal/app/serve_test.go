package app_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/identitytest"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

func TestEveryKindOfListenerServes(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	id := identitytest.New(t, "localhost", "127.0.0.1")
	socket := filepath.Join(t.TempDir(), "souk.sock")
	pair := &config.TLS{Cert: id.CertFile, Key: id.KeyFile}
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) {
		c.Listen = []config.Listener{{TCP: "127.0.0.1:0"}, {Unix: socket, Mode: 0o600}, {TCP: "127.0.0.1:0", TLS: pair}, {TCP: "localhost:0", TLS: &config.TLS{Cert: id.CertFile, Key: id.KeyFile, ClientCA: id.CAFile}}}
	}})
	trusts := &tls.Config{RootCAs: id.Pool, ServerName: "localhost"}
	shows := trusts.Clone()
	shows.Certificates = []tls.Certificate{id.Cert}
	addrs := s.Addrs()
	if len(addrs) != 4 {
		t.Fatalf("it listens on %v", addrs)
	}
	for i, secure := range []*tls.Config{nil, nil, trusts, shows} {
		c := proxytest.Dial(t, addrs[i].Network(), addrs[i].String(), secure)
		for _, stream := range []bool{false, true, false} {
			c.Chat(proxytest.Ask(stream))
			a := c.Answer()
			if a.StatusCode != 200 || a.Err != nil || !strings.Contains(a.Text, "from alpha") {
				t.Errorf("listener %d (stream %v): %d %v %s", i, stream, a.StatusCode, a.Err, a.Text)
			}
		}
		_ = c.Close()
	}
	if info, err := os.Stat(socket); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket is %v (%v)", info, err)
	}
	bare := tls.Client(dial(t, addrs[3]), trusts)
	_ = bare.Handshake()
	if _, err := bare.Read(make([]byte, 1)); err == nil || err == io.EOF {
		t.Errorf("a caller without a certificate got %v", err)
	}
	s.Stop()
	if _, err := os.Stat(socket); err == nil {
		t.Error("the socket is left behind")
	}
}

func dial(t *testing.T, at net.Addr) net.Conn {
	t.Helper()
	c, err := net.Dial(at.Network(), at.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	return c
}

func TestACallerBehindTLSOrASocketThatHangsUpIsSeen(t *testing.T) {
	t.Parallel()
	id := identitytest.New(t, "localhost")
	socket := filepath.Join(t.TempDir(), "souk.sock")
	for i, secure := range []*tls.Config{{RootCAs: id.Pool, ServerName: "localhost"}, nil} {
		alpha := proxytest.NewFake(t, "alpha", proxytest.Hang)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) {
			c.Listen = []config.Listener{{TCP: "127.0.0.1:0", TLS: &config.TLS{Cert: id.CertFile, Key: id.KeyFile}}, {Unix: socket, Mode: 0o600}}
		}})
		at := s.Addrs()[i]
		c := proxytest.Dial(t, at.Network(), at.String(), secure)
		c.Chat(proxytest.Ask(true))
		alpha.WaitAsked(1)
		left := time.Now()
		_ = c.Close()
		if took := alpha.WaitGone().Sub(left); took > time.Second {
			t.Errorf("listener %v: the provider saw the end after %v", at, took)
		}
		s.Stop()
	}
}

func TestAStaleSocketIsTakenOverAndALiveOneIsNot(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "souk.sock")
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket})
	if err != nil {
		t.Fatal(err)
	}
	on := func(c *config.Config) { c.Listen = []config.Listener{{Unix: socket, Mode: 0o660}} }
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	if _, err := proxytest.Start(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: on}); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("beside another process it starts with %v", err)
	}
	old.SetUnlinkOnClose(false)
	_ = old.Close()
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: on})
	if a := ask(t, s, proxytest.Ask(false)); a.StatusCode != 200 {
		t.Errorf("on a stale socket it answers %d", a.StatusCode)
	}
}

func TestDrainingLetsAStreamFinishAndTakesNothingNew(t *testing.T) {
	t.Parallel()
	more := make(chan struct{})
	alpha := proxytest.NewFake(t, "alpha", proxytest.Then(proxytest.EventsHead, proxytest.Chunks(proxytest.Delta("one ")), proxytest.Until(more),
		proxytest.Chunks(proxytest.Delta("two"), proxytest.Finish("stop"), proxytest.Done), proxytest.LastChunk))
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
	c := s.Dial(t)
	c.Chat(proxytest.Ask(true))
	a := c.Head()
	a.WaitEvent(t, "one ")
	s.Drain()
	s.Log().Wait(t, 0, "draining")
	for late := time.Now().Add(10 * time.Second); ; <-time.After(5 * time.Millisecond) {
		conn, err := net.DialTimeout("tcp", s.Addr().String(), time.Second)
		if err != nil {
			break
		}
		_ = conn.Close()
		if time.Now().After(late) {
			t.Fatal("a draining sidecar accepts connections")
		}
	}
	select {
	case <-s.Done():
		t.Fatal("it ended while a stream ran")
	default:
	}
	if s.AdminAddr() != "" {
		if resp, err := http.Get("http://" + s.AdminAddr() + "/readyz"); err == nil {
			if resp.StatusCode != 503 {
				t.Errorf("/readyz of a draining sidecar is %d", resp.StatusCode)
			}
			_ = resp.Body.Close()
		}
		http.DefaultClient.CloseIdleConnections()
	}
	close(more)
	if got := proxytest.ParseStream(t, a.Rest()); got.Text != "two" || !got.Done || a.Err != nil {
		t.Errorf("the rest of the stream is %q (%v)", a.Text, a.Err)
	}
	select {
	case <-s.Done():
	case <-time.After(5 * time.Second):
		t.Error("it does not end when the last stream has")
	}
	if r := s.AccessLog(); len(r) != 1 || r[0].Status != 200 {
		t.Errorf("the access log says %+v", r)
	}
}

func TestDrainingLetsEveryKindOfRequestFinish(t *testing.T) {
	t.Parallel()
	content := proxytest.Chunks(proxytest.Delta("all "), proxytest.Delta("of it"), proxytest.Finish("stop"), proxytest.Done)
	cases := []struct {
		name   string
		stream bool
		first  func(more <-chan struct{}) proxytest.Step
		fields []string
		change func(*config.Config)
	}{
		{"a whole answer", false, func(more <-chan struct{}) proxytest.Step {
			return proxytest.Then(proxytest.Until(more), proxytest.Good)
		}, nil, nil},
		{"a stream before its headers", true, func(more <-chan struct{}) proxytest.Step {
			return proxytest.Then(proxytest.Until(more), proxytest.EventsHead, content, proxytest.LastChunk)
		}, nil, nil},
		{"a stream before its content, with comments", true, func(more <-chan struct{}) proxytest.Step {
			return proxytest.Then(proxytest.EventsHead, proxytest.Until(more), content, proxytest.LastChunk)
		}, nil, func(c *config.Config) { c.Routing.Keepalive = 20 * time.Millisecond }},
		{"a stream that is held", true, func(more <-chan struct{}) proxytest.Step {
			return proxytest.Then(proxytest.EventsHead, proxytest.Chunks(proxytest.Role, proxytest.Delta("")), proxytest.Until(more), content, proxytest.LastChunk)
		}, []string{"x-souk-deliver: whole"}, nil},
		{"a stream whose offer fails meanwhile", true, func(more <-chan struct{}) proxytest.Step {
			return proxytest.Then(proxytest.Until(more), proxytest.Close)
		}, nil, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			more := make(chan struct{})
			alpha := proxytest.NewFake(t, "alpha", c.first(more))
			bravo := proxytest.NewFake(t, "bravo", proxytest.Then(proxytest.EventsHead, content, proxytest.LastChunk))
			s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: c.change})
			caller := s.Dial(t)
			caller.Chat(proxytest.Ask(c.stream), c.fields...)
			alpha.WaitAsked(1)
			s.Drain()
			s.Log().Wait(t, 0, "draining")
			close(more)
			a := caller.Answer()
			if !c.stream {
				if a.StatusCode != 200 || !strings.Contains(a.Text, "hello from alpha") {
					t.Errorf("the answer is %d: %s", a.StatusCode, a.Text)
				}
			} else if got := proxytest.ParseStream(t, a.Text); got.Text != "all of it" || !got.Done || got.Error != nil {
				t.Errorf("the stream is %d %q (%v)", a.StatusCode, a.Text, a.Err)
			}
			select {
			case <-s.Done():
			case <-time.After(5 * time.Second):
				t.Error("it does not end with the last request")
			}
		})
	}
}

func TestAFailedStartLeavesNothingOpen(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := free.Addr().String()
	_ = free.Close()
	for name, change := range map[string]func(*config.Config){
		"a data listener": func(c *config.Config) { c.Listen = []config.Listener{{TCP: at}, {TCP: taken.Addr().String()}} },
		"admin": func(c *config.Config) {
			c.Listen = []config.Listener{{TCP: at}}
			c.Admin.Listen = taken.Addr().String()
		},
		"the access log": func(c *config.Config) { c.Listen = []config.Listener{{TCP: at}}; c.Log.Access = "/nowhere/at/all" },
	} {
		if _, err := proxytest.Start(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: change}); err == nil {
			t.Errorf("it starts without %s", name)
		}
		l, err := net.Listen("tcp", at)
		if err != nil {
			t.Fatalf("after a start that failed for %s: %v", name, err)
		}
		_ = l.Close()
	}
}

func TestHealthAndMetricsOnTheAdminListener(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	token := config.NewSecret("admin-token")
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) { c.Admin.Token = token }})
	get := func(path string, fields ...string) *proxytest.Answer {
		c := proxytest.Dial(t, "tcp", s.AdminAddr(), nil)
		defer c.Close()
		c.Send(proxytest.Request("GET", path, "", fields...))
		return c.Answer()
	}
	bearer := "Authorization: Bearer admin-token"
	for _, c := range []struct {
		path   string
		fields []string
		status int
	}{
		{"/healthz", nil, 200}, {"/readyz", nil, 200}, {"/metrics", nil, 401}, {"/metrics", []string{bearer}, 200}, {"/metrics", []string{bearer + "x"}, 401}, {"/metrics", []string{"Authorization: admin-token"}, 401},
		{"/metrics", []string{bearer, "Origin: https://evil.example"}, 403}, {"/debug/pprof/heap", nil, 401}, {"/nothing", []string{bearer}, 404}, {"/", []string{bearer}, 200},
	} {
		if a := get(c.path, c.fields...); a.StatusCode != c.status || strings.Contains(a.Text, "admin-token") {
			t.Errorf("GET %s %v is %d: %.200s", c.path, c.fields, a.StatusCode, a.Text)
		}
	}
	if a := get("/healthz"); !strings.Contains(a.Text, `"ready":true`) || !strings.Contains(a.Text, `"offers":1`) {
		t.Errorf("/healthz is %s", a.Text)
	}
}
