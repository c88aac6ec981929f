//go:build linux

package sockio

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// ends are both ends of a connection of a network.
func ends(t *testing.T, network string) (near, far net.Conn) {
	t.Helper()
	address := "127.0.0.1:0"
	if network == "unix" {
		address = filepath.Join(t.TempDir(), "s")
	}
	ln, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if near, err = net.Dial(network, ln.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if far, err = ln.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = near.Close(); _ = far.Close() })
	return near, far
}

func bounded(c net.Conn, stalled time.Duration) *conn {
	w := Wrap(c)
	Bound(w, stalled)
	return w.(*conn)
}

func TestAWriterWritesAllHoweverSlowlyItIsRead(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			near, far := ends(t, network)
			w := bounded(near, time.Minute)
			want := bytes.Repeat([]byte("0123456789abcdef"), 1<<20) // more than the sockets hold
			done := make(chan error, 1)
			go func() {
				n, err := w.Write(want)
				if err == nil && n != len(want) {
					err = io.ErrShortWrite
				}
				if err == nil {
					_, err = w.Write(nil)
				}
				done <- errors.Join(err, near.Close())
			}()
			got, err := io.ReadAll(far)
			if err = errors.Join(err, <-done); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d of %d bytes arrived: %v", len(got), len(want), err)
			}
		})
	}
}

func TestAWriterGivesUpAPeerThatStallsAndOnlyThat(t *testing.T) {
	near, far := ends(t, "tcp")
	const stalled = 50 * time.Millisecond
	w := bounded(near, stalled)
	piece := make([]byte, 1<<20)
	written := 0
	var err error
	for begin := time.Now(); err == nil; {
		var n int
		n, err = w.Write(piece)
		written += n
		if err != nil && time.Since(begin) < stalled {
			t.Errorf("given up after %v", time.Since(begin))
		}
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("a peer that reads nothing: %v", err)
	}
	if n, err := io.CopyN(io.Discard, far, int64(written)); err != nil {
		t.Errorf("%d of %d bytes arrived: %v", n, written, err)
	}
}

func TestAWriteAfterAStallThatEndedHasItsTimeAnew(t *testing.T) {
	near, far := ends(t, "unix")
	w := bounded(near, time.Minute)
	done := make(chan error, 1)
	go func() { _, err := w.Write(make([]byte, 16<<20)); done <- err }()
	if _, err := io.CopyN(io.Discard, far, 16<<20); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if w.bounded {
		t.Error("the deadline of a write that has ended is still set")
	}
}

func TestAWriterTellsThatThePeerIsGone(t *testing.T) {
	near, far := ends(t, "tcp")
	w := bounded(near, time.Minute)
	if err := errors.Join(far.(*net.TCPConn).SetLinger(0), far.Close()); err != nil {
		t.Fatal(err)
	}
	var err error
	for err == nil {
		_, err = w.Write([]byte("x"))
	}
	var op *net.OpError
	if !errors.As(err, &op) || !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("it is told as %v", err)
	}
	_ = near.Close()
	if _, err := w.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a write on a closed connection: %v", err)
	}
}

func TestReadIsThatOfTheConnection(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			near, far := ends(t, network)
			c := Wrap(near)
			buf := make([]byte, 8)
			if n, err := c.Read(nil); n != 0 || err != nil {
				t.Errorf("of nothing: %d, %v", n, err)
			}
			go func() { _, _ = far.Write([]byte("hello")) }()
			if n, err := io.ReadFull(c, buf[:5]); err != nil || string(buf[:n]) != "hello" {
				t.Errorf("%q, %v", buf[:n], err)
			}
			_ = c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
			if n, err := c.Read(buf); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("at the deadline: %d, %v", n, err)
			}
			_ = c.SetReadDeadline(time.Time{})
			_ = far.Close()
			if n, err := c.Read(buf); n != 0 || err != io.EOF {
				t.Errorf("at the end: %d, %v", n, err)
			}
			_ = c.Close()
			if _, err := c.Read(buf); !errors.Is(err, net.ErrClosed) {
				t.Errorf("of a closed connection: %v", err)
			}
		})
	}
}

func TestAReadThatFailsBroughtNothing(t *testing.T) {
	near, far := ends(t, "tcp")
	c := Wrap(near)
	if err := errors.Join(far.(*net.TCPConn).SetLinger(0), far.Close()); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Read(make([]byte, 8)); n != 0 || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%d, %v", n, err)
	}
}

func TestWhatHasNoDescriptorStaysAsItIs(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	if c := Wrap(near); c != near || Bound(c, time.Second) {
		t.Error("a pipe is wrapped")
	}
}
