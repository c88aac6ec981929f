package sim

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// sink is a connection that takes a little and then fails, so that answers without end end.
type sink struct {
	net.Conn
	room int
}

func (s *sink) Write(b []byte) (int, error) {
	if s.room -= len(b); s.room < 0 {
		return 0, errors.New("full")
	}
	return len(b), nil
}
func (s *sink) Read([]byte) (int, error)        { return 0, io.EOF }
func (s *sink) Close() error                    { return nil }
func (s *sink) SetReadDeadline(time.Time) error { return nil }

// FuzzAnswer treats any body, whatever it asks for, for a caller that hangs up as soon as it has to wait: no answer may
// panic or block.
func FuzzAnswer(f *testing.F) {
	for _, k := range kinds {
		f.Add("/v1/chat/completions", `{"model":"sim-model+`+k.name+`","stream":true,"messages":[{"role":"user","content":"x"}]}`)
		f.Add("/v1/chat/completions", `{"model":"m","messages":[{"role":"user","content":"[[sim:`+k.name+`,tokens=3]]"}]}`)
	}
	f.Add("/v1/completions", `{"model":"m","prompt":[[1,2],[3]],"n":2,"stream":true,"max_tokens":1}`)
	f.Add("/v1/embeddings", `{"model":"m","input":["a b",""],"dimensions":3,"encoding_format":"base64"}`)
	f.Add("/v1/chat/completions", `{"model":"m","tools":[`+weather+`],"tool_choice":{"function":5},"messages":[{"role":"user","content":[{"text":"weather"}]}],"reasoning":{}}`)
	f.Add("/sim/faults", `{"faults":["refuse=1s"],"count":0}`)
	p, err := New(Options{Models: []Model{{ID: "*"}}, Tokens: 8})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path, body string) {
		if len(body) > 4096 {
			return
		}
		r := &run{stop: make(chan struct{})}
		c := newConn(p, r, &sink{room: 1 << 18})
		req := &http.Request{Method: "POST", URL: &url.URL{Path: path}, Header: http.Header{}, ProtoMajor: 1, ProtoMinor: 1}
		p.answer(c, req, []byte(body))
		c.unwatch()
		close(r.stop)
		r.wg.Wait()
		if s := p.Stats(); s.Active != 0 {
			t.Errorf("%d requests are active after the only one", s.Active)
		}
		p.schedule.set(nil)
	})
}
