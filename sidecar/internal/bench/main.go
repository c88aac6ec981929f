//go:build linux

// Command bench measures souk side by side with a bare fasthttp proxy, NGINX and no proxy at all, interleaved in one
// run against the same mock provider, and prints a table of ratios. It runs on Linux: it reads what processes use
// from /proc.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// options are the command line.
type options struct {
	souk    string   // the souk binary
	soukCmd []string // a stand-in for it
	rounds  int
	chosen  []scenario
	json    string
	gate    bool
	quick   bool
}

func main() {
	opts, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, opts, os.Stdout, os.Stderr); err != nil {
		if ctx.Err() != nil {
			err = errors.New("interrupted; everything that was started has ended")
		}
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parse(args []string) (*options, error) {
	var o options
	var soukCmd, only string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.souk, "souk", "bin/souk", "the souk `binary` to measure")
	flags.StringVar(&soukCmd, "souk-cmd", "", "a `command` in place of souk; {addr} and {upstream} are filled in. "+
		"What needs souk's configuration or metrics is not measured")
	flags.IntVar(&o.rounds, "rounds", 5, "how often each scenario is measured on each target")
	flags.StringVar(&only, "only", "", "comma-separated `scenarios`, or the beginnings of their names: "+
		strings.Join(scenarioNames(), ", "))
	flags.StringVar(&o.json, "json", "", "write every cell to this `file`")
	flags.BoolVar(&o.gate, "gate", false, "exit 1 when a gate fails")
	flags.BoolVar(&o.quick, "quick", false, "one short round, to see that everything works")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("%q is not a flag; see -help", flags.Arg(0))
	}
	if o.quick {
		o.rounds = 1
	}
	if o.rounds < 1 {
		return nil, errors.New("-rounds must be at least 1")
	}
	o.soukCmd = strings.Fields(soukCmd)
	var err error
	o.chosen, err = chooseScenarios(strings.FieldsFunc(only, func(r rune) bool { return r == ',' || r == ' ' }))
	return &o, err
}
