package report

import (
	"math"
	"slices"
)

// Machine is what the figures depend on beside the code.
type Machine struct {
	Cores  int    `json:"cores"`
	CPU    string `json:"cpu"`
	Go     string `json:"go"`
	System string `json:"system"`
	Pinned bool   `json:"pinned"` // proxies on one core, mock and load on another
}

// Row is a measure with its figures.
type Row struct {
	Measure string             `json:"measure"`
	Unit    string             `json:"unit"`
	Values  map[string]*Spread `json:"values"` // by target; nil: not measured

	RatioToFasthttp *Spread `json:"ratio_to_fasthttp"`
	RatioToNGINX    *Spread `json:"ratio_to_nginx"`

	Checks  []CheckedRow `json:"checks,omitempty"`
	Verdict Verdict      `json:"verdict"`
}

// CheckedRow is one check of a row with its verdict.
type CheckedRow struct {
	Of      string   `json:"of"`
	Gate    float64  `json:"gate"`
	Aim     *float64 `json:"aim"`
	Verdict Verdict  `json:"verdict"`
}

// Report is all of a run.
type Report struct {
	Machine Machine `json:"machine"`
	Rounds  int     `json:"rounds"`
	Quick   bool    `json:"quick"` // too short to trust

	// OtherBusy is how many cores were busy with other work, over the cells that looked; nil: none did.
	OtherBusy *Spread `json:"other_busy_cores"`

	Rows  []Row  `json:"rows"`
	Cells []Cell `json:"cells"`
}

// New works out the rows of the measures from the cells. A cell measured twice counts as it was last.
func New(machine Machine, rounds int, measures []Measure, cells []Cell) *Report {
	r := &Report{Machine: machine, Rounds: rounds, Cells: cells}
	index := map[cellKey]map[string]float64{}
	var otherBusy []float64
	for i := range cells {
		c := &cells[i]
		index[cellKey{c.Scenario, c.Target, c.Round}] = c.Figures
		if busy, ok := c.Figures[OtherBusy]; ok {
			otherBusy = append(otherBusy, busy)
		}
	}
	r.OtherBusy = NewSpread(otherBusy)
	for i := range measures {
		r.Rows = append(r.Rows, newRow(&measures[i], rounds, index))
	}
	return r
}

// Failed names the measures that failed a gate.
func (r *Report) Failed() []string { return r.named(Fail) }

// Unmeasured names the measures with a gate that could not be held against it.
func (r *Report) Unmeasured() []string { return r.named(NotMeasured) }

func (r *Report) named(v Verdict) []string {
	var names []string
	for _, row := range r.Rows {
		if slices.ContainsFunc(row.Checks, func(c CheckedRow) bool { return c.Verdict == v }) {
			names = append(names, row.Measure)
		}
	}
	return names
}

type cellKey struct {
	scenario, target string
	round            int
}

func newRow(m *Measure, rounds int, index map[cellKey]map[string]float64) Row {
	figures := map[string][]float64{}
	for _, target := range Targets() {
		for round := range rounds {
			figures[target] = append(figures[target], figure(m, target, round, index))
		}
	}
	row := Row{Measure: m.Name, Unit: m.Unit, Values: map[string]*Spread{}, Verdict: NoGate,
		RatioToFasthttp: NewSpread(ratios(figures[Souk], figures[Fasthttp])),
		RatioToNGINX:    NewSpread(ratios(figures[Souk], figures[NGINX]))}
	for target, values := range figures {
		row.Values[target] = NewSpread(values)
	}
	for _, check := range m.Checks {
		quantity, of := row.Values[Souk], "value"
		switch check.Of {
		case RatioToFasthttp:
			quantity, of = row.RatioToFasthttp, "ratio to fasthttp"
		case RatioToNGINX:
			quantity, of = row.RatioToNGINX, "ratio to NGINX"
		}
		checked := CheckedRow{Of: of, Gate: check.Gate, Verdict: check.judge(quantity, rounds)}
		if !math.IsNaN(check.Aim) {
			checked.Aim = &check.Aim
		}
		row.Checks = append(row.Checks, checked)
		row.Verdict = worse(row.Verdict, checked.Verdict)
	}
	return row
}

// figure is NaN where the round did not measure it.
func figure(m *Measure, target string, round int, index map[cellKey]map[string]float64) float64 {
	value, ok := index[cellKey{m.Scenario, target, round}][m.Figure]
	if !ok {
		return math.NaN()
	}
	if !m.Added || target == Direct {
		return value
	}
	direct, ok := index[cellKey{m.Scenario, Direct, round}][m.Figure]
	if !ok {
		return math.NaN()
	}
	return value - direct
}

// ratios are taken round by round, as only one round's figures share their circumstances. A difference of nothing or
// less, as noise can make it, has no ratio.
func ratios(of, to []float64) []float64 {
	all := make([]float64, len(of))
	for i := range of {
		all[i] = math.NaN()
		if to[i] > 0 {
			all[i] = of[i] / to[i]
		}
	}
	return all
}
