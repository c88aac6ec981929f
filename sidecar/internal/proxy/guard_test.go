package proxy_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/soukproxy/souk/redact"
	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

const (
	address = "alice.miller@acme-corp.example.com"
	card    = "4111 1111 1111 1111"
	secrets = "I am " + address + " and pay with " + card
)

// parrot answers with what the user said, cut into pieces of a few bytes when it is streamed.
func parrot(x *proxytest.Exchange) {
	var asked struct {
		Stream   bool
		Messages []struct{ Content string }
	}
	_ = json.Unmarshal([]byte(x.Body), &asked)
	said := asked.Messages[len(asked.Messages)-1].Content
	if !asked.Stream {
		text, _ := json.Marshal(said)
		proxytest.JSON(200, `{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":`+string(text)+`},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30}}`)(x)
		return
	}
	events := []string{proxytest.Role}
	for len(said) > 0 {
		n := min(3, len(said))
		for n < len(said) && !utf8.RuneStart(said[n]) {
			n++
		}
		events = append(events, proxytest.Delta(said[:n]))
		said = said[n:]
	}
	events = append(events, proxytest.Finish("stop"), proxytest.Done)
	proxytest.Then(proxytest.EventsHead, proxytest.Chunks(events...), proxytest.LastChunk)(x)
}

func restoring(c *config.Config) { c.Redact.Mode = config.RedactRestore }

func say(stream bool, text string) string {
	s := "false"
	if stream {
		s = "true"
	}
	return `{"model":"` + proxytest.Model + `","stream":` + s + `,"messages":[{"role":"user","content":"` + text + `"}]}`
}

func TestWhatIsMaskedOnTheWayOutIsRestoredOnTheWayBack(t *testing.T) {
	t.Parallel()
	for _, stream := range []bool{false, true} {
		alpha := proxytest.NewFake(t, "alpha", parrot)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: restoring})
		a := ask(t, s, say(stream, secrets))
		text := a.Text
		if stream {
			text = proxytest.ParseStream(t, a.Text).Text
		}
		if !strings.Contains(text, secrets) {
			t.Errorf("stream %v: the caller got %q", stream, a.Text)
		}
		if got := alpha.Last().Body; strings.Contains(got, "alice") || strings.Contains(got, "4111") || !strings.Contains(got, "EMAIL_1") {
			t.Errorf("stream %v: the provider got %s", stream, got)
		}
		if h := a.Header.Get("x-souk-redacted"); h != "EMAIL=1, CREDIT_CARD=1" {
			t.Errorf("stream %v: x-souk-redacted is %q", stream, h)
		}
		if n := s.Metric("souk_redacted_total", `type="EMAIL"`); n != 1 {
			t.Errorf("stream %v: %v addresses are counted", stream, n)
		}
		if logs := s.RawAccessLog() + s.Log().String(); strings.Contains(logs, "alice") || strings.Contains(logs, "4111") {
			t.Errorf("stream %v: a log holds what was masked: %s", stream, logs)
		}
	}
}

func TestMaskWithoutRestoreLeavesTheAnswerMasked(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", parrot)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) { c.Redact.Mode = config.RedactMask }})
	if a := ask(t, s, say(false, secrets)); strings.Contains(a.Text, "alice") || strings.Contains(a.Text, "4111") {
		t.Errorf("the caller got %q", a.Text)
	}
}

func TestEveryAttemptSendsTheSameMaskedBytes(t *testing.T) {
	t.Parallel()
	alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Error(503, "", "down")), proxytest.NewFake(t, "bravo", parrot)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: restoring})
	if a := ask(t, s, say(true, secrets)); !strings.Contains(proxytest.ParseStream(t, a.Text).Text, secrets) {
		t.Errorf("the caller got %q", a.Text)
	}
	first, second := strings.Replace(alpha.Last().Body, "up-alpha", "", 1), strings.Replace(bravo.Last().Body, "up-bravo", "", 1)
	if first != second || strings.Contains(first, "alice") {
		t.Errorf("the attempts differ:\n%s\n%s", first, second)
	}
}

func TestRedactionThatBlocksNamesTypesAndSendsNothing(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", parrot)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) {
		c.Redact.Mode, c.Redact.Style = config.RedactMask, redact.Block
	}})
	a := ask(t, s, say(false, secrets))
	if a.StatusCode != 446 || !strings.Contains(a.Text, "EMAIL") || strings.Contains(a.Text, "alice") || alpha.Asked() != 0 {
		t.Errorf("%d %s, and the provider was asked %d times", a.StatusCode, a.Text, alpha.Asked())
	}
}

func TestASessionKeepsItsTokens(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", parrot)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) {
		c.Redact.Mode, c.Redact.Session = config.RedactRestore, true
	}})
	turn := strings.Replace(say(false, "I am "+address), `"model"`, `"session_id":"s","model"`, 1)
	ask(t, s, turn)
	first := alpha.Last().Body
	ask(t, s, turn)
	if second := alpha.Last().Body; first != second || strings.Contains(first, "alice") {
		t.Errorf("the turns differ:\n%s\n%s", first, second)
	}
}

func TestADictionaryCountsBesideTypes(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", parrot)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) {
		c.Redact.Mode, c.Redact.Types, c.Redact.Dictionary = config.RedactMask, []redact.Type{redact.CreditCard}, []string{"Project Falcon"}
	}})
	ask(t, s, say(false, "project falcon, "+secrets))
	if got := alpha.Last().Body; strings.Contains(got, "falcon") || strings.Contains(got, "4111") || !strings.Contains(got, "alice") {
		t.Errorf("the provider got %s", got)
	}
}
