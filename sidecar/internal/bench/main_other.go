//go:build !linux

// Command bench measures souk side by side with other proxies. It runs on Linux only.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "bench: needs Linux, whose /proc says what processes use")
	os.Exit(2)
}
