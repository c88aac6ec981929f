package filter

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestWhatIsNoJSONIsRefusedWithItsPlace(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "line 1, column 1: a value is expected",
		"{}}":                            "line 1, column 3: text after the end",
		"{\"a\"}":                        "column 5: a colon is expected",
		"[1 2]":                          "column 4: a comma or a closing bracket",
		"[1,]":                           "column 4: a value is expected",
		"01":                             "column 2: text after the end",
		"-":                              "column 2: a digit is expected",
		"1.":                             "column 3: a digit is expected",
		"1e+":                            "column 4: a digit is expected",
		"\"a":                            "a string is not closed",
		"\"\n\"":                         "a control character in a string",
		`"\x"`:                           "an escape that does not exist",
		`"\ud800"`:                       "an escape that does not exist",
		"\"\xff\"":                       "a string is not UTF-8",
		"tru":                            "a value is expected",
		"[\n\n  tru]":                    "line 3, column 3: a value is expected",
		strings.Repeat("[", 100):         "nested too deeply",
		`{"a":{"b":1,"c":2,"b":3}}`:      "a key comes twice",
		strings.Repeat(`{"a":`, 20) + "": "nested too deeply",
	} {
		if _, err := parseJSON(text); err == nil || !strings.HasSuffix(err.Error(), want) && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// FuzzJSON holds the parser to encoding/json: it takes nothing that is no JSON, and reads what it takes as that does.
func FuzzJSON(f *testing.F) {
	for _, text := range []string{`{"a":[1,-2.5e+3,"\u00e9\n\ud83d\ude00",true,false,null,{}]}`, ` [ ] `, `"\/"`, `{"a":1,"a":2}`, "-0", "[[[[]]]]"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parseJSON(text)
		if err != nil {
			return
		}
		var want any
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&want); err != nil {
			t.Fatalf("%q is taken, and is no JSON: %v", text, err)
		}
		if got := plain(v); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q is read as %v, want %v", text, got, want)
		}
	})
}

// plain is a value as encoding/json would give it.
func plain(v value) any {
	switch v.kind {
	case isString:
		return v.text
	case isNumber:
		return json.Number(v.text)
	case isBool:
		return v.text == "true"
	case isList:
		list := []any{}
		for _, item := range v.items {
			list = append(list, plain(item))
		}
		return list
	case isObject:
		object := map[string]any{}
		for _, m := range v.members {
			object[m.key] = plain(m.value)
		}
		return object
	}
	return nil
}

// FuzzConfig throws anything at the configuration: it is refused with an error, or makes a filter.
func FuzzConfig(f *testing.F) {
	f.Add(`{"key":{"id":"k","secret_env":"S"},"identity":{"header":"x-user","scopes":["a"]},"redact":{"mode":"restore"}}`)
	f.Add(`{"host":"nginx","key":{"id":"k","secret":"` + secret + `"},"identity":{"property":["a"],"groups_header":"b"},"constraints":{"max_price":2}}`)
	f.Fuzz(func(t *testing.T, text string) {
		made, err := New(text, testOptions())
		if (made == nil) == (err == nil) {
			t.Fatal("neither a filter nor an error")
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Fatal("the error tells the secret")
		}
	})
}
