package proxytest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// FramingCase is a request, and what becomes of it. Its text form is explained where the cases are, in proxy/testdata/framing.txt.
type FramingCase struct {
	Name     string
	Raw      string
	Statuses []string // of the answers, in order
	Keeps    bool     // the connection is good for another request afterwards
	Asked    int      // how often a provider is asked
}

// AnswerCase is a provider's answer, and what becomes of it. Its text form is explained where the cases are, in proxy/testdata/answers.txt.
type AnswerCase struct {
	Name   string
	Raw    string
	Closes bool   // the provider closes the connection behind it
	Want   string // good, or the reason of the attempt
	Kept   bool   // a good answer's connection is used again
}

// AnswerCases reads the cases. body is a good answer's.
func AnswerCases(t testing.TB, text, body string) []AnswerCase {
	t.Helper()
	var cases []AnswerCase
	for n, line := range strings.Split(text, "\n") {
		var c *AnswerCase
		if len(cases) > 0 {
			c = &cases[len(cases)-1]
		}
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "", "#":
		case "case:":
			cases = append(cases, AnswerCase{Name: value})
		case "souk:":
			var rest string
			c.Want, rest, _ = strings.Cut(value, " ")
			c.Kept = rest == "kept"
		case "then":
			c.Closes = true
		case "|":
			c.Raw += expand(value, body) + "\r\n"
		case ">":
			c.Raw += expand(value, body)
		default:
			t.Fatalf("line %d of the answer cases is %q", n+1, line)
		}
	}
	return cases
}

// FramingCases reads the cases as they are for souk alone. body is a chat request's.
func FramingCases(t testing.TB, text, body string) []FramingCase {
	t.Helper()
	var cases []FramingCase
	for n, line := range strings.Split(text, "\n") {
		var c *FramingCase
		if len(cases) > 0 {
			c = &cases[len(cases)-1]
		}
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "", "#", "nginx:":
		case "case:":
			cases = append(cases, FramingCase{Name: value})
		case "souk:":
			words := strings.Fields(value)
			c.Statuses, c.Keeps = words[:len(words)-1], words[len(words)-1] == "keeps"
		case "asked:":
			c.Asked, _ = strconv.Atoi(strings.Fields(value)[0])
		case "|":
			c.Raw += expand(value, body) + "\r\n"
		case ">":
			c.Raw += expand(value, body)
		default:
			t.Fatalf("line %d of the framing cases is %q", n+1, line)
		}
	}
	return cases
}

var (
	repeated = regexp.MustCompile(`\{([^{}]+)\*(\d+)\}`)
	escaped  = regexp.MustCompile(`\\(x[0-9a-f]{2}|.)`)
)

// expand replaces what stands for other bytes.
func expand(line, body string) string {
	line = repeated.ReplaceAllStringFunc(line, func(s string) string {
		m := repeated.FindStringSubmatch(s)
		n, _ := strconv.Atoi(m[2])
		return strings.Repeat(m[1], n)
	})
	line = escaped.ReplaceAllStringFunc(line, func(s string) string {
		if s[1] == 'x' {
			n, _ := strconv.ParseUint(s[2:], 16, 8)
			return string([]byte{byte(n)})
		}
		return map[string]string{`\r`: "\r", `\n`: "\n", `\t`: "\t", `\0`: "\x00", `\\`: `\`}[s]
	})
	inner := Request("POST", ChatPath, body)
	return strings.NewReplacer("{body}", body, "{n}", fmt.Sprint(len(body)), "{hex}", fmt.Sprintf("%x", len(body)),
		"{inner}", inner, "{innerhex}", fmt.Sprintf("%x", len(inner))).Replace(line)
}
