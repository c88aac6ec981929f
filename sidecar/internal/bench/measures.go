//go:build linux

package main

import (
	"math"
	"slices"

	"github.com/soukproxy/souk/sidecar/internal/bench/report"
)

// measures are the table's rows with their gates and aims. "Less" is better in all of them.
func measures() []report.Measure {
	const (
		cpu      = "cpu_us_per_request"
		cpuChunk = "cpu_us_per_chunk"
		us, ms   = "us", "ms"
	)
	return []report.Measure{
		{Name: "CPU per request, 0.5 KiB", Scenario: "cpu-512", Figure: cpu, Unit: us},
		{Name: "CPU per request, 4 KiB", Scenario: "cpu-4k", Figure: cpu, Unit: us,
			Checks: []report.Check{toFasthttp(1.25, 1.0), toNGINX(1.5, 1.2)}},
		{Name: "CPU per request, 64 KiB", Scenario: "cpu-64k", Figure: cpu, Unit: us,
			Checks: []report.Check{toFasthttp(1.25, 1.0), toNGINX(1.5, 1.2)}},
		{Name: "CPU per request, 1 MiB", Scenario: "cpu-1m", Figure: cpu, Unit: us,
			Checks: []report.Check{toFasthttp(1.5, 1.1)}},
		{Name: "added latency p50, 200 requests/s", Scenario: "latency", Figure: "latency_p50_us", Unit: us, Added: true,
			Checks: []report.Check{toFasthttp(1.4, 1.0)}},
		{Name: "added latency p99, 200 requests/s", Scenario: "latency", Figure: "latency_p99_us", Unit: us, Added: true},
		{Name: "SSE 5 ms x 200: CPU per chunk", Scenario: "sse-5ms", Figure: cpuChunk, Unit: us,
			Checks: []report.Check{toFasthttp(1.2, 1.0), toNGINX(1.4, math.NaN())}},
		{Name: "SSE 5 ms x 200: added first event p50", Scenario: "sse-5ms", Figure: "first_event_p50_ms", Unit: ms, Added: true,
			Checks: []report.Check{value(0.4, 0.2)}},
		{Name: "SSE 5 ms x 200: coalesced chunks", Scenario: "sse-5ms", Figure: "coalesced_percent", Unit: "%",
			Checks: []report.Check{value(3, 1)}},
		{Name: "SSE 5 ms x 200: gap p99", Scenario: "sse-5ms", Figure: "gap_p99_ms", Unit: ms},
		{Name: "SSE 0 ms x 200: CPU per chunk", Scenario: "sse-0ms", Figure: cpuChunk, Unit: us},
		{Name: "SSE 0 ms x 200: peak memory", Scenario: "sse-0ms", Figure: "peak_mb", Unit: "MB"},
		{Name: "1 MiB prompts: peak memory", Scenario: "cpu-1m", Figure: "peak_mb", Unit: "MB"},
		{Name: "caller gone before the first byte", Scenario: "gone", Figure: "gone_plain_ms", Unit: ms,
			Checks: []report.Check{value(50, 10)}},
		{Name: "caller gone before a stream's first byte", Scenario: "gone", Figure: "gone_stream_ms", Unit: ms,
			Checks: []report.Check{value(50, 10)}},
		{Name: "caller gone mid-stream", Scenario: "gone", Figure: "gone_midstream_ms", Unit: ms,
			Checks: []report.Check{value(50, 10)}},
		{Name: "refused connection: added p50", Scenario: "refused", Figure: "refused_added_p50_ms", Unit: ms,
			Checks: []report.Check{value(1, 0.3)}},
		{Name: "memory when idle", Scenario: "fresh", Figure: "idle_mb", Unit: "MB",
			Checks: []report.Check{value(30, 20)}},
		{Name: "memory per open stream", Scenario: "fresh", Figure: "per_stream_kb", Unit: "KB",
			Checks: []report.Check{value(40, 20)}},
		{Name: "cold start to first answer", Scenario: "fresh", Figure: "cold_start_ms", Unit: ms,
			Checks: []report.Check{value(50, 20)}},
		{Name: "CPU per request, 10 -> 10,000 offers", Scenario: "routing", Figure: "ratio_cpu_us_10000", Unit: "ratio",
			Checks: []report.Check{value(1.3, 1.0)}},
		{Name: "latency p50, 10 -> 10,000 offers", Scenario: "routing", Figure: "ratio_latency_p50_us_10000", Unit: "ratio"},
		{Name: "CPU per request, 10 -> 10,000 offers of one model", Scenario: "routing",
			Figure: "ratio_cpu_us_10000_of_one_model", Unit: "ratio"},
		{Name: "redaction on against off: CPU per request, 4 KiB", Scenario: "redact", Figure: "ratio_cpu_us_redact", Unit: "ratio"},
		{Name: "redaction on against off: latency p50, 4 KiB", Scenario: "redact", Figure: "ratio_latency_p50_us_redact", Unit: "ratio"},
		{Name: "allocations per proxied request", Scenario: "allocs", Figure: "allocs_per_request", Unit: "objects",
			Checks: []report.Check{value(10, 0)}},
	}
}

func value(gate, aim float64) report.Check {
	return report.Check{Of: report.Value, Gate: gate, Aim: aim}
}

func toFasthttp(gate, aim float64) report.Check {
	return report.Check{Of: report.RatioToFasthttp, Gate: gate, Aim: aim}
}

func toNGINX(gate, aim float64) report.Check {
	return report.Check{Of: report.RatioToNGINX, Gate: gate, Aim: aim}
}

// chosenMeasures are those of the scenarios that were run.
func chosenMeasures(chosen []scenario) []report.Measure {
	return slices.DeleteFunc(measures(), func(m report.Measure) bool {
		return !slices.ContainsFunc(chosen, func(s scenario) bool { return s.name == m.Scenario })
	})
}
