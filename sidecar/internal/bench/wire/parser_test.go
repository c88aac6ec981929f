package wire

import (
	"reflect"
	"strings"
	"testing"
)

const (
	head     = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Souk-Attempts: 2\r\n"
	sseHead  = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
	stamped  = `data: {"choices":[{"delta":{"content":"T1700000000000000000 "}}]}` + "\n\n"
	usage    = `data: {"choices":[],"usage":{"total_tokens":3}}` + "\n\n"
	finished = "data: [DONE]\n\n"
)

func chunked(events ...string) string {
	var b strings.Builder
	b.WriteString(sseHead)
	for _, e := range events {
		b.WriteString(hex(len(e)) + "\r\n" + e + "\r\n")
	}
	return b.String() + "0\r\n\r\n"
}

func hex(n int) string {
	const digits = "0123456789abcdef"
	if n < 16 {
		return digits[n : n+1]
	}
	return hex(n/16) + digits[n%16:n%16+1]
}

func TestParserReadsAResponse(t *testing.T) {
	tests := []struct {
		name string
		raw  string
		want Answer
	}{
		{"with a content length", head + "Content-Length: 5\r\n\r\nhello", Answer{Status: 200, Bytes: 5}},
		{"with an empty body", head + "Content-Length: 0\r\n\r\n", Answer{Status: 200}},
		{"without content", "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", Answer{Status: 204}},
		{"after an interim response", "HTTP/1.1 100 Continue\r\n\r\n" + head + "Content-Length: 2\r\n\r\nok",
			Answer{Status: 200, Bytes: 2}},
		{"that closes the connection", "HTTP/1.1 502 Bad\r\nconnection: Close\r\ncontent-length: 1\r\n\r\nx",
			Answer{Status: 502, Bytes: 1, Close: true}},
		{"in chunks with an extension", head + "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\n\r\n",
			Answer{Status: 200, Bytes: 3}},
		{"as a stream", chunked(stamped, stamped, usage, finished),
			Answer{Status: 200, Bytes: int64(2*len(stamped) + len(usage) + len(finished)),
				Events: 3, Coalesced: 2, FirstEvent: 1, Done: true, Usage: true}},
		{"as a stream with comments and events over chunk borders", chunked(": hi\n\n", stamped[:10], stamped[10:]),
			Answer{Status: 200, Bytes: int64(6 + len(stamped)), Events: 1, FirstEvent: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var p Parser
			done, err := p.Feed([]byte(test.raw), 1)
			if err != nil || !done {
				t.Fatalf("done %v, error %v", done, err)
			}
			if p.Answer != test.want {
				t.Errorf("got  %+v\nwant %+v", p.Answer, test.want)
			}
			// The same bytes one by one: only what depends on reads may differ.
			p.Reset(nil)
			for i := range len(test.raw) {
				if done, err = p.Feed([]byte(test.raw[i:i+1]), 1); err != nil {
					t.Fatal(err)
				}
			}
			want := test.want
			want.Coalesced = 0
			if !done || p.Answer != want {
				t.Errorf("byte by byte: done %v\ngot  %+v\nwant %+v", done, p.Answer, want)
			}
		})
	}
}

func TestParserRefusesWhatIsNotAResponse(t *testing.T) {
	tests := []struct{ name, raw, want string }{
		{"another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "status line"},
		{"a status that is no number", "HTTP/1.1 abc OK\r\n\r\n", "status code"},
		{"a length that is no number", head + "Content-Length: -1\r\n\r\n", "content length"},
		{"a chunk size that is no number", sseHead + "xyz\r\n", "chunk size"},
		{"a chunk size without an end", sseHead + strings.Repeat("0", 65), "over 64 bytes"},
		{"a chunk longer than it says", sseHead + "1\r\nab\r\n", "CRLF"},
		{"trailers", sseHead + "0\r\nX: y\r\n\r\n", "trailers"},
		{"bytes after the end", head + "Content-Length: 1\r\n\r\nxHTTP", "4 bytes after"},
		{"a head without an end", "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 20_000), "64 KiB"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var p Parser
			_, err := p.Feed([]byte(test.raw), 1)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestParserTimesEvents(t *testing.T) {
	const sent = 1700000000000000000
	var p Parser
	var trace Trace
	p.Reset(&trace)
	raw := chunked(stamped, stamped, stamped, usage, finished)
	second := strings.Index(raw, stamped) + len(stamped)
	if _, err := p.Feed([]byte(raw[:second]), sent+10); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Feed([]byte(raw[second:]), sent+30); err != nil {
		t.Fatal(err)
	}
	want := Trace{Gaps: []int64{20, 0, 0}, Transit: []int64{10, 30, 30}}
	if !reflect.DeepEqual(trace, want) {
		t.Errorf("trace %+v, want %+v", trace, want)
	}
	if p.Answer.Coalesced != 2 || p.Answer.Events != 4 || p.Answer.FirstEvent != sent+10 {
		t.Errorf("answer %+v", p.Answer)
	}
}

func TestParserNeedsTheCloseOfABodyWithoutALength(t *testing.T) {
	var p Parser
	done, err := p.Feed([]byte(head+"\r\nhello"), 1)
	if err != nil || done || !p.Closed() || !p.Answer.Close || p.Answer.Bytes != 5 {
		t.Errorf("done %v, error %v, closed %v, answer %+v", done, err, p.Closed(), p.Answer)
	}
	p.Reset(nil)
	if _, err := p.Feed([]byte(head+"Content-Length: 9\r\n\r\nhello"), 1); err != nil || p.Closed() {
		t.Errorf("a body cut short counts as complete (error %v)", err)
	}
}

func TestParserFindsHeaders(t *testing.T) {
	var p Parser
	if _, err := p.Feed([]byte(head+"Content-Length: 0\r\n\r\n"), 1); err != nil {
		t.Fatal(err)
	}
	if got := p.Header("x-souk-attempts"); got != "2" {
		t.Errorf("x-souk-attempts: %q, want 2", got)
	}
	if got := p.Header("x-souk-offer"); got != "" {
		t.Errorf("x-souk-offer: %q, want nothing", got)
	}
}

// FuzzParser holds that no input panics, and that where reads cut the bytes changes neither the verdict nor the count.
func FuzzParser(f *testing.F) {
	f.Add([]byte(chunked(stamped, usage, finished)), 40)
	f.Add([]byte(head+"Content-Length: 5\r\n\r\nhello"), 3)
	f.Add([]byte("HTTP/1.1 100 Continue\r\n\r\n"+head+"\r\n"), 26)
	f.Fuzz(func(t *testing.T, raw []byte, cut int) {
		if cut < 0 || cut > len(raw) {
			return
		}
		var whole, parts Parser
		doneWhole, errWhole := whole.Feed(raw, 1)
		doneParts, errParts := parts.Feed(raw[:cut], 1)
		if errParts == nil && cut < len(raw) {
			doneParts, errParts = parts.Feed(raw[cut:], 1)
		}
		if doneWhole != doneParts || (errWhole == nil) != (errParts == nil) {
			t.Fatalf("whole: %v, %v; cut at %d: %v, %v", doneWhole, errWhole, cut, doneParts, errParts)
		}
		a, b := whole.Answer, parts.Answer
		a.Coalesced, b.Coalesced = 0, 0
		if errWhole == nil && a != b {
			t.Fatalf("whole: %+v\ncut at %d: %+v", a, cut, b)
		}
	})
}
