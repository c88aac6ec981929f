package redact

import (
	"bytes"
	"strings"
	"testing"
)

// issue makes a scope whose tokens are <EMAIL_1>, <EMAIL_2> and so on for the values.
func issue(t testing.TB, values ...string) *Scope {
	t.Helper()
	s := newVault(t, VaultOptions{}).Request()
	for _, v := range values {
		if _, err := s.issue(Email, []byte(v), Placeholder, nil); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestRestoreText(t *testing.T) {
	many := make([]string, 12)
	for i := range many {
		many[i] = string(rune('a'+i)) + "@b.com"
	}
	s := issue(t, many...)
	for name, c := range map[string]struct{ text, want string }{
		"replaces complete tokens":              {"<EMAIL_1>,<EMAIL_2>", "a@b.com,b@b.com"},
		"takes the longer of two numbers":       {"<EMAIL_12> <EMAIL_1> <EMAIL_1", "l@b.com a@b.com <EMAIL_1"},
		"leaves tokens that nobody issued":      {"<EMAIL_13> <PHONE_1> <EMAIL_01>", "<EMAIL_13> <PHONE_1> <EMAIL_01>"},
		"leaves tokens that are not complete":   {"<EMAIL_ <<EMAIL_1>", "<EMAIL_ <a@b.com"},
		"takes a token that is spelled as JSON": {`\u003cEMAIL_1\u003E`, "a@b.com"},
		"leaves other escapes":                  {`\u003dEMAIL_1> \\\\\`, `\u003dEMAIL_1> \\\\\`},
		"restores after a backslash":            {`\<EMAIL_1>\`, `\a@b.com\`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(s.RestoreText(nil, []byte(c.text))); got != c.want {
				t.Errorf("restored %q, want %q", got, c.want)
			}
		})
	}
}

func TestRestoreIsDoneOnce(t *testing.T) {
	s := issue(t, "<EMAIL_2>", "secret@b.com")
	if got := string(s.RestoreText(nil, []byte("<EMAIL_1>"))); got != "<EMAIL_2>" {
		t.Errorf("restored %q", got)
	}
}

func TestRestoreJSONEscapesForTheStringsAroundAValue(t *testing.T) {
	s := issue(t, "a\"\\\n\x01é")
	for name, c := range map[string]struct{ body, want string }{
		"in a string":                        {`{"a":"<EMAIL_1>"}`, `{"a":"a\"\\\n\u0001é"}`},
		"in a key":                           {`{"<EMAIL_1>":1}`, `{"a\"\\\n\u0001é":1}`},
		"in tool arguments":                  {`{"arguments":"{\"a\":\"<EMAIL_1>\"}"}`, `{"arguments":"{\"a\":\"a\\\"\\\\\\n\\u0001é\"}"}`},
		"in JSON in tool arguments":          {`{"x":"{\"a\":\"[\\\"<EMAIL_1>\\\"]\"}"}`, `{"x":"{\"a\":\"[\\\"a\\\\\\\"\\\\\\\\\\\\n\\\\u0001é\\\"]\"}"}`},
		"in text that only begins like JSON": {`{"x":"{\"a\":\"<EMAIL_1>"}`, `{"x":"{\"a\":\"a\"\\\n\u0001é"}`},
		"in a token that is spelled as JSON": {`{"x":"\\u003cEMAIL_1\\u003e"}`, `{"x":"a\\\"\\\\\\n\\u0001é"}`},
		"after text with brackets":           {`{"x":"[1] \"<EMAIL_1>\""}`, `{"x":"[1] \"a\"\\\n\u0001é\""}`},
	} {
		t.Run(name, func(t *testing.T) {
			got := string(s.RestoreJSON(nil, []byte(c.body)))
			want := strings.ReplaceAll(c.want, `a"\\\n`, `a\"\\\n`)
			if got != want {
				t.Errorf("restored %s, want %s", got, want)
			}
		})
	}
}

func TestTokenDepthIsThatOfItsBackslashes(t *testing.T) {
	for run, want := range map[int][2]int{1: {1, 1}, 2: {2, 2}, 3: {1, 1}, 4: {3, 4}, 6: {2, 2}, 8: {4, 8}, 12: {3, 4}} {
		if depth, own := depthOf(run); depth != want[0] || own != want[1] {
			t.Errorf("%d backslashes are of depth %d, %d of them its own; want %v", run, depth, own, want)
		}
	}
}

func TestRestoreIsLinearInItsWorstInput(t *testing.T) {
	s := issue(t, "a@b.com")
	for _, unit := range []string{"<", "<EMAIL_", `\`, `\\u003c`, `\u`, `<EMAIL_1\`} {
		text := []byte(strings.Repeat(unit, 1<<20/len(unit)))
		if got := s.RestoreText(nil, text); len(got) != len(text) {
			t.Errorf("%q: %d bytes became %d", unit, len(text), len(got))
		}
		if found := appendLookalikes(nil, text); len(found) > 0 {
			t.Errorf("%q: %d look-alikes", unit, len(found))
		}
	}
}

// TestATokenThatIsRepeatedWithoutEndIsRestoredToABound has a long value of whose token a model writes thousands.
func TestATokenThatIsRepeatedWithoutEndIsRestoredToABound(t *testing.T) {
	key := "-----BEGIN PRIVATE KEY-----\n" + strings.Repeat("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", 1500) + "\n-----END PRIVATE KEY-----"
	s := newVault(t, VaultOptions{}).Request()
	masked, err := newMasker(t, MaskOptions{Finder: everything(t)}).Text(s, []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	token := string(masked.Text)
	text := strings.Repeat(token+" ", 2*maxRestored/len(key))
	escaped := strings.ReplaceAll(key, "\n", `\n`)
	for name, c := range map[string]struct {
		restored []byte
		value    string
	}{
		"a text":             {s.RestoreText(nil, []byte(text)), key},
		"a body":             {s.RestoreJSON(nil, []byte(`{"choices":[{"message":{"content":"`+text+`"}}]}`)), escaped},
		"an event":           {s.Stream().Event(nil, []byte(`data: {"choices":[{"index":0,"delta":{"content":"`+text+`"}}]}`+"\n\n")), escaped},
		"an event of pieces": {s.Stream().Event(nil, []byte(`data: {"choices":[`+strings.Repeat(`{"index":0,"delta":{"content":"`+token+`"}},`, 2*maxRestored/len(key))+`{}]}`+"\n\n")), escaped},
	} {
		put, left := bytes.Count(c.restored, []byte(c.value)), bytes.Count(c.restored, []byte(token))
		if put*len(c.value) < maxRestored || (put-1)*len(c.value) > maxRestored {
			t.Errorf("%s: %d values of %d bytes were put in", name, put, len(c.value))
		}
		if put+left != 2*maxRestored/len(key) {
			t.Errorf("%s: of %d tokens %d were restored and %d stayed", name, 2*maxRestored/len(key), put, left)
		}
	}
}
