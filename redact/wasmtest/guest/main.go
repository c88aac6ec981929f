// Command guest is Exercise from standard input to standard output, to be compiled for wasip1.
package main

import (
	"os"

	"github.com/soukproxy/souk/redact/wasmtest"
)

func main() {
	if err := wasmtest.Exercise(os.Stdin, os.Stdout); err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}
