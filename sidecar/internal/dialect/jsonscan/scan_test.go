package jsonscan

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestObjectAgreesWithEncodingJSON(t *testing.T) {
	for _, text := range []string{
		`{}`, ` { } `, `{"a":1}`, `{"a":-1.5e+10,"b":[1,{"c":"}"}],"d":"\"\\"}`, "{\n\t\"a\" : null ,\r\n \"b\":true}",
		`{"a":"\\\\\""}`, `{"":""}`, `{"a":{}}`, `{"a":[]}`, `{"é":"日本"}`,
	} {
		var want map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatalf("%s: bad test: %v", text, err)
		}
		got := map[string]string{}
		o := NewObject([]byte(text), 0)
		for o.Next() {
			got[string(o.Key)] = string(o.Value())
		}
		if o.Err() != nil {
			t.Errorf("%s: %v", text, o.Err())
		}
		if err := Only([]byte(text), o.End()); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d members, want %d", text, len(got), len(want))
		}
		for k, v := range want {
			if got[k] != string(v) {
				t.Errorf("%s: %s is %s, want %s", text, k, got[k], v)
			}
		}
	}
}

func TestObjectRefusesWhatIsNotJSON(t *testing.T) {
	for _, text := range []string{
		``, ` `, `[]`, `"a"`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,"a":1}`, `{a:1}`, `{"a" 1}`,
		`{"a":1 "b":2}`, `{"a":tru}`, `{"a":01}`, `{"a":1.}`, `{"a":+1}`, `{"a":}`, `{"a":"b}`, `{"a":[1}`, `{"a":--1}`,
		`{"a":'b'}`, `{"a":NaN}`, "{\"a\":1\v}",
		// within values that are skipped
		`{"a":[1 2]}`, `{"a":[1,]}`, `{"a":[,1]}`, `{"a":[1}]`, `{"a":{"b"}}`, `{"a":{"b" 1}}`, `{"a":{"b":}}`, `{"a":{"b":1,}}`, `{"a":{b:1}}`,
		`{"a":{"b":1 "c":2}}`, `{"a":{"b":1]}`, `{"a":[{"b":[1,{}}]]}`, `{"a":["b""c"]}`, `{"a":["b":1]}`, `{"a":[[]`, `{"a":[{`, `{"a":['b']}`,
	} {
		o := NewObject([]byte(text), 0)
		for o.Next() {
		}
		if o.Err() == nil {
			t.Errorf("%s: accepted", text)
		}
	}
}

func TestArrayWalksElements(t *testing.T) {
	a := NewArray([]byte(`[1, "a]", [2], {"b":[3]} ,null]`), 0)
	var got []string
	for a.Next() {
		got = append(got, string(a.Value()))
	}
	if a.Err() != nil || strings.Join(got, "|") != `1|"a]"|[2]|{"b":[3]}|null` {
		t.Errorf("%q, %v", got, a.Err())
	}
	for _, text := range []string{`[`, `[1`, `[1 2]`, `[,1]`, `{}`} {
		a := NewArray([]byte(text), 0)
		for a.Next() {
		}
		if a.Err() == nil {
			t.Errorf("%s: accepted", text)
		}
	}
}

func TestTextDecodesAsEncodingJSON(t *testing.T) {
	for _, raw := range []string{`"a"`, `""`, `"\n\t\"\\\/\b\f\r"`, `"\u00e9\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx"`, `"\ud83d\u0041"`} {
		var want string
		if err := json.Unmarshal([]byte(raw), &want); err != nil {
			t.Fatal(err)
		}
		got, ok := Text([]byte(raw))
		if !ok || string(got) != want {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
}

func TestIntStopsAtTheRange(t *testing.T) {
	for raw, want := range map[string]int64{"0": 0, "17": 17, "-3": -3, "9223372036854775807": 1<<63 - 1} {
		if n, ok := Int([]byte(raw)); !ok || n != want {
			t.Errorf("%s: %d %v", raw, n, ok)
		}
	}
	for _, raw := range []string{"", "-", "1.0", "1e3", "9223372036854775808", "\"1\"", "null", "99999999999999999999999"} {
		if _, ok := Int([]byte(raw)); ok {
			t.Errorf("%s: accepted", raw)
		}
	}
}

func FuzzObject(f *testing.F) {
	f.Add([]byte(`{"model":"a","stream":true,"messages":[{"role":"user","content":"\"hi\\"}]}`))
	f.Add([]byte(`{"a":[[[{"b":"\u00e9"}]]]}`))
	f.Add([]byte("{ \"a\" : [ 1 , { \"b\" : [ ] , \"c\" : { } } ] }\n"))
	f.Add([]byte("{\"a\":[\"\\x\", \"\t\"]}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var want map[string]json.RawMessage
		valid := json.Unmarshal(text, &want) == nil && want != nil
		o := NewObject(text, 0)
		n := 0
		for o.Next() {
			n++
			if end := o.ValueEnd(); end > len(text) || o.ValueStart > end {
				t.Fatal("value outside of the text")
			}
			in := o.Array()
			for in.Next() {
			}
			o.Leave(in.End(), in.Err())
			Text(o.Value())
			Int(o.Value())
		}
		// What encoding/json accepts, the scanner accepts too. The reverse holds but for words and numbers inside values.
		if valid && (o.Err() != nil || n < len(want)) {
			t.Fatalf("%q: %d members, %v", text, n, o.Err())
		}
		strict := o.Err() == nil && Only(text, o.End()) == nil && CheckStrings(text) == nil
		if valid && !strict {
			t.Fatalf("%q: refused by CheckStrings", text)
		}
		if strict && !json.Valid(withoutWords(text)) {
			t.Fatalf("%q: accepted", text)
		}
	})
}

// withoutWords puts 0 in the place of every word and number that stands outside of strings.
func withoutWords(text []byte) []byte {
	var out []byte
	for pos := 0; pos < len(text); {
		end := pos + 1
		switch {
		case text[pos] == '"':
			end = skipString(text, pos)
			out = append(out, text[pos:end]...)
		case word.Match(text[pos:end]):
			end = pos + len(word.Find(text[pos:]))
			out = append(out, '0')
		default:
			out = append(out, text[pos])
		}
		pos = end
	}
	return out
}

var word = regexp.MustCompile(`^[-+.0-9A-Za-z]+`)

func FuzzValidUTF8(f *testing.F) {
	f.Add(bytes.Repeat([]byte("a"), 130))
	f.Add(append(bytes.Repeat([]byte("a"), 64), 0xc3))
	f.Fuzz(func(t *testing.T, b []byte) {
		if ValidUTF8(b) != utf8.Valid(b) {
			t.Fatalf("%q", b)
		}
	})
}

func BenchmarkValidUTF8(b *testing.B) {
	text := bytes.Repeat([]byte("a"), 1<<20)
	b.SetBytes(1 << 20)
	for b.Loop() {
		ValidUTF8(text)
	}
}

func BenchmarkObject(b *testing.B) {
	for _, size := range []int{4 << 10, 64 << 10, 1 << 20} {
		text := []byte(`{"model":"m","messages":[{"role":"user","content":"` + strings.Repeat(`the quick \"brown\" fox jumps over the lazy dog and runs on `, size/60) + `"}]}`)
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				o := NewObject(text, 0)
				for o.Next() {
				}
			}
		})
	}
}
