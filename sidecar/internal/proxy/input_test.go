package proxy_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

func TestABadBodyGetsTheRightStatusAndSaysWhatToChange(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
	with := func(member string) string { return proxytest.Ask(false, member) }
	cases := []struct {
		name, body string
		status     int
		param      string
		words      []string
	}{
		{"nothing", "", 400, "", []string{"no body"}},
		{"white space", " \n", 400, "", []string{"JSON object"}},
		{"not JSON", "hello", 400, "", []string{"JSON object"}},
		{"a list", "[]", 400, "", []string{"JSON object"}},
		{"cut JSON", `{"model":"test/model","messages":[{"role":"us`, 400, "", []string{"byte"}},
		{"JSON and more", proxytest.Ask(false) + "{}", 400, "", []string{"more after"}},
		{"a trailing comma", `{"model":"test/model",}`, 400, "", []string{"byte"}},
		{"a comment", `{"model":"test/model",/* x */"messages":[]}`, 400, "", []string{"byte"}},
		{"invalid UTF-8", strings.Replace(proxytest.Ask(false), "hi", "\xff\xfe", 1), 400, "", []string{"UTF-8"}},
		{"a byte order mark", "\ufeff" + proxytest.Ask(false), 400, "", []string{"JSON"}},
		{"no model", `{"messages":[{"role":"user","content":"x"}]}`, 400, "model", []string{"/v1/models"}},
		{"an empty model", `{"model":"","messages":[{"role":"user","content":"x"}]}`, 400, "model", nil},
		{"a model that is a number", `{"model":5,"messages":[{"role":"user","content":"x"}]}`, 400, "model", []string{"string"}},
		{"a model of 10 KB", `{"model":"` + strings.Repeat("x", 10<<10) + `","messages":[{"role":"user","content":"x"}]}`, 400, "model", []string{"256"}},
		{"a model twice", with(`"model":"other/model"`), 400, "model", []string{"twice"}},
		{"any key twice", with(`"user":"a","user":"b"`), 400, "user", []string{"twice"}},
		{"provider twice", with(`"provider":{},"provider":{}`), 400, "provider", []string{"twice"}},
		{"an escaped key", with(`"mod\u0065l":"other/model"`), 400, "", []string{"escape"}},
		{"an escaped key that is harmless", with(`"us\u0065r":"x"`), 400, "", []string{"escape"}},
		{"no messages", `{"model":"test/model"}`, 400, "messages", nil},
		{"empty messages", `{"model":"test/model","messages":[]}`, 400, "messages", []string{"empty"}},
		{"messages that are an object", `{"model":"test/model","messages":{}}`, 400, "messages", []string{"list"}},
		{"messages of strings", `{"model":"test/model","messages":["x"]}`, 400, "messages", []string{"messages[0]"}},
		{"stream that is a string", with(`"stream":"yes"`), 400, "stream", []string{"true or false"}},
		{"stream options that are a list", with(`"stream_options":[]`), 400, "stream_options", []string{"include_usage"}},
		{"n of none", with(`"n":0`), 400, "n", []string{"1 to 64"}},
		{"n of many", with(`"n":65`), 400, "n", []string{"1 to 64"}},
		{"max_tokens that is text", with(`"max_tokens":"many"`), 400, "max_tokens", nil},
		{"models that are a string", with(`"models":"test/model"`), 400, "models", []string{"list"}},
		{"models of numbers", with(`"models":[1]`), 400, "models", []string{"string"}},
		{"too many models", with(`"models":[` + strings.TrimSuffix(strings.Repeat(`"test/model",`, 30), ",") + `]`), 400, "models", nil},
		{"provider that is a string", with(`"provider":"alpha"`), 400, "provider", []string{"object"}},
		{"an order that is a string", with(`"provider":{"order":"alpha"}`), 400, "provider.order", nil},
		{"a price cap that is text", with(`"provider":{"max_price":{"prompt":"cheap"}}`), 400, "provider.max_price.prompt", nil},
		{"an unknown preference", with(`"provider":{"ordr":["alpha"]}`), 400, "provider.ordr", []string{"order"}},
		{"an unknown sort", with(`"provider":{"sort":"best"}`), 400, "provider.sort", nil},
		{"session_id that is a number", with(`"session_id":5`), 400, "session_id", nil},
		{"too many keys", `{"model":"test/model"` + manyKeys(200) + `}`, 400, "", []string{"128"}},
		{"deep nesting", `{"model":"test/model","messages":` + strings.Repeat("[", 100000) + strings.Repeat("]", 100000) + `}`, 400, "messages", nil},
		{"an unknown model", strings.Replace(proxytest.Ask(false), "test/model", "test/nothing-like-it", 1), 404, "model", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := ask(t, s, c.body)
			f := a.Failure(t)
			if a.StatusCode != c.status || c.param != "" && (f.Param == nil || *f.Param != c.param) {
				t.Fatalf("the answer is %d: %s", a.StatusCode, a.Text)
			}
			for _, w := range c.words {
				if !strings.Contains(f.Message, w) {
					t.Errorf("the message %q does not hold %q", f.Message, w)
				}
			}
			if len(f.Message) > 600 || f.Message == "" {
				t.Errorf("the message has %d bytes", len(f.Message))
			}
		})
	}
	if alpha.Asked() != 0 {
		t.Errorf("%d bad requests reached the provider: %q", alpha.Asked(), alpha.Last().Body)
	}
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"k%d":1`, i)
	}
	return b.String()
}

func TestABodyBeyondTheLimitIsA413ThatTheCallerCanReadWhileItSends(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) { c.Limits.Body = 1 << 20 }})
	block := strings.Repeat("x", 1<<20)
	for _, framing := range []string{"Content-Length: 104857600", "Transfer-Encoding: chunked"} {
		c := s.Dial(t)
		c.Send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + framing + "\r\n\r\n")
		sent := make(chan int)
		go func() { // as a client does that writes all before it reads
			n := 0
			defer func() { sent <- n }()
			for range 100 {
				text := block
				if strings.HasPrefix(framing, "Transfer") {
					text = proxytest.Chunk(block)
				}
				if _, err := io.WriteString(c.Conn, text); err != nil {
					return
				}
				n++
			}
		}()
		n := <-sent
		a := c.Answer()
		if f := a.Failure(t); a.StatusCode != 413 || !strings.Contains(f.Message, "1048576") || !strings.Contains(f.Message, "limits.body") {
			t.Errorf("%s: the answer after %d MB is %d: %s", framing, n, a.StatusCode, a.Text)
		}
		if !a.Close {
			t.Errorf("%s: the connection is to be used again", framing)
		}
	}
	if a := ask(t, s, proxytest.Ask(false, `"user":"`+block[:1<<20-200]+`"`)); a.StatusCode != 200 {
		t.Errorf("a body just below the limit got %d", a.StatusCode)
	}
}

func TestHeadersBeyondTheLimitAreA431(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
	var fields []string
	for i := range 10000 {
		fields = append(fields, fmt.Sprintf("X-Header-%d: value", i))
	}
	for name, extra := range map[string][]string{"10,000 headers": fields, "one of 100 KB": {"X-Large: " + strings.Repeat("x", 100<<10)}} {
		if a := ask(t, s, proxytest.Ask(false), extra...); a.StatusCode != 431 || !strings.Contains(a.Failure(t).Message, "limits.headers") {
			t.Errorf("%s: the answer is %d: %s", name, a.StatusCode, a.Text)
		}
	}
	if a := ask(t, s, proxytest.Ask(false), fields[:1000]...); a.StatusCode != 200 {
		t.Errorf("1,000 headers: the answer is %d: %s", a.StatusCode, a.Text)
	}
}

func TestACompressedBodyIsReadUnderTheLimit(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) { c.Limits.Body = 1 << 20 }})
	pack := func(text string) string {
		z, err := zstd.NewWriter(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		return string(z.EncodeAll([]byte(text), nil))
	}
	plain := proxytest.Ask(false)
	spaces := strings.Repeat(" ", 2<<20)
	cases := []struct {
		name, encoding, body string
		status               int
	}{
		{"gzip", "gzip", proxytest.Gzip(plain), 200},
		{"x-gzip in capitals", "X-GZIP", proxytest.Gzip(plain), 200},
		{"zstd", "zstd", pack(plain), 200},
		{"identity", "identity", plain, 200},
		{"a gzip bomb", "gzip", proxytest.Gzip(spaces), 413},
		{"a zstd bomb", "zstd", pack(spaces), 413},
		{"gzip that is none", "gzip", plain, 400},
		{"cut gzip", "gzip", proxytest.Gzip(plain)[:40], 400},
		{"cut zstd", "zstd", pack(plain)[:20], 400},
		{"another coding", "br", plain, 415},
		{"two codings", "gzip, gzip", proxytest.Gzip(proxytest.Gzip(plain)), 415},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before := alpha.Asked()
			a := ask(t, s, c.body, "Content-Encoding: "+c.encoding)
			if a.StatusCode != c.status {
				t.Fatalf("the answer is %d: %s", a.StatusCode, a.Text)
			}
			if c.status != 200 {
				if a.Failure(t).Message == "" || alpha.Asked() != before {
					t.Errorf("the provider was asked, or the message is empty: %s", a.Text)
				}
				return
			}
			r := alpha.Last()
			if want := strings.Replace(plain, proxytest.Model, "up-alpha", 1); r.Body != want {
				t.Errorf("the provider got %q", r.Body)
			}
			if v, there := r.Get("content-encoding"); there {
				t.Errorf("the plain body is marked as %s", v)
			}
		})
	}
}

func TestAWebPageAndAForeignHostAreRefused(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) { c.CORS = []string{"https://good.example"} }})
	cases := []struct {
		name   string
		fields []string
		status int
		code   string
	}{
		{"an unlisted origin", []string{"Origin: https://evil.example"}, 403, "origin_not_allowed"},
		{"the origin null", []string{"Origin: null"}, 403, "origin_not_allowed"},
		{"a listed origin", []string{"Origin: https://good.example"}, 200, ""},
		{"the listed origin on another port", []string{"Origin: https://good.example:8443"}, 403, "origin_not_allowed"},
		{"the host localhost", []string{"Host: localhost:8420"}, 200, ""},
		{"the host LOCALHOST", []string{"Host: LOCALHOST"}, 200, ""},
		{"an address as host", []string{"Host: 10.1.2.3:99"}, 200, ""},
		{"an IPv6 address as host", []string{"Host: [::1]:99"}, 200, ""},
		{"a name under localhost", []string{"Host: a.localhost"}, 200, ""},
		{"a foreign host", []string{"Host: rebind.evil.example"}, 403, "host_not_allowed"},
		{"a foreign host with a port", []string{"Host: rebind.evil.example:8420"}, 403, "host_not_allowed"},
		{"a host that begins like an address", []string{"Host: 127.0.0.1.evil.example"}, 403, "host_not_allowed"},
		{"a host that begins like localhost", []string{"Host: localhost.evil.example"}, 403, "host_not_allowed"},
		{"a hand-off header", []string{`Souk-Caller: id="admin"`}, 401, "handoff_unverified"},
		{"a hand-off header in lower case", []string{`souk-anything: x`}, 401, "handoff_unverified"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before := alpha.Asked()
			a := ask(t, s, proxytest.Ask(false), c.fields...)
			if a.StatusCode != c.status {
				t.Fatalf("the answer is %d: %s", a.StatusCode, a.Text)
			}
			if c.status == 200 {
				origin := strings.TrimPrefix(c.fields[0], "Origin: ")
				if got := a.Header.Get("access-control-allow-origin"); strings.HasPrefix(c.fields[0], "Origin") != (got == origin) {
					t.Errorf("access-control-allow-origin is %q", got)
				}
				return
			}
			if f := a.Failure(t); f.Code == nil || *f.Code != c.code || alpha.Asked() != before {
				t.Errorf("the answer is %s", a.Text)
			}
			if got := a.Header.Get("access-control-allow-origin"); got != "" {
				t.Errorf("a refused page may read the answer: %q", got)
			}
		})
	}
	for _, path := range []string{"/v1/models", "/v1/providers", "/v1/key", "/v1/models/test/model/endpoints"} {
		c := s.Dial(t)
		c.Send(proxytest.Request("GET", path, "", "Origin: https://evil.example"))
		if a := c.Answer(); a.StatusCode != 403 {
			t.Errorf("GET %s of a foreign page is %d", path, a.StatusCode)
		}
	}
	c := s.Dial(t)
	c.Send(proxytest.Request("OPTIONS", proxytest.ChatPath, "", "Origin: https://good.example", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization, content-type"))
	if a := c.Answer(); a.StatusCode != 204 || a.Header.Get("access-control-allow-headers") != "authorization, content-type" || !strings.Contains(a.Header.Get("access-control-allow-methods"), "POST") {
		t.Errorf("the preflight is %d %v", a.StatusCode, a.Header)
	}
	c = s.Dial(t)
	c.Send(proxytest.Request("OPTIONS", proxytest.ChatPath, "", "Origin: https://evil.example", "Access-Control-Request-Method: POST"))
	if a := c.Answer(); a.StatusCode != 403 || a.Header.Get("access-control-allow-methods") != "" {
		t.Errorf("a foreign page's preflight is %d %v", a.StatusCode, a.Header)
	}
}

func TestMethodsAndPathsThatDoNotExist(t *testing.T) {
	t.Parallel()
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(proxytest.NewFake(t, "alpha", proxytest.Good))})
	for _, c := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/v1/chat/completions", 405, "POST"}, {"DELETE", "/v1/embeddings", 405, "POST"}, {"GET", "/v1/route", 405, "POST"}, {"POST", "/v1/models", 405, "GET"},
		{"GET", "/v1/nothing", 404, ""}, {"GET", "/", 404, ""}, {"GET", "/v1/models/no/such", 404, ""}, {"GET", "/api/v1/models", 200, ""}, {"GET", "/v1/models/test%2Fmodel", 200, ""},
		{"GET", "/v1/models/test/model", 200, ""}, {"GET", "/healthz", 200, ""}, {"GET", "/readyz", 200, ""}, {"GET", "/v1/key", 200, ""}, {"GET", "/v1/models/test/model/endpoints", 200, ""}, {"GET", "/metrics", 404, ""},
	} {
		conn := s.Dial(t)
		conn.Send(proxytest.Request(c.method, c.path, proxytest.Ask(false)[:0]))
		if a := conn.Answer(); a.StatusCode != c.status || a.Header.Get("allow") != c.allow {
			t.Errorf("%s %s is %d with Allow %q: %s", c.method, c.path, a.StatusCode, a.Header.Get("allow"), a.Text)
		}
	}
	if a := ask(t, s, ""); a.StatusCode != 400 {
		t.Errorf("POST without a body is %d", a.StatusCode)
	}
}
