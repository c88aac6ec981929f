package e2e

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

// longStream begins a stream of about two seconds and returns when its first content is there. The channel then gives what became
// of it.
func longStream(t *testing.T, m *market, client openai.Client, prompt string) <-chan error {
	t.Helper()
	prompt += " [[sim:tokens=200,rate=100]]"
	stream := client.Chat.Completions.NewStreaming(t.Context(), chat(chatModel, prompt))
	var acc openai.ChatCompletionAccumulator
	for len(acc.Choices) == 0 || acc.Choices[0].Message.Content == "" {
		if !stream.Next() {
			t.Fatalf("no content: %v", stream.Err())
		}
		acc.AddChunk(stream.Current())
	}
	want := m.expect(t, acc.Choices[0].Message.Content, prompt)
	done := make(chan error, 1)
	go func() {
		defer stream.Close()
		for stream.Next() {
			acc.AddChunk(stream.Current())
		}
		err := stream.Err()
		if got := acc.Choices[0]; err == nil && (got.Message.Content != want || got.FinishReason != "stop") {
			err = fmt.Errorf("finish reason %q, content %q, want %q", got.FinishReason, got.Message.Content, want)
		}
		done <- err
	}()
	return done
}

// TestDrain: after SIGTERM running streams come to their end, new calls are refused, and souk exits with 0.
func TestDrain(t *testing.T) {
	m := open(t, terms{auth: "keys"})
	client := m.client(t, "/v1")
	streams := []<-chan error{longStream(t, m, client, "drained a"), longStream(t, m, client, "drained b")}
	m.souk.Signal(t, syscall.SIGTERM)
	fresh := m.client(t, "/v1") // its connections are new
	for begin := time.Now(); ; {
		_, err := fresh.Chat.Completions.New(t.Context(), chat(chatModel, "late"))
		if err != nil {
			break
		}
		if time.Since(begin) > time.Second {
			t.Fatal("new calls are still answered a second after SIGTERM")
		}
	}
	for _, done := range streams {
		if err := <-done; err != nil {
			t.Errorf("a stream that ran at SIGTERM: %v", err)
		}
	}
	if code := m.souk.Exit(t, 5*time.Second); code != 0 {
		t.Errorf("exit code %d; want 0. It printed:\n%s", code, m.souk.Output())
	}
}

var (
	reloaded = regexp.MustCompile(`"msg":"[^"]*(reload|config)[^"]*"`)
	rejected = regexp.MustCompile(`"level":"(ERROR|WARN)"[^\n]*`)
)

// TestReload: SIGHUP changes the market under running streams, and a bad file changes nothing.
func TestReload(t *testing.T) {
	m := open(t, terms{auth: "keys"})
	client := m.client(t, "/v1")
	streams := []<-chan error{longStream(t, m, client, "reloaded a"), longStream(t, m, client, "reloaded b"), longStream(t, m, client, "reloaded c")}

	good, err := os.ReadFile(m.config)
	if err != nil {
		t.Fatal(err)
	}
	// The new file does not know alpha and bravo any more.
	charlie := *m
	charlie.providers = m.providers[2:]
	reload := func(pattern *regexp.Regexp) {
		t.Helper()
		seen := len(m.souk.Output())
		m.souk.Signal(t, syscall.SIGHUP)
		if _, err := m.souk.Await(pattern, seen); err != nil {
			t.Fatalf("after SIGHUP: %v", err)
		}
	}
	charlie.configure(t, terms{auth: "keys", listen: "127.0.0.1:0"})
	reload(reloaded)
	for i := range 6 {
		var res *http.Response
		if _, err := client.Chat.Completions.New(t.Context(), chat(chatModel, fmt.Sprint("after", i)), option.WithResponseInto(&res)); err != nil {
			t.Fatal(err)
		}
		if got := res.Header.Get("x-souk-provider"); got != "charlie" {
			t.Errorf("%s answered after the reload; want charlie", got)
		}
	}

	if err := os.WriteFile(m.config, []byte(strings.Replace(string(good), "providers:", "provders:", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	reload(rejected)
	if _, err := client.Chat.Completions.New(t.Context(), chat(chatModel, "after a bad file")); err != nil {
		t.Errorf("after a bad file: %v", err)
	}
	for _, done := range streams {
		if err := <-done; err != nil {
			t.Errorf("a stream that ran at the reload: %v", err)
		}
	}
}
