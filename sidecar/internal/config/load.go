package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// What a configuration may cost to read. An alias bomb is small on disk, so what aliases expand to has a bound
// of its own.
const (
	maxFile  = 4 << 20 // bytes of any file that is read
	maxDepth = 64      // of nesting; the deepest key is at 7
	maxSpent = 500_000 // values and keys read, aliases expanded; a long value counts as several
)

// Load reads the configuration file at path. What is wrong in the file comes back as Errors; paths in it are
// relative to its own folder.
func Load(path string, env Env) (*Config, error) {
	src, err := env.readFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	return Parse(path, src, env)
}

// Parse reads a configuration from src; name stands for the file in errors, and its folder is what relative
// paths start from. Every error of the file comes back at once, as Errors.
func Parse(name string, src []byte, env Env) (*Config, error) {
	d := &decoder{env: env, file: name, folder: filepath.Dir(name), cfg: defaults()}
	d.cfg.Path = name
	d.cfg.files = []string{name}
	if root, ok := d.compose(src); ok {
		d.root(root)
	}
	if len(d.errs) > 0 {
		return nil, d.errs.sorted()
	}
	d.cfg.Warnings = d.warnings()
	return d.cfg, nil
}

// compose turns the text into nodes.
func (d *decoder) compose(src []byte) (node, bool) {
	top := node{yaml: &yaml.Node{Line: 1, Column: 1}}
	if len(src) > maxFile {
		d.errorf(top, "the file is larger than 4 MiB, which no configuration needs")
		return node{}, false
	}
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	if i := invalidUTF8(src); i >= 0 {
		top.yaml.Line = 1 + bytes.Count(src[:i], []byte("\n"))
		top.yaml.Column = 1 + utf8.RuneCount(src[bytes.LastIndexByte(src[:i], '\n')+1:i])
		d.errorf(top, "not UTF-8 here; save the file as UTF-8")
		return node{}, false
	}
	hidden := hideBraces(src)
	loader, err := yaml.NewLoader(bytes.NewReader(hidden), yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth))))
	if err != nil {
		d.errorf(top, "the YAML reader does not start: %v", err)
		return node{}, false
	}
	var doc, second yaml.Node
	switch err := loader.Load(&doc); {
	case errors.Is(err, io.EOF):
		d.errorf(top, "the file is empty; it needs providers")
		return node{}, false
	case err != nil:
		d.syntax(err)
		return node{}, false
	}
	switch err := loader.Load(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		d.syntax(err)
		return node{}, false
	default:
		d.errorf(node{yaml: &second}, "a second YAML document; keep everything in one, without ---")
		return node{}, false
	}
	if len(doc.Content) != 1 {
		d.errorf(top, "the file is empty; it needs providers")
		return node{}, false
	}
	if len(hidden) != len(src) {
		restoreBraces(&doc)
	}
	return node{yaml: doc.Content[0]}, true
}

func invalidUTF8(src []byte) int {
	if utf8.Valid(src) {
		return -1
	}
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// syntax reports what the YAML reader refused. Its messages are passed on only where they are constant: the
// composer's name anchors, and an unquoted key that starts with * reads as one.
func (d *decoder) syntax(err error) {
	at := &yaml.Node{Line: 1, Column: 1}
	message := "not valid YAML"
	var load *yaml.LoadError
	if errors.As(err, &load) {
		mark := load.Mark
		if mark.Line == 0 {
			mark = load.ContextMark
		}
		at.Line, at.Column = max(mark.Line, 1), max(mark.Column, 1)
		message += ": " + syntaxRemedy(load)
		if load.ContextMsg != "" && load.ContextMark.Line > 0 && load.ContextMark.Line != at.Line {
			message += fmt.Sprintf(" (%s that starts on line %d)", load.ContextMsg, load.ContextMark.Line)
		}
	}
	d.errorf(node{yaml: at}, "%s", message)
}

func syntaxRemedy(e *yaml.LoadError) string {
	switch m := e.Message; {
	case strings.Contains(m, "unknown anchor"):
		return "an unquoted * means an alias, and no anchor has this name; put the value in quotes"
	case strings.Contains(m, "max depth"):
		return fmt.Sprintf("nested more than %d deep", maxDepth)
	case strings.Contains(m, "cannot start any token"):
		return "a value cannot start with this character; put it in quotes, and indent with spaces, not tabs"
	case strings.Contains(m, "mapping values are not allowed"):
		return "a second colon on the line, or wrong indentation; put a value that holds \": \" in quotes"
	case strings.ContainsAny(m, "'`\"") && !strings.Contains(m, "expected"):
		return "put the value in quotes"
	default:
		return m
	}
}
