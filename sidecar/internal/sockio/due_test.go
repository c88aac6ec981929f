//go:build linux

package sockio

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

const soon = 30 * time.Millisecond

func TestADeadlineThatWasPutOffIsTheOneThatIsMet(t *testing.T) {
	full := bytes.Repeat([]byte("x"), 16<<20) // more than the sockets hold
	for _, c := range []struct {
		name string
		set  func(net.Conn, time.Time) error
		call func(net.Conn) error
	}{
		{"of a read", net.Conn.SetReadDeadline, func(c net.Conn) error { _, err := c.Read(make([]byte, 1)); return err }},
		{"of a write", net.Conn.SetWriteDeadline, func(c net.Conn) error { _, err := c.Write(full); return err }},
		{"of several buffers", net.Conn.SetWriteDeadline, func(c net.Conn) error { return Writev(c, net.Buffers{full[:1<<20], full}) }},
		{"of both", net.Conn.SetDeadline, func(c net.Conn) error { _, err := c.Read(make([]byte, 1)); return err }},
	} {
		t.Run(c.name, func(t *testing.T) {
			near, _ := ends(t, "tcp")
			w := Wrap(near)
			begin := time.Now()
			for _, after := range []time.Duration{soon, 4 * soon, 3 * soon} { // put off, and put forward again
				if err := c.set(w, begin.Add(after)); err != nil {
					t.Fatal(err)
				}
			}
			if err, took := c.call(w), time.Since(begin); !errors.Is(err, os.ErrDeadlineExceeded) || took < 3*soon {
				t.Errorf("%v after %v", err, took)
			}
		})
	}
}

func TestADeadlineThatHasPassedDoesNotEndWhatHasALaterOne(t *testing.T) {
	near, far := ends(t, "unix")
	w := Wrap(near)
	if err := w.SetReadDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("a read whose time is over: %v", err)
	}
	for name, later := range map[string]time.Time{"later": time.Now().Add(time.Minute), "none": {}} {
		if err := w.SetReadDeadline(later); err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = far.Write([]byte("a")) }()
		if _, err := io.ReadFull(w, make([]byte, 1)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestADeadlineThatIsPutForwardEndsAReadThatWaits(t *testing.T) {
	near, _ := ends(t, "tcp")
	w := Wrap(near)
	for _, at := range []time.Duration{soon, time.Minute} { // the poller has the first
		if err := w.SetReadDeadline(time.Now().Add(at)); err != nil {
			t.Fatal(err)
		}
	}
	ended := make(chan error)
	go func() { _, err := w.Read(make([]byte, 1)); ended <- err }()
	select {
	case err := <-ended:
		t.Fatalf("it ended with the deadline that was put off: %v", err)
	case <-time.After(3 * soon):
	}
	if err := w.SetReadDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
}

func TestADeadlineMayBeSetWhileOthersAre(t *testing.T) {
	near, far := ends(t, "unix")
	w := Wrap(near)
	over := make(chan struct{})
	go func() {
		defer close(over)
		for n := range 2000 {
			_ = w.SetReadDeadline(time.Now().Add(time.Duration(n%3-1) * time.Millisecond))
		}
		_ = w.SetReadDeadline(time.Time{})
		_, _ = far.Write([]byte("z"))
	}()
	for b := make([]byte, 1); b[0] != 'z'; {
		if _, err := w.Read(b); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal(err)
		}
	}
	<-over
}
