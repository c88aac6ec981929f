package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxErrors bounds a report; a file with more has one cause that the first ones show.
const maxErrors = 200

// Error is one thing that is wrong with a configuration and what to do about it. It never quotes a secret.
type Error struct {
	File    string // as the configuration was named to Load or Parse
	Line    int    // from 1
	Column  int    // from 1, in characters
	Path    string // the full key, such as providers[0].models[1].price.input; empty for the file as a whole
	Message string
}

// Error is the position, the key and the message: "souk.yaml:12:5: providers[0].base_ur: unknown key; did you
// mean base_url?".
func (e Error) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s", e.File, e.Line, e.Column, e.Path, e.Message)
}

// Errors is everything that is wrong with a configuration, in the order of the file.
type Errors []Error

// Error is one error a line.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

func (es Errors) sorted() Errors {
	slices.SortStableFunc(es, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Path, b.Path))
	})
	return es
}
