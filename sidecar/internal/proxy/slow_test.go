package proxy_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// TestACallerThatDoesNotReadHoldsItsProviderBack has a provider that would send 200 MB: what is under way is bounded by the sockets'
// buffers, and souk holds next to nothing of it. It runs by itself, since it looks at the heap.
func TestACallerThatDoesNotReadHoldsItsProviderBack(t *testing.T) {
	const chunk, chunks = 64 << 10, 3200
	var sent atomic.Int64
	text := proxytest.Chunk(proxytest.Delta(strings.Repeat("x", chunk)))
	alpha := proxytest.NewFake(t, "alpha", proxytest.Then(part(proxytest.Role), func(x *proxytest.Exchange) {
		for range chunks {
			proxytest.Raw(text)(x)
			sent.Add(1)
		}
	}, proxytest.Chunks(proxytest.Finish("stop"), proxytest.Done), proxytest.LastChunk))
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) { c.Routing.Timeouts.Idle = time.Minute }})
	heap := func() float64 { return s.Metric("go_memstats_heap_inuse_bytes") }
	before := heap()
	c := s.Dial(t)
	c.Chat(proxytest.Ask(true))
	a := c.Head()
	last, still := int64(-1), 0
	for still < 20 { // until it has not moved for a while
		<-time.After(10 * time.Millisecond)
		if now := sent.Load(); now == last {
			still++
		} else {
			last, still = now, 0
		}
	}
	if mb := last * chunk >> 20; mb > 40 {
		t.Errorf("%d MB are under way to a caller that reads nothing", mb)
	}
	if grown := heap() - before; grown > 32<<20 {
		t.Errorf("the heap grew by %.0f MB", grown/(1<<20))
	}
	a.WaitEvent(t, "xxx")
	c.Reset()
	alpha.WaitClosed()
}

func TestAnOutageOfEverythingEndsWithTheNextRequestForAllOffers(t *testing.T) {
	t.Parallel()
	boom := proxytest.Error(503, "", "down")
	alpha, bravo := proxytest.NewFake(t, "alpha", boom), proxytest.NewFake(t, "bravo", boom)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo)})
	begin := time.Now()
	var c *proxytest.Client
	for i := range 300 {
		if i%20 == 0 {
			c = s.Dial(t) // with time of its own
		}
		c.Chat(proxytest.Ask(false))
		if a := c.Answer(); a.StatusCode != 502 && a.StatusCode != 503 {
			t.Fatalf("within the outage the answer is %d: %s", a.StatusCode, a.Text)
		}
	}
	seconds := int(time.Since(begin)/time.Second) + 1
	if asked := alpha.Asked() + bravo.Asked(); asked > 300*12/10+10+10*seconds {
		t.Errorf("300 requests in %d s became %d", seconds, asked)
	}
	c = s.Dial(t)
	alpha.Script(proxytest.Good)
	bravo.Script(proxytest.Good)
	c.Chat(proxytest.Ask(true))
	if a := c.Answer(); a.StatusCode != 200 {
		t.Fatalf("the first request after the outage: %d %s", a.StatusCode, a.Text)
	}
	for end := time.Now().Add(5 * time.Second); s.State("alpha") >= proxytest.Probing || s.State("bravo") >= proxytest.Probing; {
		if time.Now().After(end) {
			t.Fatalf("five seconds after the outage the offers are in the states %d and %d", s.State("alpha"), s.State("bravo"))
		}
		c.Chat(proxytest.Ask(false, `"provider":{"order":["bravo","alpha"]}`))
		if a := c.Answer(); a.StatusCode != 200 {
			t.Fatalf("after the outage: %d %s", a.StatusCode, a.Text)
		}
		c.Chat(proxytest.Ask(false))
		c.Answer()
	}
}

// TestNoURLThatACallerNamesIsFetched puts the address of a listener wherever a request has room for one.
func TestNoURLThatACallerNamesIsFetched(t *testing.T) {
	t.Parallel()
	canary := proxytest.NewFake(t, "canary", proxytest.Good)
	base := canary.Provider().BaseURL
	url, host := base.String(), base.Host
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
	image := `{"model":"test/model","messages":[{"role":"user","content":[{"type":"text","text":"see ` + url + `"},{"type":"image_url","image_url":{"url":"` + url + `/a.png"}},{"type":"file","file":{"file_url":"` + url + `"}}]}]}`
	for name, send := range map[string]func(*proxytest.Client){
		"in a message": func(c *proxytest.Client) { c.Chat(image) },
		"as the model": func(c *proxytest.Client) { c.Chat(`{"model":"` + url + `","messages":[]}`) },
		"as a base URL": func(c *proxytest.Client) {
			c.Chat(proxytest.Ask(false, `"base_url":"`+url+`"`, `"api_base":"`+url+`"`))
		},
		"in provider": func(c *proxytest.Client) {
			c.Chat(proxytest.Ask(false, `"provider":{"order":["`+url+`"],"base_url":"`+url+`"}`))
		},
		"as a callback": func(c *proxytest.Client) {
			c.Chat(proxytest.Ask(false, `"webhook":"`+url+`"`, `"callback_url":"`+url+`"`))
		},
		"in headers": func(c *proxytest.Client) {
			c.Chat(proxytest.Ask(false), "X-Forwarded-Host: "+host, "X-Original-URL: "+url, "X-Rewrite-URL: "+url, "Forwarded: host="+host, "Referer: "+url, "OpenAI-Base-URL: "+url, "Destination: "+url)
		},
		"as the Host":                 func(c *proxytest.Client) { c.Chat(proxytest.Ask(false), "Host: "+host) },
		"as the target":               func(c *proxytest.Client) { c.Post(url+"/chat/completions", proxytest.Ask(false)) },
		"as a query":                  func(c *proxytest.Client) { c.Post(proxytest.ChatPath+"?base_url="+url, proxytest.Ask(false)) },
		"in a path":                   func(c *proxytest.Client) { c.Send(proxytest.Request("GET", "/v1/models/"+url, "")) },
		"as the authority of CONNECT": func(c *proxytest.Client) { c.Send("CONNECT " + host + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n") },
	} {
		c := s.Dial(t)
		send(c)
		if a := c.Answer(); a.StatusCode == 0 {
			t.Errorf("%s: no answer", name)
		}
		c.Close()
	}
	s.Stop()
	if n := canary.Accepted(); n != 0 {
		t.Errorf("souk connected %d times to an address that only a caller named", n)
	}
	for _, r := range alpha.Requests() {
		if v, _ := r.Get("host"); v == host {
			t.Errorf("a provider was sent the Host %s", v)
		}
		for _, f := range r.Fields {
			if strings.Contains(f, host) && !strings.HasPrefix(strings.ToLower(f), "openai-") {
				t.Errorf("a provider was sent %q", f)
			}
		}
	}
}
