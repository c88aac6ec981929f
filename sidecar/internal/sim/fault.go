package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is one thing that a simulated provider does wrong on demand.
type Fault struct {
	Kind string  // one of the names in Kinds
	Arg  string  // as written; empty: the kind's default
	Rate float64 // share of requests that it befalls, above 0 and up to 1; 1 unless written

	count    int           // the argument where it is a number
	duration time.Duration // the argument where it is a duration
}

// String is the spec that ParseFault reads back as the same fault.
func (f Fault) String() string {
	s := f.Kind
	if f.Arg != "" {
		s += "=" + f.Arg
	}
	if f.Rate != 1 {
		s += ":" + strconv.FormatFloat(f.Rate, 'g', -1, 64)
	}
	return s
}

// ParseFault reads kind[=arg][:rate], such as "status=503", "cut=5" or "status=429:0.3". An unknown kind's error
// names the nearest one and lists them all.
func ParseFault(spec string) (Fault, error) {
	spec = strings.TrimSpace(spec)
	f := Fault{Rate: 1}
	rest, rate, rated := strings.Cut(spec, ":")
	kind, arg, given := strings.Cut(rest, "=")
	def := kindNamed(kind)
	if def == nil {
		names := kindNames()
		return Fault{}, fmt.Errorf("no fault %q: did you mean %q? the kinds are %s", clip(kind), nearest(kind, names), strings.Join(names, ", "))
	}
	if rated {
		r, err := strconv.ParseFloat(rate, 64)
		if err != nil || !(r > 0 && r <= 1) {
			return Fault{}, fmt.Errorf("fault %q: write its rate as a share of requests above 0 and up to 1, such as %s:0.3", clip(spec), kind)
		}
		f.Rate = r
	}
	f.Kind, f.Arg = kind, arg
	if !given {
		arg = def.fallback
	} else if arg == "" || def.arg == argNone {
		return Fault{}, fmt.Errorf("fault %q: write it as %s", clip(spec), def.usage())
	}
	if err := f.setArg(def, arg); err != nil {
		return Fault{}, fmt.Errorf("fault %q: %w", clip(spec), err)
	}
	return f, nil
}

// setArg reads the argument by the rule of its kind; an argument that was left out arrives as the kind's default.
func (f *Fault) setArg(def *kindDef, arg string) error {
	switch def.arg {
	case argCount, argStatus, argSeconds:
		if arg == "" { // a kind that acts differently without a number
			f.count = -1
			return nil
		}
		low, high, what := 0, 1_000_000, "a number of content events from 0 to 1000000"
		switch def.arg {
		case argStatus:
			low, high, what = 400, 599, "an HTTP status from 400 to 599"
		case argSeconds:
			high, what = 86_400, "whole seconds from 0 to 86400"
		}
		n, err := strconv.Atoi(arg)
		if err != nil || n < low || n > high || arg[0] == '+' {
			return fmt.Errorf("its argument is %s: %s", what, def.usage())
		}
		f.count = n
	case argDuration:
		d, err := time.ParseDuration(arg)
		if err != nil || d < 0 || d > 1000*time.Hour {
			return fmt.Errorf("its argument is a duration from 0s to 1000h, such as %s", def.usage())
		}
		f.duration = d
	case argChoice:
		if !slices.Contains(def.choices, arg) {
			return fmt.Errorf("its argument is one of %s", strings.Join(def.choices, ", "))
		}
		f.count, _ = strconv.Atoi(arg) // a choice that is no number stays in Arg
	}
	return nil
}

// parseFaults reads a list, each of whose elements may itself be a comma-separated list.
func parseFaults(specs []string) ([]Fault, error) {
	var faults []Fault
	for _, list := range specs {
		for spec := range strings.SplitSeq(list, ",") {
			f, err := ParseFault(spec)
			if err != nil {
				return nil, err
			}
			faults = append(faults, f)
		}
	}
	return faults, nil
}

// clip keeps an error readable, whatever was passed off as a spec.
func clip(s string) string {
	if len(s) > 60 {
		return strings.ToValidUTF8(s[:60], "") + "..."
	}
	return s
}

// nearest is the name with the smallest edit distance (Levenshtein), the first one among equals.
func nearest(s string, names []string) string {
	s = clip(s)
	best, least := "", 1<<30
	for _, name := range names {
		if d := distance(s, name); d < least {
			best, least = name, d
		}
	}
	return best
}

func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
