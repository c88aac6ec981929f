package handoff_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/soukproxy/souk/policy/handoff/handofftest"
)

func vectors(t testing.TB) *handofftest.Vectors {
	t.Helper()
	v, err := handofftest.Load("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTheVectorsAreReproduced(t *testing.T) {
	v := vectors(t)
	var out bytes.Buffer
	if err := handofftest.Exercise(strings.NewReader(v.Input()), &out); err != nil {
		t.Fatal(err)
	}
	got, want, names := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"), v.Want(), v.Names()
	if len(got) != len(want) || len(want) < 150 {
		t.Fatalf("%d answers to %d cases", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s:\n got %s\nwant %s", names[i], got[i], want[i])
		}
	}
}
