package proxy_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// refuses answers when it has read a request's head, and closes with the body unread, as servers do that refuse its length.
func refuses(t *testing.T, status int, body string) *proxytest.Fake {
	return proxytest.NewRawFake(t, "alpha", false, func(c net.Conn, _ int) {
		r := bufio.NewReader(c)
		for line := ""; line != "\r\n"; {
			var err error
			if line, err = r.ReadString('\n'); err != nil {
				return
			}
		}
		if body != "" {
			_, _ = fmt.Fprintf(c, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", status, http.StatusText(status), len(body), body)
		}
	})
}

// TestAnAnswerThatComesBeforeTheRequestWasTakenCounts has requests that no socket's buffer holds: the rest of one cannot be sent to
// a provider that has closed, and its answer is there all the same (RFC 9112, section 9.5).
func TestAnAnswerThatComesBeforeTheRequestWasTakenCounts(t *testing.T) {
	t.Parallel()
	large := strings.Replace(proxytest.Ask(false), `"hi"`, `"`+strings.Repeat("many words ", 1<<20)+`"`, 1)
	tooLarge := proxytest.ErrorBody("request_too_large", "at most 1 MB")
	cases := []struct {
		name    string
		status  int
		body    string
		want    int
		reason  string // of the first attempt
		outcome string
	}{
		{"a refusal of the caller's body is the caller's", 413, tooLarge, 413, "invalid_request", "caller_fault"},
		{"an error of its own leads to the next offer", 503, proxytest.ErrorBody("", "overloaded"), 200, "status", "provider_fault"},
		{"a limit leads to the next offer", 429, proxytest.ErrorBody("rate_limit_exceeded", "slow down"), 200, "rate_limited", "rate_limited"},
		{"no answer is a reset", 0, "", 200, "reset", "provider_fault"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bravo := proxytest.NewFake(t, "bravo", proxytest.Good)
			s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(refuses(t, c.status, c.body), bravo)})
			a := ask(t, s, large)
			if a.StatusCode != c.want || c.want != 200 && a.Text != c.body {
				t.Errorf("the answer is %d: %.300s", a.StatusCode, a.Text)
			}
			if s.Outcomes("alpha", c.outcome) != 1 {
				t.Errorf("alpha has no outcome %q", c.outcome)
			}
			s.Stop()
			if r := s.AccessLog(); len(r) != 1 || r[0].Attempts[0].Reason != c.reason || r[0].Attempts[0].Status != c.status {
				t.Errorf("the access log says %+v", r)
			}
		})
	}
}
