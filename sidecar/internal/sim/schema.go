package sim

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
)

// schema is the part of JSON Schema that a simulated answer keeps to. Patterns, dependencies and conditions are beyond
// it; what it does not know it ignores.
type schema struct {
	Ref        string                     `json:"$ref"`
	Type       json.RawMessage            `json:"type"` // a name or a list of names
	Enum       []json.RawMessage          `json:"enum"`
	Const      json.RawMessage            `json:"const"`
	Properties map[string]json.RawMessage `json:"properties"`
	Required   []string                   `json:"required"`
	Items      json.RawMessage            `json:"items"`
	MinItems   int                        `json:"minItems"`
	AnyOf      []json.RawMessage          `json:"anyOf"`
	OneOf      []json.RawMessage          `json:"oneOf"`
	AllOf      []json.RawMessage          `json:"allOf"`
	Format     string                     `json:"format"`
	MinLength  int                        `json:"minLength"`
	MaxLength  *int                       `json:"maxLength"`
	Minimum    *float64                   `json:"minimum"`
	Maximum    *float64                   `json:"maximum"`
	Above      json.RawMessage            `json:"exclusiveMinimum"` // a number since draft 6, a boolean before
	Below      json.RawMessage            `json:"exclusiveMaximum"`
	MultipleOf float64                    `json:"multipleOf"`
}

// instance makes JSON values that fit a schema.
type instance struct {
	root json.RawMessage
	name string // the provider's, for the mark in the first free string
	rng  *random
	used int // values made so far
}

const (
	maxDepth  = 12  // of a value: deeper, only what is required is made
	maxValues = 500 // in a value, so that schemas that refer to themselves end
	maxString = 4096
)

// fit makes a JSON value for a schema; without one, an object with an answer.
func fit(raw json.RawMessage, name string, rng *random) []byte {
	in := &instance{root: raw, name: name, rng: rng}
	var probe map[string]json.RawMessage
	if json.Unmarshal(raw, &probe) != nil || len(probe) == 0 {
		return encode(map[string]any{"answer": in.text(0, nil), "simulated": true})
	}
	return encode(in.value(raw, 0))
}

func (in *instance) value(raw json.RawMessage, depth int) any {
	in.used++
	var s schema
	if json.Unmarshal(raw, &s) != nil || depth > 2*maxDepth || in.used > 2*maxValues {
		return nil // true, false, or no schema at all: anything goes
	}
	switch {
	case s.Ref != "":
		return in.value(in.resolve(s.Ref), depth+1)
	case s.Const != nil:
		return s.Const
	case len(s.Enum) > 0:
		return s.Enum[in.rng.intn(len(s.Enum))]
	case len(s.AnyOf) > 0:
		return in.value(s.AnyOf[in.shallow(len(s.AnyOf), depth)], depth+1)
	case len(s.OneOf) > 0:
		return in.value(s.OneOf[in.shallow(len(s.OneOf), depth)], depth+1)
	case len(s.AllOf) > 0 && s.Properties == nil:
		return in.merged(s.AllOf, depth)
	}
	switch s.kind() {
	case "object":
		return in.object(&s, depth)
	case "array":
		return in.array(&s, depth)
	case "string":
		return in.stringFor(&s)
	case "integer":
		return math.Floor(in.number(&s))
	case "number":
		return in.number(&s)
	case "boolean":
		return in.rng.intn(2) == 0
	}
	return nil
}

// shallow picks the first alternative, and deep down the last, which by custom is the one that ends a recursion.
func (in *instance) shallow(n, depth int) int {
	if depth > maxDepth || in.used > maxValues {
		return n - 1
	}
	return 0
}

// kind is the schema's type: the first that is not null, or what the other keywords imply.
func (s *schema) kind() string {
	var one string
	if json.Unmarshal(s.Type, &one) == nil && one != "" {
		return one
	}
	var many []string
	json.Unmarshal(s.Type, &many)
	for _, t := range many {
		if t != "null" {
			return t
		}
	}
	switch {
	case len(many) > 0:
		return "null"
	case s.Properties != nil:
		return "object"
	case s.Items != nil:
		return "array"
	case s.Minimum != nil || s.Maximum != nil || s.MultipleOf != 0:
		return "number"
	}
	return "string"
}

// resolve follows a reference into the same document (RFC 6901); others resolve to nothing.
func (in *instance) resolve(ref string) json.RawMessage {
	at := in.root
	path, ok := strings.CutPrefix(ref, "#")
	if !ok {
		return nil
	}
	for _, step := range strings.Split(path, "/")[1:] {
		var fields map[string]json.RawMessage
		if json.Unmarshal(at, &fields) != nil {
			return nil
		}
		at = fields[strings.NewReplacer("~1", "/", "~0", "~").Replace(step)]
	}
	return at
}

// merged makes one object of what every part of an allOf wants, or fits the first part when that is no object.
func (in *instance) merged(parts []json.RawMessage, depth int) any {
	all := map[string]any{}
	for _, part := range parts {
		v := in.value(part, depth+1)
		fields, ok := v.(map[string]any)
		if !ok {
			return v
		}
		for k, v := range fields {
			all[k] = v
		}
	}
	return all
}

func (in *instance) object(s *schema, depth int) any {
	names := make([]string, 0, len(s.Properties))
	for name := range s.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	fields := map[string]any{}
	for _, name := range names {
		if (depth > maxDepth || in.used > maxValues) && !slices.Contains(s.Required, name) {
			continue
		}
		fields[name] = in.value(s.Properties[name], depth+1)
	}
	for _, name := range s.Required {
		if _, ok := fields[name]; !ok {
			fields[name] = in.text(0, nil)
		}
	}
	return fields
}

func (in *instance) array(s *schema, depth int) any {
	n := min(max(s.MinItems, 1), 100)
	if depth > maxDepth || in.used > maxValues {
		n = min(s.MinItems, n)
	}
	items := make([]any, n)
	for i := range items {
		if s.Items == nil {
			items[i] = in.text(0, nil)
		} else {
			items[i] = in.value(s.Items, depth+1)
		}
	}
	return items
}

func (in *instance) stringFor(s *schema) string {
	example, ok := map[string]string{
		"date": "2026-01-31", "time": "12:30:00Z", "date-time": "2026-01-31T12:30:00Z", "duration": "PT1H",
		"email": "sim@example.com", "hostname": "sim.example.com", "uri": "https://example.com/sim",
		"ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "uuid": "00000000-0000-4000-8000-000000000000",
	}[s.Format]
	if ok {
		return example
	}
	return in.text(s.MinLength, s.MaxLength)
}

// text is a few words that begin with the provider's mark, in the bounds of characters that a schema sets.
func (in *instance) text(low int, high *int) string {
	s := strings.Join(text(in.name, in.rng, 4+in.rng.intn(4)), "")
	for len(s) < min(low, maxString) {
		s += " souk"
	}
	if high != nil && len(s) > max(*high, 0) {
		s = s[:max(*high, 0)]
	}
	return s
}

func (in *instance) number(s *schema) float64 {
	low, high := math.Inf(-1), math.Inf(1)
	if s.Minimum != nil {
		low = *s.Minimum
	}
	if s.Maximum != nil {
		high = *s.Maximum
	}
	step := 1.0
	if s.MultipleOf > 0 {
		step = s.MultipleOf
	}
	var above, below float64
	if json.Unmarshal(s.Above, &above) == nil && above >= low {
		low = above + step
	}
	if json.Unmarshal(s.Below, &below) == nil && below <= high {
		high = below - step
	}
	n := math.Ceil(low/step) * step
	switch {
	case n > math.MaxInt64 && !math.IsInf(high, 1):
		return high
	case n > math.MaxInt64 || low < math.MinInt64 && !math.IsInf(low, -1):
		return low
	case math.IsInf(low, -1) && math.IsInf(high, 1):
		return float64(in.rng.intn(100)) * step
	case math.IsInf(low, -1):
		return math.Floor(high/step) * step
	case n > high: // no multiple fits: as near as it goes
		return low + (high-low)/2
	}
	return n
}
