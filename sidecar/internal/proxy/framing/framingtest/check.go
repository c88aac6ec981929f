package framingtest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long everything about one case may take.
const patience = 20 * time.Second

// Check sends a case's bytes and holds what comes back to what is expected. It closes the connection.
func Check(t testing.TB, c net.Conn, raw string, want Outcome) {
	t.Helper()
	sent := make(chan struct{})
	defer func() { _ = c.Close(); <-sent }()
	_ = c.SetDeadline(time.Now().Add(patience))
	go func() {
		defer close(sent)
		_, _ = io.WriteString(c, raw) // which may be refused before all of it is sent
	}()
	r := bufio.NewReader(c)
	if slices.Equal(want.Statuses, []string{RawAnswer}) {
		if text, err := io.ReadAll(r); len(text) == 0 || err != nil || strings.HasPrefix(string(text), "HTTP/") {
			t.Errorf("what comes is %q (%v)", text, err)
		}
		return
	}
	method, _, _ := strings.Cut(raw, " ")
	for i, status := range want.Statuses {
		if got, err := answered(r, method); fmt.Sprint(got) != status || err != nil {
			t.Fatalf("answer %d has the status %d (%v); expected %s", i+1, got, err, status)
		}
	}
	if !want.Keeps {
		if rest, err := io.ReadAll(r); len(rest) > 0 || err != nil && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("after the answers comes %q (%v); expected the end", rest, err)
		}
		return
	}
	if _, err := io.WriteString(c, "GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := answered(r, "GET"); got != http.StatusOK || err != nil {
		t.Errorf("another request on the connection is answered with %d (%v)", got, err)
	}
}

// answered reads an answer to its end, and returns its status.
func answered(r *bufio.Reader, method string) (int, error) {
	resp, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}
