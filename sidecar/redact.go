package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/soukproxy/souk/redact"
)

// redactFlags are the flags of souk redact.
type redactFlags struct {
	findings, jsonl, private bool
	types, allow             []string
	dictionary               string
}

func newRedact() *cobra.Command {
	var flags redactFlags
	c := &cobra.Command{
		Use:   "redact",
		Short: "stdin to stdout with personal data and secrets masked",
		Example: `  souk redact < chat.log > clean.log
  souk redact --findings < chat.log
  souk redact --jsonl < texts.jsonl`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			finder, err := flags.finder()
			if err != nil {
				return usageError{err}
			}
			// A filter that waits for its input cannot look at a context; it ends as filters do.
			signal.Reset(os.Interrupt, syscall.SIGTERM)
			out := bufio.NewWriterSize(c.OutOrStdout(), 1<<18)
			p := newProgress(c.ErrOrStderr())
			workers := runtime.GOMAXPROCS(0)
			switch {
			case flags.jsonl:
				err = redactLines(finder, workers, c.InOrStdin(), out, p)
			case flags.findings:
				err = redactStream(finder, workers, c.InOrStdin(), &findingLines{out: out}, p)
			default:
				err = redactStream(finder, workers, c.InOrStdin(), &maskedText{out: out}, p)
			}
			p.end()
			return errors.Join(err, out.Flush())
		},
	}
	f := c.Flags()
	f.BoolVar(&flags.findings, "findings", false, "print JSON lines {\"start\",\"end\",\"type\"} instead of the text; offsets are of bytes")
	f.BoolVar(&flags.jsonl, "jsonl", false, "read lines {\"id\",\"text\",\"json\"}, print {\"id\",\"spans\":[...]}; json:true says that text is a JSON request body")
	f.StringSliceVar(&flags.types, "types", nil, "look for these types only, such as EMAIL,PHONE")
	f.StringSliceVar(&flags.allow, "allow", nil, "exact values to leave as they are")
	f.StringVar(&flags.dictionary, "dictionary", "", "file with terms of your own, one a line")
	f.BoolVar(&flags.private, "private-ips", false, "take addresses of private networks too")
	c.MarkFlagsMutuallyExclusive("findings", "jsonl")
	return c
}

// finder compiles the flags.
func (f *redactFlags) finder() (*redact.Finder, error) {
	o := redact.Options{Allow: f.allow, PrivateIPs: f.private}
	for _, name := range f.types {
		t, ok := redact.ParseType(strings.ToUpper(strings.TrimSpace(name)))
		if !ok {
			return nil, fmt.Errorf("--types: %q is no type; the first ones are EMAIL, PHONE, CREDIT_CARD, IBAN", name)
		}
		o.Types = append(o.Types, t)
	}
	if f.dictionary != "" {
		text, err := os.ReadFile(f.dictionary)
		if err != nil {
			return nil, fmt.Errorf("--dictionary: %w", err)
		}
		for line := range strings.Lines(string(text)) {
			if term := strings.TrimSpace(line); term != "" {
				o.Dictionary = append(o.Dictionary, term)
			}
		}
		if o.Types != nil {
			o.Types = append(o.Types, redact.Dictionary)
		}
	}
	return redact.NewFinder(o)
}
