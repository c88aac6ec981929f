package proxy

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/dialect"
)

// Input that once cost its square: what is held here is the number of allocations where they tell, and otherwise a time that is many times
// what is needed and a fraction of what it was.

func TestAnEventOfManyDataLinesIsReadInOneAllocation(t *testing.T) {
	raw := []byte(strings.Repeat("data:x\r\n", 32<<10) + "\r\n")
	var data []byte
	var single bool
	// The average of some runs: other goroutines allocate too.
	if n := testing.AllocsPerRun(20, func() { data, single = eventData(raw) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
	if want := strings.Repeat("x\n", 32<<10); single || string(data) != want[:len(want)-1] {
		t.Errorf("%d bytes, single %v; expected %d", len(data), single, len(want)-1)
	}
}

func TestALongConnectionHeaderAndManyHeadersCostTheirSum(t *testing.T) {
	list := []byte(strings.Repeat("a,", 16<<10) + " User-Agent ,b")
	lines := []byte(strings.Repeat("accept: x\r\n", 8<<10) + "user-agent: y\r\nopenai-beta: z\r\n")
	start := time.Now()
	n := nominate(list)
	kept := withoutNominated(bytes.Clone(lines), n)
	if took := time.Since(start); took > 300*time.Millisecond {
		t.Errorf("it took %v", took)
	}
	if want := strings.Replace(string(lines), "user-agent: y\r\n", "", 1); string(kept) != want {
		t.Errorf("%d bytes are kept; expected %d", len(kept), len(want))
	}
}

func TestALongAndAShortConnectionHeaderNameTheSame(t *testing.T) {
	const options = "Close, X-Trace ,,\tTE\t,x_under"
	short, long := nominate([]byte(options)), nominate([]byte(options+strings.Repeat(",other", longList)))
	for _, name := range []string{"close", "CLOSE", "x-trace", "X-TRACE", "te", "x_under", "x-tra", "", "accept", "clos"} {
		if s, l := short.has([]byte(name)), long.has([]byte(name)); s != l {
			t.Errorf("%q: %v in a short list, %v in a long one", name, s, l)
		}
	}
	if !long.has([]byte("X-trace")) || !long.has([]byte("other")) || long.has([]byte("accept")) {
		t.Error("the long list does not have its own options, or more than them")
	}
	if none := nominate(nil); none.has([]byte("accept")) {
		t.Error("no list names a header")
	}
}

func TestManyConnectionLinesAreJoinedWithoutCopyingAllOfThemEachTime(t *testing.T) {
	request := []byte("one and what stands behind it")
	more := []byte("two")
	var list []byte
	allocations := testing.AllocsPerRun(1, func() {
		list = joined(nil, request[:3])
		for range 4000 {
			list = joined(list, more)
		}
	})
	if allocations > 50 {
		t.Errorf("%v allocations", allocations)
	}
	if want := "one" + strings.Repeat(",two", 4000); string(list) != want {
		t.Errorf("%d bytes; expected %d", len(list), len(want))
	}
	if string(request) != "one and what stands behind it" {
		t.Errorf("the request became %q", request)
	}
}

func TestNoMoreOfAStreamIsRememberedThanAnotherOfferWouldBeGiven(t *testing.T) {
	text := []byte(`"` + strings.Repeat("x", 300<<10) + `"`)
	s := stream{keepText: true}
	for range 10 {
		s.keep(&dialect.Event{Content: true, Text: text})
	}
	if len(s.said) != maxSaid+1 {
		t.Errorf("%d bytes are remembered; one more than %d tells that the stream cannot be resumed", len(s.said), maxSaid)
	}
	s.keep(&dialect.Event{Content: true, Other: true})
	if !s.other {
		t.Error("what is no text went unseen behind the bound")
	}
}
