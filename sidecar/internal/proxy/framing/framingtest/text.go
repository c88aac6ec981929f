package framingtest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// block is one case of a file.
type block struct {
	name  string
	raw   string            // what is sent
	lines map[string]string // what stands behind each key
}

// parse reads the cases of a text. keys are the words, beside "case:", that a line of a case may begin with.
func parse(text, body string, keys ...string) ([]block, error) {
	var blocks []block
	for n, line := range strings.Split(text, "\n") {
		key, value, _ := strings.Cut(line, " ")
		switch {
		case key == "" || key == "#":
			continue
		case key == "case:":
			blocks = append(blocks, block{name: value, lines: map[string]string{}})
			continue
		case len(blocks) == 0:
			return nil, fmt.Errorf("line %d stands before the first case: %q", n+1, line)
		}
		b := &blocks[len(blocks)-1]
		switch {
		case key == "|":
			b.raw += expand(value, body) + "\r\n"
		case key == ">":
			b.raw += expand(value, body)
		case slices.Contains(keys, key):
			b.lines[key] = value
		default:
			return nil, fmt.Errorf("line %d begins with none of case:, |, > and %s: %q", n+1, strings.Join(keys, ", "), line)
		}
	}
	return blocks, nil
}

var (
	repeated = regexp.MustCompile(`\{([^{}]+)\*(\d+)\}`)
	escaped  = regexp.MustCompile(`\\(x[0-9a-f]{2}|.)`)
)

// expand replaces what stands for other bytes.
func expand(line, body string) string {
	line = repeated.ReplaceAllStringFunc(line, func(s string) string {
		what, times, _ := strings.Cut(s[1:len(s)-1], "*")
		n, _ := strconv.Atoi(times) // digits, by the pattern
		return strings.Repeat(what, n)
	})
	line = escaped.ReplaceAllStringFunc(line, func(s string) string {
		if s[1] == 'x' {
			n, _ := strconv.ParseUint(s[2:], 16, 8) // two digits, by the pattern
			return string([]byte{byte(n)})
		}
		return map[string]string{`\r`: "\r", `\n`: "\n", `\t`: "\t", `\0`: "\x00", `\\`: `\`}[s]
	})
	inner := "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
		fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
	return strings.NewReplacer("{body}", body, "{n}", fmt.Sprint(len(body)), "{hex}", fmt.Sprintf("%x", len(body)),
		"{inner}", inner, "{innerhex}", fmt.Sprintf("%x", len(inner))).Replace(line)
}
