package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"reflect"
	"testing"

	"github.com/soukproxy/souk/plugins/kong/kongtest"
)

var update = flag.Bool("update", false, "write testdata/dump.json anew")

func TestTheDumpIsTheGoldenOneAndKongTakesIt(t *testing.T) {
	got, err := exec.Command(built, "-dump", "-kong-prefix", "/usr/local/kong").Output()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/dump.json", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/dump.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the dump is not testdata/dump.json; if that is meant, go test -update:\n%s", got)
	}
	info, err := kongtest.Query(built, "/usr/local/kong") // which checks it against Kong's metaschema
	if err != nil {
		t.Fatal(err)
	}
	if p := info.Plugins[0]; p.Priority != 769 || !reflect.DeepEqual(p.Phases, []string{"access", "log"}) {
		t.Errorf("priority %d, phases %v", p.Priority, p.Phases)
	}
	if info.SocketPath != "/usr/local/kong/souk-handoff.socket" {
		t.Errorf("the socket is %s", info.SocketPath)
	}
}

func TestTheSchemaAndTheConfigurationHaveTheSameFieldsAndDefaults(t *testing.T) {
	inSchema := map[string]attributes{}
	for _, entry := range fields() {
		for name, a := range entry {
			inSchema[name] = a
		}
	}
	c, err := parse([]byte(`{"key_id":"k","secret":"` + testSecret + `"}`))
	if err != nil {
		t.Fatal(err)
	}
	v := reflect.ValueOf(*c)
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("json")
		a, ok := inSchema[name]
		if !ok {
			t.Errorf("%s is not in the schema", name)
		}
		delete(inSchema, name)
		want, hasDefault := a["default"]
		if !hasDefault {
			continue
		}
		if got := v.Field(i).Interface(); got != want {
			t.Errorf("%s is %v by default and %v in the schema", name, got, want)
		}
	}
	for name := range inSchema {
		t.Errorf("%s is in the schema alone", name)
	}
}

func TestOnlyTheSecretIsReferenceable(t *testing.T) {
	for _, entry := range fields() {
		for name, a := range entry {
			if (a["referenceable"] == true) != (name == "secret") {
				t.Errorf("%s: referenceable is %v", name, a["referenceable"])
			}
		}
	}
	raw, err := json.Marshal(fields())
	if err != nil || bytes.Contains(raw, []byte(testSecret)) {
		t.Errorf("%v, or the schema holds a secret", err)
	}
}
