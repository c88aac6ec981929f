// Package wasmtest runs package redact compiled to WebAssembly beside the native one, on the same input, and compares what
// they say. It is a module of its own, so that the root's requires no WebAssembly runtime.
package wasmtest

import (
	"bufio"
	"io"
	"strconv"

	"github.com/soukproxy/souk/redact"
)

// Exercise reads texts, each on a line as a Go string literal, and writes what the package makes of each: what it finds in it as text
// and as a body, what it masks, what it restores from that, plain and in a stream of two events.
func Exercise(in io.Reader, out io.Writer) error {
	finder, err := redact.NewFinder(redact.Options{})
	if err != nil {
		return err
	}
	vault, err := redact.NewVault(redact.VaultOptions{Key: []byte("a key of thirty-two bytes or more")})
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	w := bufio.NewWriter(out)
	for lines.Scan() {
		text, err := strconv.Unquote(lines.Text())
		if err != nil {
			return err
		}
		for mode := redact.Placeholder; mode < redact.Block; mode++ {
			masker, err := redact.NewMasker(redact.MaskOptions{Finder: finder, Mode: mode})
			if err != nil {
				return err
			}
			scope, err := vault.Session("s")
			if err != nil {
				return err
			}
			exercise(w, finder, masker, scope, []byte(text))
			vault.Forget("s")
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return w.Flush()
}

func exercise(w *bufio.Writer, finder *redact.Finder, masker *redact.Masker, scope *redact.Scope, text []byte) {
	findings(w, finder.Find(nil, text))
	if found, err := redact.FindJSON(nil, finder, text); err == nil {
		findings(w, found)
	} else {
		line(w, "refused", []byte(err.Error()))
	}
	masked, err := masker.Text(scope, text)
	if err != nil {
		line(w, "refused", []byte(err.Error()))
	}
	line(w, "text", masked.Text)
	line(w, "restored", scope.RestoreText(nil, masked.Text))
	body, err := masker.JSON(scope, text)
	if err == nil {
		line(w, "body", body.Text)
		line(w, "restored", scope.RestoreJSON(nil, body.Text))
	}
	stream := scope.Stream()
	half := len(masked.Text) / 2
	var out []byte
	for _, piece := range [][]byte{masked.Text[:half], masked.Text[half:]} {
		event := append([]byte(`data: {"choices":[{"index":0,"delta":{"content":`), quote(piece)...)
		out = stream.Event(out, append(event, "}}]}\n\n"...))
	}
	line(w, "stream", stream.Close(out))
}

// quote is piece as a JSON string; what is not ASCII goes as it is.
func quote(piece []byte) []byte {
	q := []byte{'"'}
	for _, c := range piece {
		switch {
		case c == '"' || c == '\\':
			q = append(q, '\\', c)
		case c < ' ':
			q = append(q, `\u00`...)
			q = append(q, "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		default:
			q = append(q, c)
		}
	}
	return append(q, '"')
}

func findings(w *bufio.Writer, found []redact.Finding) {
	for _, f := range found {
		line(w, f.Type.String(), []byte(strconv.Itoa(f.Start)+" "+strconv.Itoa(f.End)))
	}
}

// line writes a name and a value; the Writer keeps an error until Flush.
func line(w *bufio.Writer, name string, value []byte) {
	_, _ = w.WriteString(name + " " + strconv.Quote(string(value)) + "\n")
}
