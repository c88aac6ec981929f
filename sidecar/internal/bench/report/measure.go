package report

import (
	"cmp"
	"math"
)

// Measure is one row of the table: a figure of one scenario, and what is asked of it.
type Measure struct {
	Name     string
	Scenario string
	Figure   string
	Unit     string // of the figure, as printed
	// Added takes the same round's direct figure away from each proxy's: what the proxy adds.
	Added  bool
	Checks []Check
}

// Check is one bound on a measure; less is better.
type Check struct {
	Of   Quantity
	Gate float64 // must not be exceeded
	Aim  float64 // what the best engineer would still go for; NaN: none
}

// Quantity is what a check bounds.
type Quantity int

// The quantities.
const (
	Value           Quantity = iota // souk's figure itself
	RatioToFasthttp                 // souk's figure by the bare fasthttp proxy's of the same round
	RatioToNGINX                    // souk's figure by NGINX's of the same round
)

// Verdict is how a check ended.
type Verdict string

// The verdicts, worst first.
const (
	Fail        Verdict = "FAIL"
	NotMeasured Verdict = "not measured" // never a pass
	Pass        Verdict = "pass"
	AimReached  Verdict = "aim reached"
	NoGate      Verdict = "-"
)

func (v Verdict) rank() int {
	return map[Verdict]int{Fail: 0, NotMeasured: 1, Pass: 2, AimReached: 3, NoGate: 4}[v]
}

func worse(a, b Verdict) Verdict {
	if cmp.Compare(a.rank(), b.rank()) < 0 {
		return a
	}
	return b
}

// judge holds a spread against a check. A gate fails only when the median and at least four of five rounds exceed it,
// so that one disturbed round decides nothing; for the same reason it needs four of five rounds measured.
func (c *Check) judge(s *Spread, rounds int) Verdict {
	if s == nil || len(s.Rounds) < fourOfFive(rounds) {
		return NotMeasured
	}
	exceeding := 0
	for _, v := range s.Rounds {
		if v > c.Gate {
			exceeding++
		}
	}
	switch {
	case s.Median > c.Gate && exceeding >= fourOfFive(len(s.Rounds)):
		return Fail
	case !math.IsNaN(c.Aim) && s.Median <= c.Aim:
		return AimReached
	}
	return Pass
}

// fourOfFive is 4/5 of n, rounded up.
func fourOfFive(n int) int { return (4*n + 4) / 5 }
