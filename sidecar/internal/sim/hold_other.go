//go:build !linux

package sim

// hold is for Linux only: elsewhere another process may take the address of a provider that is down.
func hold(string) (release func()) { return func() {} }
