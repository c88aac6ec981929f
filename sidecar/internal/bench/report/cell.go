// Package report turns what the benchmark measured into one table of ratios, and judges it by gates.
package report

import (
	"math"
	"slices"
)

// The targets, in the order of the table's columns.
const (
	Souk     = "souk"
	Fasthttp = "fasthttp" // the bare fasthttp proxy
	NGINX    = "nginx"
	Direct   = "direct" // no proxy
)

// Targets lists them.
func Targets() []string { return []string{Souk, Fasthttp, NGINX, Direct} }

// Cell is what one round measured of one target in one scenario.
type Cell struct {
	Scenario string             `json:"scenario"`
	Target   string             `json:"target"`
	Round    int                `json:"round"`             // from 0
	Figures  map[string]float64 `json:"figures,omitempty"` // by name, with the unit at its end
	Note     string             `json:"note,omitempty"`    // why figures are missing or what they hide
	Detail   any                `json:"detail,omitempty"`  // what the figures were taken from
}

// OtherBusy is the figure that says how many cores were busy with other work while a cell was measured.
const OtherBusy = "other_busy_cores"

// Spread is a figure over the rounds.
type Spread struct {
	Median float64   `json:"median"`
	Min    float64   `json:"min"`
	Max    float64   `json:"max"`
	Rounds []float64 `json:"rounds"` // the rounds that measured it, in order
}

// NewSpread is nil where no round measured the figure; rounds that did not are NaN.
func NewSpread(rounds []float64) *Spread {
	measured := slices.DeleteFunc(slices.Clone(rounds), math.IsNaN)
	if len(measured) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(measured))
	middle := len(sorted) / 2
	median := sorted[middle]
	if len(sorted)%2 == 0 {
		median = (sorted[middle-1] + sorted[middle]) / 2
	}
	return &Spread{Median: median, Min: sorted[0], Max: sorted[len(sorted)-1], Rounds: measured}
}
