package sim

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestWhatIsExpectedIsWhatIsAnswered(t *testing.T) {
	p, err := New(Options{Name: "alpha", Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, message := range []string{"hello", "[[sim:tokens=9,rate=1000]] and now?", "[[sim@bravo:status=500]] not for this one"} {
		body := `{"model":"sim-model","messages":[{"role":"user","content":"` + message + `"}]}`
		want, err := p.Expect([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.Post(p.URL()+"/chat/completions", typeJSON, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		var got wholeAnswer
		if err := json.Unmarshal(text, &got); err != nil || len(got.Choices) != 1 {
			t.Fatalf("%q: %v: %s", message, err, text)
		}
		have := Expected{*got.Choices[0].Message.Content, got.Choices[0].Finish, got.Usage.Completion, got.Usage.Prompt, got.Usage.PromptOf.Cached}
		if have != want {
			t.Errorf("%q is answered with %+v; expected %+v", message, have, want)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestWhatCannotBeAnsweredIsNotExpected(t *testing.T) {
	p, err := New(Options{Name: "alpha"})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{`{`, `{"model":"no-such"}`, `{"model":"sim-model"}`, `{"model":"sim-model","messages":[{"role":"user","content":"[[sim:tokens=x]]"}]}`} {
		if want, err := p.Expect([]byte(body)); err == nil {
			t.Errorf("%s is expected to be answered with %+v", body, want)
		}
	}
}
