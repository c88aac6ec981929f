// Package schema checks the examples that no test can run against the types that their hosts publish. It has a module of its own, so
// that souk requires neither Kubernetes nor Envoy.
package schema
