package redact

import (
	"slices"
	"testing"
)

func TestMergedFindingsCoverAllThatEitherFound(t *testing.T) {
	for name, c := range map[string]struct{ a, b, want []Finding }{
		"nothing":                   {nil, nil, nil},
		"one list":                  {[]Finding{{1, 3, Email}}, nil, []Finding{{1, 3, Email}}},
		"the other":                 {nil, []Finding{{1, 3, Email}}, []Finding{{1, 3, Email}}},
		"by turns":                  {[]Finding{{1, 3, Email}, {7, 9, Email}}, []Finding{{4, 6, Phone}}, []Finding{{1, 3, Email}, {4, 6, Phone}, {7, 9, Email}}},
		"touching ones stay two":    {[]Finding{{1, 3, Email}}, []Finding{{3, 5, Phone}}, []Finding{{1, 3, Email}, {3, 5, Phone}}},
		"the same, of two types":    {[]Finding{{1, 3, Email}}, []Finding{{1, 3, Phone}}, []Finding{{1, 3, Email}}},
		"one in the other":          {[]Finding{{2, 3, Email}}, []Finding{{1, 5, Phone}}, []Finding{{1, 5, Phone}}},
		"parts of each other":       {[]Finding{{1, 4, Email}}, []Finding{{3, 5, Phone}}, []Finding{{1, 5, Email}}},
		"one over two of the other": {[]Finding{{1, 4, Email}, {6, 9, Email}}, []Finding{{3, 7, Phone}}, []Finding{{1, 9, Phone}}},
	} {
		t.Run(name, func(t *testing.T) {
			before := Finding{0, 1, URL}
			all := append(append([]Finding{before}, c.a...), c.b...)
			if got := mergeFindings(all, 1, 1+len(c.a)); got[0] != before || !slices.Equal(got[1:], c.want) {
				t.Errorf("merged to %v, want %v", got[1:], c.want)
			}
			spots := func(found []Finding) []spot {
				var s []spot
				for _, f := range found {
					s = append(s, spot{Finding: f, level: 1})
				}
				return s
			}
			if got := mergeSpots(spots(c.a), spots(c.b)); !slices.Equal(got, spots(c.want)) {
				t.Errorf("merged to %v, want %v", got, c.want)
			}
		})
	}
}

func TestOneWayLeavesLookalikes(t *testing.T) {
	const text = "<EMAIL_1> and <LITERAL_1>"
	got, err := newMasker(t, MaskOptions{OneWay: true}).Text(newVault(t, VaultOptions{}).Request(), []byte(text))
	if err != nil || string(got.Text) != text {
		t.Errorf("masked %q (%v)", got.Text, err)
	}
}
