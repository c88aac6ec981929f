package proxy

import (
	"bytes"
	"strings"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/dialect/openai"
	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/money"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
)

// splitting is an exchange as far as the splitting of a stream needs one.
func splitting(usageAsked bool) *exchange {
	x := &exchange{snap: &Snapshot{Config: config.Default()}}
	x.served = &Served{Dialect: openai.New()}
	dollar := money.PerMillion(money.USD)
	x.target = &upstream.Target{Offer: &market.Offer{Price: &config.Price{Input: dollar, Output: dollar, CacheRead: dollar, CacheWrite: dollar}}}
	x.ask.Stream, x.ask.Choices, x.ask.UsageAsked = true, 1, usageAsked
	return x
}

// split is all that comes of a stream.
type split struct {
	out            string
	content, whole bool
	reason         upstream.Reason
	usage          [2]int64
}

// in feeds a stream in pieces that a function gives the lengths of.
func in(text string, usageAsked bool, length func(i int) int) split {
	x := splitting(usageAsked)
	s := &x.out
	var out bytes.Buffer
	for i := 0; text != "" && s.reason == ""; i++ {
		n := min(max(length(i), 1), len(text))
		piece := []byte(text[:n])
		text = text[n:]
		s.feed(x, piece)
		out.Write(s.ready)
		s.ready = nil
		for j := range piece { // a read's buffer is used again
			piece[j] = '#'
		}
	}
	whole := s.finish(x)
	out.Write(s.ready)
	return split{out.String(), s.content, whole, s.reason, [2]int64{s.usage.Input, s.usage.Output}}
}

func streams() []string {
	delta := func(text string) string {
		return `data: {"choices":[{"index":0,"delta":{"content":"` + text + `"}}]}` + "\n\n"
	}
	finish := `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n"
	usage := `data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}` + "\n\n"
	role := `data: {"choices":[{"index":0,"delta":{"role":"assistant"}}]}` + "\n\n"
	done := "data: [DONE]\n\n"
	all := role + delta("one") + delta("two") + finish + usage + done
	return []string{
		all, strings.ReplaceAll(all, "\n", "\r\n"), all[:len(all)-1], all[:len(all)-len(done)], all[:200], "", "\n", "\n\n\n", done,
		": comment\n\n" + role + ": comment\n\n" + delta("one") + ": comment\n\n" + finish + done,
		role + "data: {\"error\":{\"message\":\"x\"}}\n\n" + delta("never"), delta("one") + "data: {\"error\":{}}\n\n" + delta("never"),
		delta("one") + "data: {broken\n\n" + delta("two") + finish, "event: ping\n\n" + delta("one") + "event: ping\ndata: {}\n\nid: 5\nretry: 10\n\n" + finish,
		"data:{\"choices\":[{\"index\":0,\n" + "data: \"delta\":{\"content\":\"two lines\"}}]}\n\n" + finish, delta("one") + done + delta("ghost") + usage,
		"\ufeff" + all, delta("one") + "data\n\ndata:\n\n: \n\n" + finish + done, all + all, delta(strings.Repeat("x", 20000)) + finish,
		delta("one") + `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4,"cost":9}}` + "\n\n" + done,
	}
}

func TestHowAStreamIsCutIntoReadsChangesNothing(t *testing.T) {
	for i, text := range streams() {
		for _, asked := range []bool{false, true} {
			want := in(text, asked, func(int) int { return len(text) })
			for _, size := range []int{1, 2, 3, 5, 17, 64, 100} {
				if got := in(text, asked, func(int) int { return size }); got != want {
					t.Errorf("stream %d read %d bytes at a time gives\n%+v\nexpected\n%+v", i, size, got, want)
				}
			}
			if len(text) > 3000 {
				continue
			}
			for cut := range len(text) {
				if got := in(text, asked, func(j int) int { return []int{cut, len(text)}[min(j, 1)] }); got != want {
					t.Fatalf("stream %d cut at %d gives\n%+v\nexpected\n%+v", i, cut, got, want)
				}
			}
		}
	}
}

func FuzzStream(f *testing.F) {
	for i, text := range streams() {
		f.Add(text, uint64(i), i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64, asked bool) {
		want := in(text, asked, func(int) int { return len(text) })
		next := seed
		got := in(text, asked, func(int) int {
			next = next*6364136223846793005 + 1442695040888963407
			return int(next >> 60)
		})
		if got != want {
			t.Fatalf("in pieces (seed %d) it gives\n%+v\nexpected\n%+v", seed, got, want)
		}
		if one := in(text, asked, func(int) int { return 1 }); one != want {
			t.Fatalf("byte by byte it gives\n%+v\nexpected\n%+v", one, want)
		}
		if !want.content && want.out != "" {
			t.Fatalf("without content %q went out", want.out)
		}
		for event := range strings.SplitSeq(strings.ReplaceAll(want.out, "\r\n", "\n"), "\n\n") {
			if event == "data: [DONE]" {
				t.Fatalf("the provider's own end marker went out in %q", want.out)
			}
		}
		if out := strings.ReplaceAll(want.out, "\r\n", "\n"); out != "" && !strings.HasSuffix(out, "\n") {
			t.Fatalf("an event in part went out: %q", want.out)
		}
	})
}
