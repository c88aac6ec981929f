package proxy_test

import (
	"crypto/tls"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/identitytest"
	"github.com/soukproxy/souk/sidecar/internal/proxy/framing/framingtest"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

func TestACallerOfHTTP10IsAnsweredWithoutChunks(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
	for _, stream := range []bool{false, true} {
		c := s.Dial(t)
		body := proxytest.Ask(stream)
		c.Send("POST /v1/chat/completions HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: " + itoa(len(body)) + "\r\n\r\n" + body)
		raw := c.Rest() // it ends: HTTP/1.0 closes
		head, text, _ := strings.Cut(raw, "\r\n\r\n")
		if !strings.HasPrefix(head, "HTTP/1.") || !strings.Contains(head, " 200 ") || strings.Contains(strings.ToLower(head), "transfer-encoding") {
			t.Errorf("stream %v: the head is %q", stream, head)
		}
		if stream {
			if got := proxytest.ParseStream(t, text); got.Text != "hello from alpha" || !got.Done {
				t.Errorf("the stream is %q", text)
			}
		} else if !strings.Contains(text, "hello from alpha") {
			t.Errorf("the answer is %q", text)
		}
	}
}

func TestPipelinedRequestsAreAnsweredInOrder(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
	c := s.Dial(t)
	one := func(stream bool) string { return proxytest.Request("POST", proxytest.ChatPath, proxytest.Ask(stream)) }
	c.Send(one(false) + one(true) + proxytest.Request("GET", "/v1/key", "") + one(true) + one(false))
	for i, kind := range []string{"whole", "stream", "key", "stream", "whole"} {
		a := c.Answer()
		switch {
		case kind == "key" && !strings.HasPrefix(a.Text, `{"data":`):
			t.Errorf("answer %d is %s", i, a.Text)
		case kind != "key":
			checkGoodAnswer(t, a, "alpha", 1, kind == "stream")
		}
	}
	if alpha.Accepted() != 1 {
		t.Errorf("the provider saw %d connections", alpha.Accepted())
	}
}

func TestARequestThatArrivesInPiecesIsWhole(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
	c := s.Dial(t)
	for range 2 {
		raw := proxytest.Request("POST", proxytest.ChatPath, proxytest.Ask(false))
		for i := range len(raw) {
			c.Send(raw[i : i+1])
		}
		checkGoodAnswer(t, c.Answer(), "alpha", 1, false)
	}
	body := proxytest.Ask(true)
	c.Send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + proxytest.Chunk(body[:7]) + proxytest.Chunk(body[7:]) + "0\r\n\r\n")
	checkGoodAnswer(t, c.Answer(), "alpha", 1, true)
}

func TestEveryWayToFrameARequestHasItsOutcome(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
		o := proxytest.Options{Providers: proxytest.Market(alpha)}
		var trust *tls.Config
		if secure {
			id := identitytest.New(t, "127.0.0.1")
			o.Change = func(c *config.Config) {
				c.Listen = []config.Listener{{TCP: "127.0.0.1:0", TLS: &config.TLS{Cert: id.CertFile, Key: id.KeyFile}}}
			}
			trust = &tls.Config{RootCAs: id.Pool, ServerName: "127.0.0.1"}
		}
		s := proxytest.New(t, o)
		for _, c := range framingtest.Requests(t, "testdata/framing.txt", proxytest.Ask(false)) {
			name := c.Name
			if secure {
				name += ", over TLS"
			}
			t.Run(name, func(t *testing.T) {
				asked := alpha.Asked()
				framingtest.Check(t, proxytest.Dial(t, s.Addr().Network(), s.Addr().String(), trust), c.Raw, c.Souk)
				if n := alpha.Asked() - asked; n != c.Souk.Asked {
					t.Errorf("the provider was asked %d times; expected %d", n, c.Souk.Asked)
				}
			})
		}
	}
}

func TestEveryWayToFrameAnAnswerHasItsOutcome(t *testing.T) {
	t.Parallel()
	for _, c := range framingtest.Answers(t, "testdata/answers.txt", proxytest.GoodAnswer("alpha")) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			step := proxytest.Raw(c.Raw)
			if c.Closes {
				step = proxytest.Then(step, proxytest.Close)
			}
			alpha, bravo := proxytest.NewFake(t, "alpha", step, proxytest.Good), proxytest.NewFake(t, "bravo", proxytest.Good)
			s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: func(c *config.Config) { c.Limits.Answer = 1 << 20 }})
			start := time.Now()
			a := ask(t, s, proxytest.Ask(false))
			if c.Want == "good" {
				checkGoodAnswer(t, a, "alpha", 1, false)
			} else {
				checkGoodAnswer(t, a, "bravo", 2, false)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("the answer came after %v: a timer had to end first", took)
			}
			checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "alpha", 1, false)
			if r := alpha.Requests(); c.Want == "good" && (r[0].Conn == r[1].Conn) != c.Kept {
				t.Errorf("the next request came on connection %d after %d", r[1].Conn, r[0].Conn)
			}
			if r := s.AccessLog(); c.Want != "good" && r[0].Attempts[0].Reason != c.Want {
				t.Errorf("the attempt is listed as %+v; expected %s", r[0].Attempts[0], c.Want)
			}
		})
	}
}

func TestEveryOperationHasItsPath(t *testing.T) {
	t.Parallel()
	embeddings := `{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1]}],"usage":{"prompt_tokens":10,"total_tokens":10}}`
	completion := `{"object":"text_completion","choices":[{"index":0,"text":"x","finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":20}}`
	alpha := proxytest.NewFake(t, "alpha", proxytest.JSON(200, embeddings), proxytest.JSON(200, completion), proxytest.JSON(200, embeddings),
		proxytest.Then(part(`data: {"choices":[{"index":0,"text":"x","finish_reason":null}]}`+"\n\n", `data: {"choices":[{"index":0,"text":"","finish_reason":"stop"}]}`+"\n\n", proxytest.Done), proxytest.LastChunk))
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) { c.Providers[0].BaseURL.Path = "/deep/v2/" }})
	c := s.Dial(t)
	c.Post("/v1/embeddings", `{"model":"test/model","input":"x"}`)
	if a := c.Answer(); a.StatusCode != 200 || !strings.Contains(a.Text, `"cost":0.00001}`) || alpha.Last().Line != "POST /deep/v2/embeddings HTTP/1.1" {
		t.Errorf("embeddings: %d %s", a.StatusCode, a.Text)
	}
	c.Post("/v1/completions", `{"model":"test/model","prompt":"x"}`)
	if a := c.Answer(); a.StatusCode != 200 || !strings.Contains(a.Text, `"cost":0.00005}`) || alpha.Last().Line != "POST /deep/v2/completions HTTP/1.1" {
		t.Errorf("completions: %d %s", a.StatusCode, a.Text)
	}
	c.Post("/api/v1/embeddings", `{"model":"test/model","input":["x"]}`)
	if a := c.Answer(); a.StatusCode != 200 {
		t.Errorf("embeddings under /api: %d %s", a.StatusCode, a.Text)
	}
	c.Post("/v1/completions", `{"model":"test/model","prompt":"x","stream":true}`)
	if a := c.Answer(); a.StatusCode != 200 || proxytest.ParseStream(t, a.Text).Text != "x" {
		t.Errorf("a stream of completions: %d %s", a.StatusCode, a.Text)
	}
	c.Post("/v1/embeddings", `{"model":"test/model","input":"x","stream":true}`)
	if a := c.Answer(); a.StatusCode != 400 {
		t.Errorf("a stream of embeddings: %d %s", a.StatusCode, a.Text)
	}
}
