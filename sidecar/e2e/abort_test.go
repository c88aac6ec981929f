package e2e

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

// cancelled is how soon a provider must see that the caller has left. The median of several tries is held to it, since a busy
// machine may keep one of them waiting.
const (
	cancelled = 50 * time.Millisecond
	tries     = 5
)

// TestGoSDKAbort: a context that is cancelled ends the provider's work at once, whatever the request waits for.
func TestGoSDKAbort(t *testing.T) {
	m := open(t, terms{})
	client := m.client(t, "/v1")
	alpha := m.providers[0]
	only := option.WithJSONSet("provider", map[string]any{"only": []string{"alpha"}})
	for _, c := range []struct {
		name string
		// call runs until its context ends, which cancel brings about.
		call func(ctx context.Context, cancel func()) error
	}{
		{"a whole answer that has not begun", func(ctx context.Context, cancel func()) error {
			go cancelWhenBusy(t, alpha, cancel)
			_, err := client.Chat.Completions.New(ctx, chat(chatModel, "[[sim:first-token=30s]]"), only)
			return err
		}},
		{"a stream before its first content", func(ctx context.Context, cancel func()) error {
			go cancelWhenBusy(t, alpha, cancel)
			_, err := read(client.Chat.Completions.NewStreaming(ctx, chat(chatModel, "[[sim:first-token=30s]]"), only))
			return err
		}},
		{"a stream in the middle of its content", func(ctx context.Context, cancel func()) error {
			stream := client.Chat.Completions.NewStreaming(ctx, chat(chatModel, "[[sim:tokens=20000,rate=200]]"), only)
			defer stream.Close()
			for n := 0; stream.Next(); n++ {
				if n == 8 {
					cancel()
				}
			}
			return stream.Err()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var took []time.Duration
			for range tries {
				before := alpha.stats(t)
				ctx, cancel := context.WithCancel(t.Context())
				var at time.Time
				gone := make(chan time.Duration, 1)
				err := c.call(ctx, func() {
					at = time.Now()
					cancel()
					alpha.until(t, "aborted", func(s stats) bool { return s.Aborted > before.Aborted })
					gone <- time.Since(at)
				})
				cancel()
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("the call ended with %v; want context.Canceled", err)
				}
				took = append(took, <-gone)
			}
			slices.Sort(took)
			fmt.Printf("go openai-go: %s: the provider saw the abort after %v (median of %d), %v at most\n", c.name, took[tries/2], tries, took[tries-1])
			if took[tries/2] > cancelled {
				t.Errorf("the provider saw it after %v; want at most %v", took, cancelled)
			}
			checkAlive(t, client)
		})
	}
}

// cancelWhenBusy cancels once the provider works on the request.
func cancelWhenBusy(t *testing.T, p *provider, cancel func()) {
	p.until(t, "busy", func(s stats) bool { return s.Active == 1 })
	cancel()
}

// checkAlive: an abort costs only the call that it aborts.
func checkAlive(t *testing.T, client openai.Client) {
	t.Helper()
	if s, err := read(client.Chat.Completions.NewStreaming(t.Context(), chat(chatModel, "still there?"))); err != nil || s.contents != 24 {
		t.Errorf("a call after the aborts: %d chunks, %v", s.contents, err)
	}
}
