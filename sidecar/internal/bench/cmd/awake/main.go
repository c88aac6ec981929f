//go:build linux

// Command awake keeps one core from going to sleep while nothing else runs on it. Waking a core takes as long as a proxy
// does, and would hide the difference between two of them. It gives way at once to everything in its own autogroup
// (sched(7)), so to the benchmark's proxies; where autogroups are on, processes of other ones feel it.
package main

import (
	"log"
	"runtime"

	"github.com/soukproxy/souk/sidecar/internal/bench/proc"
)

func main() {
	runtime.LockOSThread()
	if err := proc.GiveWay(); err != nil {
		log.Fatalf("awake: SCHED_IDLE: %v", err)
	}
	//lint:ignore SA5002 spinning is what this is for
	for {
	}
}
