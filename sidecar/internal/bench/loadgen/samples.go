package loadgen

import (
	"errors"
	"fmt"
	"strings"

	"github.com/soukproxy/souk/sidecar/internal/bench/wire"
)

// samples are what one connection saw; each connection has its own, so that none waits for another.
type samples struct {
	trace        wire.Trace
	latency      []int64
	firstEvent   []int64
	lag          []int64
	events       int64
	coalesced    int64
	missingUsage int
	errors       int
	errorTexts   map[string]int
}

// record takes the answer to a request that started at the given time and ended now (Unix nanoseconds).
func (s *samples) record(a *wire.Answer, stream bool, start, now int64) error {
	switch {
	case a.Status != 200:
		return fmt.Errorf("status %d", a.Status)
	case stream && !a.Done:
		return errors.New("a stream without [DONE]")
	}
	s.latency = append(s.latency, now-start)
	if !stream {
		return nil
	}
	s.firstEvent = append(s.firstEvent, a.FirstEvent-start)
	s.events += int64(a.Events)
	s.coalesced += int64(a.Coalesced)
	if !a.Usage {
		s.missingUsage++
	}
	return nil
}

// fail counts an error under its last part: addresses differ between connections.
func (s *samples) fail(err error) {
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	if s.errorTexts == nil {
		s.errorTexts = map[string]int{}
	}
	s.errors++
	s.errorTexts[text]++
}

func (s *samples) add(o *samples) {
	s.trace.Gaps = append(s.trace.Gaps, o.trace.Gaps...)
	s.trace.Transit = append(s.trace.Transit, o.trace.Transit...)
	s.latency = append(s.latency, o.latency...)
	s.firstEvent = append(s.firstEvent, o.firstEvent...)
	s.lag = append(s.lag, o.lag...)
	s.events += o.events
	s.coalesced += o.coalesced
	s.missingUsage += o.missingUsage
	s.errors += o.errors
	for text, n := range o.errorTexts {
		if s.errorTexts == nil {
			s.errorTexts = map[string]int{}
		}
		s.errorTexts[text] += n
	}
}

func merge(all []*samples) *samples {
	sum := &samples{}
	for _, s := range all {
		sum.add(s)
	}
	return sum
}
