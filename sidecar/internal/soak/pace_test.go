package main

import (
	"testing"
	"time"
)

func TestThePaceFindsWhatTheMachineCarriesAndThenOnlyGivesWay(t *testing.T) {
	p := newPace(0)
	for range 20 {
		p.step(0, true)
	}
	if p.streams() != mostStreams {
		t.Errorf("a machine that is never late is asked for %d streams", p.streams())
	}
	p.step(time.Second, true)
	gaveWay := p.streams()
	if p.step(0, true); p.streams() != gaveWay || gaveWay >= mostStreams {
		t.Errorf("after it was late it is asked for %d streams, and then for %d", gaveWay, p.streams())
	}
	p.step(0, false)
	p.step(time.Second, false)
	if p.step(0, false); p.streams() >= gaveWay || p.low != p.streams() || p.high != mostStreams || p.gaveWay != 2 {
		t.Errorf("later on it is asked for %d streams: %d to %d, gave way %d times", p.streams(), p.low, p.high, p.gaveWay)
	}
	for range 50 {
		p.step(time.Second, false)
	}
	if p.streams() != leastStreams {
		t.Errorf("at the least it is asked for %d streams", p.streams())
	}
}

func TestAPaceThatWasAskedForStays(t *testing.T) {
	p := newPace(300)
	p.step(0, true)
	p.step(time.Minute, false)
	if p.streams() != 300 || p.gaveWay != 0 {
		t.Errorf("it is %d", p.streams())
	}
}
