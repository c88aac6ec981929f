package redact

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const testKey = "a key of thirty-two bytes or more"

func newVault(t testing.TB, o VaultOptions) *Vault {
	t.Helper()
	if o.Key == nil {
		o.Key = []byte(testKey)
	}
	v, err := NewVault(o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func newMasker(t testing.TB, o MaskOptions) *Masker {
	t.Helper()
	if o.Finder == nil {
		o.Finder = mail(t)
	}
	m, err := NewMasker(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// everything is a finder of the catalogue as it is by default.
func everything(t testing.TB) *Finder {
	t.Helper()
	f, err := NewFinder(Options{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestMaskText(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"numbers values in their order":                       {"a@b.com, c@d.com", "<EMAIL_1>, <EMAIL_2>"},
		"gives one value one token":                           {"a@b.com c@d.com a@b.com", "<EMAIL_1> <EMAIL_2> <EMAIL_1>"},
		"leaves text alone in which nothing is":               {"nothing here", "nothing here"},
		"masks what looks like a placeholder":                 {"<EMAIL_1> a@b.com", "<LITERAL_1> <EMAIL_1>"},
		"masks a placeholder of the escape":                   {"<LITERAL_1>", "<LITERAL_1>"},
		"masks look-alikes that are spelled as JSON does":     {`\u003cEMAIL_1\u003e \\u003CEMAIL_2>`, "<LITERAL_1> <LITERAL_2>"},
		"masks a look-alike after other backslashes":          {`\\\u003cEMAIL_1>`, `\\<LITERAL_1>`},
		"leaves what is no type's name":                       {"<FOO_1> <EMAIL> <EMAIL_> <email_1> <EMAIL_1", "<FOO_1> <EMAIL> <EMAIL_> <email_1> <EMAIL_1"},
		"masks a look-alike of a session's token":             {"<US_SSN_7zk2>", "<LITERAL_1>"},
		"covers a look-alike and a value that touch in one":   {"<EMAIL_1>a@b.com", "<LITERAL_1><EMAIL_1>"},
		"does not take one value for the end of a longer one": {"a@b.com xa@b.com", "<EMAIL_1> <EMAIL_2>"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newVault(t, VaultOptions{}).Request()
			got, err := newMasker(t, MaskOptions{}).Text(s, []byte(c.text))
			if err != nil || string(got.Text) != c.want {
				t.Fatalf("masked %q (%v), want %q", got.Text, err, c.want)
			}
			if back := s.RestoreText(nil, got.Text); string(back) != c.text {
				t.Errorf("restored %q, want %q", back, c.text)
			}
		})
	}
}

func TestMaskJSON(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"keeps all other bytes":                             {"{ \"messages\":[{\"content\" :\"\\u00e9\\/ a@b.com\\n\"}],\n\"x\":1.0 }", "{ \"messages\":[{\"content\" :\"\\u00e9\\/ <EMAIL_1>\\n\"}],\n\"x\":1.0 }"},
		"gives one value one token in all texts":            {`{"system":"a@b.com","messages":[{"content":"c@d.com"},{"content":"a@b.com"}]}`, `{"system":"<EMAIL_1>","messages":[{"content":"<EMAIL_2>"},{"content":"<EMAIL_1>"}]}`},
		"takes spellings of a value as one":                 {`{"input":["a@b.com","\u0061\u0040b.com"]}`, `{"input":["<EMAIL_1>","<EMAIL_1>"]}`},
		"masks inside of tool arguments":                    {`{"messages":[{"tool_calls":[{"function":{"arguments":"{\"to\":\"a@b.com\"}"}}]}]}`, `{"messages":[{"tool_calls":[{"function":{"arguments":"{\"to\":\"<EMAIL_1>\"}"}}]}]}`},
		"masks keys and numbers of JSON in a message":       {`{"messages":[{"content":"{\"a@b.com\":4111111111111111,\"n\":1234567,\"x\":-4111111111111111}"}]}`, `{"messages":[{"content":"{\"<EMAIL_1>\":\"<CREDIT_CARD_1>\",\"n\":1234567,\"x\":-4111111111111111}"}]}`},
		"leaves keys and numbers of tool arguments":         {`{"messages":[{"function_call":{"arguments":"{\"a@b.com\":4111111111111111}"}}]}`, `{"messages":[{"function_call":{"arguments":"{\"a@b.com\":4111111111111111}"}}]}`},
		"masks look-alikes in texts":                        {`{"input":"\u003cEMAIL_1\u003e a@b.com"}`, `{"input":"<LITERAL_1> <EMAIL_1>"}`},
		"gives no value the name of a look-alike elsewhere": {`{"model":"<EMAIL_1>","user":"\u003cEMAIL_2\u003e","input":"a@b.com"}`, `{"model":"<EMAIL_1>","user":"\u003cEMAIL_2\u003e","input":"<EMAIL_3>"}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := newVault(t, VaultOptions{}).Request()
			got, err := newMasker(t, MaskOptions{Finder: everything(t)}).JSON(s, []byte(c.body))
			if err != nil || string(got.Text) != c.want {
				t.Fatalf("masked %s (%v), want %s", got.Text, err, c.want)
			}
			if back := s.RestoreJSON(nil, got.Text); !sameJSON(t, back, []byte(c.body)) {
				t.Errorf("restored %s, want %s", back, c.body)
			}
		})
	}
}

// sameJSON compares what bodies mean, also in the JSON that their strings hold: a value comes back in its plainest spelling.
func sameJSON(t testing.TB, a, b []byte) bool {
	t.Helper()
	return reflect.DeepEqual(meaning(t, a), meaning(t, b))
}

func meaning(t testing.TB, body []byte) any {
	t.Helper()
	v, err := decode(body)
	if err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return unfold(v, maxNested)
}

func decode(body []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

func unfold(v any, strings int) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = unfold(v[k], strings)
		}
	case []any:
		for i := range v {
			v[i] = unfold(v[i], strings)
		}
	case json.Number:
		if strings < maxNested {
			return v.String() // a number in a message comes back as a string
		}
	case string:
		if strings > 0 && bracketed([]byte(v)) && json.Valid([]byte(v)) {
			if inner, err := decode([]byte(v)); err == nil {
				return []any{"JSON", unfold(inner, strings-1)}
			}
		}
	}
	return v
}

func TestMaskCountsTypesAndNeverShowsValues(t *testing.T) {
	s := newVault(t, VaultOptions{}).Request()
	got, err := newMasker(t, MaskOptions{}).Text(s, []byte("a@b.com <EMAIL_7> a@b.com"))
	if err != nil || !slices.Equal(got.Counts, []Count{{Email, 2}}) {
		t.Errorf("counted %v (%v)", got.Counts, err)
	}
}

// names finds a name only after its title, as a recogniser that needs context does.
type names struct{ err error }

func (n names) Detect(dst []Finding, _ string, text []byte) ([]Finding, error) {
	if i := strings.Index(string(text), "Dr Ada Doe"); i >= 0 {
		dst = append(dst, Finding{Start: i + 3, End: i + 10, Type: Dictionary})
	}
	return dst, n.err
}

func TestMaskKeepsAValueMaskedWhereItsContextIsGone(t *testing.T) {
	v := newVault(t, VaultOptions{})
	m := newMasker(t, MaskOptions{Extra: names{}})
	s, err := v.Session("acme/1")
	if err != nil {
		t.Fatal(err)
	}
	first, err := m.JSON(s, []byte(`{"input":["Ada Doe and McAda Doe","ask Dr Ada Doe, a@b.com"]}`))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(first.Text), "<DICTIONARY_"); n != 2 || !strings.Contains(string(first.Text), "McAda Doe") {
		t.Errorf("masked %s", first.Text)
	}
	token := string(first.Text)[strings.Index(string(first.Text), "<DICTIONARY_"):]
	token = token[:strings.IndexByte(token, '>')+1]

	// The next turn brings back what was restored in the answer to the first.
	second, err := m.JSON(s, []byte(`{"messages":[{"role":"assistant","content":"I wrote to Ada Doe."}]}`))
	if err != nil || !strings.Contains(string(second.Text), "wrote to "+token+".") {
		t.Errorf("masked %s (%v), want %s in it", second.Text, err, token)
	}
}

func TestMaskFailsClosed(t *testing.T) {
	boom := errors.New("recogniser is down")
	for name, c := range map[string]struct {
		mask  MaskOptions
		vault VaultOptions
		text  string
		want  error
	}{
		"when a recogniser fails":           {mask: MaskOptions{Extra: names{boom}}, text: "a@b.com", want: boom},
		"when there are too many values":    {vault: VaultOptions{Entries: 2}, text: "a@b.com c@d.com e@f.com", want: ErrVaultFull},
		"when the values are too large":     {vault: VaultOptions{Bytes: 200}, text: strings.Repeat("a", 60) + "@b.com", want: ErrVaultFull},
		"when a hash has no key":            {mask: MaskOptions{Mode: Hash}, vault: VaultOptions{Key: []byte{}}, text: "a@b.com", want: ErrVaultKey},
		"when a fake has no key":            {mask: MaskOptions{Mode: Format}, vault: VaultOptions{Key: []byte{}}, text: "a@b.com", want: ErrVaultKey},
		"when a type is blocked":            {mask: MaskOptions{Modes: map[Type]Mode{Email: Block}}, text: "a@b.com", want: &BlockedError{}},
		"when a recogniser finds a blocked": {mask: MaskOptions{Extra: names{}, Modes: map[Type]Mode{Dictionary: Block}}, text: "Dr Ada Doe", want: &BlockedError{}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newVault(t, c.vault).Request()
			m := newMasker(t, c.mask)
			text, err := m.Text(s, []byte(c.text))
			body, err2 := m.JSON(s, []byte(`{"input":"`+c.text+`"}`))
			if text.Text != nil || body.Text != nil {
				t.Errorf("let out %q and %q", text.Text, body.Text)
			}
			for _, err := range []error{err, err2} {
				if _, blocked := c.want.(*BlockedError); blocked && !errors.As(err, new(*BlockedError)) || !blocked && !errors.Is(err, c.want) {
					t.Errorf("error is %v, want %v", err, c.want)
				}
				if strings.Contains(err.Error(), "@") || strings.Contains(err.Error(), "Ada") {
					t.Errorf("error shows a value: %v", err)
				}
			}
		})
	}
}

func TestNothingFoundCostsAlmostNothing(t *testing.T) {
	body := chatBody(4 << 10)
	m, s := newMasker(t, MaskOptions{}), newVault(t, VaultOptions{}).Request()
	got, err := m.JSON(s, body)
	if err != nil || &got.Text[0] != &body[0] {
		t.Fatalf("the body was copied or refused: %v", err)
	}
	if n := testing.AllocsPerRun(100, func() {
		if _, err := m.JSON(s, body); err != nil {
			t.Error(err)
		}
	}); n > 2 {
		t.Errorf("%.0f allocations, want at most 2", n)
	}
	f := mail(t)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := FindJSON(nil, f, body); err != nil {
			t.Error(err)
		}
	}); n > 2 {
		t.Errorf("%.0f allocations to find nothing, want at most 2", n)
	}
}

// chatBody is a chat request of about n bytes of prose, with the escapes that prose has and nothing to find.
func chatBody(n int) []byte {
	const line = `He said: \"we meet at the old mill\", and so they went. It was late, about the time of year when mills stand still.\n`
	body := []byte(`{"model":"author/slug","stream":true,"messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"`)
	for len(body) < n-60 {
		body = append(body, line...)
	}
	return append(body, `"}],"temperature":0.7,"max_tokens":512}`...)
}

func FuzzMaskThenRestoreIsTheIdentity(f *testing.F) {
	f.Add([]byte(`{"messages":[{"role":"user","content":"mail \"a@b.com\"\n <EMAIL_1> \u003cEMAIL_2\u003e"}]}`))
	f.Add([]byte(`{"input":[{"arguments":"{\"a\":\"\\u0040 b@c.de \\\\u003cEMAIL_1>\"}"},{"text":"{\"a\":\"b@c.de"}]}`))
	f.Add([]byte("a@b.com \\\\u003cPHONE_1> <EMAIL_1"))
	f.Add([]byte(`{"input":[{"args":"{\"\":\"\b0\\u003CEMAIL_0>\"}"}]}`))
	f.Add([]byte(`{"messages":[{"content":[{"type":"tool_use","input":{"ssn":"276-66-7011","card":"4111 1111 1111 1111"}}]},{"content":"tel +49 30 901820, key=aB3xyz9Qw2LmN0pR"}]}`))
	masker, session := newMasker(f, MaskOptions{Finder: everything(f)}), newVault(f, VaultOptions{})
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, s := range []*Scope{session.Request(), mustSession(t, session)} {
			got, err := masker.Text(s, text)
			if err != nil {
				t.Fatal(err)
			}
			if back := s.RestoreText(nil, got.Text); !bytes.Equal(back, text) {
				t.Fatalf("restored %q of %q, want %q", back, got.Text, text)
			}
			session.Forget("fuzz")
		}
		if !json.Valid(text) {
			return
		}
		s := session.Request()
		got, err := masker.JSON(s, text)
		if err != nil {
			return
		}
		if !json.Valid(got.Text) {
			t.Fatalf("no JSON any more: %q", got.Text)
		}
		if back := s.RestoreJSON(nil, got.Text); !sameJSON(t, back, text) {
			t.Fatalf("restored %q of %q, want %q", back, got.Text, text)
		}
	})
}

func mustSession(t testing.TB, v *Vault) *Scope {
	t.Helper()
	s, err := v.Session("fuzz")
	if err != nil {
		t.Fatal(err)
	}
	return s
}
