package traefiktest

import (
	"net/http"
	"testing"

	"github.com/soukproxy/souk/policy/handoff/conformance"
)

// Conform plays the cases that every adapter has to pass.
func Conform(t *testing.T, build Build) {
	conformance.Run(t, "traefik", func(t *testing.T, c conformance.Case) (conformance.Played, string, bool) {
		sidecar := conformance.NewFakeSidecar(t, c)
		service := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("x-answered-by", string(conformance.Service))
		})
		h, err := build(t.Context(), service, map[string]any{
			"sidecar": sidecar.URL, "key": map[string]any{"id": conformance.KeyID, "secret": conformance.Secret},
			"identity": map[string]any{"header": conformance.Identity},
			"failOpen": c.Mode == conformance.FailOpen, "redactionRequired": c.Mode != conformance.FailOpen,
		}, "souk@test")
		if err != nil {
			t.Fatal(err)
		}
		if c.Stripped { // as Traefik's stripPrefix does
			h = http.StripPrefix(conformance.Prefix, h)
		}
		return conformance.Send(t, Gateway(t, h).Listener.Addr().String(), c, sidecar), "", true
	})
}
