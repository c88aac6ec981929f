//go:build linux

package sockio

import (
	"errors"
	"os"
	"sync"
	"time"
)

// due is the deadline of a connection's reads, or of its writes. Putting one off costs next to nothing: the poller keeps the earlier
// one, and a call that this ends looks whether its time has come. On a connection that answers one request after the other hardly any
// deadline comes, and nearly every one puts off the one before.
type due struct {
	arm func(time.Time) error // the poller's

	mu    sync.Mutex
	want  time.Time // zero: none
	armed time.Time // what the poller has; zero: none
}

// set makes t the deadline.
func (d *due) set(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.want = t
	if t.IsZero() || !d.armed.IsZero() && !d.armed.After(t) {
		return nil
	}
	return d.rearm()
}

// now makes t the deadline and gives it to the poller, which is worth it where it is near: left alone, the earlier one would come.
func (d *due) now(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.want = t
	return d.rearm()
}

func (d *due) rearm() error {
	err := d.arm(d.want)
	if err == nil {
		d.armed = d.want
	}
	return err
}

// early tells that err, of a call that the poller ended, came before the deadline that is meant; the call is to be made again.
func (d *due) early(err error) bool {
	if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.want.IsZero() && !time.Now().Before(d.want) {
		return false
	}
	return d.rearm() == nil
}
