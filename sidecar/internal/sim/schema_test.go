package sim

import (
	"encoding/json"
	"testing"
)

func TestValuesFitTheirSchemas(t *testing.T) {
	tests := []struct {
		name, schema string
		fits         func(v any) bool
	}{
		{"an enum", `{"enum":["a","b"]}`, func(v any) bool { return v == "a" || v == "b" }},
		{"a constant", `{"const":5}`, func(v any) bool { return v == 5.0 }},
		{"a constant null", `{"const":null}`, func(v any) bool { return v == nil }},
		{"a type or null", `{"type":["null","boolean"]}`, func(v any) bool { _, ok := v.(bool); return ok }},
		{"an integer between bounds", `{"type":"integer","minimum":3,"maximum":3}`, func(v any) bool { return v == 3.0 }},
		{"an integer above a bound", `{"type":"integer","exclusiveMinimum":3}`, func(v any) bool { return v == 4.0 }},
		{"a number below a bound", `{"type":"number","maximum":-2}`, func(v any) bool { return v.(float64) <= -2 }},
		{"a multiple", `{"type":"integer","minimum":11,"multipleOf":5}`, func(v any) bool { return v == 15.0 }},
		{"a huge bound", `{"type":"number","minimum":1e308,"multipleOf":1e308}`, func(v any) bool { return v.(float64) >= 1e308 }},
		{"a short string", `{"type":"string","maxLength":4}`, func(v any) bool { return len(v.(string)) <= 4 }},
		{"a long string", `{"type":"string","minLength":300}`, func(v any) bool { return len(v.(string)) >= 300 }},
		{"a format", `{"type":"string","format":"date"}`, func(v any) bool { return v == "2026-01-31" }},
		{"an array of its length", `{"type":"array","minItems":3,"items":{"type":"null"}}`, func(v any) bool { return len(v.([]any)) == 3 }},
		{"required without a property", `{"type":"object","required":["x"]}`, func(v any) bool { return v.(map[string]any)["x"] != nil }},
		{"the first alternative", `{"anyOf":[{"type":"boolean"},{"type":"string"}]}`, func(v any) bool { _, ok := v.(bool); return ok }},
		{"all parts", `{"allOf":[{"type":"object","properties":{"a":{"const":1}}},{"type":"object","properties":{"b":{"const":2}}}]}`,
			func(v any) bool { m := v.(map[string]any); return m["a"] == 1.0 && m["b"] == 2.0 }},
		{"a reference", `{"$ref":"#/$defs/a~1b","$defs":{"a/b":{"const":"yes"}}}`, func(v any) bool { return v == "yes" }},
		{"a reference that leads nowhere", `{"$ref":"#/nowhere/at/all"}`, func(v any) bool { return v == nil }},
		{"a list that refers to itself", `{"$defs":{"n":{"type":"object","properties":{"v":{"type":"integer"},"next":{"anyOf":[{"$ref":"#/$defs/n"},{"type":"null"}]}},"required":["v","next"]}},"$ref":"#/$defs/n"}`,
			func(v any) bool { _, ok := v.(map[string]any)["next"]; return ok }},
		{"a tree that refers to itself", `{"type":"object","properties":{"a":{"$ref":"#"},"b":{"$ref":"#"},"c":{"type":"array","minItems":9,"items":{"$ref":"#"}}}}`,
			func(v any) bool { return v != nil }},
		{"no schema", ``, func(v any) bool { return v.(map[string]any)["simulated"] == true }},
		{"an object without properties", `{"type":"object","properties":{}}`, func(v any) bool { return len(v.(map[string]any)) == 0 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rng := random(1)
			b := fit(json.RawMessage(tt.schema), "alpha", &rng)
			if v := decode[any](t, string(b)); len(b) > 1<<20 || !tt.fits(v) {
				t.Errorf("got %.300s", b)
			}
		})
	}
}

func FuzzFit(f *testing.F) {
	f.Add(`{"type":"object","properties":{"a":{"$ref":"#"},"b":{"type":"number","multipleOf":1e-300,"minimum":1e300}}}`)
	f.Add(`{"anyOf":[{"type":["null","integer"],"exclusiveMaximum":true}]}`)
	f.Add(`{"allOf":[{"const":null},{"enum":[[]]}]}`)
	f.Fuzz(func(t *testing.T, schema string) {
		rng := random(1)
		if b := fit(json.RawMessage(schema), "alpha", &rng); !json.Valid(b) {
			t.Errorf("%q gave %q", schema, b)
		}
	})
}
