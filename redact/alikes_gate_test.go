package redact

import (
	"fmt"
	"sort"
	"testing"
)

// perAlike is how many lines of each kind are made.
const perAlike = 200

// TestLookAlikesAreLeftAlone holds lines that only look like values to the gates of the specification for clean text.
func TestLookAlikesAreLeftAlone(t *testing.T) {
	f := finder(t, Options{})
	kinds := alikes()
	lines, alarmed, bytes, masked := 0, 0, 0, 0
	byType := make(map[string]int)
	for n, kind := range kinds {
		r := newDice(uint64(n) + 1)
		alarms := 0
		for range perAlike {
			line := kind.line(r)
			lines++
			bytes += len(line)
			found := f.Find(nil, []byte(line))
			if len(found) > 0 {
				alarms++
			}
			for _, v := range found {
				masked += v.End - v.Start
				byType[v.Type.String()]++
				t.Logf("%s: %s %q in %q", kind.name, v.Type, line[v.Start:v.End], line)
			}
		}
		if alarmed += alarms; alarms > 0 {
			t.Logf("%s: %d of %d lines", kind.name, alarms, perAlike)
		}
	}
	t.Logf("%d kinds, %d lines, %d with a false alarm (%.2f %%); %d of %d bytes masked (%.3f %%); %s",
		len(kinds), lines, alarmed, 100*float64(alarmed)/float64(lines), masked, bytes, 100*float64(masked)/float64(bytes), counts(byType))
	if float64(alarmed) > 0.01*float64(lines) {
		t.Errorf("%d of %d lines have a false alarm, more than 1 %%", alarmed, lines)
	}
	if float64(masked) > 0.001*float64(bytes) {
		t.Errorf("%d of %d bytes are masked, more than 0.1 %%", masked, bytes)
	}
}

// counts writes counts in the order of their names.
func counts(of map[string]int) string {
	var all []string
	for name, n := range of {
		all = append(all, fmt.Sprintf("%s %d", name, n))
	}
	sort.Strings(all)
	return fmt.Sprint(all)
}
