package schema

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

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

	"github.com/soukproxy/souk/wasm/filter"
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

// The filter reads its own configuration, as it will in Envoy.
func TestTheFilterTakesItsConfigurationFromEnvoys(t *testing.T) {
	var tree any
	if err := yaml.Unmarshal([]byte(read(t, "../envoy/envoy.yaml")), &tree); err != nil {
		t.Fatal(err)
	}
	configurations := stringValues(tree)
	if len(configurations) != 1 {
		t.Fatalf("there are %d configurations of plugins", len(configurations))
	}
	environment := map[string]string{"HANDOFF_SECRET": strings.Repeat("ab", 32)}
	_, err := filter.New(configurations[0], filter.Options{Now: time.Now, Random: rand.Reader, Getenv: func(name string) string { return environment[name] }})
	if err != nil {
		t.Error(err)
	}
}

// stringValues are the texts that a configuration wraps as google.protobuf.StringValue.
func stringValues(tree any) (found []string) {
	switch node := tree.(type) {
	case map[string]any:
		if node["@type"] == "type.googleapis.com/google.protobuf.StringValue" {
			return []string{node["value"].(string)}
		}
		for _, child := range node {
			found = append(found, stringValues(child)...)
		}
	case []any:
		for _, child := range node {
			found = append(found, stringValues(child)...)
		}
	}
	return found
}

func TestTheSidecarBehindEnvoyIsConfiguredWell(t *testing.T) {
	t.Setenv("HANDOFF_SECRET", strings.Repeat("ab", 32))
	t.Setenv("OPENAI_API_KEY", "sk-example")
	check(t, "../envoy/souk.yaml")
}
