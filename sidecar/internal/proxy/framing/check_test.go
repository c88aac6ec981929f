package framing_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/soukproxy/souk/sidecar/internal/proxy/framing"
	"github.com/soukproxy/souk/sidecar/internal/proxy/framing/framingtest"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

const limit = 64 << 10

// cases are the requests of the table; the proxy's tests send them over connections.
func cases(t testing.TB) []framingtest.Request {
	t.Helper()
	return framingtest.Requests(t, "../testdata/framing.txt", proxytest.Ask(false))
}

// check gives the bytes to a checker, in pieces that end where cuts says.
func check(raw []byte, cuts ...int) (passed []byte, err *framing.Error) {
	c := framing.Checker{Limit: limit}
	from := 0
	for _, to := range append(cuts, len(raw)) {
		if to <= from {
			continue
		}
		good, err := c.Check(raw[from:to])
		passed = append(passed, raw[from:from+good]...)
		if err != nil {
			return passed, err
		}
		from = to
	}
	return passed, nil
}

func TestHowARequestArrivesDoesNotChangeWhatBecomesOfIt(t *testing.T) {
	for _, c := range cases(t) {
		raw := []byte(c.Raw)
		whole, wantErr := check(raw)
		step := max(1, len(raw)/300)
		for at := 1; at < len(raw); at += step {
			passed, err := check(raw, at)
			if fmt.Sprint(err) != fmt.Sprint(wantErr) && !sized(err) {
				t.Errorf("%s, cut at %d: %v; expected %v", c.Name, at, err, wantErr)
			}
			if wantErr == nil && !bytes.Equal(passed, raw) || !bytes.HasPrefix(raw, passed) {
				t.Errorf("%s, cut at %d: %q is passed on", c.Name, at, passed)
			}
		}
		if wantErr != nil && (len(whole) == 0 || len(whole) == len(raw) && len(raw) > 1) {
			t.Errorf("%s is refused, and %d of %d bytes are passed on", c.Name, len(whole), len(raw))
		}
	}
}

// sized tells that a line was refused for its length before its end could be judged.
func sized(err *framing.Error) bool {
	return err != nil && (err.Status == 431 || err.Status == 414 || err.Status == 501)
}

func TestEveryByteByItselfIsJudgedTheSame(t *testing.T) {
	for _, c := range cases(t) {
		raw := []byte(c.Raw)
		if len(raw) > 4<<10 {
			continue
		}
		cuts := make([]int, len(raw))
		for i := range cuts {
			cuts[i] = i
		}
		_, want := check(raw)
		if _, err := check(raw, cuts...); fmt.Sprint(err) != fmt.Sprint(want) {
			t.Errorf("%s: %v; expected %v", c.Name, err, want)
		}
	}
}

func TestEveryByteOfAValueIsLookedAt(t *testing.T) {
	for at := range 40 {
		for c := range 256 {
			value := []byte(strings.Repeat("a", 40))
			value[at] = byte(c)
			raw := append(append([]byte("GET / HTTP/1.1\r\nHost: a\r\nX: "), value...), "\r\n\r\n"...)
			_, err := check(raw)
			if bad := c < ' ' && c != '\t' || c == 0x7f; (err != nil) != bad {
				t.Errorf("byte %#x at %d: %v", c, at, err)
			}
		}
	}
}

// requests counts the requests that a reader finds, up to its first error.
func requests(raw []byte, read func(*bufio.Reader) error) (n int, err error) {
	r := bufio.NewReaderSize(bytes.NewReader(raw), 2*limit)
	for {
		if _, err := r.Peek(1); err == io.EOF {
			return n, nil
		}
		if err := read(r); err != nil {
			return n, err
		}
		n++
	}
}

func readStandard(r *bufio.Reader) error {
	req, err := http.ReadRequest(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, req.Body)
	return err
}

func readFast(r *bufio.Reader) error {
	var req fasthttp.Request
	if err := req.Header.Read(r); err != nil {
		return err
	}
	return req.ContinueReadBody(r, 0, false)
}

// FuzzChecker holds that what passes is understood by two other readers as the same requests, or refused by them, and that how it is cut
// changes nothing.
func FuzzChecker(f *testing.F) {
	for _, c := range cases(f) {
		if len(c.Raw) < 4<<10 {
			f.Add([]byte(c.Raw), 7)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte, cut int) {
		passed, err := check(raw)
		cutPassed, cutErr := check(raw, max(0, min(cut, len(raw))))
		if (err == nil) != (cutErr == nil) || !bytes.HasPrefix(raw, passed) || !bytes.HasPrefix(raw, cutPassed) {
			t.Fatalf("cut at %d: %v; whole: %v", cut, cutErr, err)
		}
		if err != nil {
			return
		}
		fast, fastErr := requests(raw, readFast)
		standard, standardErr := requests(raw, readStandard)
		if fastErr == nil && standardErr == nil && fast != standard {
			t.Fatalf("fasthttp finds %d requests, net/http %d in %q", fast, standard, raw)
		}
	})
}

func BenchmarkARequestOfAnSDK(b *testing.B) {
	body := strings.Repeat("x", 4<<10)
	raw := []byte(proxytest.Request("POST", proxytest.ChatPath, body, "Host: 127.0.0.1:8420", "Accept: application/json", "User-Agent: OpenAI/Python 1.99.1",
		"X-Stainless-Lang: python", "X-Stainless-Package-Version: 1.99.1", "X-Stainless-OS: Linux", "X-Stainless-Arch: x64", "X-Stainless-Runtime: CPython",
		"Authorization: Bearer sk-0123456789abcdef0123456789abcdef", "X-Stainless-Async: false", "X-Stainless-Retry-Count: 0", "Accept-Encoding: gzip, deflate"))
	c := framing.Checker{Limit: limit}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Check(raw); err != nil {
			b.Fatal(err)
		}
	}
}
