package main

import (
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	pb "github.com/Kong/go-pdk/server/kong_plugin_protocol"

	"github.com/soukproxy/souk/plugins/kong/kongtest"
)

// played runs a phase in this process, over a unix socket, and tells what Kong makes of it.
func played(t *testing.T, x *kongtest.Exchange, phase func(bridge)) error {
	t.Helper()
	listener, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		phase(newBridge(newTurns(conn)))
	}()
	conn, err := net.Dial("unix", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	err = x.Serve(conn)
	conn.Close()
	<-ended
	return err
}

// TestAPanicEndsTheRequestAndNotTheProcess uses what panics by itself: a route without a template.
func TestAPanicEndsTheRequestAndNotTheProcess(t *testing.T) {
	c, err := parse([]byte(`{"key_id":"k","secret":"` + testSecret + `"}`))
	if err != nil {
		t.Fatal(err)
	}
	p := &plugin{route: &route{config: c}}
	x := alice()
	if err := played(t, x, p.access); err != nil {
		t.Fatal(err)
	}
	if status, code := codeOf(t, x); status != 503 || code != "gateway_panic" {
		t.Errorf("status %d, code %s", status, code)
	}
	if x.Host != "origin.example" || len(x.Lines) != 1 || x.Lines[0].Level != "err" || !strings.Contains(x.Lines[0].Text, "access.go") {
		t.Errorf("host %s, lines %v", x.Host, x.Lines)
	}
}

func TestAPanicInTheLogPhaseIsLoggedAndNothingElse(t *testing.T) {
	p := &plugin{route: &route{}} // without a configuration
	x := alice()
	var fault *kongtest.Fault
	// The phase returns without an answer to Kong here, since it is go-pdk's server that gives it.
	if err := played(t, x, p.log); !errors.As(err, &fault) || fault.Kind != kongtest.Closed || x.Exit != nil {
		t.Errorf("%v, exit %v", err, x.Exit)
	}
	if len(x.Lines) != 1 || x.Lines[0].Level != "err" || !strings.Contains(x.Lines[0].Text, "panic while logging") {
		t.Errorf("lines %v", x.Lines)
	}
}

// TestEveryAnswerThatMakesNoSenseEndsTheRequest garbles each answer of Kong in turn. Kong never gets to send the request on.
func TestEveryAnswerThatMakesNoSenseEndsTheRequest(t *testing.T) {
	c := `{"key_id":"k","secret":"` + testSecret + `","add_prefix":"/v1","groups_from":"authenticated_groups"}`
	whole := alice()
	whole.Shared = map[string]any{"authenticated_groups": []any{"chat"}}
	route := func() *plugin {
		r, err := compile([]byte(c), environment{now: time.Now, random: zeroes{}})
		if err != nil {
			t.Fatal(err)
		}
		return &plugin{route: r}
	}
	_ = played(t, whole, route().access)
	if len(whole.Calls) < 10 || whole.Host != "127.0.0.1" {
		t.Fatalf("calls %v", whole.Calls)
	}
	for n, method := range whole.Calls {
		if strings.HasPrefix(method, "kong.service.") {
			continue // its answer is empty whatever happens, so there is nothing to garble
		}
		t.Run(method, func(t *testing.T) {
			x := alice()
			x.Shared, x.Garble = whole.Shared, n+1
			if err := played(t, x, route().access); err != nil {
				t.Fatal(err)
			}
			if status, code := codeOf(t, x); status != 503 || code != "handoff_failed" || x.Host != "origin.example" {
				t.Errorf("status %d, code %s, host %s", status, code, x.Host)
			}
		})
	}
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestNothingIsSentThatIsNotUTF8(t *testing.T) {
	x := alice()
	_ = played(t, x, func(k bridge) {
		if err := k.together(variable("args", &pb.ByteString{}), setHeaders(map[string][]string{"x": {"\xff"}})); !errors.Is(err, errNotUTF8) {
			t.Errorf("headers: %v", err)
		}
		if err := k.together(setPath("/\xff")); !errors.Is(err, errNotUTF8) {
			t.Errorf("path: %v", err)
		}
		k.log(levelWarn, "a line with \xff in it")
		if err := k.mark("souk.x", "\xff"); err != nil {
			t.Errorf("mark: %v", err)
		}
		var method pb.ByteString
		if err := k.together(call{"kong.request.get_method", nil, &method}); err != nil || string(method.V) != "POST" {
			t.Errorf("the bridge is out of step: %q, %v", method.V, err)
		}
	})
	if len(x.Lines) != 1 || x.Lines[0] != (kongtest.Line{Level: "warn", Text: "a line with ? in it"}) || x.Serialized["souk.x"] != "?" {
		t.Errorf("lines %v, set %v", x.Lines, x.Serialized)
	}
}

func TestPdkHasNoCheckOfItsOwn(t *testing.T) {
	x := alice()
	err := played(t, x, func(k bridge) {
		_ = k.kong.ServiceRequest.Ask("kong.service.request.set_path", &pb.String{V: "/\xff"}, nil)
		_ = k.kong.Service.SetTarget("127.0.0.1", 8420)
	})
	var fault *kongtest.Fault
	if !errors.As(err, &fault) {
		t.Errorf("got %v: go-pdk refuses text that is not UTF-8 by itself now, and bridge.go need not", err)
	}
}
