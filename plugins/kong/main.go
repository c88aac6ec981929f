// Command souk-handoff is an external plugin for Kong Gateway: it hands requests off to the souk sidecar, signed. Kong starts the
// binary, asks it for its schema with -dump, and talks to it over a unix socket; the plugin's name is the binary's file name.
package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

const (
	version = "1.0.0"
	// priority puts the plugin behind authentication, rate limits, request transformers and ai-proxy (770), so that it signs what
	// they have left, and before ai-response-transformer (768).
	priority = 769
)

func main() {
	// The flags that Kong's plugin servers have.
	prefix := flag.String("kong-prefix", "/usr/local/kong", "Kong's prefix, where the socket goes")
	dumps := flag.Bool("dump", false, "print what Kong has to know of the plugin and its schema, and end")
	flag.Parse()
	path, err := os.Executable()
	if err == nil {
		name := filepath.Base(path)
		socket := filepath.Join(*prefix, name+".socket")
		if *dumps {
			err = dump(os.Stdout, name, socket)
		} else {
			err = run(socket)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "souk-handoff:", err)
		os.Exit(1)
	}
}

func run(socket string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	listener, err := listen(socket)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "souk-handoff", version, "listening on", socket)
	return newServer(environment{now: time.Now, random: rand.Reader}).serve(ctx, listener)
}
