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

func TestAWriterWritesAllHoweverSlowlyItIsRead(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			near, far := ends(t, network)
			w := NewWriter(near, time.Minute)
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
	w := NewWriter(near, stalled)
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
	w := NewWriter(near, time.Minute)
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
	w := NewWriter(near, time.Minute)
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

func TestReadTellsWhatTheSocketHas(t *testing.T) {
	near, far := ends(t, "tcp")
	raw, err := near.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 8)
	read := func() (n int, err error) {
		if failed := raw.Read(func(fd uintptr) bool {
			n, err = Read(int(fd), buf)
			return err != syscall.EAGAIN
		}); failed != nil {
			t.Fatal(failed)
		}
		return n, err
	}
	if _, err := far.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if n, err := read(); err != nil || string(buf[:n]) != "hello" {
		t.Errorf("%q, %v", buf[:n], err)
	}
	_ = far.Close()
	if n, err := read(); n != 0 || err != nil {
		t.Errorf("at the end: %d, %v", n, err)
	}
}
