//go:build linux

// Command awake keeps one core from going to sleep while nothing else runs on it, and gives way to everything else.
// Waking a core takes as long as a proxy does, and would hide the difference between two of them.
package main

import (
	"log"
	"runtime"

	"github.com/soukproxy/souk/sidecar/internal/bench/proc"
)

func main() {
	runtime.LockOSThread()
	if err := proc.Idle(); err != nil {
		log.Fatalf("awake: SCHED_IDLE: %v", err)
	}
	for {
	}
}
