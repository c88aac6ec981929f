// Command guest is Exercise from standard input to standard output, to be compiled for wasip1. With the argument time it
// masks the body on standard input again and again instead, and writes how many nanoseconds that takes.
package main

import (
	"io"
	"os"
	"strconv"
	"time"

	"github.com/soukproxy/souk/redact/wasmtest"
)

func main() {
	run := exercise
	if len(os.Args) > 1 && os.Args[1] == "time" {
		run = measure
	}
	if err := run(os.Stdin, os.Stdout); err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}

func exercise(in io.Reader, out io.Writer) error { return wasmtest.Exercise(in, out) }

func measure(in io.Reader, out io.Writer) error {
	body, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	start := time.Now()
	took, err := wasmtest.Time(body, func() time.Duration { return time.Since(start) })
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, strconv.FormatInt(int64(took), 10))
	return err
}
