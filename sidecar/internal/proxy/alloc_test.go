package proxy_test

import (
	"bytes"
	"io"
	"net"
	"runtime"
	"strconv"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// mostAllocations is the gate of a proxied request, both sockets' reading and writing included.
const mostAllocations = 10

func TestAProxiedRequestAllocatesNextToNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, stream := range []bool{false, true} {
		s := proxytest.New(t, proxytest.Options{Providers: []config.Provider{echo(t, stream)}})
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		request := []byte(proxytest.Request("POST", proxytest.ChatPath, proxytest.Ask(stream), "User-Agent: probe/1", "Authorization: Bearer x"))
		end := []byte("data: [DONE]\n\n\r\n0\r\n\r\n")
		buf := make([]byte, 64<<10)
		once := func() {
			if _, err := c.Write(request); err != nil {
				t.Fatal(err)
			}
			for n := 0; ; {
				m, err := c.Read(buf[n:])
				if err != nil {
					t.Fatalf("%v after %q", err, buf[:n])
				}
				n += m
				if stream && bytes.HasSuffix(buf[:n], end) || !stream && complete(buf[:n]) {
					return
				}
			}
		}
		for range 500 {
			once()
		}
		const rounds = 2000
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range rounds {
			once()
		}
		runtime.ReadMemStats(&after)
		_ = c.Close()
		each := float64(after.Mallocs-before.Mallocs) / rounds
		t.Logf("stream %v: %.2f allocations and %.0f bytes a request", stream, each, float64(after.TotalAlloc-before.TotalAlloc)/rounds)
		if each > mostAllocations {
			t.Errorf("stream %v: %.1f allocations a request; at most %d", stream, each, mostAllocations)
		}
	}
}

// complete tells whether an answer with a length is whole.
func complete(b []byte) bool {
	head, body, ok := bytes.Cut(b, []byte("\r\n\r\n"))
	if !ok {
		return false
	}
	_, rest, _ := bytes.Cut(head, []byte("Content-Length: "))
	length, _, _ := bytes.Cut(rest, []byte("\r\n"))
	n, err := strconv.Atoi(string(length))
	return err == nil && len(body) >= n
}

// echo is a provider that allocates nothing for a request, so that what is counted is souk's.
func echo(t *testing.T, stream bool) config.Provider {
	answer := proxytest.GoodAnswer("alpha")
	text := []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + itoa(len(answer)) + "\r\n\r\n" + answer)
	if stream {
		text = []byte("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
		for _, e := range proxytest.GoodEvents("alpha") {
			text = append(text, proxytest.Chunk(e)...)
		}
		text = append(text, "0\r\n\r\n"...)
	}
	return proxytest.NewRawFake(t, "alpha", false, func(c net.Conn, _ int) {
		buf := make([]byte, 16<<10)
		for n := 0; ; {
			m, err := c.Read(buf[n:])
			if err != nil {
				return
			}
			if n += m; !bytes.HasSuffix(buf[:n], []byte("]}")) && !bytes.HasSuffix(buf[:n], []byte("true}}")) {
				continue
			}
			n = 0
			if _, err := io.Writer(c).Write(text); err != nil {
				return
			}
		}
	}).Provider()
}

// mostForHandOff is the gate of what a hand-off adds to a request: verifying it, its caller, and its nonce in the replay memory.
const mostForHandOff = 30

func TestAHandOffAddsFewAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	s := proxytest.New(t, proxytest.Options{Providers: []config.Provider{echo(t, false)}, Change: handedOff})
	gateway := proxytest.NewGateway(t, "kong-1", 0)
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 64<<10)
	once := func(request []byte) {
		if _, err := c.Write(request); err != nil {
			t.Fatal(err)
		}
		for n := 0; !complete(buf[:n]); {
			m, err := c.Read(buf[n:])
			if err != nil {
				t.Fatalf("%v after %q", err, buf[:n])
			}
			n += m
		}
		if !bytes.HasPrefix(buf, []byte("HTTP/1.1 200")) {
			t.Fatalf("the answer is %q", buf[:200])
		}
	}
	const warm, rounds = 300, 1000
	requests := make([][]byte, 0, warm+rounds)
	for range warm + rounds {
		requests = append(requests, []byte(proxytest.Request("POST", proxytest.ChatPath, proxytest.Ask(false), gateway.Chat(proxytest.Alice(), nil)...)))
	}
	for _, r := range requests[:warm] {
		once(r)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, r := range requests[warm:] {
		once(r)
	}
	runtime.ReadMemStats(&after)
	_ = c.Close()
	each := float64(after.Mallocs-before.Mallocs) / rounds
	t.Logf("%.1f allocations and %.0f bytes a request", each, float64(after.TotalAlloc-before.TotalAlloc)/rounds)
	if each > mostAllocations+mostForHandOff {
		t.Errorf("%.1f allocations a request; at most %d", each, mostAllocations+mostForHandOff)
	}
}
