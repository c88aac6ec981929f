package redact

import (
	"slices"
	"testing"
	"unicode/utf8"
)

// FuzzFind holds Find to its promises on any input: it does not panic, and its findings are in the text, sorted, not
// overlapping, on character boundaries of what is UTF-8, the same every time, and the same for every caller.
func FuzzFind(f *testing.F) {
	for _, g := range readGold(f, "testdata/pii-sample.jsonl") {
		f.Add("", []byte(g.Text))
	}
	for _, pattern := range triggers() {
		f.Add("password", repeated(pattern, 64))
	}
	f.Add("", []byte("00A00 00000"))
	for _, text := range wholeValues() {
		f.Add("", []byte(text))
	}
	f.Add("ssn", []byte("276\\u00366\xff\xfe7011 &#x40; %40 \u200b"))
	every := finder(f, Options{Types: Types(), PrivateIPs: true, Dictionary: []string{"ab c", "é"}})
	usual := finder(f, Options{})
	f.Fuzz(func(t *testing.T, label string, text []byte) {
		given := slices.Clone(text)
		for _, finder := range []*Finder{every, usual} {
			found := finder.FindLabelled(nil, label, text)
			again := finder.FindLabelled(make([]Finding, 0, 1), label, text)
			if !slices.Equal(found, again) {
				t.Fatalf("not the same twice: %v, %v", found, again)
			}
			end := 0
			for _, v := range found {
				if v.Start < end || v.End <= v.Start || v.End > len(text) {
					t.Fatalf("%v in %d bytes after %d", v, len(text), end)
				}
				end = v.End
				if utf8.Valid(text) && (!utf8.RuneStart(text[v.Start]) || v.End < len(text) && !utf8.RuneStart(text[v.End])) {
					t.Fatalf("%v is not on character boundaries of %q", v, text)
				}
				if v.Type == None || v.Type > Dictionary {
					t.Fatalf("%v has no type", v)
				}
			}
		}
		if !slices.Equal(given, text) {
			t.Fatal("the text was changed")
		}
	})
}
