package config

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v4"
)

// decoder reads one file and collects all that is wrong with it.
type decoder struct {
	env    Env
	file   string // as errors name it
	folder string // what relative paths start from
	cfg    *Config
	errs   Errors
	warned []warning
	spent  int // of maxSpent

	refs references
}

// node is a value in the file and the keys that lead to it.
type node struct {
	yaml *yaml.Node
	path string
	key  *yaml.Node // the last key itself; nil in a list and at the top
}

type warning struct {
	line int
	text string
}

// target is the value itself where an alias stands for it.
func (n node) target() *yaml.Node {
	target := n.yaml
	for target.Kind == yaml.AliasNode {
		target = target.Alias
	}
	return target
}

func (n node) child(key string) string {
	if !showable(key) {
		key = "?"
	}
	if n.path == "" {
		return key
	}
	return n.path + "." + key
}

func (d *decoder) errorf(n node, format string, args ...any) {
	if len(d.errs) >= maxErrors {
		return
	}
	e := Error{File: d.file, Line: max(n.yaml.Line, 1), Column: max(n.yaml.Column, 1), Path: n.path, Message: fmt.Sprintf(format, args...)}
	if len(d.errs) == maxErrors-1 {
		e.Message += "; more errors are not shown"
	}
	d.errs = append(d.errs, e)
}

// warnf notes a setting that is understood and does nothing.
func (d *decoder) warnf(n node, format string, args ...any) {
	line := n.yaml.Line
	if n.key != nil {
		line = n.key.Line
	}
	d.warned = append(d.warned, warning{line, fmt.Sprintf("line %d: %s %s", line, n.path, fmt.Sprintf(format, args...))})
}

// warnings lists the notes in the order of the file.
func (d *decoder) warnings() []string {
	slices.SortStableFunc(d.warned, func(a, b warning) int { return a.line - b.line })
	var list []string
	for _, w := range d.warned {
		list = append(list, w.text)
	}
	return list
}

// spend counts work; false means that there has been too much of it, or enough errors.
func (d *decoder) spend(n node, work int) bool {
	if d.spent > maxSpent || len(d.errs) >= maxErrors {
		return false
	}
	d.spent += work
	if d.spent > maxSpent {
		d.errorf(n, "more than %d values, aliases expanded; write the configuration with fewer aliases", maxSpent)
		return false
	}
	return true
}

// open resolves aliases and counts the value; false means that it is not to be read.
func (d *decoder) open(n *node) bool {
	const bytesPerValue = 64
	n.yaml = n.target()
	if !d.spend(*n, 1+len(n.yaml.Value)/bytesPerValue) {
		return false
	}
	if n.yaml.Style&yaml.TaggedStyle != 0 {
		d.errorf(*n, "a YAML tag (!) means nothing here; remove it, or put the value in quotes")
		return false
	}
	if n.yaml.Kind == yaml.ScalarNode && n.yaml.Tag == "!!null" {
		d.errorf(*n, "has no value; give it one or remove the key")
		return false
	}
	return true
}

// fields says which keys a mapping may have and what reads each.
type fields map[string]func(node)

// mapping reads a mapping with known keys and returns the values that were there, nil if it is none.
func (d *decoder) mapping(n node, known fields) map[string]node {
	names := slices.Sorted(maps.Keys(known))
	seen := map[string]node{}
	ok := d.entries(n, "keys "+strings.Join(names, ", "), func(key string, at, value node) {
		read, ok := known[key]
		if !ok {
			// Whoever misspells a key has not left it out: that would be a second error for one mistake.
			if near := d.unknownKey(at, key, names); near != "" && seen[near].yaml == nil {
				seen[near] = value
			}
			return
		}
		seen[key] = value
		read(value)
	})
	if !ok {
		return nil
	}
	return seen
}

// entries reads a mapping whose keys are the user's own. what describes its content for the error.
func (d *decoder) entries(n node, what string, each func(key string, at, value node)) bool {
	if !d.open(&n) {
		return false
	}
	if n.yaml.Kind != yaml.MappingNode {
		d.errorf(n, "must be a mapping with %s, not %s", what, kindName(n.yaml))
		return false
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(n.yaml.Content); i += 2 {
		k, v := n.yaml.Content[i], n.yaml.Content[i+1]
		if !d.spend(n, 1) {
			return true
		}
		at := node{yaml: k, path: n.child(k.Value)}
		switch first, twice := lines[k.Value]; {
		case k.Kind != yaml.ScalarNode:
			d.errorf(node{yaml: k, path: n.path}, "a key must be plain text")
		case k.Tag == "!!merge":
			d.errorf(node{yaml: k, path: n.path}, "merge keys (<<) are not supported; write the keys out")
		case twice:
			d.errorf(at, "is set twice, first on line %d; remove one", first)
		default:
			lines[k.Value] = k.Line
			each(k.Value, at, node{v, at.path, k})
		}
	}
	return true
}

// list reads a sequence and gives each item.
func (d *decoder) list(n node, example string, each func(item node)) bool {
	if !d.open(&n) {
		return false
	}
	if n.yaml.Kind != yaml.SequenceNode {
		d.errorf(n, "must be a list, such as %s, not %s", example, kindName(n.yaml))
		return false
	}
	for i, item := range n.yaml.Content {
		each(node{yaml: item, path: n.path + "[" + strconv.Itoa(i) + "]"})
	}
	return true
}

// scalar reads one value's text with its environment variables in place. Quotes make no difference: the key
// decides what a value is.
func (d *decoder) scalar(n node) (string, bool) {
	if !d.open(&n) {
		return "", false
	}
	if n.yaml.Kind != yaml.ScalarNode {
		d.errorf(n, "must be a single value, not %s", kindName(n.yaml))
		return "", false
	}
	text, problem := expand(n.yaml.Value, d.env)
	if problem != "" {
		d.errorf(n, "%s", problem)
		return "", false
	}
	return text, true
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	default:
		return "a single value"
	}
}

// unknownKey reports a key and returns the one that was most likely meant, or nothing.
func (d *decoder) unknownKey(at node, key string, known []string) string {
	near := nearest(key, known)
	if near != "" {
		d.errorf(at, "unknown key; did you mean %s?", near)
	} else {
		d.errorf(at, "unknown key; known here: %s", strings.Join(known, ", "))
	}
	return near
}

// nearest finds the name that a misspelled one most likely means, or nothing.
func nearest(name string, known []string) string {
	const longest = 64
	if name == "" || len(name) > longest {
		return ""
	}
	squash := strings.NewReplacer("_", "", "-", "", " ", "")
	flat := squash.Replace(strings.ToLower(name))
	best, bestDistance := "", 4 // one more than the typing errors allowed
	switch {
	case len(flat) <= 3:
		bestDistance = 2
	case len(flat) <= 5:
		bestDistance = 3
	}
	for _, k := range known {
		if len(k) > longest {
			continue
		}
		if distance := levenshtein.ComputeDistance(flat, squash.Replace(strings.ToLower(k))); distance < bestDistance {
			best, bestDistance = k, distance
		}
	}
	return best
}

// showable tells whether text from the file may stand in an error: a short plain name. A secret put in the
// wrong place, as in {api_key:sk-...} without the space, is longer or has other characters.
func showable(text string) bool {
	const maxDigits = 6
	digits := 0
	for _, c := range []byte(text) {
		if c >= '0' && c <= '9' {
			digits++
		}
	}
	if digits > maxDigits || strings.HasPrefix(text, "sk-") {
		return false
	}
	return text != "" && len(text) <= 32 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/") == ""
}

// quoted is a scalar as an error may show it. What came from the environment is not shown.
func quoted(n node) string {
	if v := n.target().Value; showable(v) {
		return strconv.Quote(v)
	}
	return "this value"
}

// pathOf makes a file's path in the configuration absolute or relative to the working directory.
func (d *decoder) pathOf(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(d.folder, name)
}
