// Command handoff is handofftest.Exercise from standard input to standard output, to be compiled for wasip1.
package main

import (
	"os"

	"github.com/soukproxy/souk/policy/handoff/handofftest"
)

func main() {
	if err := handofftest.Exercise(os.Stdin, os.Stdout); err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}
