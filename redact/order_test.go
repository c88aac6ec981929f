package redact

import (
	"slices"
	"testing"
)

func TestOrderSortsWhatIsAndWhatIsNotNearlyInOrder(t *testing.T) {
	r := newDice(5)
	for _, n := range []int{0, 1, 2, 3, 17, 1000, 5001} {
		for name, next := range map[string]func(k int) int{
			"in order":        func(k int) int { return k },
			"the other way":   func(k int) int { return -k },
			"by chance":       func(int) int { return r.IntN(100) },
			"nearly in order": func(k int) int { return k + r.IntN(4) },
			"two runs":        func(k int) int { return k % (n/2 + 1) },
			"all the same":    func(int) int { return 7 },
		} {
			v := make([]int, n)
			for k := range v {
				v[k] = next(k)
			}
			want := slices.Sorted(slices.Values(v))
			order(n, func(i, j int) bool { return v[i] < v[j] }, func(i, j int) { v[i], v[j] = v[j], v[i] })
			if !slices.Equal(v, want) {
				t.Errorf("%d things %s are not sorted", n, name)
			}
		}
	}
}

func TestListsOfWords(t *testing.T) {
	for _, c := range []struct {
		list, word  string
		one, begins bool
	}{
		{"a|bc|def", "a", true, true}, {"a|bc|def", "def", true, true}, {"a|bc|def", "bc", true, true}, {"a|bc|def", "b", false, false},
		{"a|bc|def", "bcd", false, true}, {"a|bc|def", "a|bc", false, true}, {"|is", "", false, true}, {"is", "", false, false}, {"", "", false, false},
	} {
		if got := oneOf(c.list, []byte(c.word)); got != c.one {
			t.Errorf("%q one of %q: %v", c.word, c.list, got)
		}
		if got := beginsOneOf(c.list, []byte(c.word)); got != c.begins {
			t.Errorf("%q begins with one of %q: %v", c.word, c.list, got)
		}
	}
}
