package main

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// together is the table's row of all faults that are told at once.
const together = "all that are told at once"

// effect is what souk must make of a fault of the first offer.
type effect uint8

const (
	passes   effect = iota // nothing is wrong with the answer: it must come complete
	recovers               // it strikes before the content: the next offer must give the complete answer
	breaks                 // it strikes after content: an error event, unless the stream is held or goes on elsewhere
	refuses                // the provider says that the request is at fault: the caller's error, or a larger offer's answer
)

// card is one fault as it is dealt to a request.
type card struct {
	kind   string // as sim names it
	row    string // of the table
	spec   string // with its argument
	form   form   // of the request
	effect effect
	told   bool   // the provider says or shows at once that it fails, before any content: a failover for it should take no time
	bars   bool   // it takes the provider's key or the offer out for minutes: only for the providers that are there for it
	finish string // the finish reason of an answer that it changes; empty: as it was
}

// deck deals every fault once before it deals one again, in an order that follows from the seed.
type deck struct {
	rng   *rand.Rand
	cards []card
	next  int
}

func newDeck(seed uint64) *deck {
	return &deck{rng: rand.New(rand.NewPCG(seed, 0xdec)), cards: allCards()}
}

// size is how many cards there are.
func (d *deck) size() int { return len(d.cards) }

func (d *deck) deal() *card {
	if d.next == 0 {
		d.rng.Shuffle(len(d.cards), func(i, j int) { d.cards[i], d.cards[j] = d.cards[j], d.cards[i] })
	}
	c := d.cards[d.next]
	d.next = (d.next + 1) % len(d.cards)
	return &c
}

// inEach makes a card for each of some forms.
func inEach(list []form, c card) (cards []card) {
	for _, c.form = range list {
		cards = append(cards, c)
	}
	return cards
}

// allCards are all faults of the simulator, in the forms that differ for souk. A test holds it to the simulator's list.
func allCards() []card {
	// What souk must find out by a timer, or by reading what comes to its end; and what comes when the content would.
	untold := []string{"error-event", "hang", "hang-after-headers", "keepalive-only", "role-only", "endless-headers", "bomb", "bomb-gzip", "truncated-chunk", "cut-body"}
	every, streams, answers := []form{plain, resumed, held, whole}, []form{plain, resumed, held}, []form{whole}
	var all []card
	add := func(in []form, e effect, specs ...string) {
		for _, spec := range specs {
			kind, _, _ := strings.Cut(spec, "=")
			c := card{kind: kind, row: kind, spec: spec, effect: e}
			if e == breaks {
				c.row += " after content"
			}
			switch spec {
			case "quota=429", "quota=402", "unauthorized", "model-gone":
				c.bars = true
			case "content-filter=finish":
				c.finish = "content_filter"
			}
			c.told = e == recovers && !slices.Contains(untold, kind)
			all = append(all, inEach(in, c)...)
		}
	}
	add(every, recovers, "refuse=1s", "reset", "garbage", "hang", "endless-headers", "hang-after-headers", "reset-after-headers")
	add(every, recovers, "status=500", "status=502", "status=503", "status=504", "status=529", "status=408", "429-retry-after=1")
	add(every, recovers, "redirect=307", "redirect=302", "error-200", "empty", "wrong-type", "bomb", "bomb-gzip")
	add(every, recovers, "quota=429", "quota=402", "unauthorized", "model-gone")
	add(every, refuses, "context-length", "content-filter=400")
	add(every, passes, "content-filter=finish", "odd-headers", "trickle=50us", "gzip", "slow-first=700ms")
	add(streams, recovers, "keepalive-only=100ms", "role-only", "error-event=0")
	add(streams, breaks, "reset=3", "truncated-chunk=3", "error-event=3", "stall=3", "cut=3", "no-finish")
	add(streams, passes, "malformed=2", "no-done")
	add(answers, recovers, "truncated-chunk", "cut-body")
	return all
}
