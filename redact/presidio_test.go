package redact

import (
	"encoding/json"
	"os"
	"testing"
)

// presidioSet names the file of Presidio's public evaluation set, which is not a part of this repository: data/synth_dataset_v2.json of
// microsoft/presidio-research.
const presidioSet = "SOUK_PRESIDIO"

// TestPresidiosPublicSet scores the types of that set which are in the catalogue. It calls addresses of private networks personal too.
// Positions are counted in characters there.
func TestPresidiosPublicSet(t *testing.T) {
	path := os.Getenv(presidioSet)
	if path == "" {
		t.Skip(presidioSet + " names no file")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var lines []struct {
		Text  string `json:"full_text"`
		Spans []struct {
			Type  string `json:"entity_type"`
			Start int    `json:"start_position"`
			End   int    `json:"end_position"`
		} `json:"spans"`
	}
	if err := json.Unmarshal(text, &lines); err != nil {
		t.Fatal(err)
	}
	gates := map[Type]struct {
		name              string
		recall, precision float64
	}{
		Email: {"EMAIL_ADDRESS", 0.99, 0.98}, CreditCard: {"CREDIT_CARD", 0.99, 0.98}, IBAN: {"IBAN_CODE", 0.99, 0.98},
		USSSN: {"US_SSN", 0.99, 0.98}, IPAddress: {"IP_ADDRESS", 0.99, 0.98}, Phone: {"PHONE_NUMBER", 0.90, 0.85},
	}
	gold, hit, wrong := map[Type]int{}, map[Type]int{}, map[Type]int{}
	f := finder(t, Options{PrivateIPs: true})
	for _, line := range lines {
		found := f.Find(nil, []byte(line.Text))
		right := make([]bool, len(found))
		chars := []rune(line.Text)
		for _, s := range line.Spans {
			start, end := len(string(chars[:s.Start])), len(string(chars[:s.End]))
			for typ, g := range gates {
				if g.name != s.Type {
					continue
				}
				gold[typ]++
				met := false
				for k, v := range found {
					if v.Type == typ && v.Start < end && start < v.End {
						met, right[k] = true, true
					}
				}
				if met {
					hit[typ]++
				} else {
					t.Logf("not found: %s %q in %q", typ, line.Text[start:end], line.Text)
				}
			}
		}
		for k, v := range found {
			if _, ok := gates[v.Type]; ok && !right[k] {
				wrong[v.Type]++
				t.Logf("found: %s %q in %q", v.Type, line.Text[v.Start:v.End], line.Text)
			}
		}
	}
	for typ, g := range gates {
		recall, precision := float64(hit[typ])/float64(gold[typ]), float64(hit[typ])/float64(max(hit[typ]+wrong[typ], 1))
		t.Logf("%s: %d values, recall %.4f, precision %.4f", typ, gold[typ], recall, precision)
		if !(recall >= g.recall && precision >= g.precision) {
			t.Errorf("%s: recall %.4f and precision %.4f, want %.2f and %.2f", typ, recall, precision, g.recall, g.precision)
		}
	}
}
