package handoff_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/soukproxy/souk/policy/handoff"
)

// seeds gives a fuzz target the values of a header in the vectors.
func seeds(f *testing.F, header string) {
	for _, c := range vectors(f).Verify {
		for _, h := range c.Headers {
			if h[0] == header {
				f.Add(h[1])
			}
		}
	}
}

// again writes a statement and reads one of its headers.
func again(t *testing.T, st handoff.Statement, header string) string {
	t.Helper()
	p, err := st.Prepare()
	if err != nil {
		t.Fatalf("what was read cannot be written: %v", err)
	}
	h, err := newSigner(t, strings.NewReader("sixteen bytes...")).Sign(handoff.Request{Method: "GET", Path: "/"}, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range h.Fields() {
		if f.Name == header {
			return f.Value
		}
	}
	return ""
}

func FuzzParseCaller(f *testing.F) {
	seeds(f, handoff.HeaderCaller)
	f.Fuzz(func(t *testing.T, value string) {
		c, err := handoff.ParseCaller(value)
		if err != nil {
			if handoff.ReasonOf(err) != handoff.Malformed || !reflect.DeepEqual(c, handoff.Caller{}) {
				t.Fatalf("%+v with %v", c, err)
			}
			return
		}
		back, err := handoff.ParseCaller(again(t, handoff.Statement{Caller: c}, handoff.HeaderCaller))
		if err != nil || !reflect.DeepEqual(back, c) || c.ID == "" {
			t.Fatalf("%q: read %+v, then %+v, %v", value, c, back, err)
		}
	})
}

func FuzzParseApplied(f *testing.F) {
	seeds(f, handoff.HeaderApplied)
	f.Fuzz(func(t *testing.T, value string) {
		a, err := handoff.ParseApplied(value)
		if err != nil {
			if handoff.ReasonOf(err) != handoff.Malformed || a != (handoff.Applied{}) {
				t.Fatalf("%+v with %v", a, err)
			}
			return
		}
		back, err := handoff.ParseApplied(again(t, handoff.Statement{Caller: handoff.Caller{ID: "a"}, Applied: a}, handoff.HeaderApplied))
		if err != nil || back != a || a == (handoff.Applied{}) {
			t.Fatalf("%q: read %+v, then %+v, %v", value, a, back, err)
		}
	})
}

func FuzzParseConstraints(f *testing.F) {
	seeds(f, handoff.HeaderConstraints)
	f.Fuzz(func(t *testing.T, value string) {
		c, err := handoff.ParseConstraints(value)
		if err != nil {
			if handoff.ReasonOf(err) != handoff.Malformed || !reflect.DeepEqual(c, handoff.Constraints{}) {
				t.Fatalf("%+v with %v", c, err)
			}
			return
		}
		back, err := handoff.ParseConstraints(again(t, handoff.Statement{Caller: handoff.Caller{ID: "a"}, Constraints: c}, handoff.HeaderConstraints))
		if err != nil || !reflect.DeepEqual(back, c) {
			t.Fatalf("%q: read %+v, then %+v, %v", value, c, back, err)
		}
	})
}

func FuzzSignatureInput(f *testing.F) {
	seeds(f, handoff.HeaderInput)
	v, _ := newVerifier(f, handoff.VerifierOptions{})
	good := vectors(f).Verify[0]
	f.Fuzz(func(t *testing.T, value string) {
		r := handoff.Received{Method: good.Method, Path: good.Path}
		signed := ""
		for _, h := range good.Headers {
			if h[0] == handoff.HeaderInput {
				signed, h[1] = h[1], value
			}
			r.Fields = append(r.Fields, handoff.Field{Name: h[0], Value: h[1]})
		}
		if _, err := v.Verify(r); (err == nil) != (strings.Trim(value, " ") == signed) || err != nil && handoff.ReasonOf(err) == "" {
			t.Fatalf("%q: %v", value, err)
		}
	})
}

func FuzzText(f *testing.F) {
	for _, c := range vectors(f).Text {
		f.Add(c.In)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out := handoff.Text(text)
		if back := unescape(out); back != text {
			t.Fatalf("%q became %q, which stands for %q too", text, out, back)
		}
		if out == "" || len(out) > handoff.MaxText {
			return
		}
		if _, err := (&handoff.Statement{Caller: handoff.Caller{ID: out}}).Prepare(); err != nil {
			t.Fatalf("%q became %q: %v", text, out, err)
		}
	})
}

func unescape(s string) string {
	const hex = "0123456789ABCDEF"
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			out = append(out, s[i])
			continue
		}
		out = append(out, byte(strings.IndexByte(hex, s[i+1])<<4|strings.IndexByte(hex, s[i+2])))
		i += 2
	}
	return string(out)
}
