package proxy_test

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

func hash(key string) [32]byte { return sha256.Sum256([]byte(key)) }

// ask sends one chat request on a connection of its own and reads the answer.
func ask(t *testing.T, s *proxytest.Sidecar, body string, fields ...string) *proxytest.Answer {
	t.Helper()
	c := s.Dial(t)
	defer c.Close()
	c.Chat(body, fields...)
	return c.Answer()
}

func TestAPlanThatFailsSaysWhy(t *testing.T) {
	t.Parallel()
	e := proxytest.Error
	limited := func(seconds string) proxytest.Step {
		return e(429, "rate_limit_exceeded", "slow down", "Retry-After: "+seconds)
	}
	cases := []struct {
		name        string
		first, then proxytest.Step
		status      int
		typ, code   string
		reasons     []string
		words       string // that the message holds
		retryAfter  string
	}{
		{"every offer over its limit is a 429 with the smallest Retry-After", limited("30"), limited("7"), 429, "rate_limit_error", "rate_limited", []string{"rate_limited", "rate_limited"}, "slow down", "7"},
		{"every offer too slow is a 504", proxytest.Hang, proxytest.Hang, 504, "timeout_error", "all_offers_timed_out", []string{"answer_timeout", "answer_timeout"}, "", ""},
		{"a limit and a fault are a 502", limited("30"), e(500, "", "boom"), 502, "upstream_error", "all_offers_failed", []string{"rate_limited", "status"}, "boom", ""},
		{"a timer and a fault are a 502", e(503, "", "boom"), proxytest.Hang, 502, "upstream_error", "all_offers_failed", []string{"status", "answer_timeout"}, "boom", ""},
		{"a refused key is never the caller's 401", e(401, "invalid_api_key", "bad key"), e(403, "", "no"), 502, "upstream_error", "all_offers_failed", []string{"key_refused", "key_refused"}, "", ""},
		{"a quota that is used up is never the caller's 429", e(429, "insufficient_quota", "quota"), e(402, "", "pay"), 502, "upstream_error", "all_offers_failed", []string{"key_refused", "key_refused"}, "", ""},
		{"a model that is gone everywhere is a 502", e(404, "model_not_found", "gone"), e(404, "model_not_found", "gone"), 502, "upstream_error", "all_offers_failed", []string{"model_gone", "model_gone"}, "gone", ""},
		{"resets are a 502", proxytest.Reset, proxytest.Reset, 502, "upstream_error", "all_offers_failed", []string{"reset", "reset"}, "", ""},
		{"error bodies are a 502 with their words", proxytest.JSON(200, proxytest.ErrorBody("x", "inside")), proxytest.Reset, 502, "upstream_error", "all_offers_failed", []string{"error_body", "reset"}, "inside", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			alpha, bravo := proxytest.NewFake(t, "alpha", c.first), proxytest.NewFake(t, "bravo", c.then)
			s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: func(s *config.Config) {
				if slices.Contains(c.reasons, "answer_timeout") {
					s.Routing.Timeouts.Answer = answerTimer
				}
			}})
			a := ask(t, s, proxytest.Ask(false))
			f := a.Failure(t)
			if a.StatusCode != c.status || f.Type != c.typ || f.Code == nil || *f.Code != c.code {
				t.Errorf("the answer is %d: %s", a.StatusCode, a.Text)
			}
			if !slices.Equal(f.Reasons(), c.reasons) {
				t.Errorf("the attempts' reasons are %q; expected %q", f.Reasons(), c.reasons)
			}
			if !strings.Contains(f.Message, c.words) || !strings.Contains(f.Message, proxytest.Model) {
				t.Errorf("the message %q lacks %q or the model", f.Message, c.words)
			}
			if got := a.Header.Get("retry-after"); got != c.retryAfter {
				t.Errorf("retry-after is %q; expected %q", got, c.retryAfter)
			}
			if a.Header.Get("x-souk-attempts") != "2" || a.Header.Get("x-souk-request-id") == "" {
				t.Errorf("the headers are %v", a.Header)
			}
			if alpha.Asked() != 1 || bravo.Asked() != 1 {
				t.Errorf("the offers were asked %d and %d times", alpha.Asked(), bravo.Asked())
			}
		})
	}
}

func TestTheTotalTimerBoundsAllAttemptsTogether(t *testing.T) {
	t.Parallel()
	for _, stream := range []bool{false, true} {
		alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Hang), proxytest.NewFake(t, "bravo", proxytest.Hang)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: func(c *config.Config) {
			c.Routing.Timeouts = config.Timeouts{Connect: time.Second, Answer: 300 * time.Millisecond, FirstToken: 300 * time.Millisecond, Idle: time.Second, Total: 500 * time.Millisecond}
		}})
		start := time.Now()
		a := ask(t, s, proxytest.Ask(stream))
		took := time.Since(start)
		if f := a.Failure(t); a.StatusCode != 504 || len(f.Reasons()) != 2 || f.Reasons()[1] != "total_timeout" {
			t.Errorf("stream %v: the answer is %d: %s", stream, a.StatusCode, a.Text)
		}
		if took < 450*time.Millisecond { // that it was no later than this timer says the reason
			t.Errorf("stream %v: the answer came after %v; expected it after 500 ms", stream, took)
		}
		if n := s.Outcomes("bravo", "provider_fault"); n != 0 {
			t.Errorf("stream %v: the end of all attempts counts against the offer that ran", stream)
		}
	}
}

func TestThePlanHoldsTheConfiguredAttempts(t *testing.T) {
	t.Parallel()
	var fakes []*proxytest.Fake
	for _, name := range []string{"alpha", "bravo", "charlie", "delta"} {
		fakes = append(fakes, proxytest.NewFake(t, name, proxytest.Error(500, "", "boom")))
	}
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(fakes...), Change: func(c *config.Config) { c.Routing.Attempts = 3 }})
	a := ask(t, s, proxytest.Ask(false))
	if f := a.Failure(t); a.StatusCode != 502 || len(f.Metadata.Attempts) != 3 {
		t.Fatalf("the answer is %d: %s", a.StatusCode, a.Text)
	}
	for i, f := range fakes {
		if n := f.Asked(); n != 1 && i < 3 || n != 0 && i == 3 {
			t.Errorf("%s was asked %d times", f.Name, n)
		}
	}
}

func TestTheCallersOwnErrorIsPassedOnVerbatim(t *testing.T) {
	t.Parallel()
	body := `{ "error" : {"message":"you are wrong","type":"invalid_request_error","param":"temperature","code":null} , "extra":[1,2 ] }` + "\n"
	cases := []struct {
		name string
		step proxytest.Step
		want int
		body string
	}{
		{"400", proxytest.JSON(400, body), 400, body},
		{"413", proxytest.JSON(413, body), 413, body},
		{"422", proxytest.JSON(422, body), 422, body},
		{"405", proxytest.JSON(405, body), 405, body},
		{"415", proxytest.JSON(415, body), 415, body},
		{"a content filter", proxytest.Error(400, "content_filter", "flagged"), 400, proxytest.ErrorBody("content_filter", "flagged")},
		{"a content filter with 403", proxytest.Error(403, "content_policy_violation", "flagged"), 403, proxytest.ErrorBody("content_policy_violation", "flagged")},
		{"one larger than a few kilobytes", proxytest.JSON(422, largeError), 422, largeError},
		{"one in chunks", proxytest.Then(proxytest.Raw("HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"+proxytest.Chunk(body[:30])), proxytest.Beat(20*time.Millisecond, proxytest.Chunk(body[30:])), proxytest.LastChunk), 400, body},
	}
	for _, c := range cases {
		for _, stream := range []bool{false, true} {
			name := c.name + " to a whole answer"
			if stream {
				name = c.name + " to a stream"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				alpha, bravo := proxytest.NewFake(t, "alpha", c.step), proxytest.NewFake(t, "bravo", proxytest.Good)
				s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo)})
				a := ask(t, s, proxytest.Ask(stream))
				if a.StatusCode != c.want || a.Text != c.body {
					t.Errorf("the answer is %d, %d bytes: %.300s", a.StatusCode, len(a.Text), a.Text)
				}
				if got := a.Header.Get("content-type"); got != "application/json" {
					t.Errorf("content-type is %q", got)
				}
				if bravo.Asked() != 0 || a.Header.Get("x-souk-attempts") != "1" {
					t.Error("another offer was asked with a request that is at fault")
				}
				if s.Outcomes("alpha", "caller_fault") != 1 || s.Outcomes("alpha", "provider_fault") != 0 || s.State("alpha") != proxytest.Up {
					t.Error("the caller's error counts against the offer")
				}
				if r := s.AccessLog(); r[0].Attempts[0].Reason != "invalid_request" || r[0].Status != c.want {
					t.Errorf("the access log says %+v", r)
				}
			})
		}
	}
}

// largeError is an error that echoes what it was sent, as some providers' validators do.
var largeError = `{"detail":[{"type":"missing","msg":"Field required","input":"` + strings.Repeat("x", 200<<10) + `"}]}`

func TestAnErrorThatBreaksOffIsNotPassedOnInPart(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Then(proxytest.Raw("HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"+`{"error":{"message":"you are wr`), proxytest.Close))
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
	a := ask(t, s, proxytest.Ask(false))
	if f := a.Failure(t); a.StatusCode != 400 || f.Message == "" {
		t.Errorf("the answer is %d: %s", a.StatusCode, a.Text)
	}
}

func TestAPromptTooLongForAnOfferIsTriedOnlyWhereThereIsMoreContext(t *testing.T) {
	t.Parallel()
	tooLong := proxytest.Error(400, "context_length_exceeded", "This model's maximum context length is 1000 tokens")
	market := func(contexts ...int) func(*config.Config) {
		return func(c *config.Config) {
			for i, n := range contexts {
				c.Providers[i].Models[0].Context = n
			}
		}
	}
	t.Run("an offer with as much is passed over and one with more is asked", func(t *testing.T) {
		t.Parallel()
		alpha, bravo, charlie := proxytest.NewFake(t, "alpha", tooLong), proxytest.NewFake(t, "bravo", proxytest.Good), proxytest.NewFake(t, "charlie", proxytest.Good)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo, charlie), Change: market(1000, 1000, 4000)})
		checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "charlie", 2, false)
		if bravo.Asked() != 0 {
			t.Error("an offer with no more context was asked")
		}
		if s.Outcomes("alpha", "caller_fault") != 1 || s.State("alpha") != proxytest.Up {
			t.Error("the length of the prompt counts against the offer")
		}
	})
	t.Run("where no offer has more, the error is the caller's own", func(t *testing.T) {
		t.Parallel()
		alpha, bravo := proxytest.NewFake(t, "alpha", tooLong), proxytest.NewFake(t, "bravo", proxytest.Good)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: market(1000, 500)})
		a := ask(t, s, proxytest.Ask(false))
		if a.StatusCode != 400 || a.Text != proxytest.ErrorBody("context_length_exceeded", "This model's maximum context length is 1000 tokens") || bravo.Asked() != 0 {
			t.Errorf("the answer is %d: %s; bravo was asked %d times", a.StatusCode, a.Text, bravo.Asked())
		}
	})
	t.Run("where the larger one fails too, every attempt is listed", func(t *testing.T) {
		t.Parallel()
		alpha, bravo := proxytest.NewFake(t, "alpha", tooLong), proxytest.NewFake(t, "bravo", tooLong)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo), Change: market(1000, 2000)})
		if a := ask(t, s, proxytest.Ask(true)); a.StatusCode != 400 || !strings.Contains(a.Text, "context_length_exceeded") || a.Header.Get("x-souk-attempts") != "2" {
			t.Errorf("the answer is %d: %s", a.StatusCode, a.Text)
		}
	})
}

func TestAnOfferRestsUntilRetryAfter(t *testing.T) {
	t.Parallel()
	alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Error(429, "", "slow", "Retry-After: 1"), proxytest.Good), proxytest.NewFake(t, "bravo", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo)})
	start := time.Now()
	checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "bravo", 2, false)
	checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "bravo", 1, false)
	for alpha.Asked() == 1 && time.Since(start) < 10*time.Second {
		a := ask(t, s, proxytest.Ask(false))
		if name := a.Header.Get("x-souk-provider"); name == "alpha" {
			if rested := time.Since(start); rested < time.Second || rested > 2500*time.Millisecond {
				t.Errorf("the offer rested for %v; its provider asked for 1 s", rested)
			}
		}
		<-time.After(20 * time.Millisecond)
	}
	if alpha.Asked() == 1 {
		t.Error("the offer is not asked again after its rest")
	}
}

func TestThreeFaultsInARowRestAnOffer(t *testing.T) {
	t.Parallel()
	alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Error(500, "", "boom")), proxytest.NewFake(t, "bravo", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo)})
	for i := range 5 {
		attempts := 2
		if i >= 3 {
			attempts = 1
		}
		checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "bravo", attempts, false)
	}
	if alpha.Asked() != 3 || s.State("alpha") != proxytest.Resting {
		t.Errorf("the offer was asked %d times and is in state %d", alpha.Asked(), s.State("alpha"))
	}
	s.Log().Wait(t, 0, "offer resting")
}

func TestWithAllOffersRestingTheLeastBadOneIsTried(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Error(429, "", "slow", "Retry-After: 60"), proxytest.Good)
	bravo := proxytest.NewFake(t, "bravo", proxytest.Error(429, "", "slow", "Retry-After: 30"), proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo)})
	if a := ask(t, s, proxytest.Ask(false)); a.StatusCode != 429 || a.Header.Get("retry-after") != "30" {
		t.Fatalf("the answer is %d with retry-after %q", a.StatusCode, a.Header.Get("retry-after"))
	}
	checkGoodAnswer(t, ask(t, s, proxytest.Ask(false)), "bravo", 1, false)
}

func TestAPlanOfOneOfferGetsASecondTryOnlyWhereThatMayHelp(t *testing.T) {
	t.Parallel()
	reset := proxytest.Step(proxytest.Reset)
	cases := []struct {
		name  string
		step  proxytest.Step
		again bool
		want  int // status when there is no second try
	}{
		{"a reset is tried again", reset, true, 0},
		{"500 is tried again", proxytest.Error(500, "", "boom"), true, 0},
		{"503 is tried again", proxytest.Error(503, "", "boom"), true, 0},
		{"408 is not", proxytest.Error(408, "", "late"), false, 502},
		{"a redirect is not", proxytest.JSON(302, "", "Location: /"), false, 502},
		{"429 is not", proxytest.Error(429, "", "slow"), false, 429},
		{"401 is not", proxytest.Error(401, "", "no"), false, 502},
		{"404 is not", proxytest.Error(404, "", "no"), false, 502},
		{"400 is not", proxytest.Error(400, "", "no"), false, 400},
		{"silence is not", proxytest.Hang, false, 504},
		{"an error body is not", proxytest.JSON(200, proxytest.ErrorBody("", "x")), false, 502},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			alpha := proxytest.NewFake(t, "alpha", c.step, proxytest.Good)
			s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(s *config.Config) {
				if c.want == 504 {
					s.Routing.Timeouts.Answer = answerTimer
				}
			}})
			a := ask(t, s, proxytest.Ask(false))
			if !c.again {
				if a.StatusCode != c.want || alpha.Asked() != 1 {
					t.Errorf("the answer is %d after %d requests", a.StatusCode, alpha.Asked())
				}
				return
			}
			checkGoodAnswer(t, a, "alpha", 2, false)
			asked := alpha.Requests()
			if gap := asked[1].At.Sub(asked[0].At); gap < 50*time.Millisecond || gap > 250*time.Millisecond+leeway {
				t.Errorf("the second try came after %v; expected 50 to 250 ms", gap)
			}
		})
	}
	t.Run("a refused connection is tried again", func(t *testing.T) {
		t.Parallel()
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(proxytest.NewClosedFake(t, "alpha"))})
		start := time.Now()
		a := ask(t, s, proxytest.Ask(false))
		if f := a.Failure(t); a.StatusCode != 502 || !slices.Equal(f.Reasons(), []string{"refused", "refused"}) {
			t.Errorf("the answer is %d: %s", a.StatusCode, a.Text)
		}
		if took := time.Since(start); took < 50*time.Millisecond || took > 250*time.Millisecond+leeway {
			t.Errorf("the plan took %v; expected a wait of 50 to 250 ms", took)
		}
	})
}

func TestAKnownModelWithoutAnOfferLeftIsA503OrTheCallers403(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) {
		c.Auth = config.AuthKeys
		c.Keys = []config.Key{{Name: "all", SHA256: hash("k-all")}, {Name: "other", SHA256: hash("k-other"), Models: []string{"other/*"}}, {Name: "embed", SHA256: hash("k-embed"), Scopes: []string{"embeddings"}}}
	}})
	cases := []struct {
		name, key, body string
		status          int
		code            string
		excluded        bool
	}{
		{"the request's own preferences leave none", "k-all", proxytest.Ask(false, `"provider":{"only":["nobody"]}`), 503, "no_offer", true},
		{"a price cap leaves none", "k-all", proxytest.Ask(false, `"provider":{"max_price":{"prompt":0.01}}`), 503, "no_offer", true},
		{"the caller's models leave none", "k-other", proxytest.Ask(false), 403, "offers_not_allowed", true},
		{"the caller's scopes leave none", "k-embed", proxytest.Ask(false), 403, "scope_not_allowed", false},
		{"an unknown model", "k-all", strings.Replace(proxytest.Ask(false), proxytest.Model, "test/modle", 1), 404, "model_not_found", false},
		{"an unknown key", "k-none", proxytest.Ask(false), 401, "invalid_api_key", false},
		{"no key", "", proxytest.Ask(false), 401, "missing_api_key", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var fields []string
			if c.key != "" {
				fields = []string{"Authorization: Bearer " + c.key}
			}
			a := ask(t, s, c.body, fields...)
			f := a.Failure(t)
			if a.StatusCode != c.status || f.Code == nil || *f.Code != c.code {
				t.Errorf("the answer is %d: %s", a.StatusCode, a.Text)
			}
			if c.excluded && (len(f.Metadata.Excluded) != 1 || f.Metadata.Excluded[0].Offer != "alpha/"+proxytest.Model || f.Metadata.Excluded[0].Why == "") {
				t.Errorf("the exclusions are %+v", f.Metadata.Excluded)
			}
			if c.status == 404 && !strings.Contains(f.Message, proxytest.Model) {
				t.Errorf("the nearest name is missing in %q", f.Message)
			}
		})
	}
	t.Cleanup(func() {
		if alpha.Asked() != 0 {
			t.Error("a refused request reached a provider")
		}
	})
}
