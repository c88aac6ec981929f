package redact

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// marked reads a text in which the values to find stand as [[TYPE:value]].
func marked(t testing.TB, text string) (plain string, want []Finding) {
	t.Helper()
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "[[")
		b.WriteString(before)
		if !ok {
			return b.String(), want
		}
		mark, after, ok := strings.Cut(rest, "]]")
		name, value, ok2 := strings.Cut(mark, ":")
		typ, ok3 := ParseType(name)
		if !ok || !ok2 || !ok3 {
			t.Fatalf("bad mark in %q", text)
		}
		want = append(want, Finding{b.Len(), b.Len() + len(value), typ})
		b.WriteString(value)
		text = after
	}
}

// show writes findings with their values.
func show(text string, found []Finding) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, " %s:%q", f.Type, text[f.Start:f.End])
	}
	if b.Len() == 0 {
		return " nothing"
	}
	return b.String()
}

// check finds in marked texts.
func check(t *testing.T, o Options, texts []string) {
	t.Helper()
	f := finder(t, o)
	for _, text := range texts {
		plain, want := marked(t, text)
		if found := f.Find(nil, []byte(plain)); fmt.Sprint(found) != fmt.Sprint(want) {
			t.Errorf("%q:\n  found %s\n  want  %s", plain, show(plain, found), show(plain, want))
		}
	}
}

func TestANumberIsFoundWhereverItStandsAmongGroups(t *testing.T) {
	f := finder(t, Options{})
	for _, value := range []string{"4111 1111 1111 1111", "4111111111111111", "276-66-7011", "+49 30 12345678"} {
		for _, group := range []string{"12 ", "7 ", "123 ", "1 23 "} {
			for before := range 80 {
				text := strings.Repeat(group, before) + value + " " + strings.Repeat(group, 40)
				at := len(group) * before
				if !slices.ContainsFunc(f.Find(nil, []byte(text)), func(v Finding) bool { return v.Start <= at && v.End >= at+len(value) }) {
					t.Errorf("%q is not found behind %d times %q", value, before, group)
				}
			}
		}
	}
}
