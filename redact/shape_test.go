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

// TestShapesAreKnownWhereverTheyBegin compares one pass over a run of groups with every shape tried from every group.
func TestShapesAreKnownWhereverTheyBegin(t *testing.T) {
	a, r, random := newShapes(), &run{}, newDice(5)
	seen := lengths(0)
	for range 200_000 {
		r.n = random.in(1, 9)
		at := int32(0)
		for k := range r.n {
			r.from[k], r.to[k] = at, at+int32(random.in(1, 8))
			at = r.to[k]
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
