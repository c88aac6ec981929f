package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// report is what a soak found.
type report struct {
	Seed       uint64         `json:"seed"`
	Seconds    float64        `json:"seconds"`
	Requests   int64          `json:"requests"`
	Unsent     int64          `json:"unsent"`           // too many ran already
	Streams    [2]int64       `json:"streams_low_high"` // asked for at a time; low: since the load had settled
	GaveWay    int            `json:"gave_way"`         // how often there were fewer since the machine could not carry them
	Starved    float64        `json:"starved_seconds"`  // of the load and the providers, for lack of processor time
	Late       float64        `json:"late_seconds"`     // of souk, by its own count
	Faulty     int64          `json:"requests_with_a_fault"`
	Attempts   int64          `json:"attempts"`
	Flaps      int            `json:"flaps"`
	Reloads    [2]int         `json:"reloads_good_bad"`
	Storm      *storm         `json:"outage,omitempty"`
	Rows       []reportRow    `json:"rows"`
	Trends     []trend        `json:"trends"`
	Violations map[string]int `json:"violations"`
	Words      []string       `json:"words"`
	Notes      []string       `json:"notes,omitempty"` // failures that the outage excuses, though it was over
}

// reportRow is a fault in one form, or in all of them together. Added latency is against half of the answers without a fault, which have
// a row of their own: what is added at their p99 is the machine's.
type reportRow struct {
	Fault     string          `json:"fault"`
	Form      string          `json:"form"` // stream, resume, held, whole; empty: all
	Requests  int             `json:"requests"`
	Injected  int             `json:"injected"`
	Failovers int             `json:"failovers"`
	Hedges    int             `json:"hedges"`
	AddedP50  *float64        `json:"added_p50_ms"` // null: no complete answer
	AddedP99  *float64        `json:"added_p99_ms"`
	Outcomes  map[outcome]int `json:"outcomes"`
}

// report sums up.
func (s *soak) report(first, last sample) *report {
	r := &report{Seed: s.seed, Seconds: s.lasts.Seconds(), Requests: s.sent.Load(), Unsent: s.unsent.Load(), Streams: [2]int64{s.pace.low, s.pace.high}, GaveWay: s.pace.gaveWay,
		Starved: s.weather.hunger().Seconds(), Late: last.values[lateFor] - first.values[lateFor], Faulty: s.faults.Load(), Attempts: s.books.attempts,
		Flaps: s.chaos.flaps, Reloads: [2]int{s.chaos.goodWrites, s.chaos.badOnes}, Rows: s.books.table()}
	if s.outage > 0 {
		s.weigh()
		r.Storm = &s.stormy
	}
	s.checkCounts(first, last)
	r.Trends = s.trends(first, last)
	for _, t := range r.Trends {
		if s.strict && t.Judged && t.Growth > t.Bound {
			s.violate(aLeak, "%s grew by %.0f over the run; the bound is %.0f", t.Name, t.Growth, t.Bound)
		}
		if s.strict && t.Limit > 0 && t.End > t.Limit {
			s.violate(aLeak, "%s is %.0f after the load; it began with %.0f and may be %.0f", t.Name, t.End, t.Start, t.Limit)
		}
	}
	r.Violations, r.Words, r.Notes = s.violations, s.words, s.notes
	return r
}

// weigh judges what the outage did.
func (s *soak) weigh() {
	st := &s.stormy
	st.Limit = 1.2*float64(st.Requests) + 10*st.Seconds
	if float64(st.Attempts) > st.Limit {
		s.violate(aStorm, "the %d requests that met the outage made %d attempts; at most %.0f may be", st.Requests, st.Attempts, st.Limit)
	}
	st.Lost = map[int]int{}
	for second, n := range s.lost {
		st.Lost[int(second-st.from.Unix())] = n
		if late := time.Unix(second+1, 0).Sub(st.to).Seconds(); late > st.Recovery {
			st.Recovery = late
		}
	}
}

// checkCounts holds souk's own counts to what was done to it.
func (s *soak) checkCounts(first, last sample) {
	if n := last.values[panics]; n > 0 {
		s.violate(aLog, "%v requests ended in a panic", n)
	}
	if n := last.values[logDropped]; n > 0 {
		s.violate(aLog, "the access log lost %v lines", n)
	}
	if n := last.values[inFlight]; n != 0 {
		s.violate(aLeak, "%v requests count as running after the load", n)
	}
	for result, written := range map[string]int{"ok": s.chaos.goodWrites, "error": s.chaos.badOnes} {
		// Files that follow each other within a second may be read as one.
		if n := last.values[reloads+`{result="`+result+`"}`] - first.values[reloads+`{result="`+result+`"}`]; n < float64(written)*0.8-1 {
			s.violate(aLog, "%v reloads are counted as %s of %d files that were written", n, result, written)
		}
	}
}

// leastJudged is the shortest run whose slopes mean something. Descriptors take a while, since a kept connection lives for 90 s after the
// outage's end sent everybody elsewhere. What is resident takes longer: it creeps up to where the collector
// starts, as one page of a pooled buffer after the other is used for the first time.
func leastJudged(name string) time.Duration {
	switch name {
	case resident:
		return 15 * time.Minute
	case heap, descriptors:
		return 5 * time.Minute
	}
	return 2 * time.Minute
}

// trends fits the gauges, without the warming up and the outage. Memory is looked at in the second half alone: pools grow with every
// burst, and the outage's end is one.
func (s *soak) trends(first, last sample) []trend {
	var all []trend
	for _, name := range flatGauges() {
		warm := first.at.Add(min(s.lasts/3, settling))
		if name == heap || name == resident {
			warm = first.at.Add(s.lasts / 2)
		}
		steady := func(at time.Time) bool {
			return at.After(warm) && at.Before(first.at.Add(s.lasts)) && !s.weather.out(at, at)
		}
		t := trendOf(name, s.gauges.samples, steady)
		t.Start, t.End, t.Limit, t.Judged = first.values[name], last.values[name], endLimit(name, first), s.lasts >= leastJudged(name)
		t.Bound = 0.1*t.Median + slack(name)
		all = append(all, t)
	}
	return all
}

// slack is what a gauge may move for reasons of its own.
func slack(name string) float64 {
	switch name {
	case heap:
		return 16e6
	case resident:
		return 32e6
	}
	return 64
}

// endLimit is what a gauge may be after the load. Memory is given back to the system at the collector's leisure, and pools
// keep what they have grown to.
func endLimit(name string, first sample) float64 {
	switch start := first.values[name]; name {
	case heap:
		return start + 32e6
	case resident:
		return 0 // the runtime gives memory back at its leisure: not judged
	default:
		return start + 64
	}
}

// table lists the rows: each fault in all forms together, then in each.
func (b *books) table() []reportRow {
	b.mu.Lock()
	defer b.mu.Unlock()
	base, names := map[form]float64{}, map[string]bool{}
	for key, r := range b.rows {
		slices.Sort(r.excess)
		names[key.name] = true
		if key.name == "none" {
			base[key.form] = quantile(r.excess, 0.5)
		}
	}
	var list []reportRow
	told := reportRow{Fault: together, Outcomes: map[outcome]int{}}
	var toldAdded []float64
	for name := range names {
		all := reportRow{Fault: name, Outcomes: map[outcome]int{}}
		var added []float64
		for f := range forms {
			r := b.rows[rowKey{name, f}]
			if r == nil {
				continue
			}
			one := reportRow{Fault: name, Form: f.String(), Requests: r.requests, Injected: r.struck, Failovers: r.failovers, Hedges: r.hedges, Outcomes: r.outcomes}
			var own []float64
			for _, ms := range r.excess {
				own = append(own, ms-base[f])
			}
			one.addLatency(own)
			added = append(added, own...)
			list = append(list, one)
			all.add(&one)
			if r.told {
				told.add(&one)
				toldAdded = append(toldAdded, own...)
			}
		}
		all.addLatency(added)
		list = append(list, all)
	}
	if told.Requests > 0 {
		told.addLatency(toldAdded)
		list = append(list, told)
	}
	slices.SortFunc(list, func(x, y reportRow) int {
		first := map[string]int{"none": -2, together: -1}
		return cmp.Or(cmp.Compare(first[x.Fault], first[y.Fault]), strings.Compare(x.Fault+" "+x.Form, y.Fault+" "+y.Form))
	})
	return list
}

func (r *reportRow) add(o *reportRow) {
	r.Requests, r.Injected, r.Failovers, r.Hedges = r.Requests+o.Requests, r.Injected+o.Injected, r.Failovers+o.Failovers, r.Hedges+o.Hedges
	for outcome, n := range o.Outcomes {
		r.Outcomes[outcome] += n
	}
}

func (r *reportRow) addLatency(ms []float64) {
	if len(ms) == 0 {
		return
	}
	slices.Sort(ms)
	r.AddedP50, r.AddedP99 = new(quantile(ms, 0.5)), new(quantile(ms, 0.99))
}

// quantile is of a sorted list; 0 of an empty one.
func quantile(list []float64, q float64) float64 {
	if len(list) == 0 {
		return 0
	}
	return list[min(int(q*float64(len(list))), len(list)-1)]
}

// failed tells whether anything was found.
func (r *report) failed() bool { return len(r.Violations) > 0 }

// print writes the table for people.
func (r *report) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "fault\trequests\tinjected\tfailovers\tadded p50 ms\tp99\t")
	for _, o := range outcomes() {
		fmt.Fprintf(w, "%s\t", o)
	}
	fmt.Fprintln(w)
	for _, row := range r.Rows {
		if row.Form != "" {
			continue
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\t%s\t", row.Fault, row.Requests, row.Injected, row.Failovers, milli(row.AddedP50), milli(row.AddedP99))
		for _, o := range outcomes() {
			fmt.Fprintf(w, "%s\t", dash(row.Outcomes[o]))
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush()
	fmt.Fprintf(out, "\n%d requests in %.0f s, %d of them with a fault; %d attempts; %d flaps, %d good and %d bad configurations; %d requests not sent, since too many ran\n",
		r.Requests, r.Seconds, r.Faulty, r.Attempts, r.Flaps, r.Reloads[0], r.Reloads[1], r.Unsent)
	fmt.Fprintf(out, "%d to %d streams at a time", r.Streams[0], r.Streams[1])
	if r.GaveWay > 0 {
		fmt.Fprintf(out, "; %d times fewer were asked for, since the machine could not carry them", r.GaveWay)
	}
	fmt.Fprintln(out)
	if r.Starved > 0 || r.Late > 0 {
		fmt.Fprintf(out, "the machine was too busy: the load and the providers slept for %.1f s, in which timers that expired are not held "+
			"against souk; souk's own timers were late by %.1f s\n", r.Starved, r.Late)
	}
	if st := r.Storm; st != nil {
		fmt.Fprintf(out, "outage of all providers for %.1f s: %d requests met it (%d were sent during it) and made %d attempts (at most %.0f); "+
			"the last request that failed for it began %.0f s after its end (at most %.0f)\n", st.Seconds, st.Requests, st.Sent, st.Attempts, st.Limit, st.Recovery, recovery.Seconds())
	}
	w = tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\ngauge\tstart\tmedian\tpeak\tslope/min\tgrowth\tbound\tafter\tlimit\t")
	for _, t := range r.Trends {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", t.Name, short(t.Start), short(t.Median), short(t.Peak), short(t.Slope), short(t.Growth), bound(t.Bound, t.Judged), short(t.End), bound(t.Limit, t.Limit > 0))
	}
	_ = w.Flush()
	for _, word := range r.Words {
		fmt.Fprintln(out, "VIOLATION", word)
	}
	if r.failed() {
		fmt.Fprintln(out, "\nFAILED:", r.Violations)
	} else {
		fmt.Fprintln(out, "\nPASSED: no hang, no truncated success, no key in a wrong place, no leak")
	}
}

func milli(v *float64) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%.1f", *v)
}

func dash(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

// bound is for what a run of this length can be held to.
func bound(v float64, judged bool) string {
	if !judged {
		return "-"
	}
	return short(v)
}

func short(v float64) string {
	if v >= 1e6 || v <= -1e6 {
		return fmt.Sprintf("%.1fM", v/1e6)
	}
	return fmt.Sprintf("%.0f", v)
}
