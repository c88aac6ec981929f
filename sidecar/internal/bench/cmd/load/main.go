//go:build linux

// Command load does one job of package loadgen: JSON on stdin, the result as JSON on stdout.
package main

import (
	"encoding/json"
	"log"
	"os"
	"runtime/debug"

	"github.com/soukproxy/souk/sidecar/internal/bench/loadgen"
)

func main() {
	log.SetFlags(0)
	debug.SetGCPercent(800) // samples grow; collecting them would show as latency
	var job loadgen.Job
	if err := json.NewDecoder(os.Stdin).Decode(&job); err != nil {
		log.Fatalf("load: not a job: %v", err)
	}
	result, err := loadgen.Run(&job)
	if err != nil {
		log.Fatalf("load: %v", err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		log.Fatalf("load: %v", err)
	}
}
