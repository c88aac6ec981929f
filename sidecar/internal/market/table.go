package market

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// WriteMarket prints offers as a table, for souk market. A simulated offer says so; "-" is not known.
func WriteMarket(w io.Writer, offers []EndpointView) error {
	if len(offers) == 0 {
		_, err := fmt.Fprintln(w, "no offers")
		return err
	}
	t := newTable(w, "offer", "type", "region", "in $/M", "out $/M", "first token p50/p99", "tok/s", "up 5m/30m", "state", "in flight")
	for i := range offers {
		o := &offers[i]
		in, out := prices(o.Pricing)
		t.row(label(o.Name, o.Simulated), o.Type, strings.Join(o.Regions, ","), in, out,
			firstToken(o.LatencyLast5m), rate(o.ThroughputLast5m), pair(uptime(o.UptimeLast5m), uptime(o.UptimeLast30m)),
			o.State, count(o.InFlight))
	}
	return t.flush()
}

// WriteModels prints models as a table, for souk models. The price is the cheapest offer's.
func WriteModels(w io.Writer, models []ModelView) error {
	if len(models) == 0 {
		_, err := fmt.Fprintln(w, "no models")
		return err
	}
	t := newTable(w, "model", "offers", "context", "in $/M", "out $/M", "cheapest", "supports")
	for i := range models {
		m := &models[i]
		in, out := prices(m.Pricing)
		cheapest := ""
		if m.TopProvider != nil && m.Pricing != nil {
			cheapest = m.TopProvider.Name
		}
		t.row(label(m.ID, m.Simulated), strconv.Itoa(m.Offers), count(m.ContextLength), in, out, cheapest, strings.Join(m.SupportedParameters, ","))
	}
	return t.flush()
}

type table struct{ w *tabwriter.Writer }

func newTable(w io.Writer, columns ...string) table {
	t := table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	t.row(columns...)
	return t
}

// row writes its cells, "-" for empty ones. The last cell is not padded, so that lines have no trailing blanks.
func (t table) row(cells ...string) {
	for i := range cells {
		cells[i] = cmp.Or(printable(cells[i]), "-")
	}
	// Errors of the writer below come out of Flush.
	_, _ = io.WriteString(t.w, strings.Join(cells, "\t")+"\n")
}

func (t table) flush() error { return t.w.Flush() }

// printable replaces control characters: names come from configurations and from other machines, and must neither
// break the table nor move the terminal's cursor.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}

func label(name string, simulated bool) string {
	if simulated {
		return name + " (simulated)"
	}
	return name
}

func prices(p *PricingView) (in, out string) {
	if p == nil {
		return "", ""
	}
	return dollarsPerMillion(p.Prompt), dollarsPerMillion(p.Completion)
}

// dollarsPerMillion turns dollars per token into dollars per million tokens by moving the decimal point, so that
// nothing is rounded: 0.00000015 becomes 0.15. What is no plain decimal number is returned empty.
func dollarsPerMillion(perToken string) string {
	whole, frac, _ := strings.Cut(perToken, ".")
	if whole+frac == "" || strings.Trim(whole+frac, "0123456789") != "" {
		return ""
	}
	for len(frac) < 6 {
		frac += "0"
	}
	whole, frac = strings.TrimLeft(whole+frac[:6], "0"), strings.TrimRight(frac[6:], "0")
	whole = cmp.Or(whole, "0")
	if frac == "" {
		return whole
	}
	if len(frac) == 1 {
		frac += "0" // cents
	}
	return whole + "." + frac
}

func firstToken(s *SpreadView) string {
	if s == nil {
		return ""
	}
	return pair(milliseconds(s.P50), milliseconds(s.P99))
}

func milliseconds(ms float64) string {
	switch {
	case ms < 10:
		return strconv.FormatFloat(ms, 'f', 1, 64) + "ms"
	case ms < 1000:
		return strconv.FormatFloat(ms, 'f', 0, 64) + "ms"
	}
	return strconv.FormatFloat(ms/1000, 'f', 1, 64) + "s"
}

func rate(perSecond *float64) string {
	if perSecond == nil {
		return ""
	}
	return strconv.FormatFloat(*perSecond, 'f', 0, 64)
}

// uptime rounds down, so that 100% means that nothing failed.
func uptime(percent *float64) string {
	switch {
	case percent == nil:
		return "-"
	case *percent >= 100:
		return "100%"
	}
	return strconv.FormatFloat(float64(int(*percent*10))/10, 'f', 1, 64) + "%"
}

func pair(a, b string) string {
	if a == "-" && b == "-" {
		return ""
	}
	return a + "/" + b
}

func count(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}
