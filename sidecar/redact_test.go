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
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

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

// streamText has values everywhere around the borders of blocks: on lines, across them, and on one line that is longer than a block.
func streamText() string {
	key := "-----BEGIN PRIVATE KEY-----\n" + strings.Repeat("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n", 300) + "-----END PRIVATE KEY-----\n"
	var text strings.Builder
	for n := 0; text.Len() < 5*redactBlock; n++ {
		switch n % 5 {
		case 0:
			fmt.Fprintf(&text, "user%d@example.com wrote: my card is 4111 1111 1111 1111\n", n)
		case 1:
			fmt.Fprintf(&text, "line %d with é and nothing to find in it, as most lines are; ", n)
		case 2:
			text.WriteString("the ssn on file is 276667011, thanks ")
			if text.Len() < 2*redactBlock || text.Len() > 4*redactBlock {
				text.WriteString("\n")
			}
		case 3:
			text.WriteString(strings.Repeat("x", n%97))
		case 4:
			if n%250 == 4 {
				text.WriteString("\n" + key)
			}
		}
	}
	return text.String()
}

func TestRedactStreamsAsIfInOnePiece(t *testing.T) {
	finder, err := redact.NewFinder(redact.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := streamText()
	whole := finder.Find(nil, []byte(text))
	for _, workers := range []int{1, 2, 5} {
		record := &recorder{}
		if err := redactStream(finder, workers, iotest.HalfReader(strings.NewReader(text)), record, newProgress(io.Discard)); err != nil {
			t.Fatal(err)
		}
		if record.joined.String() != text {
			t.Error("the stream's pieces do not make the text")
		}
		if len(record.all) != len(whole) {
			t.Fatalf("%d workers: %d findings in the stream, %d in the whole text", workers, len(record.all), len(whole))
		}
		for i, f := range whole {
			if record.all[i] != (span{int64(f.Start), int64(f.End), f.Type.String()}) {
				t.Fatalf("%d workers: finding %d is %v in the stream, %v in the whole text", workers, i, record.all[i], f)
			}
		}
	}
}

func TestRedactMasksTheSameWhateverTheWorkers(t *testing.T) {
	finder, err := redact.NewFinder(redact.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := streamText()
	mask := func(workers int) string {
		var out bytes.Buffer
		w := bufio.NewWriter(&out)
		if err := redactStream(finder, workers, strings.NewReader(text), &maskedText{out: w}, newProgress(io.Discard)); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	one := mask(1)
	if strings.Contains(one, "@example.com") || !strings.Contains(one, "<EMAIL_2>") {
		t.Fatal("the text is not masked")
	}
	for _, workers := range []int{2, 3, 8} {
		if mask(workers) != one {
			t.Errorf("%d workers mask otherwise than one", workers)
		}
	}
}

func TestRedactLinesAreAnsweredInOrderWhateverTheWorkers(t *testing.T) {
	finder, err := redact.NewFinder(redact.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var in strings.Builder
	const lines = 20_000
	for n := range lines {
		fmt.Fprintf(&in, "{\"id\":%d,\"text\":\"user%d@example.com %s\"}\n", n, n, strings.Repeat("x", n%200))
	}
	in.WriteString("{\"id\":\"long\",\"text\":\"" + strings.Repeat("y ", 2*linesBatch) + " a@b.org\"}\n")
	answer := func(workers int, text string) (string, error) {
		var out bytes.Buffer
		w := bufio.NewWriter(&out)
		err := redactLines(finder, workers, strings.NewReader(text), w, newProgress(io.Discard))
		return out.String(), errors.Join(err, w.Flush())
	}
	one, err := answer(1, in.String())
	if err != nil || strings.Count(one, "\n") != lines+1 || !strings.Contains(one, "{\"id\":19999,") || !strings.Contains(one, "\"long\",\"spans\":[{") {
		t.Fatalf("%d answers, %v", strings.Count(one, "\n"), err)
	}
	for _, workers := range []int{2, 7} {
		if many, err := answer(workers, in.String()); err != nil || many != one {
			t.Errorf("%d workers answer otherwise than one: %v", workers, err)
		}
	}
	// What stands before a broken line is answered.
	if _, err := answer(4, in.String()+"nope\n"+in.String()); err == nil || !strings.Contains(err.Error(), "line 20002 is not") {
		t.Errorf("a broken line gives %v", err)
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

func (r *recorder) flush() error { return nil }

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
		if err := redactStream(finder, 2, strings.NewReader(text), &maskedText{out: w}, newProgress(io.Discard)); err != nil {
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

func TestProgressIsShownTwiceASecondAndAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var shown bytes.Buffer
		p := newProgress(io.Discard)
		p.add(1_000_000, 1)
		p.end()
		if p.out = &shown; terminal(io.Discard) {
			t.Error("a discarding writer is taken for a terminal")
		}
		p.shown = p.from
		for range 10 {
			time.Sleep(300 * time.Millisecond)
			p.add(1_000_000, 2)
		}
		p.end()
		if want := "\r11.0 MB read, 21 values masked, 4 MB/s \n"; !strings.HasSuffix(shown.String(), want) {
			t.Errorf("the last line is %q, want %q", shown.String(), want)
		}
		if n := strings.Count(shown.String(), "\r"); n != 6 {
			t.Errorf("shown %d times in 3 s, want 5 and the end", n)
		}
	})
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
		if err := redactStream(finder, runtime.GOMAXPROCS(0), strings.NewReader(text), &maskedText{out: bufio.NewWriter(io.Discard)}, newProgress(io.Discard)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRedactLines(b *testing.B) {
	finder, err := redact.NewFinder(redact.Options{})
	if err != nil {
		b.Fatal(err)
	}
	line := `{"id":17,"text":"2026-01-02 12:30:45 INFO request from 131.218.86.43 by user@example.com took 12 ms, all is well"}` + "\n"
	text := strings.Repeat(line, 16<<20/len(line))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if err := redactLines(finder, runtime.GOMAXPROCS(0), strings.NewReader(text), bufio.NewWriter(io.Discard), newProgress(io.Discard)); err != nil {
			b.Fatal(err)
		}
	}
}
