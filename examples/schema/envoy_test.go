package schema

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	bootstrapv3 "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/stream/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/jwt_authn/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/wasm/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/wasm/v3"
	"google.golang.org/protobuf/encoding/protojson"
	_ "google.golang.org/protobuf/types/known/wrapperspb"
	"sigs.k8s.io/yaml"
)

// Envoy reads its configuration as the JSON form of its protobuf types, in which an unknown field is an error, and then holds it to
// the rules that the types carry.
func TestEnvoysConfigurationIsOneOfItsTypes(t *testing.T) {
	text, err := os.ReadFile("../envoy/envoy.yaml")
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatal("examples/envoy/envoy.yaml is missing")
	}
	if err != nil {
		t.Fatal(err)
	}
	json, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		t.Fatal(err)
	}
	config := &bootstrapv3.Bootstrap{}
	if err := protojson.Unmarshal(json, config); err != nil {
		t.Fatal(err)
	}
	if err := config.ValidateAll(); err != nil {
		t.Error(err)
	}
}

func TestTheSidecarBehindEnvoyIsConfiguredWell(t *testing.T) {
	t.Setenv("HANDOFF_SECRET", strings.Repeat("ab", 32))
	t.Setenv("OPENAI_API_KEY", "sk-example")
	check(t, "../envoy/souk.yaml")
}
