package proxy_test

import (
	"crypto/x509"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/identitytest"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// prompt is how fast an explicit fault must lead to the next offer's request. It is a few milliseconds on a quiet machine.
const prompt = 100 * time.Millisecond

// leeway is for what happens once in a test, which a busy machine may hold up.
const leeway = time.Second

// tries is how often a prompt reaction is looked for: a busy machine is late now and then, souk would be every time.
const tries = 5

// The timers of the failover tests. A machine that stands still for as long makes a fault of its own, so a test has only those it needs.
const (
	connectTimer = 500 * time.Millisecond
	firstToken   = 700 * time.Millisecond
	answerTimer  = 800 * time.Millisecond
	idleTimer    = 400 * time.Millisecond
)

func shortTimers(c *config.Config) {
	c.Routing.Timeouts.Connect = connectTimer
	c.Routing.Timeouts.FirstToken = firstToken
	c.Routing.Timeouts.Answer = answerTimer
	c.Routing.Timeouts.Idle = idleTimer
}

func shortIdle(c *config.Config) { c.Routing.Timeouts.Idle = idleTimer }

// fault is a row of the failover table: what the first offer does, and what souk makes of it.
type fault struct {
	name     string
	step     proxytest.Step                     // of a fake that answers; or
	provider func(t *testing.T) config.Provider // one of its own
	reason   string
	status   int           // that the attempt lists
	timer    time.Duration // that must pass before the next offer is asked; 0: none
	outcome  string        // in the statistics
	state    int           // of the offer afterwards
	whole    bool          // only for whole answers
	streamed bool          // only for streams
	work     time.Duration // what more it may take, since it keeps the processor busy
}

func rowsOfConnections() []fault {
	raw := func(secure bool, handle func(c net.Conn, n int)) func(*testing.T) config.Provider {
		return func(t *testing.T) config.Provider { return proxytest.NewRawFake(t, "alpha", secure, handle).Provider() }
	}
	return []fault{
		{name: "a refused connection", provider: func(t *testing.T) config.Provider { return proxytest.NewClosedFake(t, "alpha").Provider() }, reason: "refused"},
		{name: "a connection that is reset at once", provider: raw(false, func(c net.Conn, _ int) { _ = c.(*net.TCPConn).SetLinger(0) }), reason: "reset"},
		{name: "a connection that is closed at once", provider: raw(false, func(net.Conn, int) {}), reason: "reset"},
		{name: "a reset after the request", step: proxytest.Reset, reason: "reset"},
		{name: "a close after the request", step: proxytest.Close, reason: "reset"},
		{name: "a half-close after the request", step: proxytest.HalfClose, reason: "reset"},
		{name: "a reset within the head", step: proxytest.Then(proxytest.Raw("HTTP/1.1 200 OK\r\nContent-Ty"), proxytest.Reset), reason: "reset"},
		{name: "a close within the head", step: proxytest.Then(proxytest.Raw("HTTP/1.1 200 OK\r\nContent-Ty"), proxytest.Close), reason: "reset"},
		{name: "garbage instead of TLS", provider: raw(true, func(c net.Conn, _ int) { _, _ = c.Write([]byte("SSH-2.0-OpenSSH_9.9\r\nnothing of TLS here\r\n")) }), reason: "tls"},
		{name: "a close within the TLS handshake", provider: raw(true, func(c net.Conn, _ int) { _, _ = c.Read(make([]byte, 16)) }), reason: "tls"},
		{name: "a certificate of an unknown authority", provider: func(t *testing.T) config.Provider {
			p := proxytest.NewSecureFake(t, "alpha", identitytest.New(t, "127.0.0.1"), proxytest.Good).Provider()
			p.TLSCA = ""
			// Reading the system's authorities takes a while, once in a process.
			if _, err := x509.SystemCertPool(); err != nil {
				t.Fatal(err)
			}
			return p
		}, reason: "tls"},
		{name: "a certificate for another name", provider: func(t *testing.T) config.Provider {
			return proxytest.NewSecureFake(t, "alpha", identitytest.New(t, "alpha.example"), proxytest.Good).Provider()
		}, reason: "tls"},
		{name: "a TLS handshake that hangs", provider: raw(true, func(c net.Conn, _ int) { proxytest.Drain(c) }), reason: "connect_timeout", timer: connectTimer},
		{name: "a blackhole", provider: func(t *testing.T) config.Provider { return proxytest.Blackhole(t, "alpha") }, reason: "connect_timeout", timer: connectTimer},
		{name: "a name that does not resolve", provider: func(t *testing.T) config.Provider {
			p := proxytest.NewClosedFake(t, "alpha").Provider()
			p.BaseURL = &url.URL{Scheme: "http", Host: "alpha.invalid", Path: "/v1"} // RFC 6761, section 6.4
			return p
		}, reason: "dns", work: connectTimer},
		{name: "a forbidden address", provider: func(t *testing.T) config.Provider {
			p := proxytest.NewClosedFake(t, "alpha").Provider()
			p.BaseURL = &url.URL{Scheme: "http", Host: "169.254.169.254", Path: "/v1"}
			return p
		}, reason: "forbidden_address"},
	}
}

func rowsOfStatus() []fault {
	rows := []fault{
		{name: "429 with Retry-After", step: proxytest.Error(429, "rate_limit_exceeded", "slow down", "Retry-After: 30"), reason: "rate_limited", status: 429, outcome: "rate_limited", state: proxytest.Resting},
		{name: "429 without Retry-After", step: proxytest.JSON(429, ""), reason: "rate_limited", status: 429, outcome: "rate_limited", state: proxytest.Resting},
		{name: "404", step: proxytest.Error(404, "model_not_found", "no such model"), reason: "model_gone", status: 404, state: proxytest.Barred},
		{name: "401", step: proxytest.Error(401, "invalid_api_key", "bad key"), reason: "key_refused", status: 401, outcome: "key_refused", state: proxytest.Barred},
		{name: "402", step: proxytest.Error(402, "", "pay"), reason: "key_refused", status: 402, outcome: "key_refused", state: proxytest.Barred},
		{name: "403", step: proxytest.Error(403, "", "no"), reason: "key_refused", status: 403, outcome: "key_refused", state: proxytest.Barred},
		{name: "429 with an exhausted quota", step: proxytest.Error(429, "insufficient_quota", "You exceeded your current quota"), reason: "key_refused", status: 429, outcome: "key_refused", state: proxytest.Barred},
		{name: "a status that is no HTTP status", step: proxytest.Raw("HTTP/1.1 099 What\r\nContent-Length: 0\r\n\r\n"), reason: "malformed"},
		{name: "an error whose body never comes", step: proxytest.Then(proxytest.Raw("HTTP/1.1 500 Oh\r\nContent-Length: 100\r\n\r\n"), proxytest.Hang), reason: "status", status: 500},
		{name: "an error whose body is cut", step: proxytest.Then(proxytest.Raw("HTTP/1.1 502 Oh\r\nContent-Length: 100\r\n\r\n{"), proxytest.Close), reason: "status", status: 502},
	}
	for _, status := range []string{"500", "501", "502", "503", "504", "520", "529", "599", "408", "301", "302", "303", "307", "308", "304"} {
		n := int(status[0]-'0')*100 + int(status[1]-'0')*10 + int(status[2]-'0')
		rows = append(rows, fault{name: status, step: proxytest.JSON(n, `{"error":{"message":"it is `+status+`"}}`, "Location: http://127.0.0.1:1/"), reason: "status", status: n})
	}
	for i := range rows {
		if strings.HasPrefix(rows[i].name, "304") {
			rows[i].step = proxytest.Raw("HTTP/1.1 304 Not Modified\r\n\r\n")
		}
	}
	return rows
}

func rowsOfBodies() []fault {
	events := func(texts ...string) proxytest.Step {
		return proxytest.Then(proxytest.EventsHead, proxytest.Chunks(texts...), proxytest.LastChunk)
	}
	errorEvent := `data: {"error":{"message":"overloaded","type":"server_error"}}` + "\n\n"
	return []fault{
		{name: "not HTTP", step: proxytest.Then(proxytest.Raw("SSH-2.0-OpenSSH_9.9\r\n\r\n"), proxytest.Hang), reason: "malformed"},
		{name: "an empty line before the status", step: proxytest.Then(proxytest.Raw("\n\r\n\r\n"), proxytest.Hang), reason: "malformed"},
		{name: "two lengths that differ", step: proxytest.Raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}{}{}"), reason: "malformed"},
		{name: "a length beside a transfer coding", step: proxytest.Raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), reason: "malformed"},
		{name: "a folded header line", step: proxytest.Raw("HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 2\r\n\r\n{}"), reason: "malformed"},
		{name: "endless headers", step: proxytest.Every(0, "X-Filler: "+strings.Repeat("x", 4000)+"\r\n").After("HTTP/1.1 200 OK\r\n"), reason: "oversize"},
		{name: "a 200 with an error body", step: proxytest.JSON(200, proxytest.ErrorBody("boom", "inside")), reason: "error_body", status: 200},
		{name: "a 200 with an error of vLLM's shape", step: proxytest.JSON(200, `{"object":"error","message":"inside","code":500}`), reason: "error_body", status: 200},
		{name: "a 200 whose choice ended with an error", step: proxytest.JSON(200, `{"choices":[{"finish_reason":"error","error":{"message":"cut"}}]}`), reason: "error_body", status: 200},
		{name: "a 200 without a body", step: proxytest.JSON(200, ""), reason: "malformed", status: 200},
		{name: "a 204", step: proxytest.Raw("HTTP/1.1 204 No Content\r\n\r\n"), reason: "malformed", status: 204},
		{name: "a 200 with a web page", step: proxytest.Respond(200, "text/html", "<!doctype html><p>Maintenance"), reason: "malformed", status: 200},
		{name: "a 200 whose JSON is broken within its message", whole: true, step: proxytest.JSON(200, strings.Replace(proxytest.GoodAnswer("alpha"), `"role":`, `"role"`, 1)), reason: "malformed", status: 200},
		{name: "a 200 with a line end within a string", whole: true, step: proxytest.JSON(200, strings.Replace(proxytest.GoodAnswer("alpha"), "hello ", "hello\n", 1)), reason: "malformed", status: 200},
		{name: "a 200 without choices", step: proxytest.JSON(200, `{"id":"x","choices":[]}`), reason: "malformed", status: 200},
		{name: "a body that is cut", whole: true, step: proxytest.Then(proxytest.Raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"+`{"choices":[`), proxytest.Close), reason: "truncated", status: 200},
		{name: "a body that is reset", whole: true, step: proxytest.Then(proxytest.Raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"+`{"choices":[`), proxytest.Reset), reason: "truncated", status: 200},
		{name: "a chunk that is cut", whole: true, step: proxytest.Then(proxytest.Raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n"+`{"choices":[`), proxytest.Close), reason: "truncated", status: 200},
		{name: "a chunk of nonsense", whole: true, step: proxytest.Then(proxytest.Raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n"), proxytest.Hang), reason: "malformed", status: 200},
		{name: "a body that stalls", whole: true, step: proxytest.Then(proxytest.Raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"+`{"choices":[`), proxytest.Hang), reason: "idle_timeout", status: 200, timer: idleTimer},
		{name: "silence before the headers", whole: true, step: proxytest.Hang, reason: "answer_timeout", timer: answerTimer},
		{name: "a gzip bomb", whole: true, step: proxytest.JSON(200, proxytest.GzipBomb(1<<20+1), "Content-Encoding: gzip"), reason: "oversize", status: 200, work: time.Second},
		{name: "an endless body", whole: true, step: proxytest.Every(0, proxytest.Chunk(strings.Repeat("x", 32<<10))).After("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), reason: "oversize", status: 200, work: time.Second},

		{name: "a stream whose first event is an error", streamed: true, step: events(errorEvent), reason: "error_event", status: 200},
		{name: "an error event before the content", streamed: true, step: events(proxytest.Role, errorEvent, proxytest.Delta("never")), reason: "error_event", status: 200},
		{name: "a stream that ends before its content", streamed: true, step: events(proxytest.Role), reason: "truncated", status: 200},
		{name: "a stream that is only an end marker", streamed: true, step: events(proxytest.Done), reason: "truncated", status: 200},
		{name: "a stream that is cut before its content", streamed: true, step: proxytest.Then(proxytest.EventsHead, proxytest.Chunks(proxytest.Role), proxytest.Close), reason: "truncated", status: 200},
		{name: "a stream that is reset before its content", streamed: true, step: proxytest.Then(proxytest.EventsHead, proxytest.Chunks(proxytest.Role), proxytest.Reset), reason: "truncated", status: 200},
		{name: "a whole answer to a request for a stream", streamed: true, step: proxytest.JSON(200, proxytest.GoodAnswer("alpha")), reason: "malformed", status: 200},
		{name: "silence before a stream's headers", streamed: true, step: proxytest.Hang, reason: "first_token_timeout", timer: firstToken},
		{name: "a stream's headers and then silence", streamed: true, step: proxytest.Then(proxytest.EventsHead, proxytest.Hang), reason: "first_token_timeout", status: 200, timer: firstToken},
		{name: "keep-alive comments without end", streamed: true, step: proxytest.Then(proxytest.EventsHead, proxytest.Every(20*time.Millisecond, proxytest.Chunk(": keep-alive\n\n"))), reason: "first_token_timeout", status: 200, timer: firstToken},
		{name: "keep-alive comments without a pause", streamed: true, step: proxytest.Then(proxytest.EventsHead, proxytest.Every(0, proxytest.Chunk(": keep-alive\n\n"))), reason: "first_token_timeout", status: 200, timer: firstToken},
		{name: "role-only events without end", streamed: true, step: proxytest.Then(proxytest.EventsHead, proxytest.Every(20*time.Millisecond, proxytest.Chunk(proxytest.Role))), reason: "first_token_timeout", status: 200, timer: firstToken},
		{name: "an event that never ends", streamed: true, step: proxytest.Then(proxytest.EventsHead, proxytest.Every(0, proxytest.Chunk("data: "+strings.Repeat("x", 32<<10)))), reason: "oversize", status: 200},
		{name: "comments that never end", streamed: true, step: proxytest.Then(proxytest.EventsHead, proxytest.Every(0, proxytest.Chunk(": "+strings.Repeat("x", 32<<10)))), reason: "oversize", status: 200},
	}
}

func TestAFaultBeforeTheContentLeadsToTheNextOffer(t *testing.T) {
	t.Parallel()
	for _, f := range slices.Concat(rowsOfConnections(), rowsOfStatus(), rowsOfBodies()) {
		for _, stream := range []bool{false, true} {
			if stream && f.whole || !stream && f.streamed {
				continue
			}
			name := f.name + " to a whole answer"
			if stream {
				name = f.name + " to a stream"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				// A busy machine may hold up a prompt failover once, but not every time.
				var took time.Duration
				for range tries {
					if took = f.leadsToTheNextOffer(t, stream); took <= f.timer*13/10+prompt+f.work {
						return
					}
				}
				t.Errorf("the next offer was asked after %v; expected it after %v", took, f.timer)
			})
		}
	}
}

// leadsToTheNextOffer returns how long it took until the next offer was asked.
func (f fault) leadsToTheNextOffer(t *testing.T, stream bool) time.Duration {
	bravo := proxytest.NewFake(t, "bravo", proxytest.Good)
	var alpha *proxytest.Fake
	var first config.Provider
	if f.step != nil {
		alpha = proxytest.NewFake(t, "alpha", f.step)
		first = alpha.Provider()
	} else {
		first = f.provider(t)
	}
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.InOrder(first, bravo.Provider()), Change: func(c *config.Config) {
		if f.timer > 0 { // so that a busy machine makes no timer of another fault
			shortTimers(c)
		}
		c.Limits.Answer, c.Limits.Event, c.Limits.Headers = 1<<20, 256<<10, 32<<10
	}})
	c := s.Dial(t)
	defer c.Close()
	start := time.Now()
	c.Chat(proxytest.Ask(stream))
	a := c.Answer()

	checkGoodAnswer(t, a, "bravo", 2, stream)
	took := bravo.Last().At.Sub(start)
	if took < f.timer*7/10 {
		t.Errorf("the next offer was asked after %v already; expected it after %v", took, f.timer)
	}
	if n := bravo.Asked(); n != 1 {
		t.Errorf("the next offer was asked %d times", n)
	}
	if alpha != nil && alpha.Asked() != 1 {
		t.Errorf("the first offer was asked %d times; expected once", alpha.Asked())
	}
	outcome := f.outcome
	if outcome == "" {
		outcome = "provider_fault"
	}
	if got := s.Outcomes("alpha", outcome); got != 1 {
		t.Errorf("the statistics count %d attempts as %s; expected 1", got, outcome)
	}
	if faults := s.Outcomes("alpha", "provider_fault"); outcome != "provider_fault" && faults != 0 {
		t.Errorf("%d faults count against the uptime", faults)
	}
	if got := s.State("alpha"); got != f.state {
		t.Errorf("the offer is in state %d; expected %d", got, f.state)
	}
	if got := s.Metric("souk_failovers_total", `reason="`+f.reason+`"`); got != 1 {
		t.Errorf("the metrics count %v failovers because of %s", got, f.reason)
	}
	r := s.AccessLog()
	if len(r) != 1 || len(r[0].Attempts) != 2 {
		t.Fatalf("the access log says %+v", r)
	}
	tried := r[0].Attempts[0]
	if tried.Offer != "alpha/"+proxytest.Model || tried.Reason != f.reason || tried.Status != f.status {
		t.Errorf("the first attempt is listed as %+v; expected reason %s and status %d", tried, f.reason, f.status)
	}
	if last := r[0].Attempts[1]; last.Reason != "success" || last.Status != 200 || r[0].Offer != "bravo/"+proxytest.Model {
		t.Errorf("the second attempt is listed as %+v of %s", last, r[0].Offer)
	}
	return took
}

// checkGoodAnswer holds that an answer is the named fake's, whole, with souk's headers.
func checkGoodAnswer(t *testing.T, a *proxytest.Answer, name string, attempts int, stream bool) {
	t.Helper()
	if a.Err != nil || a.StatusCode != 200 {
		t.Fatalf("the answer is %d (%v): %s", a.StatusCode, a.Err, a.Text)
	}
	for header, want := range map[string]string{"x-souk-provider": name, "x-souk-offer": name + "/" + proxytest.Model, "x-souk-attempts": string(rune('0' + attempts))} {
		if got := a.Header.Get(header); got != want {
			t.Errorf("%s is %q; expected %q", header, got, want)
		}
	}
	if a.Header.Get("x-souk-request-id") == "" || !strings.Contains(a.Header.Get("server-timing"), "souk;dur=") {
		t.Errorf("x-souk-request-id or server-timing is missing in %v", a.Header)
	}
	if !stream {
		if !strings.Contains(a.Text, `"hello from `+name+`"`) || !strings.HasPrefix(a.Header.Get("content-type"), "application/json") {
			t.Errorf("this is not %s's answer: %s", name, a.Text)
		}
		return
	}
	got := proxytest.ParseStream(t, a.Text)
	if got.Text != "hello from "+name || got.Finish != "stop" || !got.Done || got.Error != nil {
		t.Errorf("this is not %s's stream: %+v", name, got)
	}
	if ct := a.Header.Get("content-type"); !strings.HasPrefix(ct, "text/event-stream") {
		t.Errorf("the stream's content-type is %q", ct)
	}
}
