package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/soukproxy/souk/sidecar/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sink keeps what is written; it can refuse.
type sink struct {
	mu     sync.Mutex
	buf    bytes.Buffer
	writes int
	err    error
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	if s.err != nil {
		return 0, s.err
	}
	return s.buf.Write(p)
}

func (s *sink) lines(t *testing.T) []map[string]any {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []map[string]any
	for line := range strings.Lines(s.buf.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		lines = append(lines, m)
	}
	return lines
}

func sampleRecord() *Record {
	r := &Record{
		Facts: Facts{
			Start: time.Date(2026, 3, 4, 5, 6, 7, 890123456, time.UTC), Duration: 1234567 * time.Microsecond,
			FirstToken: 250 * time.Millisecond, Overhead: 45*time.Microsecond + 999,
			Status: 200, Stream: true, InputTokens: 1200, OutputTokens: 300, Cost: 420_000, CostKnown: true,
			BytesIn: 4096, BytesOut: 8192, TraceID: [16]byte{0x4b, 0xf9, 15: 0x36},
		},
		RequestID: "req_01jz3n4k5m6p7q8r9s0t1v2w3x", Op: "chat", Caller: "ci", Remote: "127.0.0.1:5000",
		AskedModel: "fast", Model: "meta-llama/llama-3.3-70b-instruct",
		Provider: "beta", Offer: "beta/meta-llama/llama-3.3-70b-instruct",
	}
	r.AddAttempt(fault.Attempt{Offer: "alpha/meta-llama/llama-3.3-70b-instruct", Reason: "refused", Duration: time.Millisecond})
	r.AddAttempt(fault.Attempt{Offer: "beta/meta-llama/llama-3.3-70b-instruct", Status: 200, Duration: 1233 * time.Millisecond})
	return r
}

func TestARecordIsWrittenAfterTheNextPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sink
		l := NewAccessLog(&s, 0)
		defer l.Close()
		l.Put(sampleRecord())
		synctest.Wait()
		if n := len(s.lines(t)); n != 0 {
			t.Fatalf("%d lines before the poll, want none: a request must not wake the writer", n)
		}
		time.Sleep(pollEvery)
		synctest.Wait()
		if n := len(s.lines(t)); n != 1 {
			t.Fatalf("%d lines after the poll, want 1", n)
		}
	})
}

func TestAHalfFullBatchIsWrittenWithoutWaitingForThePoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sink
		l := NewAccessLog(&s, 8)
		defer l.Close()
		start := time.Now()
		for range 4 {
			l.Put(sampleRecord())
		}
		synctest.Wait()
		if n := len(s.lines(t)); n != 4 || time.Since(start) != 0 {
			t.Fatalf("%d lines after %v, want 4 at once", n, time.Since(start))
		}
	})
}

// gate blocks the first write until it is opened.
type gate struct {
	sink
	entered, open chan struct{}
	once          sync.Once
}

func (g *gate) Write(p []byte) (int, error) {
	g.once.Do(func() { close(g.entered); <-g.open })
	return g.sink.Write(p)
}

func TestABlockedDestinationDropsAndCountsAndNeverBlocksPut(t *testing.T) {
	g := &gate{entered: make(chan struct{}), open: make(chan struct{})}
	l := NewAccessLog(g, 8)
	for range 4 {
		l.Put(sampleRecord())
	}
	<-g.entered
	for range 20 {
		l.Put(sampleRecord())
	}
	if got := l.Dropped(); got != 12 {
		t.Errorf("dropped %d, want 12: 8 of the 20 fit", got)
	}
	close(g.open)
	l.Close()
	if n := len(g.lines(t)); n != 12 {
		t.Errorf("%d lines, want 12", n)
	}
}

func TestTextIsBoundedAsWellAsRecords(t *testing.T) {
	g := &gate{entered: make(chan struct{}), open: make(chan struct{})}
	l := NewAccessLog(g, 8)
	r := &Record{}
	for range MaxAttempts {
		r.AddAttempt(fault.Attempt{Offer: strings.Repeat("o", 1<<20)})
	}
	l.Put(r)
	<-g.entered
	l.Put(r)
	l.Put(r)
	if got := l.Dropped(); got != 1 {
		t.Errorf("dropped %d, want 1: one record of %d bytes fills the text of 8", got, MaxAttempts*maxText)
	}
	close(g.open)
	l.Close()
}

func TestALogThatCannotBeWrittenCountsItsRecords(t *testing.T) {
	s := sink{err: errors.New("disk full")}
	l := NewAccessLog(&s, 0)
	for range 3 {
		l.Put(sampleRecord())
	}
	l.Close()
	if got := l.Dropped(); got != 3 {
		t.Errorf("dropped %d, want 3", got)
	}
}

func TestCloseDrainsAndIsFinal(t *testing.T) {
	var s sink
	l := NewAccessLog(&s, 0)
	for range 1000 {
		l.Put(sampleRecord())
	}
	l.Close()
	l.Close()
	l.Put(sampleRecord())
	if n := len(s.lines(t)); n != 1000 || l.Dropped() != 1 {
		t.Errorf("%d lines and %d dropped, want 1000 and the 1 that came too late", n, l.Dropped())
	}
	if s.writes > 20 {
		t.Errorf("%d writes for 1000 lines, want them batched", s.writes)
	}
}

func TestConcurrentRecordsKeepTheirOwnText(t *testing.T) {
	var s sink
	l := NewAccessLog(&s, 1<<16)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			name := make([]byte, 0, 32)
			for i := range 500 {
				// The strings' memory is written over after Put, as a request's is.
				name = fmt.Appendf(name[:0], "g%d-%d", g, i)
				r := Record{RequestID: string(name), AskedModel: string(name)}
				r.AddAttempt(fault.Attempt{Offer: string(name)})
				l.Put(&r)
				r.Reset()
			}
		})
	}
	wg.Wait()
	l.Close()
	seen := map[string]bool{}
	for _, line := range s.lines(t) {
		id := line["request_id"].(string)
		offer := line["attempts"].([]any)[0].(map[string]any)["offer"]
		if line["asked_model"] != id || offer != id || seen[id] {
			t.Fatalf("line mixes records or repeats one: %v", line)
		}
		seen[id] = true
	}
	if len(seen) != 2000 {
		t.Errorf("%d records, want 2000", len(seen))
	}
}

func TestPutCopiesTextThatAliasesTheRequest(t *testing.T) {
	var s sink
	l := NewAccessLog(&s, 0)
	body := []byte("model-one")
	l.Put(&Record{AskedModel: alias(body)})
	copy(body, "XXXXXXXXX")
	l.Close()
	if got := s.lines(t)[0]["asked_model"]; got != "model-one" {
		t.Errorf("asked_model %q, want what it was at Put", got)
	}
}

func TestALogThatIsOffCostsNothingAndDropsNothing(t *testing.T) {
	off, err := Open("off")
	if err != nil {
		t.Fatal(err)
	}
	for name, w := range map[string]io.Writer{"off": off, "discard": io.Discard, "nil": nil} {
		l := NewAccessLog(w, 0)
		l.Put(sampleRecord())
		l.Close()
		l.Close()
		if l.Dropped() != 0 || len(l.filling.entries) != 0 {
			t.Errorf("%s: dropped %d, kept %d, want none", name, l.Dropped(), len(l.filling.entries))
		}
	}
}

// steady is a log whose batches have grown, without its goroutine, so that a benchmark counts only what it times.
func steady(size int) *AccessLog {
	l := &AccessLog{out: io.Discard, size: size, filling: &batch{}, spare: &batch{}, early: make(chan struct{}, 1)}
	for range 2 {
		for range size {
			l.Put(sampleRecord())
		}
		l.drain()
	}
	return l
}

func TestPutAllocatesNothingOnceTheBatchesHaveGrown(t *testing.T) {
	l, r := steady(256), sampleRecord()
	if n := testing.AllocsPerRun(200, func() { l.Put(r) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
	l.drain()
	if n := testing.AllocsPerRun(200, func() { l.Put(r); l.drain() }); n != 0 {
		t.Errorf("%v allocations with the encoding, want 0", n)
	}
}

func BenchmarkPut(b *testing.B) {
	l, r := steady(DefaultLogSize), sampleRecord()
	b.ReportAllocs()
	for b.Loop() {
		if len(l.filling.entries) == l.size {
			l.filling.reset() // two stores for 4096 records
		}
		l.Put(r)
	}
}

func BenchmarkPutAndEncode(b *testing.B) {
	l, r := steady(DefaultLogSize), sampleRecord()
	b.ReportAllocs()
	for b.Loop() {
		if len(l.filling.entries) == 256 {
			l.drain()
		}
		l.Put(r)
	}
}
