package redact

import "testing"

func TestBeginningsHaveEveryIssuedCard(t *testing.T) {
	for prefix := range 10_000 {
		for size := 12; size <= maxDigits; size++ {
			d := [maxDigits]byte{byte(prefix / 1000), byte(prefix / 100 % 10), byte(prefix / 10 % 10), byte(prefix % 10)}
			if issued(d[:size]) && beginnings[prefix/100]>>(size-fewest)&1 == 0 {
				t.Errorf("cards of %d digits that begin with %04d are not looked at", size, prefix)
			}
		}
	}
}

// TestEveryShapeHasThreeDigitsTogether holds what windows takes for granted.
func TestEveryShapeHasThreeDigitsTogether(t *testing.T) {
	a := newShapes()
	for states := []uint8{firstShape}; len(states) > 0; states = states[1:] {
		for size := 1; size <= 2; size++ {
			state := a.next[states[0]][size]
			if a.usual[state] != nobodys {
				t.Errorf("state %d is a shape of one and two digits", state)
			}
			if state != 0 {
				states = append(states, state)
			}
		}
	}
	if a.next[firstShape][2] == 0 {
		t.Error("no shape begins with two digits")
	}
}

// TestShapesAreKnownWhereverTheyBegin compares one pass over a run of groups with every shape tried from every group.
func TestShapesAreKnownWhereverTheyBegin(t *testing.T) {
	a, r, random := newShapes(), &run{}, newDice(5)
	seen := lengths(0)
	for range 200_000 {
		r.n = random.in(1, 9)
		at := int32(0)
		for k := range r.n {
			size := int32(random.in(1, 8))
			r.from[k], r.to[k], r.sized[k] = at, at+size, uint8(size)
			at += size
		}
		want := lengths(0)
		for i := range r.n {
			want |= bareLengths[r.size(i)]
			state := uint8(firstShape)
			for j := i; j < r.n && state != 0; j++ {
				state = a.next[state][r.size(j)]
				switch a.usual[state] {
				case needsLabel:
					want |= anyLabelled
				case alone:
					want |= lengthOf(int(r.to[j] - r.from[i]))
				}
			}
		}
		if got := a.in(r); got != want {
			t.Fatalf("groups that end at %v: one pass says %016b, all shapes say %016b", r.to[:r.n], got, want)
		}
		seen |= want
	}
	if all := anyLabelled | lengthOf(10) | lengthOf(11) | lengthOf(16); seen&all != all {
		t.Errorf("the groups had only shapes of %016b", seen)
	}
}
