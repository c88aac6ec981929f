package redact

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// A validator looks ahead and behind from where it was called, and the shortest of values are where it may look too far. Fuzzing by bytes
// hardly ever makes a beginning of one value run into the mark of another, so the texts here are made of both.

// sound fails when a finding is not a part of the text or runs into another.
func sound(t *testing.T, f *Finder, found []Finding, text string) []Finding {
	t.Helper()
	found = f.FindLabelled(found[:0], []string{"", "password", "ssn"}[len(text)%3], []byte(text))
	last := 0
	for _, v := range found {
		if v.Start < last || v.End <= v.Start || v.End > len(text) {
			t.Fatalf("%q: %+v", text, found)
		}
		last = v.End
	}
	return found
}

// TestAMarkAnywhereInAValueIsRead puts every mark at every place of every value, and in place of every short part of it.
func TestAMarkAnywhereInAValueIsRead(t *testing.T) {
	f := finder(t, Options{})
	var found []Finding
	var marks []string
	for _, p := range triggers() {
		if len(p) == 1 {
			marks = append(marks, p)
		}
	}
	marks = append(marks, "*", "$", "!", "#", ";", ",", "[", ")", "]", "}", "?", "|", "~", "^", "é", "\u200b", "\u00a0", "１", "电")
	for _, value := range append(wholeValues(), "postgres://user:secret@host/db", "Server=db;Password=secret;", `{"password":"secret"}`, "<password>secret</password>") {
		for cut := 1; cut <= min(len(value), 48); cut++ {
			for _, mark := range marks {
				found = sound(t, f, found, value[:cut]+mark)
				found = sound(t, f, found, mark+value[cut:])
				for end := cut; end <= min(len(value), cut+8); end++ {
					found = sound(t, f, found, value[:cut]+mark+value[end:])
				}
			}
		}
	}
}

// TestTextOfManyBeginningsIsRead strings triggers and values together at random.
func TestTextOfManyBeginningsIsRead(t *testing.T) {
	f := finder(t, Options{})
	var found []Finding
	pieces := append(triggers(), wholeValues()...)
	rng := rand.New(rand.NewPCG(1, 0xf4a6))
	for range 200_000 {
		var text strings.Builder
		for range 1 + rng.IntN(6) {
			piece := pieces[rng.IntN(len(pieces))]
			if rng.IntN(3) == 0 {
				piece = piece[:rng.IntN(len(piece))+1]
			}
			text.WriteString(piece)
		}
		found = sound(t, f, found, text.String())
	}
}
