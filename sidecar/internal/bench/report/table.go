package report

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// busyMachine is how many cores of other work make a cell worthless.
const busyMachine = 0.2

// WriteTable prints the report for people: Markdown that also reads well as it is.
func (r *Report) WriteTable(w io.Writer) error {
	var b strings.Builder
	pinned := "proxies on one core, mock and load on another"
	if !r.Machine.Pinned {
		pinned = "processes not bound to cores"
	}
	fmt.Fprintf(&b, "%d cores (%s), %s, %s; %s; %d interleaved rounds, median [min..max]\n",
		r.Machine.Cores, r.Machine.CPU, r.Machine.Go, r.Machine.System, pinned, r.Rounds)
	if r.Quick {
		b.WriteString("quick run: too short for its figures to be trusted\n")
	}
	if s := r.OtherBusy; s != nil {
		fmt.Fprintf(&b, "other work on the machine kept %s cores busy", ranged(s))
		disturbed := 0
		for _, busy := range s.Rounds {
			if busy > busyMachine {
				disturbed++
			}
		}
		if disturbed > 0 {
			fmt.Fprintf(&b, "; over %s in %d of %d cells, whose figures cannot be trusted",
				number(busyMachine), disturbed, len(s.Rounds))
		}
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	writeColumns(&b, r.table())
	r.writeNotes(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) table() [][]string {
	table := [][]string{{"measure", "souk", "bare fasthttp", "NGINX", "direct",
		"ratio to fasthttp", "ratio to NGINX", "gate", "aim", "verdict"}}
	for i := range r.Rows {
		row := &r.Rows[i]
		gates, aims := row.bounds()
		table = append(table, []string{row.Measure + ", " + row.Unit,
			ranged(row.Values[Souk]), median(row.Values[Fasthttp]), median(row.Values[NGINX]), median(row.Values[Direct]),
			ranged(row.RatioToFasthttp), ranged(row.RatioToNGINX), gates, aims, string(row.Verdict)})
	}
	return table
}

// bounds are the gates and aims of a row; which ratio is meant is said where there is one.
func (r *Row) bounds() (gates, aims string) {
	var gate, aim []string
	for _, c := range r.Checks {
		unit := map[string]string{"ratio to fasthttp": " x fasthttp", "ratio to NGINX": " x NGINX"}[c.Of]
		gate = append(gate, "<= "+number(c.Gate)+unit)
		if c.Aim != nil {
			aim = append(aim, number(*c.Aim)+unit)
		}
	}
	return orDash(strings.Join(gate, ", ")), orDash(strings.Join(aim, ", "))
}

// writeNotes says each thing once, however many rounds noted it.
func (r *Report) writeNotes(b *strings.Builder) {
	count := map[string]int{}
	var notes []string
	for i := range r.Cells {
		c := &r.Cells[i]
		if c.Note == "" {
			continue
		}
		note := c.Scenario + ", " + c.Target + ": " + c.Note
		if count[note]++; count[note] == 1 {
			notes = append(notes, note)
		}
	}
	if len(notes) > 0 {
		b.WriteString("\nnotes\n")
	}
	for _, note := range notes {
		fmt.Fprintf(b, "- %s (%d of %d rounds)\n", note, count[note], r.Rounds)
	}
}

func writeColumns(b *strings.Builder, table [][]string) {
	widths := make([]int, len(table[0]))
	for _, row := range table {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for n, row := range table {
		for i, cell := range row {
			b.WriteString("| " + cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+1))
		}
		b.WriteString("|\n")
		if n == 0 {
			for _, width := range widths {
				b.WriteString("|" + strings.Repeat("-", width+2))
			}
			b.WriteString("|\n")
		}
	}
}

func ranged(s *Spread) string {
	if s == nil || len(s.Rounds) == 1 {
		return median(s)
	}
	return fmt.Sprintf("%s [%s..%s]", number(s.Median), number(s.Min), number(s.Max))
}

func median(s *Spread) string {
	if s == nil {
		return "-"
	}
	return number(s.Median)
}

// number keeps three figures or so.
func number(v float64) string {
	switch a := math.Abs(v); {
	case a == math.Trunc(a), a >= 100:
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
