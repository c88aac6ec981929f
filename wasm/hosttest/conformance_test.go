package hosttest

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
	"github.com/soukproxy/souk/policy/handoff/conformance"
	"github.com/soukproxy/souk/wasm/filter/filtertest"
)

// The cases of all adapters, as far as they are the filter's: what is routed where, and when, is its host's.
func TestConformance(t *testing.T) {
	eachBuild(t, func(t *testing.T, m *Module) {
		host := map[string]string{"standard": "envoy-go", "tinygo": "envoy-tinygo"}[t.Name()[strings.LastIndexByte(t.Name(), '/')+1:]]
		conformance.Run(t, host, func(t *testing.T, c conformance.Case) (conformance.Played, string, bool) {
			switch {
			case c.Down, c.Mode == conformance.FailOpen:
				return conformance.Played{}, "Envoy's own routing", false
			case c.Stream:
				return conformance.Played{}, "Envoy's own pace; pieces pass one by one", false
			}
			return play(t, m, c), "", true
		})
	})
}

func play(t *testing.T, m *Module, c conformance.Case) conformance.Played {
	t.Helper()
	config := map[string]any{
		"key": map[string]string{"id": conformance.KeyID, "secret": conformance.Secret}, "identity": map[string]string{"header": conformance.Identity},
	}
	if c.Stripped {
		config["strip_prefix"] = conformance.Prefix
	}
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	nonce := make([]byte, 16)
	if _, err := io.ReadFull(rand.Reader, nonce); err != nil {
		t.Fatal(err)
	}
	i := configured(t, m, string(text), Clock{At: time.Now().Unix(), Random: filtertest.Random{Bytes: string(nonce)}})
	x := filtertest.Exchange{Headers: [][2]string{{":method", c.Method}, {":path", c.Target}, {":scheme", "http"}, {":authority", "localhost"}}}
	if c.Caller != "" {
		x.Headers = append(x.Headers, [2]string{strings.ToLower(conformance.Identity), c.Caller})
	}
	for _, h := range c.Header {
		x.Headers = append(x.Headers, [2]string{h.Name, h.Value})
	}
	if c.Body != "" {
		x.Body = []string{c.Body}
	}
	r := x.Run(&filtertest.Proxy{}, i.Begin)
	for _, fault := range r.Faults {
		t.Error(fault)
	}
	if r.Local != nil {
		return conformance.Played{Outcome: conformance.Outcome{Status: int(r.Local.Status), By: conformance.Adapter}}
	}
	return received(t, &r)
}

// received is what the sidecar makes of a request that the filter let pass.
func received(t *testing.T, r *filtertest.Result) conformance.Played {
	t.Helper()
	verifier, err := conformance.NewVerifier()
	if err != nil {
		t.Fatal(err)
	}
	var method, target string
	var fields []handoff.Field
	for _, h := range r.Headers {
		switch h[0] {
		case ":method":
			method = h[1]
		case ":path":
			target = h[1]
		default:
			fields = append(fields, handoff.Field{Name: h[0], Value: h[1]})
		}
	}
	got, err := conformance.Verify(verifier, method, target, fields, []byte(r.Body))
	if err != nil {
		t.Errorf("the hand-off is refused: %v", err)
	}
	return got
}
