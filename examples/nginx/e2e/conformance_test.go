package e2e

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/soukproxy/souk/policy/handoff/conformance"
)

// TestNGINXIsLikeOtherGateways plays the cases that every adapter has to pass on the configuration with njs. What differs from the
// example is where the identity comes from: the header of the cases, in place of NGINX's own check of a password.
func TestNGINXIsLikeOtherGateways(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("x-answered-by", string(conformance.Service))
	}))
	t.Cleanup(service.Close)
	conformance.Run(t, "nginx", func(t *testing.T, c conformance.Case) (conformance.Played, string, bool) {
		sidecar := conformance.NewFakeSidecar(t, c)
		s := prepare(t)
		swap := []string{
			"server " + s.sidecar, "server " + sidecar.Address(),
			"map $remote_user $souk_id { default $remote_user; }", "map $http_x_user $souk_id { default $http_x_user; }",
			"auth_basic souk;", `if ($http_x_user = "") { return 401; }`,
			"auth_basic_user_file", "# auth_basic_user_file",
		}
		if c.Mode == conformance.FailOpen {
			swap = append(swap, "# server 127.0.0.1:9000 backup;", "server "+strings.TrimPrefix(service.URL, "http://")+" backup;")
		}
		if c.Stripped {
			swap = append(swap, `map "" $souk_strip        { default ""; }`, `map "" $souk_strip        { default "`+conformance.Prefix+`"; }`)
		}
		conf := s.Read(t, "nginx-njs.conf")
		for i := 0; i < len(swap); i += 2 {
			if !strings.Contains(conf, swap[i]) {
				t.Fatalf("nginx-njs.conf has no %q", swap[i])
			}
			conf = strings.Replace(conf, swap[i], swap[i+1], 1)
		}
		s.Write(t, "nginx-njs.conf", conf)
		s.Write(t, "key.json", `{"id": "`+conformance.KeyID+`", "secret": "`+conformance.Secret+`"}`)
		s.start(t, "nginx-njs.conf")
		return conformance.Send(t, s.address, c, sidecar), "", true
	})
}
