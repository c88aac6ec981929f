//go:build !linux

package redact

import "time"

func took(work func()) time.Duration {
	from := time.Now()
	work()
	return time.Since(from)
}
