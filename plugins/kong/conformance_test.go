package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/soukproxy/souk/plugins/kong/kongtest"
	"github.com/soukproxy/souk/policy/handoff/conformance"
)

// TestConformance plays the cases that all adapters have in common, on the plugin's binary behind the fake Kong.
func TestConformance(t *testing.T) {
	plugin := kongtest.Start(t, built)
	conformance.Run(t, "kong", func(t *testing.T, c conformance.Case) (conformance.Played, string, bool) {
		sidecar := conformance.NewFakeSidecar(t, c)
		service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("x-answered-by", string(conformance.Service))
			fmt.Fprint(w, "from the service")
		}))
		t.Cleanup(service.Close)
		config := address(t, sidecar.URL)
		config["key_id"], config["secret"], config["probe_interval"] = conformance.KeyID, conformance.Secret, 100
		if c.Mode == conformance.FailOpen {
			config["fail_open"], config["redaction"] = true, "not_needed"
		}
		i := instance(t, plugin, config)
		t.Cleanup(func() { _ = i.Close() })
		if c.Down {
			untilDown(t, i)
		}
		g := kongtest.NewGateway(t, i, service.URL)
		g.Authenticate = func(x *kongtest.Exchange) bool {
			if name := x.Header.Get(conformance.Identity); name != "" {
				x.Consumer, x.CredentialID = &kongtest.Consumer{ID: "1", Username: name}, "credential"
			}
			return true // Kong lets everybody through: it is for the plugin to refuse
		}
		if c.Stripped {
			g.Paths, g.StripPath = []string{conformance.Prefix}, true
		}
		front := httptest.NewServer(g)
		t.Cleanup(front.Close)
		return conformance.Send(t, front.Listener.Addr().String(), c, sidecar), "", true
	})
}

// untilDown waits until the probe has found out that nobody listens.
func untilDown(t *testing.T, i *kongtest.Instance) {
	for t.Context().Err() == nil {
		x := alice()
		i.Access(x)
		if x.Fault != nil {
			t.Fatal(x.Fault)
		}
		if x.Exit != nil || x.Host == "origin.example" {
			return
		}
	}
	t.Fatal("the probe does not find out that the sidecar is down")
}
