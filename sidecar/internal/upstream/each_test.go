package upstream

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// pair is a connection to a provider, and the provider's end of it.
func pair(t *testing.T) (*Conn, *net.TCPConn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	raw, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close(); _ = far.Close() })
	c := &Conn{net: raw, raw: raw, origin: &Origin{}}
	c.SetReadDeadline(time.Now().Add(20 * time.Second))
	return c, far.(*net.TCPConn)
}

func say(t *testing.T, far net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(far, text); err != nil {
		t.Fatal(err)
	}
}

func TestEachBringsWhatNextWould(t *testing.T) {
	for _, c := range []struct {
		name    string
		chunked bool
		sent    string
		want    string
		err     error
	}{
		{"a body in chunks to its end", true, "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world", io.EOF},
		{"a body in chunks that is cut", true, "5\r\nhello\r\n6\r\n wo", "hello wo", io.ErrUnexpectedEOF},
		{"a body in chunks that is cut between them", true, "5\r\nhello\r\n", "hello", io.ErrUnexpectedEOF},
		{"a body up to the end of the connection", false, "hello", "hello", io.EOF},
		{"bad framing", true, "zz\r\n", "", ErrMalformed},
		{"more than a buffer holds", false, strings.Repeat("0123456789", bufferSize), strings.Repeat("0123456789", bufferSize), io.EOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, far := pair(t)
			conn.body.begin(200, c.chunked, -1)
			go func() {
				_, _ = io.WriteString(far, c.sent)
				_ = far.Close()
			}()
			var got strings.Builder
			err := conn.Each(func(p []byte) bool { got.Write(p); return true })
			if got.String() != c.want || !errors.Is(err, c.err) {
				t.Errorf("got %d bytes (%.40q) and %v", got.Len(), got.String(), err)
			}
		})
	}
}

func TestEachStopsWhenItsTakerDoesAndGoesOnFromThere(t *testing.T) {
	conn, far := pair(t)
	conn.body.begin(200, true, -1)
	say(t, far, "5\r\nhello\r\n")
	if err := conn.Each(func(p []byte) bool { return string(p) != "hello" }); err != nil {
		t.Fatal(err)
	}
	say(t, far, "5\r\nworld\r\n0\r\n\r\n")
	var rest strings.Builder
	if err := conn.Each(func(p []byte) bool { rest.Write(p); return true }); err != io.EOF || rest.String() != "world" {
		t.Errorf("then came %q and %v", rest.String(), err)
	}
}

// An end that the poller told of together with the data before it is found all the same, and long before the read deadline.
func TestEachFindsAnEndRightBehindTheData(t *testing.T) {
	for range 20 {
		conn, far := pair(t)
		conn.body.begin(200, true, -1)
		say(t, far, "1\r\na\r\n")
		first := true
		var came time.Time
		err := conn.Each(func(p []byte) bool {
			if first {
				// Both come while nobody waits for the poller.
				first = false
				say(t, far, "1\r\nb\r\n")
				_ = far.Close()
			}
			came = time.Now()
			return true
		})
		if err != io.ErrUnexpectedEOF {
			t.Fatalf("it ended with %v", err)
		}
		if took := time.Since(came); took > 5*time.Second {
			t.Errorf("the end was seen %v after the last data", took)
		}
	}
}

func TestEachKeepsToTheReadDeadline(t *testing.T) {
	conn, far := pair(t)
	conn.body.begin(200, true, -1)
	say(t, far, "1\r\na\r\n")
	const wait = 100 * time.Millisecond
	begin := time.Now()
	conn.SetReadDeadline(begin.Add(wait))
	err := conn.Each(func([]byte) bool { return true })
	if took := time.Since(begin); !TimedOut(err) || took < wait {
		t.Errorf("%v after %v", err, took)
	}
	conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	say(t, far, "0\r\n\r\n")
	if err := conn.Each(func([]byte) bool { return true }); err != io.EOF {
		t.Errorf("after a deadline that was moved on: %v", err)
	}
}

func TestAbortDoesNotWaitForATaker(t *testing.T) {
	conn, far := pair(t)
	conn.body.begin(200, true, -1)
	say(t, far, "1\r\na\r\n")
	err := conn.Each(func([]byte) bool {
		conn.Abort() // from within, it could only ever wait for itself
		return true
	})
	if err == nil || !conn.Aborted() {
		t.Errorf("it ended with %v", err)
	}
	if _, err := far.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the provider sees %v", err)
	}
}
