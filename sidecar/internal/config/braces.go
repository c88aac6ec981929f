package config

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v4"
)

// In a flow mapping or list, as in {secret: ${NAME}}, YAML ends an unquoted value at the first brace, although
// the reference is whole to everyone who reads it. So while YAML is read, the braces of references are these
// characters of the private use area, one for one, which keeps columns as they are.
const (
	openBrace  = "\uf8f0"
	closeBrace = "\uf8f1"
)

// hideBraces replaces the braces of ${NAME} and ${NAME:-default}, the default within its line. A text that has
// the replacements already stays as it is.
func hideBraces(src []byte) []byte {
	if !bytes.Contains(src, []byte("${")) || bytes.Contains(src, []byte(openBrace)) || bytes.Contains(src, []byte(closeBrace)) {
		return src
	}
	out := make([]byte, 0, len(src)+64)
	for {
		i := bytes.Index(src, []byte("${"))
		if i < 0 {
			return append(out, src...)
		}
		out = append(out, src[:i]...)
		src = src[i+2:]
		line := src
		if end := bytes.IndexByte(src, '\n'); end >= 0 {
			line = src[:end]
		}
		end := bytes.IndexByte(line, '}')
		if end < 0 {
			out = append(out, "${"...)
			continue
		}
		if name, _, _ := strings.Cut(string(line[:end]), ":-"); !isVariable(name) {
			out = append(out, "${"...)
			continue
		}
		out = append(out, "$"+openBrace...)
		out = append(out, line[:end]...)
		out = append(out, closeBrace...)
		src = src[end+1:]
	}
}

// restoreBraces undoes hideBraces in what was read. Aliases are not followed: what they stand for is restored
// where it is written.
func restoreBraces(n *yaml.Node) {
	restore := strings.NewReplacer(openBrace, "{", closeBrace, "}")
	var walk func(*yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode && strings.Contains(n.Value, "$"+openBrace) {
			n.Value = restore.Replace(n.Value)
		}
		for _, child := range n.Content {
			walk(child)
		}
	}
	walk(n)
}
