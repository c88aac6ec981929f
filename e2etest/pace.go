package e2etest

import (
	"net/http"
	"testing"
	"time"
)

const (
	paceTokens = 40
	paceTries  = 3
	pacing     = "tokens=40,rate=40,first-token=0s" // 25 ms for each token
)

// Pace holds that a stream comes as its provider makes it: buffered on the way, its events would come together. request makes the
// request with a simulated provider's directives. Where souk, the gateway and the test wait for a processor, events come together as
// well, so one good stream of three is enough; whatever buffers, buffers all three. Each has to be whole.
func Pace(t testing.TB, c *http.Client, request func(directives string) *http.Request) {
	t.Helper()
	for try := 1; ; try++ {
		s := Follow(t, c, request(pacing), nil)
		if s.Status != http.StatusOK || !s.Done || s.Err != nil || len(s.At) < paceTokens {
			t.Fatalf("%d %v, %d events of %d tokens, done: %v, %v", s.Status, s.Header, len(s.At), paceTokens, s.Done, s.Err)
		}
		together := 0
		for i := 1; i < len(s.At); i++ {
			if s.At[i]-s.At[i-1] < time.Millisecond {
				together++
			}
		}
		first, last := s.At[0], s.At[len(s.At)-1]
		t.Logf("first event after %v, last after %v, %d of %d together with the one before", first, last, together, len(s.At))
		if last-first >= 800*time.Millisecond && together <= paceTokens*3/4 {
			return
		}
		if try == paceTries {
			t.Fatalf("events within %v of the first, %d of %d together with the one before; the provider takes 25 ms for each",
				last-first, together, len(s.At))
		}
	}
}
