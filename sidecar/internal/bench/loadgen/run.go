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
type usage struct {
	at, idle               int64
	proxy, mock, self, own int64 // own: everything of the benchmark that runs now
	cores                  int
}

func readUsage(job *Job) usage {
	idle, cores := proc.Idle()
	u := usage{at: unixNano(), idle: int64(idle), cores: cores, proxy: int64(proc.CPU(job.Proxy)),
		mock: int64(proc.CPU(job.Mock)), self: int64(proc.CPU([]int{os.Getpid()}))}
	u.own = u.proxy + u.mock + u.self + int64(proc.CPU(job.Awake))
	return u
}

func result(job *Job, s *samples, before, after usage) *Result {
	elapsed := float64(after.at - before.at)
	busy := elapsed*float64(after.cores) - float64(after.idle-before.idle)
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
		ProxyCPU:  float64(after.proxy-before.proxy) / 1e9,
		MockBusy:  float64(after.mock-before.mock) / elapsed,
		LoadBusy:  float64(after.self-before.self) / elapsed,
		OtherBusy: max(0, busy-float64(after.own-before.own)) / elapsed,
		PeakBytes: proc.PeakResident(job.Proxy),
	}
}
