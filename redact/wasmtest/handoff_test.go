package wasmtest

import (
	"strings"
	"testing"

	"github.com/soukproxy/souk/policy/handoff/handofftest"
)

// The hand-off's vectors are here because this module has the WebAssembly runtime.
func TestTheHandOffsVectorsAreReproducedInWasm(t *testing.T) {
	v, err := handofftest.Load("../../policy/handoff/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	want, names := v.Want(), v.Names()
	for _, build := range builds {
		t.Run("as compiled by "+build.name, func(t *testing.T) {
			said := compiled(t, build.compile, "./guest/handoff").run(t, []byte(v.Input()))
			got := strings.Split(strings.TrimSuffix(said, "\n"), "\n")
			if len(got) != len(want) {
				t.Fatalf("%d answers to %d cases", len(got), len(want))
			}
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("%s:\n got %s\nwant %s", names[i], got[i], want[i])
				}
			}
		})
	}
}
