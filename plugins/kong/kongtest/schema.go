package kongtest

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
)

// Schema is a plugin's schema, as its -dump has it.
type Schema struct {
	Name   string             `json:"name"`
	Fields []map[string]Attrs `json:"fields"`
}

// Attrs are a field's attributes; kong/db/schema/metaschema.lua has them all.
type Attrs map[string]any

// known are the attributes that Check knows, and the types that they stand with; none: any.
func known() map[string][]string {
	return map[string][]string{
		"type": nil, "required": nil, "default": nil, "err": nil, "eq": nil, "ne": nil, "gt": nil, "starts_with": {"string"},
		"referenceable": {"string"}, "encrypted": {"string"}, "match": {"string"},
		"between": {"integer", "number"}, "one_of": {"string", "integer", "number"},
		"len_min": {"string", "array", "set", "map"}, "len_max": {"string", "array", "set", "map"}, "len_eq": {"string", "array", "set", "map"},
		"elements": {"array", "set"}, "keys": {"map"}, "values": {"map"}, "fields": {"record"},
	}
}

// Check tells what Kong's metaschema would have against a schema.
func (s Schema) Check() error {
	if s.Name == "" || len(s.Fields) == 0 {
		return fmt.Errorf("the schema has no name or no fields")
	}
	return checkFields(s.Fields)
}

func checkFields(fields []map[string]Attrs) error {
	for _, entry := range fields {
		if len(entry) != 1 {
			return fmt.Errorf("an entry of fields holds %d fields", len(entry))
		}
		for name, a := range entry {
			if err := a.check(); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

func (a Attrs) check() error {
	kind, _ := a["type"].(string)
	needs, ok := map[string]string{
		"string": "", "integer": "", "number": "", "boolean": "", "array": "elements", "set": "elements", "map": "values", "record": "fields",
	}[kind]
	if !ok {
		return fmt.Errorf("there is no type %q", kind)
	}
	if needs != "" && a[needs] == nil {
		return fmt.Errorf("field of type '%s' must declare '%s'", kind, needs)
	}
	for name := range a {
		types, ok := known()[name]
		if !ok {
			return fmt.Errorf("unknown attribute %s", name)
		}
		if types != nil && !slices.Contains(types, kind) {
			return fmt.Errorf("field of type '%s' cannot have attribute '%s'", kind, name)
		}
	}
	if between, ok := a["between"].([]any); ok && (len(between) != 2 || !isInteger(between[0]) || !isInteger(between[1])) {
		return fmt.Errorf("between is not two integers")
	}
	for _, nested := range []string{"elements", "keys", "values"} {
		if inner, ok := a[nested].(map[string]any); ok {
			if err := Attrs(inner).check(); err != nil {
				return fmt.Errorf("%s: %w", nested, err)
			}
		}
	}
	if kind == "record" {
		if err := checkFields(a.fields()); err != nil {
			return err
		}
	}
	if d, ok := a["default"]; ok {
		if err := a.accepts(d); err != nil {
			return fmt.Errorf("default: %w", err)
		}
	}
	return nil
}

// fields are those of a record.
func (a Attrs) fields() []map[string]Attrs {
	var out []map[string]Attrs
	list, _ := a["fields"].([]any)
	for _, entry := range list {
		fields := map[string]Attrs{}
		m, _ := entry.(map[string]any)
		for name, v := range m {
			inner, _ := v.(map[string]any)
			fields[name] = inner
		}
		out = append(out, fields)
	}
	return out
}

// Config are the attributes of the plugin's configuration.
func (s Schema) Config() Attrs {
	for _, entry := range s.Fields {
		if a, ok := entry["config"]; ok {
			return a
		}
	}
	return nil
}

// Complete checks a configuration as Kong does when it loads one, and fills in the defaults; what is not set is null.
func (s Schema) Complete(config map[string]any) (map[string]any, error) {
	out := maps.Clone(config)
	if out == nil {
		out = map[string]any{}
	}
	unknown := maps.Clone(out)
	for _, entry := range s.Config().fields() {
		for name, a := range entry {
			delete(unknown, name)
			if out[name] == nil {
				out[name] = a["default"]
			}
			if err := a.acceptsField(out[name]); err != nil {
				return nil, fmt.Errorf("config.%s: %w", name, err)
			}
		}
	}
	if len(unknown) > 0 {
		names := slices.Collect(maps.Keys(unknown))
		sort.Strings(names)
		return nil, fmt.Errorf("config.%s: unknown field", names[0])
	}
	return out, nil
}

func (a Attrs) acceptsField(v any) error {
	if v == nil {
		if a["required"] == true {
			return fmt.Errorf("required field missing")
		}
		return nil
	}
	return a.accepts(v)
}

func (a Attrs) accepts(v any) error {
	length := -1
	switch a["type"] {
	case "string":
		s, ok := v.(string)
		if !ok {
			return fmt.Errorf("expected a string")
		}
		if a["referenceable"] == true && strings.HasPrefix(s, "{vault://") {
			return nil // checked when it is resolved
		}
		if prefix, ok := a["starts_with"].(string); ok && !strings.HasPrefix(s, prefix) {
			return fmt.Errorf("should start with: %s", prefix)
		}
		length = len(s)
	case "integer":
		if !isInteger(v) {
			return fmt.Errorf("expected an integer")
		}
	case "number":
		if _, ok := number(v); !ok {
			return fmt.Errorf("expected a number")
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			return fmt.Errorf("expected a boolean")
		}
	case "array", "set":
		items, ok := toList(v)
		if !ok {
			return fmt.Errorf("expected an array")
		}
		inner, _ := a["elements"].(map[string]any)
		for i, item := range items {
			if err := Attrs(inner).accepts(item); err != nil {
				return fmt.Errorf("[%d]: %w", i+1, err)
			}
		}
		length = len(items)
	}
	return a.bounds(v, length)
}

func (a Attrs) bounds(v any, length int) error {
	if least, ok := number(a["len_min"]); ok && length < int(least) {
		return fmt.Errorf("length must be at least %v", least)
	}
	if most, ok := number(a["len_max"]); ok && length > int(most) {
		return fmt.Errorf("length must be at most %v", most)
	}
	if all, ok := a["one_of"].([]any); ok && !slices.Contains(all, v) {
		return fmt.Errorf("expected one of: %v", all)
	}
	if between, ok := a["between"].([]any); ok {
		n, _ := number(v)
		least, _ := number(between[0])
		most, _ := number(between[1])
		if n < least || n > most {
			return fmt.Errorf("value should be between %v and %v", least, most)
		}
	}
	return nil
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case int:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

func isInteger(v any) bool {
	n, ok := number(v)
	return ok && n == float64(int64(n))
}

func toList(v any) ([]any, bool) {
	switch l := v.(type) {
	case []any:
		return l, true
	case []string:
		out := make([]any, len(l))
		for i, s := range l {
			out[i] = s
		}
		return out, true
	}
	return nil, false
}
