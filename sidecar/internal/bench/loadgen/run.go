//go:build linux

package loadgen

import (
	"errors"
	"os"
	"runtime"

	"github.com/soukproxy/souk/sidecar/internal/bench/proc"
	"github.com/soukproxy/souk/sidecar/internal/bench/wire"
)

// Run does a job: the warm-up, then the measured load.
func Run(job *Job) (*Result, error) {
	if job.Conns < 1 || job.Seconds <= 0 || job.Rate < 0 {
		return nil, errors.New("a job needs connections, seconds, and a rate of 0 or more")
	}
	request := wire.Request(job.Addr, job.Path, wire.Body(job.Model, job.Prompt, job.Stream))
	load := closed
	if job.Rate > 0 {
		load = open
	}
	if job.Warm > 0 {
		load(job, request, job.Warm)
	}
	runtime.GC() // what the warm-up left is not collected while measuring

	proc.ResetPeak(job.Proxy)
	before := readUsage(job)
	s := load(job, request, job.Seconds)
	return result(job, s, before, readUsage(job)), nil
}

// usage is what the processes of the benchmark have used at a moment, in nanoseconds.
type usage struct{ at, proxy, mock, awake, self, machine int64 }

func readUsage(job *Job) usage {
	return usage{at: unixNano(), proxy: int64(proc.CPU(job.Proxy)), mock: int64(proc.CPU(job.Mock)), awake: int64(proc.CPU(job.Awake)),
		self: int64(proc.CPU([]int{os.Getpid()})), machine: int64(proc.Busy())}
}

func result(job *Job, s *samples, before, after usage) *Result {
	elapsed := float64(after.at - before.at)
	proxy, mock, self := after.proxy-before.proxy, after.mock-before.mock, after.self-before.self
	// The machine's own count has ticks of 10 ms: below that, what is left is noise.
	others := max(0, after.machine-before.machine-proxy-mock-self-(after.awake-before.awake))
	return &Result{
		Seconds:  elapsed / 1e9,
		Requests: len(s.latency),
		Errors:   s.errors, ErrorTexts: s.errorTexts,
		Latency:    NewPercentiles(s.latency),
		FirstEvent: NewPercentiles(s.firstEvent),
		Gap:        NewPercentiles(s.trace.Gaps),
		Transit:    NewPercentiles(s.trace.Transit),
		SendLag:    NewPercentiles(s.lag),
		Events:     s.events, Coalesced: s.coalesced, MissingUsage: s.missingUsage,
		ProxyCPU:  float64(proxy) / 1e9,
		MockBusy:  float64(mock) / elapsed,
		LoadBusy:  float64(self) / elapsed,
		OtherBusy: float64(others) / elapsed,
		PeakBytes: proc.PeakResident(job.Proxy),
	}
}
