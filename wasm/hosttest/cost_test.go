package hosttest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/wasm/filter/filtertest"
)

const (
	requests = 100_000
	timed    = 20_000                // of them by callers whom the filter remembers; they are timed
	settled  = 40_000                // after which a filter has all the memory that it needs
	slack    = (512 + 64) << 10      // bytes that may come later: one arena of the Go runtime with its index. Ten bytes a request would be more
	gate     = 60 * time.Microsecond // for a request without a body that is read, the host's own part included
)

// usual is a request as a client's SDK sends it.
func usual(user string) filtertest.Exchange {
	return filtertest.Exchange{Headers: append(filtertest.Headers()[:7], [][2]string{
		{"x-user", user}, {"accept-encoding", "gzip, deflate, br"}, {"authorization", "Bearer sk-0123456789abcdef"}, {"x-request-id", "5f0c6a4e-9b1d-4c4e-8f5e-0123456789ab"},
		{"x-forwarded-for", "192.0.2.1"}, {"x-forwarded-proto", "https"}, {"x-stainless-lang", "js"}, {"x-stainless-package-version", "5.1.0"},
		{"x-stainless-os", "Linux"}, {"x-stainless-arch", "x64"}, {"x-stainless-runtime", "node"}, {"x-stainless-retry-count", "0"},
	}...)}
}

func TestARequestIsSignedInTimeAndLeavesNoMemoryBehind(t *testing.T) {
	if testing.Short() {
		t.Skip("runs 100,000 requests")
	}
	eachBuild(t, func(t *testing.T, m *Module) {
		config := filtertest.Config(`,"identity":{"header":"x-user"},"applied":{"credentials":true,"guardrails":true},"constraints":{"region":["eu"]},"route":{"header":"x-cluster","value":"souk"}`)
		i := configured(t, m, config, clock)
		var few, many []filtertest.Exchange
		for n := range 1000 {
			many = append(many, usual(fmt.Sprintf("acme/user-%d", n)))
			few = append(few, many[n%50])
		}
		fastest, all, p := time.Duration(1<<62), time.Duration(0), &filtertest.Proxy{}
		run := func(exchanges []filtertest.Exchange) time.Duration {
			before := spent(t)
			for e := range exchanges {
				if r := exchanges[e].Run(p, i.Begin); r.Local != nil || len(r.Faults) > 0 {
					t.Fatalf("%+v", r)
				}
			}
			return spent(t) - before
		}
		n, memory := 0, uint32(0)
		for ; n < timed || n < 3*timed && fastest > gate; n += len(few) { // a busy machine gets more tries
			took := run(few)
			all += took
			fastest = min(fastest, took/time.Duration(len(few)))
		}
		t.Logf("a signed request takes %v of processor time, %v in the fastest thousand", all/time.Duration(n), fastest)
		for n = timed; n < requests; n += len(many) {
			if n == settled {
				memory = i.Memory()
			}
			run(many)
		}
		t.Logf("the memory after %d requests is %d KiB", requests, i.Memory()>>10)
		if fastest > gate {
			t.Logf("that is more than the gate of %v", gate)
		}
		if fastest > 3*gate { // what no busy or slow machine explains
			t.Errorf("a signed request takes %v, want at most %v", fastest, gate)
		}
		if i.Memory() > memory+slack {
			t.Errorf("the memory is %d bytes after %d requests, %d after %d", i.Memory(), requests, memory, settled)
		}
	})
}

func TestARedactedRequestLeavesNoMemoryBehind(t *testing.T) {
	if testing.Short() {
		t.Skip("runs thousands of requests")
	}
	eachBuild(t, func(t *testing.T, m *Module) {
		i := configured(t, m, filtertest.Config(`,"identity":{"header":"x-user"},"redact":{"mode":"restore"},"body":"required"`), clock)
		body := `{"messages":[{"content":"` + strings.Repeat(`He said: \"we meet at the old mill\", and so they went.\n`, 70) + `write to %s"}]}`
		x := usual("alice")
		x.Answer = [][2]string{{":status", "200"}, {"content-type", "text/event-stream"}}
		for range 20 {
			x.AnswerBody = append(x.AnswerBody, filtertest.Event("some words of an answer to <EMAIL_1>"))
		}
		const redacted = 5000
		p := &filtertest.Proxy{}
		var memory uint32
		from := spent(t)
		for n := range redacted {
			if n == redacted/5 {
				memory = i.Memory()
			}
			address := fmt.Sprintf("user%d@example.com", n)
			x.Body = []string{fmt.Sprintf(body, address)}
			r := x.Run(p, i.Begin)
			if r.Local != nil || len(r.Faults) > 0 || strings.Contains(r.Body, address) || strings.Count(r.AnswerBody, address) != len(x.AnswerBody) {
				t.Fatalf("%+v", r)
			}
		}
		t.Logf("a redacted request of %d bytes and its answer in %d events take %v of processor time; the memory is %d KiB", len(x.Body[0]), len(x.AnswerBody), (spent(t)-from)/redacted, i.Memory()>>10)
		if i.Memory() > memory+slack {
			t.Errorf("the memory is %d bytes after %d requests, %d after %d", i.Memory(), redacted, memory, redacted/5)
		}
	})
}
