package handoff_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
)

func TestManyHeadersOfAHandOffAreNotComparedWithEachOther(t *testing.T) {
	fields := []handoff.Field{{Name: "signature-input", Value: "x"}, {Name: "signature", Value: "x"}}
	for i := range 24_000 {
		fields = append(fields, handoff.Field{Name: fmt.Sprintf("Souk-%05d", i)})
	}
	start := time.Now()
	if _, err := handoff.KeyIDOf(fields); err == nil || !strings.Contains(err.Error(), "signature-input") {
		t.Errorf("expected a complaint about signature-input, got %v", err)
	}
	if took := time.Since(start); took > 300*time.Millisecond {
		t.Errorf("it took %v", took)
	}
	for _, at := range []int{3, 30, 20_000} {
		twice := append(fields[:len(fields):len(fields)], handoff.Field{Name: strings.ToUpper(fields[at].Name)})
		if _, err := handoff.KeyIDOf(twice); err == nil || !strings.Contains(err.Error(), strings.ToLower(fields[at].Name)+" came more than once") {
			t.Errorf("header %d twice gives %v", at, err)
		}
	}
}

func TestAStringOfManyEscapesIsReadPieceByPieceIntoOneBuffer(t *testing.T) {
	for _, c := range []struct {
		escapes int
		ok      bool
	}{{handoff.MaxText, true}, {handoff.MaxText + 1, false}, {handoff.MaxHeader/2 - 5, false}} {
		value := `id="` + strings.Repeat(`\"`, c.escapes) + `"`
		var who handoff.Caller
		var err error
		if n := testing.AllocsPerRun(1, func() { who, err = handoff.ParseCaller(value) }); n > 40 {
			t.Errorf("%d escapes: %v allocations", c.escapes, n)
		}
		if (err == nil) != c.ok || c.ok && who.ID != strings.Repeat(`"`, c.escapes) {
			t.Errorf("%d escapes: an id of %d bytes and %v", c.escapes, len(who.ID), err)
		}
	}
}
