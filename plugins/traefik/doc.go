// Package traefik is a middleware for Traefik that hands requests to the sidecar: it signs who asks, as Traefik has found out
// before, and passes the request on itself. README.md shows how to install and configure it.
//
// Traefik interprets it with yaegi 0.16.1. What that interpreter cannot do, or does hundreds of times slower, is avoided: see
// package handoff. Two rules of this package's own follow from it. New returns a handler of the standard library, not one of its own,
// because a panic that passes through interpreted code, as it does with each caller that hangs up in a stream, writes a stack
// to Traefik's log. And no interpreted type stands between the answer and the caller, because it would hide that the
// answer can be flushed.
package traefik
