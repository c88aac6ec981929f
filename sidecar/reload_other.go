//go:build !unix

package main

import "os"

// notifyReload: there is no hang-up signal here; a changed file reloads.
func notifyReload(chan<- os.Signal) {}
