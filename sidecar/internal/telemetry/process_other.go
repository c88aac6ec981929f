//go:build !linux && !darwin

package telemetry

// readUsage knows nothing of the process on this system; the Go runtime's own figures remain.
func readUsage() usage {
	return usage{cpu: -1, resident: -1, virtual: -1, fds: -1, maxFDs: -1}
}
