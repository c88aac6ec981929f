package conformance

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// patience is how long an answer may take on a busy machine.
const patience = 20 * time.Second

// Send plays a case's client against a gateway on a real socket, byte by byte as the case says, with the caller's id in the
// header Identity. Whoever answers says so in x-answered-by: Sidecar by FakeSidecar, Service by the host's service; an answer
// without it is the adapter's own.
func Send(t testing.TB, address string, c Case, sidecar *FakeSidecar) Played {
	t.Helper()
	conn, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := conn.Write(request(c, address)); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	gaps, err := readGaps(res)
	if err != nil {
		t.Fatal(err)
	}
	played := Played{Outcome: Outcome{Status: res.StatusCode, By: By(res.Header.Get("x-answered-by"))}, Gaps: gaps}
	if played.By == "" {
		played.By = Adapter
	}
	if got, ok := sidecar.Got(); ok {
		played.Caller, played.Target, played.Body = got.Caller, got.Target, got.Body
	}
	return played
}

func request(c Case, address string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", c.Method, c.Target, address)
	if c.Caller != "" {
		fmt.Fprintf(&b, "%s: %s\r\n", Identity, c.Caller)
	}
	closes := "Connection: close\r\n"
	for _, h := range c.Header {
		if strings.EqualFold(h.Name, "Connection") {
			closes = "Connection: close, " + h.Value + "\r\n"
			continue
		}
		fmt.Fprintf(&b, "%s: %s\r\n", h.Name, h.Value)
	}
	b.WriteString(closes)
	if c.Body != "" {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(c.Body))
	}
	b.WriteString("\r\n" + c.Body)
	return b.Bytes()
}

// readGaps reads an answer to its end; the gaps are those between its events.
func readGaps(res *http.Response) ([]time.Duration, error) {
	var gaps []time.Duration
	var last time.Time
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		if !strings.HasPrefix(lines.Text(), "data:") {
			continue
		}
		now := time.Now()
		if !last.IsZero() {
			gaps = append(gaps, now.Sub(last))
		}
		last = now
	}
	return gaps, lines.Err()
}
