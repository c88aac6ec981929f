//go:build !linux

package wasmtest

import "time"

var started = time.Now()

// clock is the time since the tests began.
func clock() time.Duration { return time.Since(started) }
