// Package yaegi runs what Traefik interprets in the interpreter that Traefik has. It is a module of its own, so that the root's
// requires no interpreter: Traefik's plugin catalogue refuses that.
package yaegi
