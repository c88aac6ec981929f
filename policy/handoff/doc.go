// Package handoff makes and checks the hand-off: a gateway's signed statement about a request that it passes on to the
// sidecar. It says who asks, what the gateway has already applied, and where the request may go.
//
// A hand-off is an HTTP message signature (RFC 9421, hmac-sha256) over the method, the path, the query and three headers that
// are dictionaries of RFC 8941: Souk-Caller, Souk-Applied and Souk-Constraints. README.md has the steps for a gateway
// that cannot use this package.
//
// An adapter has a Signer and sets the headers that Sign returns, in place of any of the same name that the client sent; a client's
// own header whose name is Reserved is refused with 400. One that is interpreted takes Address and SignInto in place of Sign. The
// sidecar has a Verifier: Verify before it believes anything, Spend when the first attempt starts.
//
// The package runs natively, compiled to WebAssembly, and in yaegi 0.16.1, the interpreter of Traefik's plugins. So it stays
// with the standard library, without net/http, reflection, min, max, clear, errors.As, ranges over numbers, assignments of several
// values of which one is called, and loops that change their own variable, and it calls functions on whole strings where others
// would loop over bytes: an interpreted loop is hundreds of times slower. Package fmt is for SignInto, with which the compiled
// modules leave it out.
package handoff
