//go:build !wasip1

package main

import "time"

// now stands in for the host's clock where the binding is tested without one.
func now() time.Time { return time.Now() }
