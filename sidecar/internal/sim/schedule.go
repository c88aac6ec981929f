package sim

import (
	"fmt"
	"slices"
	"sync"
)

// schedule decides which faults befall a request. Faults that a request asks for itself stand in for the set ones.
type schedule struct {
	mu   sync.Mutex
	seed uint64
	base []Fault // for all requests
	next []Fault // for the next left requests, in place of base
	left int
	seen uint64 // requests so far, which the draws of rated faults count by
}

func (s *schedule) set(faults []Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base, s.next, s.left = faults, nil, 0
}

func (s *schedule) setNext(n int, faults []Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next, s.left = faults, n
}

// specs lists what is set: the standing faults, and those of the next so many requests.
func (s *schedule) specs() (base, next []string, left int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.base {
		base = append(base, f.String())
	}
	if s.left > 0 {
		for _, f := range s.next {
			next = append(next, f.String())
		}
	}
	return base, next, s.left
}

// draw gives the faults that befall one request, given those that it asked for, and the request's number.
func (s *schedule) draw(asked []Fault, stream bool) ([]Fault, uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen++
	from := s.base
	switch {
	case len(asked) > 0:
		from = asked
	case s.left > 0:
		from = s.next
		s.left--
	}
	var hits []Fault
	for i, f := range from {
		def := kindNamed(f.Kind)
		fits := def.scope == anyAnswer || def.scope == streamed && stream || def.scope == whole && !stream
		if fits && f.Kind != "none" && s.strikes(f, i) {
			hits = append(hits, f)
		}
	}
	return hits, s.seen
}

// strikes draws by the seed and the request's place in the order of arrival, so that a run with one caller at a time
// can be repeated exactly, and one with many has the same number of faults.
func (s *schedule) strikes(f Fault, place int) bool {
	if f.Rate >= 1 {
		return true
	}
	x := random(mix(s.seed + s.seen*0x9e3779b97f4a7c15 + uint64(place)))
	return x.float() < f.Rate
}

// Faults lists the specs of the faults that stand for all requests.
func (p *Provider) Faults() []string {
	base, _, _ := p.schedule.specs()
	return base
}

// SetFaults makes these the faults of all requests from now on, in place of those before; none at all makes a
// healthy provider. An unrated refuse takes effect at once, for its duration, and does not stay.
func (p *Provider) SetFaults(specs ...string) error {
	faults, err := parseFaults(specs)
	if err != nil {
		return err
	}
	faults, refuse := takeRefusals(faults)
	p.schedule.set(faults)
	if refuse != nil {
		p.counters.struck(*refuse)
		p.refuse(refuse.duration)
	}
	return nil
}

// NextFaults makes these the faults of the next n requests; then those of SetFaults hold again.
func (p *Provider) NextFaults(n int, specs ...string) error {
	if n < 1 {
		return fmt.Errorf("faults for the next %d requests: use 1 or more", n)
	}
	faults, err := parseFaults(specs)
	if err != nil {
		return err
	}
	p.schedule.setNext(n, faults)
	return nil
}

// takeRefusals separates a refusal that is a state of the provider from the faults that requests meet.
func takeRefusals(faults []Fault) (rest []Fault, refuse *Fault) {
	isState := func(f Fault) bool { return f.Kind == "refuse" && f.Rate >= 1 }
	if i := slices.IndexFunc(faults, isState); i >= 0 {
		refuse = &faults[i]
	}
	for _, f := range faults {
		if !isState(f) {
			rest = append(rest, f)
		}
	}
	return rest, refuse
}

// takeRefusal removes an unrated refuse from the standing faults, for the start that puts it into effect.
func (s *schedule) takeRefusal() *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	var refuse *Fault
	s.base, refuse = takeRefusals(s.base)
	return refuse
}
