package e2e

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// framingCase is a case of framing.txt, which explains its own form, as a caller of NGINX sees it. The reader is souk's own tests' once more,
// since this module knows nothing of souk's packages.
type framingCase struct {
	name, raw string
	statuses  []string
	keeps     bool
	asked     int
}

func framingCases(t *testing.T, text string) []framingCase {
	t.Helper()
	body := `{"model":"` + chatModel + `","messages":[{"role":"user","content":"hi"}]}`
	var cases []framingCase
	for i, line := range strings.Split(text, "\n") {
		var c *framingCase
		if len(cases) > 0 {
			c = &cases[len(cases)-1]
		}
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "", "#", "souk:":
		case "case:":
			cases = append(cases, framingCase{name: value})
		case "nginx:":
			words := strings.Fields(value)
			c.statuses, c.keeps = words[:len(words)-1], words[len(words)-1] == "keeps"
		case "asked:":
			c.asked, _ = strconv.Atoi(strings.Fields(value)[1])
		case "|":
			c.raw += unescape(value, body) + "\r\n"
		case ">":
			c.raw += unescape(value, body)
		default:
			t.Fatalf("line %d of the framing cases is %q", i+1, line)
		}
	}
	return cases
}

var (
	repeated = regexp.MustCompile(`\{([^{}]+)\*(\d+)\}`)
	escaped  = regexp.MustCompile(`\\(x[0-9a-f]{2}|.)`)
)

func unescape(line, body string) string {
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
	inner := fmt.Sprintf("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	return strings.NewReplacer("{body}", body, "{n}", fmt.Sprint(len(body)), "{hex}", fmt.Sprintf("%x", len(body)),
		"{inner}", inner, "{innerhex}", fmt.Sprintf("%x", len(inner))).Replace(line)
}
