package loadgen

import "slices"

// Percentiles of a duration, in microseconds.
type Percentiles struct {
	Count int     `json:"count"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
	Mean  float64 `json:"mean"`
}

// NewPercentiles sorts the samples, in nanoseconds, in place. Without samples there is nothing to say: nil. A
// percentile is the smallest sample that at least that share of the samples does not exceed.
func NewPercentiles(samples []int64) *Percentiles {
	if len(samples) == 0 {
		return nil
	}
	slices.Sort(samples)
	at := func(percent int) float64 {
		rank := (percent*len(samples) + 99) / 100 // rounded up
		return float64(samples[rank-1]) / 1e3
	}
	sum := 0.0
	for _, s := range samples {
		sum += float64(s)
	}
	return &Percentiles{Count: len(samples), P50: at(50), P90: at(90), P99: at(99), Max: at(100),
		Mean: sum / float64(len(samples)) / 1e3}
}
