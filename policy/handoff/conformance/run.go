package conformance

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Host plays a case on an adapter in its host, or as near to it as the host's test kit comes. It is false, with why, for a case that
// cannot happen there, and fails the test when it cannot play it.
type Host func(t *testing.T, c Case) (got Played, why string, ok bool)

// Played is what a host saw.
type Played struct {
	Outcome
	Body string          // that the sidecar got
	Gaps []time.Duration // between the events of a stream, at the client
}

// The stream of a case with Stream.
const (
	Events = 5
	Gap    = 50 * time.Millisecond
)

// Result is a line of the table.
type Result struct{ Host, Case, Outcome string }

// Run plays every case and holds the host to its outcome.
func Run(t *testing.T, host string, play Host) {
	var results []Result
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			got, why, ok := play(t, c)
			if !ok {
				results = append(results, Result{host, c.Name, "n/a: " + why})
				t.Logf("cannot happen in %s: %s", host, why)
				return
			}
			if got.Outcome != c.Want {
				t.Errorf("got %+v, want %+v", got.Outcome, c.Want)
			}
			if c.Want.By == Sidecar && got.Body != c.Body {
				t.Errorf("the sidecar got %d bytes of the body's %d", len(got.Body), len(c.Body))
			}
			if c.Stream {
				checkGaps(t, got.Gaps)
			}
			verdict := got.String()
			if t.Failed() {
				verdict = "WRONG: " + verdict
			}
			results = append(results, Result{host, c.Name, verdict})
		})
	}
	keep(t, host, results)
}

// String is an outcome as the table shows it.
func (o Outcome) String() string {
	if o.By == Sidecar {
		return fmt.Sprintf("%d, caller %s", o.Status, o.Caller)
	}
	return fmt.Sprintf("%d by the %s", o.Status, o.By)
}

// checkGaps holds that a stream came at its source's pace: a buffered one comes all at once.
func checkGaps(t *testing.T, gaps []time.Duration) {
	t.Helper()
	if len(gaps) != Events-1 {
		t.Errorf("%d gaps between %d events", len(gaps), Events)
		return
	}
	var sum time.Duration
	for _, g := range gaps {
		sum += g
	}
	if sum < (Events-1)*Gap/2 {
		t.Errorf("the stream came in %v; its source took %v", sum, (Events-1)*Gap)
	}
}

func keep(t *testing.T, host string, results []Result) {
	dir := os.Getenv("SOUK_CONFORMANCE")
	if dir == "" {
		return
	}
	text, err := json.Marshal(results)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, host+".json"), text, 0o644)
	}
	if err != nil {
		t.Error(err)
	}
}
