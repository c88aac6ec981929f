package proxy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

const messages = `"messages":[{"role":"user","content":"h\u00e9 \ud83d\ude00 \\\" {\"model\":1}"}]`

func TestTheCallersBytesReachTheProviderButForWhatMustChange(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, ask, want string
	}{
		{"the model is spliced", `{"model":"test/model",` + messages + `}`, `{"model":"up-alpha",` + messages + `}`},
		{"white space and order stay", " { \"temperature\" : 1.50 ,\n\t\"model\"  :  \"test/model\" , " + messages + " , \"x\":[ ]}\n ", " { \"temperature\" : 1.50 ,\n\t\"model\"  :  \"up-alpha\" , " + messages + " , \"x\":[ ]}\n "},
		{"souk's members go from the front", `{"provider":{"sort":"price"},"models":["test/model"],"session_id":"s","usage":{"include":true},"model":"test/model",` + messages + `}`, `{"model":"up-alpha",` + messages + `}`},
		{"souk's members go from the middle", `{"model":"test/model","provider":{"sort":"price"} , "models":["test/model"],` + messages + `}`, `{"model":"up-alpha",` + messages + `}`},
		{"souk's members go from the end", `{"model":"test/model",` + messages + ` , "provider":{"sort":"price"},"session_id":"s" }`, `{"model":"up-alpha",` + messages + ` }`},
		{"souk's members go from everywhere", `{"usage":{},"model":"test/model","provider":null,` + messages + `,"models":[]}`, `{"model":"up-alpha",` + messages + `}`},
		{"a model that only models names is added", `{"models":["test/model"],` + messages + `}`, `{` + messages + `,"model":"up-alpha"}`},
		{"a suffix goes with the model", `{"model":"test/model:floor",` + messages + `}`, `{"model":"up-alpha",` + messages + `}`},
		{"a slug becomes the upstream name", `{"model":"model",` + messages + `}`, `{"model":"up-alpha",` + messages + `}`},
		{"an escaped model is understood", `{"model":"test\/model",` + messages + `}`, `{"model":"up-alpha",` + messages + `}`},
		{"nested members of the same names stay", `{"model":"test/model","metadata":{"model":"m","provider":{"a":1},"models":[1]},` + messages + `}`, `{"model":"up-alpha","metadata":{"model":"m","provider":{"a":1},"models":[1]},` + messages + `}`},
		{"numbers and unknown members stay", `{"model":"test/model","seed":18446744073709551617,"zzz":-1.5e-07,"n":1,` + messages + `}`, `{"model":"up-alpha","seed":18446744073709551617,"zzz":-1.5e-07,"n":1,` + messages + `}`},
		{"a stream is asked for usage", `{"model":"test/model","stream":true,` + messages + `}`, `{"model":"up-alpha","stream":true,` + messages + `,"stream_options":{"include_usage":true}}`},
		{"empty stream options get it", `{"model":"test/model","stream":true,"stream_options":{},` + messages + `}`, `{"model":"up-alpha","stream":true,"stream_options":{"include_usage":true},` + messages + `}`},
		{"other stream options keep theirs", `{"stream_options":{"include_obfuscation":false},"model":"test/model","stream":true,` + messages + `}`, `{"stream_options":{"include_usage":true,"include_obfuscation":false},"model":"up-alpha","stream":true,` + messages + `}`},
		{"no usage becomes usage", `{"model":"test/model","stream_options":{"include_usage": false},"stream":true,` + messages + `}`, `{"model":"up-alpha","stream_options":{"include_usage": true},"stream":true,` + messages + `}`},
		{"null stream options are replaced", `{"model":"test/model","stream_options":null,"stream":true,` + messages + `}`, `{"model":"up-alpha","stream_options":{"include_usage":true},"stream":true,` + messages + `}`},
		{"usage that is asked for stays", `{"model":"test/model","stream":true,"stream_options":{ "include_usage":true },` + messages + `}`, `{"model":"up-alpha","stream":true,"stream_options":{ "include_usage":true },` + messages + `}`},
		{"a whole answer's stream options stay", `{"model":"test/model","stream":false,"stream_options":null,` + messages + `}`, `{"model":"up-alpha","stream":false,"stream_options":null,` + messages + `}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
			s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
			if a := ask(t, s, c.ask); a.StatusCode != 200 {
				t.Fatalf("the answer is %d: %s", a.StatusCode, a.Text)
			}
			if got := alpha.Last().Body; got != c.want {
				t.Errorf("the provider got\n%s\nexpected\n%s", got, c.want)
			}
		})
	}
}

func TestAProviderMarkedWithoutStreamUsageIsNotAskedForIt(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, ask, want string }{
		{"nothing is added", `{"model":"test/model","stream":true,` + messages + `}`, `{"model":"up-alpha","stream":true,` + messages + `}`},
		{"the caller's options are taken out", `{"model":"test/model","stream":true,"stream_options":{"include_usage":true},` + messages + `}`, `{"model":"up-alpha","stream":true,` + messages + `}`},
		{"options that come first are taken out", `{"stream_options":{"include_usage":true},"stream":true,"model":"test/model",` + messages + `}`, `{"stream":true,"model":"up-alpha",` + messages + `}`},
		{"options before what is souk's are taken out", `{"stream_options":{"include_usage":true},"provider":{},"stream":true,"model":"test/model",` + messages + `}`, `{"stream":true,"model":"up-alpha",` + messages + `}`},
		{"options after what is souk's are taken out", `{"provider":{},"stream_options":{},"session_id":"s","stream":true,"model":"test/model",` + messages + `}`, `{"stream":true,"model":"up-alpha",` + messages + `}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			alpha := proxytest.NewFake(t, "alpha", proxytest.Then(part(proxytest.Role, proxytest.Delta("one two three four"), proxytest.Delta("five"), proxytest.Finish("stop"), proxytest.Done), proxytest.LastChunk))
			s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) { c.Providers[0].StreamUsage = false }})
			if a := ask(t, s, c.ask); a.StatusCode != 200 {
				t.Fatalf("the answer is %d: %s", a.StatusCode, a.Text)
			}
			if got := alpha.Last().Body; got != c.want {
				t.Errorf("the provider got\n%s\nexpected\n%s", got, c.want)
			}
			if r := s.AccessLog(); !r[0].Estimated || r[0].Input == 0 || r[0].Output == 0 {
				t.Errorf("the tokens are not estimated: %+v", r[0])
			}
		})
	}
}

func TestEachFailoverGetsItsOwnModelName(t *testing.T) {
	t.Parallel()
	alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Error(500, "", "boom")), proxytest.NewFake(t, "bravo", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: func(c *config.Config) {
		c.Providers[0].StreamUsage = false
		c.Providers[1].Models[0].Upstream = `odd "name"\x`
	}})
	ask(t, s, proxytest.Ask(true))
	if got := alpha.Last().Body; strings.Contains(got, "stream_options") || !strings.Contains(got, `"model":"up-alpha"`) {
		t.Errorf("the first provider got %s", got)
	}
	var sent struct {
		Model   string
		Options struct {
			Usage bool `json:"include_usage"`
		} `json:"stream_options"`
	}
	if err := json.Unmarshal([]byte(bravo.Last().Body), &sent); err != nil || sent.Model != `odd "name"\x` || !sent.Options.Usage {
		t.Errorf("the second provider got %s (%v)", bravo.Last().Body, err)
	}
}

func TestTheCostIsExactAndUsageShownOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	usage := func(u string) string {
		return strings.Replace(proxytest.GoodAnswer("alpha"), `{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30}`, u, 1)
	}
	t.Run("a whole answer", func(t *testing.T) {
		t.Parallel()
		cases := []struct{ name, usage, want, cost string }{
			{"plain", `{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30}`, `{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30,"cost":0.00005}`, "0.00005"},
			{"with spaces", `{ "prompt_tokens" : 1 , "completion_tokens" : 1 }`, `{ "prompt_tokens" : 1 , "completion_tokens" : 1,"cost":0.000003}`, "0.000003"},
			{"empty", `{}`, `{"cost":0}`, "0"},
			{"with cached tokens, at half the price", `{"prompt_tokens":100,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":40}}`, `{"prompt_tokens":100,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":40},"cost":0.00008}`, "0.00008"},
			{"with a cost of the provider's own", `{"prompt_tokens":10,"cost":123.5,"completion_tokens":20}`, `{"prompt_tokens":10,"cost":0.00005,"completion_tokens":20}`, "0.00005"},
			{"with numbers that make no sense", `{"prompt_tokens":-5,"completion_tokens":"x"}`, `{"prompt_tokens":-5,"completion_tokens":"x","cost":0}`, "0"},
		}
		for _, c := range cases {
			alpha := proxytest.NewFake(t, "alpha", proxytest.JSON(200, usage(c.usage)))
			s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
			a := ask(t, s, proxytest.Ask(false))
			if a.Text != usage(c.want) || a.Header.Get("x-souk-cost-usd") != c.cost {
				t.Errorf("%s: cost %q in %s", c.name, a.Header.Get("x-souk-cost-usd"), a.Text)
			}
			if got := s.Metric("souk_cost_usd_total", `provider="alpha"`); itoa(int(got*1e9)) == "" || got < 0 {
				t.Errorf("%s: the metrics say %v", c.name, got)
			}
			if r := s.AccessLog(); r[0].Cost == nil || r[0].Cost.String() != c.cost {
				t.Errorf("%s: the access log says %v", c.name, r[0].Cost)
			}
		}
	})
	t.Run("an answer without usage has no cost and an estimate in the log", func(t *testing.T) {
		t.Parallel()
		body := `{"choices":[{"index":0,"message":{"content":"x"},"finish_reason":"stop"}]}`
		alpha := proxytest.NewFake(t, "alpha", proxytest.JSON(200, body))
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
		a := ask(t, s, proxytest.Ask(false))
		if a.Text != body || a.Header.Get("x-souk-cost-usd") != "" {
			t.Errorf("the answer is %s with cost %q", a.Text, a.Header.Get("x-souk-cost-usd"))
		}
		if r := s.AccessLog(); !r[0].Estimated || r[0].Input == 0 {
			t.Errorf("the access log says %+v", r[0])
		}
	})
	t.Run("an offer without a price has no cost", func(t *testing.T) {
		t.Parallel()
		alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) { c.Providers[0].Models[0].Price = nil }})
		if a := ask(t, s, proxytest.Ask(false)); a.Text != proxytest.GoodAnswer("alpha") || a.Header.Get("x-souk-cost-usd") != "" {
			t.Errorf("the answer is %s", a.Text)
		}
		if r := s.AccessLog(); r[0].Cost != nil {
			t.Errorf("the access log says that it cost %v", r[0].Cost)
		}
	})
	visible := []string{proxytest.Role, proxytest.Delta("hello "), proxytest.Delta("from alpha"), proxytest.Finish("stop")}
	withCost := strings.Replace(proxytest.Usage(10, 20), `"total_tokens":30}`, `"total_tokens":30,"cost":0.00005}`, 1)
	streams := []struct {
		name, ask string
		want      string
	}{
		{"a stream without usage asked hides the event", proxytest.Ask(true), strings.Join(visible, "") + proxytest.Done},
		{"a stream with usage asked shows it with its cost", proxytest.Ask(true, `"stream_options":{"include_usage":true}`), strings.Join(visible, "") + withCost + proxytest.Done},
		{"a stream with usage asked the other way shows it", proxytest.Ask(true, `"usage":{"include":true}`), strings.Join(visible, "") + withCost + proxytest.Done},
	}
	for _, c := range streams {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
			s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
			a := ask(t, s, c.ask)
			if a.Text != c.want {
				t.Errorf("the caller got\n%s\nexpected\n%s", a.Text, c.want)
			}
			if a.Header.Get("x-souk-cost-usd") != "" {
				t.Error("a stream has a cost in its headers")
			}
			if r := s.AccessLog(); r[0].Input != 10 || r[0].Output != 20 || r[0].Cost.String() != "0.00005" || r[0].Estimated {
				t.Errorf("the access log says %+v", r[0])
			}
		})
	}
	t.Run("usage beside the last choice stays, with its cost", func(t *testing.T) {
		t.Parallel()
		last := `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":20}}` + "\n\n"
		alpha := proxytest.NewFake(t, "alpha", proxytest.Then(part(proxytest.Delta("x"), last, proxytest.Done), proxytest.LastChunk))
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
		want := proxytest.Delta("x") + strings.Replace(last, `20}}`, `20,"cost":0.00005}}`, 1) + proxytest.Done
		if a := ask(t, s, proxytest.Ask(true)); a.Text != want {
			t.Errorf("the caller got\n%s\nexpected\n%s", a.Text, want)
		}
	})
}
