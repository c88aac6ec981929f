// Command soak runs souk for a long time over simulated providers that fail in every way they can, while they flap,
// configurations are replaced and callers come and go, and judges every single answer. It exits with 1 when one was a
// hang, a truncated success, or anything else that must not be; souk's providers are simulated, and so is every figure.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	found, err := soakFor(ctx, os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(2)
	case found:
		os.Exit(1)
	}
}

// soakFor runs what the command line asks for; found tells that the run had violations.
func soakFor(ctx context.Context, args []string) (found bool, err error) {
	o := usual()
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	binary := flags.String("souk", "bin/souk", "the souk `binary`")
	file := flags.String("json", "", "write the report to this `file`")
	flags.DurationVar(&o.lasts, "for", 30*time.Minute, "how `long` there is load")
	flags.Uint64Var(&o.seed, "seed", 1, "what the requests and their faults follow from")
	flags.IntVar(&o.streams, "streams", 0, "how many streams run at a time; 0: as many as the machine carries, 2000 at most")
	flags.Float64Var(&o.load.rate, "rate", o.load.rate, "`tokens` a second of a stream without a fault")
	flags.Float64Var(&o.load.slow, "slow", o.load.slow, "`share` of requests whose answer is long and read slowly")
	flags.Float64Var(&o.load.faults, "faults", o.load.faults, "`share` of requests that get a fault")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	if flags.NArg() > 0 || o.lasts < time.Second || o.streams < 0 || o.load.rate <= 0 {
		return false, errors.New("use -for of at least 1s, -streams of at least 0, -rate above 0, and no other words; see -help")
	}
	if o.lasts < 4*o.outage {
		o.outage = o.lasts / 4
	}
	o.start = startBinary(*binary)
	o.out = os.Stderr
	r, err := run(ctx, o)
	if err != nil {
		return false, err
	}
	r.print(os.Stdout)
	if *file != "" {
		text, err := json.MarshalIndent(r, "", "  ")
		if err == nil {
			err = os.WriteFile(*file, append(text, '\n'), 0o644)
		}
		if err != nil {
			return r.failed(), err
		}
	}
	return r.failed(), nil
}

// usual is the long form.
func usual() options {
	return options{
		load:   load{rate: 1.5, minTokens: 8, maxTokens: 24, faults: 0.01, leavers: 0.02, slow: 0.001, slowTokens: 16000},
		timers: timers{connect: time.Second, firstToken: 3 * time.Second, answer: 4 * time.Second, idle: 4 * time.Second, total: 60 * time.Second, keepalive: 2 * time.Second},
		flap:   3 * time.Second,
		reload: 4 * time.Second,
		outage: 15 * time.Second,
		strict: true,
		listen: func() (place, error) {
			listen, err := freeAddress()
			if err != nil {
				return place{}, err
			}
			admin, err := freeAddress()
			return place{listen: listen, admin: admin, access: "stdout"}, err
		},
	}
}
