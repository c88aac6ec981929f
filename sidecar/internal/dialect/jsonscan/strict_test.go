package jsonscan

import "testing"

func TestStringsHoldWhatJSONAllows(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":"b"}`: "", "{\n\t\"a\" : \"b\"\r\n}": "", `{"a":"\"\\\/\b\f\n\r\t\u00e9"}`: "", `{"a":"\\"}`: "", `{"a\n":1}`: "",
		"{\"a\":\"\x7f\u00e9\"}": "", `{}`: "",
		"{\"a\":\"b\nc\"}":                    "at byte 7: a control character in a string",
		"{\n\"a\":\"b\tc\"}":                  "at byte 8: a control character in a string",
		"{\"a\":\"a long value before\x00\"}": "at byte 25: a control character in a string",
		"{\"a\x1f\":1}":                       "at byte 3: a control character in a string",
		`{"a":"\x41"}`:                        "at byte 6: an escape that JSON does not have",
		`{"a":"\u00e"}`:                       "at byte 6: an escape that JSON does not have",
		`{"a":"\\\'"}`:                        "at byte 8: an escape that JSON does not have",
		"{\n\"a\":\"\\u00g0\"}":               "at byte 7: an escape that JSON does not have",
	} {
		got := ""
		if err := CheckStrings([]byte(text)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestSkippedValuesMayHoldWordsOfTheirOwn(t *testing.T) {
	for _, text := range []string{`{"a":{"logprob":NaN}}`, `{"a":[-Infinity,Infinity,01,None]}`} {
		o := NewObject([]byte(text), 0)
		for o.Next() {
		}
		if o.Err() != nil {
			t.Errorf("%s: %v", text, o.Err())
		}
	}
}
