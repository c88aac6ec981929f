package upstream

import (
	"testing"
	"time"
)

func TestAKeptConnectionIsAliveThoughItsOldDeadlineHasPassed(t *testing.T) {
	c, provider := pair(t)
	c.SetReadDeadline(time.Unix(1, 0))
	if !alive(c.raw) || c.Pending() {
		t.Error("a quiet connection is not alive, or has something to read")
	}
	if _, err := provider.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	waitPending(t, c)
	if alive(c.raw) {
		t.Error("a connection that speaks unasked is alive")
	}
}

func TestAConnectionThatWasClosedIsNotAlive(t *testing.T) {
	c, provider := pair(t)
	_ = provider.Close()
	for end := time.Now().Add(5 * time.Second); alive(c.raw); {
		if time.Now().After(end) {
			t.Fatal("its end is not seen")
		}
	}
	if c.Pending() {
		t.Error("an end is something to read")
	}
}

// waitPending waits until what was sent has arrived.
func waitPending(t *testing.T, c *Conn) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !c.Pending(); {
		if time.Now().After(end) {
			t.Fatal("nothing arrives")
		}
	}
}
