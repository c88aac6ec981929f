// Command table prints what the hosts made of the conformance cases, side by side: table FOLDER HOST... It fails when a host is
// missing, or one's outcome is wrong.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/soukproxy/souk/policy/handoff/conformance"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: table FOLDER HOST...")
		os.Exit(2)
	}
	if err := show(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func show(dir string, hosts []string) error {
	outcomes := map[[2]string]string{}
	for _, host := range hosts {
		text, err := os.ReadFile(filepath.Join(dir, host+".json"))
		if err != nil {
			return fmt.Errorf("%s has not played the cases: %w", host, err)
		}
		var results []conformance.Result
		if err := json.Unmarshal(text, &results); err != nil {
			return fmt.Errorf("%s: %w", host, err)
		}
		for _, r := range results {
			outcomes[[2]string{r.Case, host}] = r.Outcome
		}
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "case\t"+strings.Join(hosts, "\t"))
	wrong := 0
	for _, c := range conformance.Cases() {
		line := c.Name
		for _, host := range hosts {
			outcome := outcomes[[2]string{c.Name, host}]
			if outcome == "" || strings.HasPrefix(outcome, "WRONG") {
				wrong++
			}
			line += "\t" + outcome
		}
		fmt.Fprintln(w, line)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if wrong > 0 {
		return fmt.Errorf("%d outcomes are wrong or missing", wrong)
	}
	return nil
}
