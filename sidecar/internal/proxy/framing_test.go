package proxy_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/config"
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

func TestFramingThatTwoReadersUnderstandDifferentlyIsRefused(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
	body := proxytest.Ask(false)
	n := itoa(len(body))
	cases := map[string]string{
		"two lengths":               "Content-Length: " + n + "\r\nContent-Length: 5\r\n",
		"a length and chunks":       "Content-Length: " + n + "\r\nTransfer-Encoding: chunked\r\n",
		"an unknown coding":         "Transfer-Encoding: gzip, chunked\r\n",
		"a length with a sign":      "Content-Length: +" + n + "\r\n",
		"a space before the colon":  "Content-Length : " + n + "\r\n",
		"a header without a colon":  "Broken\r\nContent-Length: " + n + "\r\n",
		"a length that is negative": "Content-Length: -1\r\n",
	}
	for name, fields := range cases {
		t.Run(name, func(t *testing.T) {
			c := s.Dial(t)
			c.Send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n" + body)
			if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
				_ = half.CloseWrite()
			}
			raw := c.Rest()
			resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(raw)), nil)
			if err != nil {
				return // closed without an answer: nothing was understood
			}
			defer resp.Body.Close()
			if resp.StatusCode < 400 || strings.Count(raw, "HTTP/1.1 4") != 1 {
				t.Errorf("the answer is %q", raw)
			}
		})
	}
	if alpha.Asked() != 0 {
		t.Errorf("%d of them reached the provider: %q", alpha.Asked(), alpha.Last().Body)
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
