package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/soukproxy/souk/e2etest"
	"github.com/soukproxy/souk/policy/handoff/conformance"
)

// TestTraefikIsLikeOtherGateways plays the cases that every adapter has to pass, each in a configuration of its own.
func TestTraefikIsLikeOtherGateways(t *testing.T) {
	s := open(t, nil)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("x-answered-by", string(conformance.Service))
	}))
	t.Cleanup(service.Close)
	n := 0
	conformance.Run(t, "traefik", func(t *testing.T, c conformance.Case) (conformance.Played, string, bool) {
		for _, h := range c.Header {
			if h.Name == "Connection" {
				return conformance.Played{}, "it takes Connection, and what that names, away before any middleware", false
			}
		}
		sidecar := conformance.NewFakeSidecar(t, c)
		n++
		ready := fmt.Sprintf("/ready-%d", n)
		middlewares := "[souk]"
		if c.Stripped {
			middlewares = "[strip, souk]"
		}
		open := c.Mode == conformance.FailOpen
		s.Write(t, "dynamic.yaml", fmt.Sprintf(`
http:
  routers:
    ready: {entryPoints: [web], rule: "Path(`+"`%s`"+`)", service: noop@internal}
    llm: {entryPoints: [web], rule: "PathPrefix(`+"`/`"+`)", middlewares: %s, service: service}
  services:
    service: {loadBalancer: {servers: [{url: %q}]}}
  middlewares:
    strip: {stripPrefix: {prefixes: [%s]}}
    souk:
      plugin:
        souk:
          sidecar: %s
          key: {id: %s, secret: %s}
          identity: {header: %s}
          failOpen: %v
          redactionRequired: %v
`, ready, middlewares, service.URL, conformance.Prefix, sidecar.URL, conformance.KeyID, conformance.Secret, conformance.Identity, open, !open))
		e2etest.Until(t, "the configuration of the case", func() bool {
			r := s.chat(t, "", "")
			r.URL.Path = ready
			a, err := e2etest.Try(s.client, r)
			return err == nil && a.Status == http.StatusTeapot || s.ended(t)
		})
		return conformance.Send(t, strings.TrimPrefix(s.origin, "http://"), c, sidecar), "", true
	})
}
