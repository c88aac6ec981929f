package redact

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// goldSpan is a value of the sample; Core is the part of it that must be covered where that is not all.
type goldSpan struct {
	Start    int    `json:"start"`
	End      int    `json:"end"`
	Type     string `json:"type"`
	Tier     int    `json:"tier"` // 1: known by shape or check digits, 2: needs a label
	Optional bool   `json:"optional"`
	Core     []int  `json:"core"`
}

type goldLine struct {
	ID    string     `json:"id"`
	Text  string     `json:"text"`
	Spans []goldSpan `json:"spans"`
	JSON  bool       `json:"json"`
}

func readGold(t testing.TB, path string) []goldLine {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var all []goldLine
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var g goldLine
		if err := json.Unmarshal(lines.Bytes(), &g); err != nil {
			t.Fatal(err)
		}
		all = append(all, g)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// coarse is the class in which a type is scored: one for all national numbers, one for all secrets.
func coarse(name string) string {
	typ, ok := ParseType(name)
	switch {
	case !ok:
		return name
	case typ >= CNResidentID && typ <= INPAN || typ == USABARouting:
		return "NATIONAL_ID"
	case typ >= AWSAccessKey && typ <= GenericSecret:
		return "SECRET"
	}
	return name
}

// score counts as the measuring set's scorer does at its coarse level.
type score struct {
	gold, hit, exact    [3]int // by tier; 0 is all
	chars, leaked       [3]int
	right, wrong        int // predictions
	cleanLines, alarmed int
	clean, masked       int // bytes that are no value
}

func (c *score) add(t *testing.T, g goldLine, found []Finding) {
	covered := make([]bool, len(g.Text))
	for _, f := range found {
		for i := f.Start; i < f.End; i++ {
			covered[i] = true
		}
	}
	gold := make([]bool, len(g.Text))
	matched := make([]bool, len(g.Spans))
	required := 0
	for k, s := range g.Spans {
		for i := s.Start; i < s.End; i++ {
			gold[i] = true
		}
		if s.Optional {
			continue
		}
		required++
		hit, exact := false, false
		for _, f := range found {
			if f.Start < s.End && s.Start < f.End && coarse(f.Type.String()) == coarse(s.Type) {
				hit = true
				exact = exact || f.Start == s.Start && f.End == s.End
			}
		}
		matched[k] = hit
		if !hit {
			t.Logf("missed %s %q in %q", s.Type, g.Text[s.Start:s.End], g.Text)
		} else if !exact {
			t.Logf("not exact: %s %q in %q: %v", s.Type, g.Text[s.Start:s.End], g.Text, found)
		}
		from, to := s.Start, s.End
		if len(s.Core) == 2 {
			from, to = s.Core[0], s.Core[1]
		}
		for _, tier := range []int{0, s.Tier} {
			c.gold[tier]++
			if hit {
				c.hit[tier]++
			}
			if exact {
				c.exact[tier]++
			}
			for i := from; i < to; i++ {
				if g.Text[i]&0xC0 != 0x80 {
					c.chars[tier]++
					if !covered[i] {
						c.leaked[tier]++
					}
				}
			}
		}
	}
	for i := range gold {
		if !gold[i] {
			c.clean++
			if covered[i] {
				c.masked++
			}
		}
	}
	alarms := 0
	for _, f := range found {
		verdict := "wrong"
		for k, s := range g.Spans {
			if f.Start < s.End && s.Start < f.End {
				if coarse(f.Type.String()) == coarse(s.Type) && !s.Optional {
					verdict = "right"
				} else if verdict == "wrong" && (matched[k] || s.Optional) {
					verdict = "neutral"
				}
			}
		}
		switch verdict {
		case "right":
			c.right++
		case "wrong":
			c.wrong++
			alarms++
			t.Logf("false alarm %s %q in %q", f.Type, g.Text[f.Start:f.End], g.Text)
		}
	}
	if required == 0 {
		c.cleanLines++
		if alarms > 0 {
			c.alarmed++
		}
	}
}

// TestSampleReachesTheFigures holds the public sample of the measuring set to the gates of the specification.
func TestSampleReachesTheFigures(t *testing.T) {
	f := finder(t, Options{})
	var plain, evasion score
	for _, g := range readGold(t, "testdata/pii-sample.jsonl") {
		found := f.Find(nil, []byte(g.Text))
		if g.JSON {
			var err error
			if found, err = FindJSON(nil, f, []byte(g.Text)); err != nil {
				t.Fatal(err)
			}
		}
		if strings.Contains(g.ID, "evasion") {
			evasion.add(t, g, found)
			continue
		}
		plain.add(t, g, found)
	}
	ratio := func(a, b int) float64 {
		if b == 0 {
			return 1
		}
		return float64(a) / float64(b)
	}
	for _, gate := range []struct {
		name    string
		value   float64
		atLeast float64
	}{
		{"recall of types known by shape or check digits", ratio(plain.hit[1], plain.gold[1]), 0.995},
		{"recall of types that need a label", ratio(plain.hit[2], plain.gold[2]), 0.95},
		{"recall of evasions", ratio(evasion.hit[0], evasion.gold[0]), 0.95},
		{"precision", ratio(plain.right, plain.right+plain.wrong), 0.98},
		{"exact boundaries", ratio(plain.exact[0], plain.gold[0]), 0.95},
		{"characters kept, shape or check digits", 1 - ratio(plain.leaked[1], plain.chars[1]), 0.995},
		{"characters kept, all", 1 - ratio(plain.leaked[0], plain.chars[0]), 0.98},
		{"clean lines without a false alarm", 1 - ratio(plain.alarmed, plain.cleanLines), 0.99},
		{"clean bytes left alone", 1 - ratio(plain.masked, plain.clean), 0.999},
	} {
		t.Logf("%s: %.4f (gate %.3f)", gate.name, gate.value, gate.atLeast)
		if gate.value < gate.atLeast {
			t.Errorf("%s is %.4f, below its gate of %.3f", gate.name, gate.value, gate.atLeast)
		}
	}
}

func finder(t testing.TB, o Options) *Finder {
	t.Helper()
	f, err := NewFinder(o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
