// Package framingtest reads the cases of proxy/testdata/framing.txt and answers.txt, which explain their own form, and holds what comes
// over a connection to them: for souk alone, and in sidecar/e2e for souk behind NGINX. It is the standard library alone, since that is a
// module of its own.
package framingtest

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// Request is a request, and what becomes of it.
type Request struct {
	Name        string
	Raw         string
	Souk, NGINX Outcome // sent to souk alone, and to NGINX in front of it
}

// Outcome is what becomes of a request.
type Outcome struct {
	Statuses []string // of the answers, in order, or none; RawAnswer alone for one without a status line
	Keeps    bool     // the connection is good for another request afterwards
	Asked    int      // how often a provider is asked
}

// RawAnswer stands for an answer without a status line.
const RawAnswer = "raw"

// Answer is a provider's answer, and what becomes of it.
type Answer struct {
	Name   string
	Raw    string
	Closes bool   // the provider closes the connection behind it
	Want   string // good, or the reason of the attempt
	Kept   bool   // a good answer's connection is used again
}

// Requests reads the cases of framing.txt. body is a chat request's.
func Requests(t testing.TB, path, body string) []Request {
	t.Helper()
	var list []Request
	for _, b := range read(t, path, body, "souk:", "nginx:", "asked:") {
		r := Request{Name: b.name, Raw: b.raw, Souk: outcome(t, b, "souk:"), NGINX: outcome(t, b, "nginx:")}
		if asked := strings.Fields(b.lines["asked:"]); len(asked) > 0 {
			var err [2]error
			r.Souk.Asked, err[0] = strconv.Atoi(asked[0])
			r.NGINX.Asked, err[1] = strconv.Atoi(asked[len(asked)-1])
			if len(asked) != 2 || err[0] != nil || err[1] != nil {
				t.Fatalf("%s: the case %q asks %q; it takes two numbers", path, b.name, asked)
			}
		}
		list = append(list, r)
	}
	return list
}

func outcome(t testing.TB, b block, key string) Outcome {
	t.Helper()
	words := strings.Fields(b.lines[key])
	if len(words) == 0 || words[len(words)-1] != "keeps" && words[len(words)-1] != "closes" {
		t.Fatalf("the case %q has %q behind %s; it takes statuses, and keeps or closes", b.name, b.lines[key], key)
	}
	last := len(words) - 1
	return Outcome{Statuses: words[:last], Keeps: words[last] == "keeps"}
}

// Answers reads the cases of answers.txt. body is a good answer's.
func Answers(t testing.TB, path, body string) []Answer {
	t.Helper()
	var list []Answer
	for _, b := range read(t, path, body, "souk:", "then") {
		a := Answer{Name: b.name, Raw: b.raw, Closes: b.lines["then"] == "closes"}
		var rest string
		a.Want, rest, _ = strings.Cut(b.lines["souk:"], " ")
		if a.Want == "" {
			t.Fatalf("%s: the case %q does not say what souk makes of it", path, b.name)
		}
		a.Kept = rest == "kept"
		list = append(list, a)
	}
	return list
}

// read reads a file whose cases have lines that begin with the keys.
func read(t testing.TB, path, body string, keys ...string) []block {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := parse(string(text), body, keys...)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return blocks
}
