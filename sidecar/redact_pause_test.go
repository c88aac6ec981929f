package main

import (
	"bufio"
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/soukproxy/souk/redact"
)

func TestRedactAnswersWhenTheInputPauses(t *testing.T) {
	type turn struct{ write, read string }
	key := "-----BEGIN PRIVATE KEY-----\n" + strings.Repeat("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n", 20)
	for _, c := range []struct {
		name  string
		args  []string
		turns []turn
	}{
		{"whole lines at once, the rest of a line with its end", nil, []turn{
			{"mail a@b.org\nand c@", "mail <EMAIL_1>\n"}, {"d.org", ""}, {"\nor a@b.org\n", "and <EMAIL_2>\nor <EMAIL_1>\n"},
		}},
		{"a private key when its end has come", nil, []turn{
			{"key\n" + key, "key\n"}, {"MIIEvQIBADANBgkqhkiG9w0B\n", ""}, {"-----END PRIVATE KEY-----\n", "<PRIVATE_KEY_1>\n"},
		}},
		{"a title of a key that none follows does not hold other text for ever", nil, []turn{
			{"-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\n"}, {"x\n", "x\n"},
		}},
		{"findings", []string{"--findings"}, []turn{
			{"a@b.org\n", "{\"start\":0,\"end\":7,\"type\":\"EMAIL\"}\n"}, {"from 8.8.8.8\n", "{\"start\":13,\"end\":20,\"type\":\"IP_ADDRESS\"}\n"},
		}},
		{"lines of JSON", []string{"--jsonl"}, []turn{
			{"{\"id\":1,\"text\":\"a@b.org\"}\n{\"id\":2,", "{\"id\":1,\"spans\":[{\"start\":0,\"end\":7,\"type\":\"EMAIL\"}]}\n"}, {"\"text\":\"x\"}\n", "{\"id\":2,\"spans\":[]}\n"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in, write := io.Pipe()
			read, out := io.Pipe()
			root := newRoot()
			root.SetIn(in)
			root.SetOut(out)
			root.SetErr(io.Discard)
			root.SetArgs(append([]string{"redact"}, c.args...))
			ended := make(chan error, 1)
			go func() {
				err := root.Execute()
				out.CloseWithError(err)
				ended <- err
			}()
			for _, turn := range c.turns {
				if _, err := io.WriteString(write, turn.write); err != nil {
					t.Fatal(err)
				}
				got := make([]byte, len(turn.read))
				if _, err := io.ReadFull(read, got); err != nil || string(got) != turn.read {
					t.Fatalf("after %q: got %q, %v; want %q", turn.write, got, err, turn.read)
				}
			}
			write.Close()
			if rest, err := io.ReadAll(read); err != nil || len(rest) > 0 {
				t.Errorf("at the end: %q, %v", rest, err)
			}
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

// pieces reads a text in pieces of many sizes, as pipes give it.
type pieces struct {
	text string
	dice *rand.Rand
}

func (p *pieces) Read(to []byte) (int, error) {
	if p.text == "" {
		return 0, io.EOF
	}
	size := min(len(to), len(p.text), 1+p.dice.IntN(1<<p.dice.IntN(18)))
	copy(to, p.text[:size])
	p.text = p.text[size:]
	return size, nil
}

func TestRedactMasksTheSameHoweverTheInputComes(t *testing.T) {
	finder, err := redact.NewFinder(redact.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := streamText()
	mask := func(in io.Reader) string {
		var out bytes.Buffer
		w := bufio.NewWriter(&out)
		if err := redactStream(finder, 2, in, &maskedText{out: w}, newProgress(io.Discard)); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	whole := mask(strings.NewReader(text))
	for seed := range uint64(4) {
		if mask(&pieces{text, rand.New(rand.NewPCG(seed, 1))}) != whole {
			t.Errorf("seed %d: pieces are masked otherwise than the whole", seed)
		}
	}
}
