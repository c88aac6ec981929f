package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/soukproxy/souk/redact"
)

// runRedact runs the command on a standard input.
func runRedact(t *testing.T, in io.Reader, args ...string) (string, error) {
	t.Helper()
	root := newRoot()
	var out bytes.Buffer
	root.SetIn(in)
	root.SetOut(&out)
	root.SetErr(io.Discard)
	root.SetArgs(append([]string{"redact"}, args...))
	err := root.Execute()
	return out.String(), err
}

func TestRedactMasksReportsAndReadsLines(t *testing.T) {
	terms := filepath.Join(t.TempDir(), "terms")
	if err := os.WriteFile(terms, []byte("Project Falcon\n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		in   string
		want string
	}{
		{"text is masked, one value has one number", nil, "a@b.org, c@d.org, a@b.org", "<EMAIL_1>, <EMAIL_2>, <EMAIL_1>"},
		{"text without values is passed as it is", nil, "nothing\r\n\x00\xff here", "nothing\r\n\x00\xff here"},
		{"an empty input is an empty output", nil, "", ""},
		{"types restrict", []string{"--types", "ip_address"}, "a@b.org from 8.8.8.8", "a@b.org from <IP_ADDRESS_1>"},
		{"allowed values stay", []string{"--allow", "a@b.org"}, "a@b.org c@d.org", "a@b.org <EMAIL_1>"},
		{"a dictionary adds terms", []string{"--dictionary", terms}, "on project falcon", "on <DICTIONARY_1>"},
		{"private addresses are taken when asked", []string{"--private-ips"}, "10.0.0.1", "<IP_ADDRESS_1>"},
		{"findings are places, not values", []string{"--findings"}, "é a@b.org\n+14155550132", "{\"start\":3,\"end\":10,\"type\":\"EMAIL\"}\n{\"start\":11,\"end\":23,\"type\":\"PHONE\"}\n"},
		{"lines are answered in order", []string{"--jsonl"}, `{"id":1,"text":"a@b.org"}` + "\n\n" + `{"id":"x","text":"none"}`,
			`{"id":1,"spans":[{"start":0,"end":7,"type":"EMAIL"}]}` + "\n" + `{"id":"x","spans":[]}` + "\n"},
		{"a request body is looked at where its texts are", []string{"--jsonl"}, `{"id":2,"json":true,"text":"{\"model\":\"a@b.org\",\"messages\":[{\"role\":\"user\",\"content\":\"c@d.org\"}]}"}`,
			`{"id":2,"spans":[{"start":57,"end":64,"type":"EMAIL"}]}` + "\n"},
		{"a broken body is looked at as text", []string{"--jsonl"}, `{"id":3,"json":true,"text":"{\"content\":\"c@d.org\""}`,
			`{"id":3,"spans":[{"start":12,"end":19,"type":"EMAIL"}]}` + "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := runRedact(t, strings.NewReader(c.in), c.args...); err != nil || got != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestRedactSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
		args           []string
	}{
		{"an unknown type", "", "NAME", []string{"--types", "NAME"}},
		{"two outputs", "", "findings", []string{"--findings", "--jsonl"}},
		{"a line that is no JSON", "{\"id\":1,\"text\":\"x\"}\nnope\n", "line 2", []string{"--jsonl"}},
		{"a missing dictionary", "", "--dictionary", []string{"--dictionary", "/nonexistent/terms"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := runRedact(t, strings.NewReader(c.in), c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v does not name %q", err, c.want)
			}
		})
	}
	broken := errors.New("pipe broke")
	if _, err := runRedact(t, iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("a failing input gives %v", err)
	}
}

// TestRedactStreamsAsIfInOnePiece puts values everywhere around the borders of blocks: the findings of the stream are
// those of the whole text, and the text that stays is in order.
func TestRedactStreamsAsIfInOnePiece(t *testing.T) {
	finder, err := redact.NewFinder(redact.Options{})
	if err != nil {
		t.Fatal(err)
	}
	key := "-----BEGIN PRIVATE KEY-----\n" + strings.Repeat("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n", 30) + "-----END PRIVATE KEY-----\n"
	var text strings.Builder
	for n := 0; text.Len() < 2*redactBlock+redactBlock/2; n++ {
		switch n % 5 {
		case 0:
			fmt.Fprintf(&text, "user%d@example.com wrote: my card is 4111 1111 1111 1111\n", n)
		case 1:
			fmt.Fprintf(&text, "line %d with é and nothing to find in it, as most lines are; ", n)
		case 2:
			text.WriteString("the ssn on file is 276667011, thanks ")
		case 3:
			text.WriteString(strings.Repeat("x", n%97))
		case 4:
			if n%50 == 4 {
				text.WriteString(key)
			}
		}
	}
	whole := finder.Find(nil, []byte(text.String()))
	record := &recorder{}
	if err := redactStream(finder, iotest.HalfReader(strings.NewReader(text.String())), record, newProgress(io.Discard)); err != nil {
		t.Fatal(err)
	}
	if record.joined.String() != text.String() {
		t.Error("the stream's pieces do not make the text")
	}
	if len(record.all) != len(whole) {
		t.Fatalf("%d findings in the stream, %d in the whole text", len(record.all), len(whole))
	}
	for i, f := range whole {
		if record.all[i] != (span{int64(f.Start), int64(f.End), f.Type.String()}) {
			t.Fatalf("finding %d is %v in the stream, %v in the whole text", i, record.all[i], f)
		}
	}
}

// recorder is a sink that keeps everything.
type recorder struct {
	joined bytes.Buffer
	all    []span
}

func (r *recorder) text(kept []byte) error {
	r.joined.Write(kept)
	return nil
}

func (r *recorder) found(at int64, value []byte, t redact.Type) error {
	if at != int64(r.joined.Len()) {
		return fmt.Errorf("a value at %d is told at %d", at, r.joined.Len())
	}
	r.joined.Write(value)
	r.all = append(r.all, span{at, at + int64(len(value)), t.String()})
	return nil
}

func TestRedactOfTextWithoutWhiteSpaceEnds(t *testing.T) {
	finder, err := redact.NewFinder(redact.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, unit := range []string{"a", "é", "1", "\xff"} {
		text := strings.Repeat(unit, (redactBlock+redactBlock/4)/len(unit))
		var out bytes.Buffer
		w := bufio.NewWriter(&out)
		if err := redactStream(finder, strings.NewReader(text), &maskedText{out: w}, newProgress(io.Discard)); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if out.String() != text {
			t.Errorf("%q repeated does not come out as it went in", unit)
		}
	}
}

func TestFindingLinesAreJSON(t *testing.T) {
	out, err := runRedact(t, strings.NewReader("a@b.org +14155550132 8.8.8.8\n"), "--findings")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out) {
		var s span
		if err := json.Unmarshal([]byte(line), &s); err != nil || s.End <= s.Start || s.Type == "" {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func BenchmarkRedactStream(b *testing.B) {
	finder, err := redact.NewFinder(redact.Options{})
	if err != nil {
		b.Fatal(err)
	}
	line := "2026-01-02 12:30:45 INFO request from 131.218.86.43 by user@example.com took 12 ms, all is well with the rest of this line\n"
	text := strings.Repeat(line, 16<<20/len(line))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if err := redactStream(finder, strings.NewReader(text), &maskedText{out: bufio.NewWriter(io.Discard)}, newProgress(io.Discard)); err != nil {
			b.Fatal(err)
		}
	}
}
