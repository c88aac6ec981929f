// Package e2etest runs the souk binary, simulated providers, real gateways and other programs, each a process of its own on loopback,
// for the end-to-end tests of the sidecar, the adapters and the examples, which are modules of their own. It is the standard library
// alone, and knows souk from outside only: commands, files, HTTP.
package e2etest
