package route

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/money"
)

// Table writes an explanation for people: the plan, then what was left out. Prices are in USD per million
// tokens; a simulated offer is marked as such.
func Table(w io.Writer, e *Explanation) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s, sorted by %s\n\n", e.Model, e.Sort)
	t := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	if len(e.Plan) == 0 {
		fmt.Fprintln(&out, "no offer is left")
	} else {
		fmt.Fprintln(t, "#\tOFFER\tTYPE\tREGION\tINPUT\tOUTPUT\tP50\tP99\tTOKENS/S\tUPTIME\tSTATE\tIN FLIGHT\tSHARE\tWHY")
	}
	simulated := false
	for i := range e.Plan {
		p := &e.Plan[i]
		simulated = simulated || p.Simulated
		fmt.Fprintln(t, strings.Join(append([]string{fmt.Sprint(i + 1)}, p.cells()...), "\t"))
	}
	t.Flush() // a strings.Builder does not fail
	if len(e.Excluded) > 0 {
		fmt.Fprintf(&out, "\nleft out:\n")
		for _, x := range e.Excluded {
			fmt.Fprintf(t, "%s\t%s\n", x.Offer, x.Why)
		}
		t.Flush()
	}
	if simulated {
		fmt.Fprintln(&out, "\n(simulated): the offer and its figures come from a simulated provider")
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (p *Planned) cells() []string {
	const unknown = "-"
	name, region := p.Offer, p.Region
	if p.Simulated {
		name += " (simulated)"
	}
	if region == "" {
		region = unknown
	}
	input, output := unknown, unknown
	if p.Price != nil {
		input, output = dollars(money.PerMillion(p.Price.Input)), dollars(money.PerMillion(p.Price.Output))
	}
	p50, p99 := unknown, unknown
	if p.Latency != nil {
		p50, p99 = shown(p.Latency.P50), shown(p.Latency.P99)
	}
	throughput, uptime := unknown, unknown
	if p.Throughput != nil {
		throughput = number(*p.Throughput)
	}
	if p.Uptime != nil {
		uptime = number(*p.Uptime) + "%"
	}
	return []string{
		name, p.Type, region, input, output, p50, p99, throughput, uptime, p.State,
		fmt.Sprint(p.InFlight), fmt.Sprintf("%.1f%%", p.Share*100), p.Why,
	}
}

func shown(ms float64) string {
	d := time.Duration(ms * float64(time.Millisecond))
	if d >= time.Second {
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(100 * time.Microsecond).String()
}
