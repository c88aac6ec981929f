package kongtest

import (
	"slices"
	"strings"
)

// Field is a header line.
type Field struct{ Name, Value string }

// Header are header lines in their order, as NGINX keeps them.
type Header []Field

// Get is the first value of a header, whatever the case of its name.
func (h Header) Get(name string) string {
	if values := h.Values(name); len(values) > 0 {
		return values[0]
	}
	return ""
}

// Values are all values of a header.
func (h Header) Values(name string) []string {
	var out []string
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			out = append(out, f.Value)
		}
	}
	return out
}

// Del removes a header.
func (h *Header) Del(name string) {
	*h = slices.DeleteFunc(*h, func(f Field) bool { return strings.EqualFold(f.Name, name) })
}

// Set replaces a header.
func (h *Header) Set(name string, values ...string) {
	h.Del(name)
	for _, v := range values {
		*h = append(*h, Field{name, v})
	}
}

// byName is what Kong gives out: at most limit lines, by name in lower case.
func (h Header) byName(limit int) map[string][]string {
	out := map[string][]string{}
	for i, f := range h {
		if i == limit {
			break
		}
		name := strings.ToLower(f.Name)
		out[name] = append(out[name], f.Value)
	}
	return out
}
