package sim

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func readAll(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestBadOptionsAreRefused(t *testing.T) {
	for want, o := range map[string]Options{
		"provider name":     {Name: "a b"},
		"did you mean":      {Faults: []string{"cutt=5"}},
		"a model has no id": {Models: []Model{{}}},
		"rate":              {Rate: -1},
		"tokens":            {Tokens: -1},
		"first token":       {FirstToken: -time.Second},
	} {
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error is %v, want one with %q", o, err, want)
		}
	}
}

func TestACallerThatHangsUpIsCountedAtOnce(t *testing.T) {
	p := start(t, Options{FirstToken: 0, Rate: 0.1})
	for i, body := range []string{askStream, ask} {
		nc := dial(t, p)
		send(t, nc, body)
		if body == askStream {
			if _, err := nc.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
		}
		await(t, p, "the request is active", func(s Stats) bool { return s.Active == 1 })
		began := time.Now()
		nc.Close()
		await(t, p, "the abort is counted", func(s Stats) bool { return s.Aborted == int64(i+1) && s.Active == 0 })
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v", took)
		}
	}
}

func TestAConnectionServesOneRequestAfterTheOther(t *testing.T) {
	p := start(t, Options{FirstToken: time.Millisecond})
	nc := dial(t, p)
	br := bufio.NewReader(nc)
	for _, body := range []string{ask, askStream, ask} {
		send(t, nc, body)
		resp, err := http.ReadResponse(br, nil)
		if err != nil {
			t.Fatal(err)
		}
		readAll(t, resp.Body)
	}
	send(t, nc, ask) // two at once: the second waits in the buffer
	send(t, nc, askStream)
	for range 2 {
		resp, err := http.ReadResponse(br, nil)
		if err != nil {
			t.Fatal(err)
		}
		readAll(t, resp.Body)
	}
	await(t, p, "all are completed", func(s Stats) bool { return s.Completed == 5 })
	if s := p.Stats(); s.Accepted != 1 || s.Requests != 5 || s.Streams != 2 || s.Aborted != 0 {
		t.Errorf("statistics are %+v", s.report())
	}
}

func TestRequestsThatAreNotHTTP(t *testing.T) {
	p := start(t, Options{})
	nc := dial(t, p)
	io.WriteString(nc, "hello there\r\n\r\n")
	if raw := readAll(t, nc); !strings.HasPrefix(raw, "HTTP/1.1 400 Bad Request\r\n") || !strings.Contains(raw, "connection: close") {
		t.Errorf("got %q", raw)
	}
	nc = dial(t, p)
	io.WriteString(nc, "POST /v1/chat/completions HTTP/1.1\r\nhost: sim\r\nexpect: 100-continue\r\ncontent-length: 2\r\nconnection: close\r\n\r\n")
	br := bufio.NewReader(nc)
	if line, _ := br.ReadString('\n'); line != "HTTP/1.1 100 Continue\r\n" {
		t.Errorf("got %q", line)
	}
	io.WriteString(nc, "{}")
	if raw := readAll(t, br); !strings.Contains(raw, "HTTP/1.1 400 ") {
		t.Errorf("got %q", raw)
	}
}

func TestStatsShowWhatArrived(t *testing.T) {
	p := start(t, Options{})
	chat(t, p, ask, "x-forwarded-for: 1", "x-forwarded-for: 2")
	last := p.Stats().Last
	if last.Method != "POST" || last.Path != chatPath || string(last.Body) != ask || len(last.Header["X-Forwarded-For"]) != 2 || last.Header.Get("host") != p.Addr() {
		t.Errorf("got %+v", last)
	}
}

func TestCloseEndsEverythingAndStartServesTheSameAddressAgain(t *testing.T) {
	for name, end := range map[string]func(*Provider){"close": (*Provider).Close, "kill": (*Provider).Kill} {
		t.Run(name, func(t *testing.T) {
			p := start(t, Options{Rate: 1})
			addr := p.Addr()
			nc := dial(t, p)
			send(t, nc, askStream)
			br := bufio.NewReader(nc)
			if _, err := br.ReadByte(); err != nil {
				t.Fatal(err)
			}
			idle := dial(t, p)
			await(t, p, "both connections are open", func(s Stats) bool { return s.Open == 2 })
			end(p)
			end(p) // once more changes nothing
			if _, err := io.ReadAll(br); isReset(err) != (name == "kill") {
				t.Errorf("the stream ended with %v", err)
			}
			if _, err := idle.Read(make([]byte, 1)); err == nil {
				t.Error("the idle connection is open")
			}
			if _, err := net.Dial("tcp", addr); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("dialling gave %v, want a refusal", err)
			}
			if s := p.Stats(); s.Aborted != 0 || s.Active != 0 || s.Open != 0 {
				t.Errorf("statistics are %+v", s.report())
			}
			if err := p.Start(); err != nil {
				t.Fatal(err)
			}
			if err := p.Start(); err == nil {
				t.Error("it started twice")
			}
			if a := chat(t, p, strings.Replace(ask, `{`, `{"max_tokens":1,`, 1)); p.Addr() != addr || a.StatusCode != 200 {
				t.Errorf("at %s: %d", p.Addr(), a.StatusCode)
			}
		})
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	p, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- p.Serve(ctx) }()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// dialUntil dials until the outcome is as wanted: nil, or a refusal.
func dialUntil(t *testing.T, p *Provider, want error) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		nc, err := net.Dial("tcp", p.Addr())
		if err == nil {
			nc.Close()
		}
		if errors.Is(err, want) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("dialling gives %v, want %v", err, want)
		}
	}
}

func TestRefuse(t *testing.T) {
	t.Run("set for all, the listener is closed at once and opens again", func(t *testing.T) {
		p := start(t, Options{})
		idle := dial(t, p)
		await(t, p, "it is open", func(s Stats) bool { return s.Open == 1 })
		if a := call(t, p, "POST", "/sim/faults", `{"faults":["refuse=100ms"]}`); a.StatusCode != 200 || a.Header.Get("connection") != "" && !a.Close {
			t.Errorf("the admin call got %d", a.StatusCode)
		}
		if _, err := net.Dial("tcp", p.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("dialling gave %v, want a refusal", err)
		}
		if _, err := idle.Read(make([]byte, 1)); err == nil {
			t.Error("an idle connection is open still")
		}
		dialUntil(t, p, nil)
		if a := chat(t, p, ask); a.StatusCode != 200 || p.Stats().Faults["refuse"] != 1 || len(p.Faults()) != 0 {
			t.Errorf("after it: %d, faults %v, counted %v", a.StatusCode, p.Faults(), p.Stats().Faults)
		}
	})
	t.Run("on one request, its connection is reset and streams go on", func(t *testing.T) {
		p := start(t, Options{Rate: 100, Tokens: 10})
		running := dial(t, p)
		send(t, running, askStream, "connection: close")
		await(t, p, "the stream runs", func(s Stats) bool { return s.Active == 1 })
		if raw, err := exchangeRaw(t, p, ask, "refuse=100ms"); raw != "" || !isReset(err) {
			t.Errorf("got %q, %v", raw, err)
		}
		dialUntil(t, p, syscall.ECONNREFUSED)
		if raw := readAll(t, running); !strings.Contains(raw, "[DONE]") {
			t.Errorf("the stream ended with %q", raw)
		}
		dialUntil(t, p, nil)
	})
	t.Run("as an option, from the start, and Close ends it", func(t *testing.T) {
		p := start(t, Options{Faults: []string{"refuse=1000h", "cut=3"}})
		dialUntil(t, p, syscall.ECONNREFUSED)
		p.Close()
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		if s := readStream(t, chat(t, p, askStream).body); s.contentEvents != 3 {
			t.Errorf("got %d content events", s.contentEvents)
		}
	})
}

func TestAdminCalls(t *testing.T) {
	p := start(t, Options{Faults: []string{"status=500"}})
	steps := []struct {
		method, path, body string
		status             int
		want               string // in the answer
	}{
		{"GET", "/sim/faults", "", 200, `"faults":["status=500"]`},
		{"POST", "/sim/faults", `{"faults":["status=503:0.5","hang"]}`, 200, `"faults":["status=503:0.5","hang"]`},
		{"POST", "/sim/faults", `{"faults":["quota=402"],"count":1}`, 200, `"next":["quota=402"]`},
		{"POST", chatPath, ask, 402, "insufficient_quota"},
		{"GET", "/sim/faults", "", 200, `"next":[]`},
		{"POST", "/sim/faults", `{"faults":["statuss=503"]}`, 400, `did you mean \"status\"?`},
		{"POST", "/sim/faults", `{"fault":["status=503"]}`, 400, "unknown field"},
		{"POST", "/sim/faults", `{"faults":["cut"],"count":-1}`, 400, "use 1 or more"},
		{"DELETE", "/sim/faults", "", 200, `"faults":[]`},
		{"POST", chatPath, ask, 200, "[simulated by alpha]"},
		{"GET", "/sim/stats", "", 200, `"faults":{"quota":1}`},
		{"GET", "/sim/nothing", "", 404, "/sim/faults"},
	}
	for _, s := range steps {
		if a := call(t, p, s.method, s.path, s.body); a.StatusCode != s.status || !strings.Contains(a.body, s.want) {
			t.Fatalf("%s %s %s: got %d %s, want %d with %s", s.method, s.path, s.body, a.StatusCode, a.body, s.status, s.want)
		}
	}
	if n := p.Stats().Requests; n != 2 {
		t.Errorf("%d requests were counted, want 2: admin calls are none", n)
	}
}

func TestManyStreamsAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("500 connections")
	}
	const callers = 500
	p := start(t, Options{FirstToken: 20 * time.Millisecond, Rate: 200, Tokens: 20, Faults: []string{"cut=5:0.2"}})
	var wg sync.WaitGroup
	ends := make(chan error, callers)
	for i := range callers {
		wg.Go(func() { ends <- oneStream(p.Addr(), i) })
	}
	wg.Wait()
	close(ends)
	cut := int64(0)
	for err := range ends {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			cut++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	await(t, p, "all have ended", func(s Stats) bool { return s.Completed == callers && s.Open == 0 })
	if s := p.Stats(); s.Faults["cut"] != cut || cut < 50 || cut > 150 {
		t.Errorf("%d were cut by count, %d by what callers saw, want about 100", s.Faults["cut"], cut)
	}
}

func oneStream(addr string, i int) error {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(30 * time.Second))
	body := strings.Replace(askStream, "hello", fmt.Sprint("stream ", i), 1)
	fmt.Fprintf(nc, "POST %s HTTP/1.1\r\nhost: sim\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s", chatPath, len(body), body)
	resp, err := http.ReadResponse(bufio.NewReader(nc), nil)
	if err != nil {
		return err
	}
	b, err := io.ReadAll(resp.Body)
	if err == nil && strings.Count(string(b), "data: ") != 23 { // role, 20 tokens, finish, [DONE]
		return fmt.Errorf("stream %d is %q", i, b)
	}
	return err
}

func TestTheDemoMarketIsAMarket(t *testing.T) {
	market := DemoMarket(1)
	offers := map[string]int{}
	failing := 0
	for _, o := range market {
		p := start(t, o)
		if o.Type == "" || len(o.Regions) == 0 || len(o.Models) < 2 || len(o.Models) > 4 {
			t.Errorf("%s is incomplete", o.Name)
		}
		if len(o.Faults) > 0 {
			failing++
		}
		for _, m := range o.Models {
			offers[m.ID]++
			for _, price := range []string{m.Input, m.Output} {
				if json.Unmarshal([]byte(price), new(float64)) != nil {
					t.Errorf("%s asks %q for %s", o.Name, price, m.ID)
				}
			}
			path, body := chatPath, fmt.Sprintf(`{"model":%q,"messages":[{"role":"user","content":"hi [[sim:none,rate=0,first-token=0s]]"}]}`, m.ID)
			if m.Embeds() {
				path, body = "/v1/embeddings", fmt.Sprintf(`{"model":%q,"input":"hi"}`, m.ID)
			}
			// Embeddings carry no directive in a message: the header is for callers that reach the provider directly.
			if a := call(t, p, "POST", path, body, "x-souk-sim-fault: none"); a.StatusCode != 200 {
				t.Errorf("%s %s: got %d %s", o.Name, m.ID, a.StatusCode, a.body)
			}
		}
	}
	if len(market) < 4 || failing != 1 || offers["meta-llama/llama-3.3-70b-instruct"] < 3 {
		t.Errorf("%d providers, %d fail now and then, offers are %v", len(market), failing, offers)
	}
}
