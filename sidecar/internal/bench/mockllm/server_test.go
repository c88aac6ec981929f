package mockllm

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/soukproxy/souk/sidecar/internal/bench/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a mock on loopback for the time of a test.
func start(t *testing.T) (*Server, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer()
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		l.Close()
		s.Close()
		<-served
	})
	return s, l.Addr().String()
}

func send(t *testing.T, addr, model string, stream bool) *wire.Conn {
	t.Helper()
	conn, err := wire.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.Send(wire.Request(addr, "/v1/chat/completions", wire.Body(model, 512, stream))); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestDirectivesInTheModelsName(t *testing.T) {
	tests := []struct {
		name, model string
		want        func(*Directives)
	}{
		{"no dot, nothing special", "mock", func(*Directives) {}},
		{"a stream", "mock.n200.i5", func(d *Directives) { d.Chunks, d.Interval = 200, 5*time.Millisecond }},
		{"the last one wins", "mock.i5.u250", func(d *Directives) { d.Interval = 250 * time.Microsecond }},
		{"faults", "mock.d3.s503.h1.x1.t7.k2.z64", func(d *Directives) {
			*d = Directives{Delay: 3 * time.Millisecond, Chunks: 20, Status: 503, Hang: true, Drop: true, Tag: 7, Kill: 2, SizeKiB: 64}
		}},
		{"what is not understood is left alone", "gpt-4.1.mini.n-3.q9.n", func(*Directives) {}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, want := Default(), Default()
			test.want(&want)
			got.Parse(modelDirectives(wire.Body(test.model, 512, false)))
			if got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestMockAnswers(t *testing.T) {
	tests := []struct {
		name, model string
		stream      bool
		want        wire.Answer // of Bytes and FirstEvent only whether there are any
	}{
		{"a plain answer", "mock", false, wire.Answer{Status: 200, Bytes: 1}},
		{"a large answer", "mock.z64", false, wire.Answer{Status: 200, Bytes: 1}},
		{"a fault", "mock.s429", false, wire.Answer{Status: 429, Bytes: 1}},
		{"a stream with usage and an end", "mock.n3", true,
			wire.Answer{Status: 200, Bytes: 1, Events: 5, FirstEvent: 1, Done: true, Usage: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, addr := start(t)
			var trace wire.Trace
			got, err := send(t, addr, test.model, test.stream).Receive(&trace)
			if err != nil {
				t.Fatal(err)
			}
			got.Bytes, got.FirstEvent, got.Coalesced = min(got.Bytes, 1), min(got.FirstEvent, 1), 0
			if got != test.want {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
			if test.stream && len(trace.Transit) != 3 {
				t.Errorf("%d chunks carry their time, want 3", len(trace.Transit))
			}
		})
	}
}

func TestMockServesOneRequestAfterAnotherOnAConnection(t *testing.T) {
	s, addr := start(t)
	conn := send(t, addr, "mock.n2.t9", true) // tagged: its departure is watched, and must not take the next request
	if _, err := conn.Receive(nil); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := conn.Ask(wire.Request(addr, "/", wire.Body("mock", 64<<10, false))); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Stats(); got.Requests != 4 || got.Chunks != 2 || len(got.Aborted) != 0 {
		t.Errorf("stats %+v, want 4 requests, 2 chunks and none aborted", got)
	}
}

func TestMockReadsAChunkedBody(t *testing.T) {
	_, addr := start(t)
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"+
		"9\r\n{\"model\":\r\n9\r\n\"m.s418\"}\r\n0\r\n\r\n")
	br := bufio.NewReader(conn)
	for _, want := range []int{100, 418} {
		res, err := http.ReadResponse(br, nil)
		if err != nil || res.StatusCode != want {
			t.Fatalf("response %v, error %v, want status %d", res, err, want)
		}
		res.Body.Close()
	}
}

func TestMockClosesAsAsked(t *testing.T) {
	for _, model := range []string{"mock.x1", "mock.k2.n5"} {
		t.Run(model, func(t *testing.T) {
			_, addr := start(t)
			answer, err := send(t, addr, model, true).Receive(nil)
			if err == nil || answer.Done {
				t.Errorf("answer %+v, error %v, want a connection cut short", answer, err)
			}
		})
	}
}

// TestMockListsWhoLeft waits for the event itself: /stats is asked until the tag is there.
func TestMockListsWhoLeft(t *testing.T) {
	tests := []struct {
		name, model string
		stream      bool
	}{
		{"before the first byte", "mock.h1.t5", false},
		{"in the middle of a stream", "mock.n100.i1000.t5", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, addr := start(t)
			conn := send(t, addr, test.model, test.stream)
			if test.stream {
				if _, err := conn.ReceiveUntil(nil, func(a *wire.Answer) bool { return a.Events > 0 }); err != nil {
					t.Fatal(err)
				}
			}
			left := time.Now()
			conn.Close()
			for deadline := left.Add(5 * time.Second); ; {
				aborted := stats(t, addr).Aborted
				if len(aborted) == 1 && aborted[0].Tag == 5 && aborted[0].At >= left.UnixNano() {
					return
				}
				if time.Now().After(deadline) {
					t.Fatalf("aborted answers %+v, want one with tag 5", aborted)
				}
			}
		})
	}
}

func stats(t *testing.T, addr string) Stats {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET /stats HTTP/1.1\r\n\r\n")
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	var s Stats
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func FuzzRequest(f *testing.F) {
	f.Add("POST / HTTP/1.1\r\nContent-Length: 17\r\n\r\n{\"model\":\"m.n200\"}")
	f.Add("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
	f.Fuzz(func(t *testing.T, raw string) {
		var r request
		conn, _ := net.Pipe()
		conn.Close()
		if err := r.read(conn, bufio.NewReader(strings.NewReader(raw))); err == nil && len(r.body) > len(raw) {
			t.Fatalf("a body of %d bytes from %d", len(r.body), len(raw))
		}
	})
}
