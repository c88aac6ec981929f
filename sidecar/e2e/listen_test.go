package e2e

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/openai/openai-go/v3/option"

	"github.com/soukproxy/souk/sidecar/internal/identitytest"
)

func TestGoSDKOverTLS(t *testing.T) {
	id := identitytest.New(t, "127.0.0.1")
	m := open(t, terms{auth: "keys", listen: "{tcp: 127.0.0.1:0, tls: {cert: " + id.CertFile + ", key: " + id.KeyFile + "}}"})
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: id.Pool}}
	t.Cleanup(transport.CloseIdleConnections)
	bothWays(t, m, "https://"+m.address+"/v1", &http.Client{Transport: transport})
}

func TestGoSDKOverUnixSocket(t *testing.T) {
	dir, err := os.MkdirTemp("", "souk") // t.TempDir would be too long for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	m := open(t, terms{auth: "keys", listen: "{unix: " + filepath.Join(dir, "s") + "}"})
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", m.address)
	}}
	t.Cleanup(transport.CloseIdleConnections)
	bothWays(t, m, "http://souk/v1", &http.Client{Transport: transport})
}

// bothWays makes a call and a stream, and aborts a stream.
func bothWays(t *testing.T, m *market, base string, httpClient *http.Client) {
	t.Helper()
	client := m.client(t, "", option.WithBaseURL(base), option.WithHTTPClient(httpClient))
	answer, err := client.Chat.Completions.New(t.Context(), chat(chatModel, "whole"))
	if err != nil {
		t.Fatal(err)
	}
	if got := answer.Choices[0].Message.Content; got != m.expect(t, got, "whole") {
		t.Errorf("content %q", got)
	}
	s, err := read(client.Chat.Completions.NewStreaming(t.Context(), chat(chatModel, "streamed")))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Choices[0].Message.Content; got != m.expect(t, got, "streamed") {
		t.Errorf("streamed content %q", got)
	}
	alpha := m.providers[0]
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream := client.Chat.Completions.NewStreaming(ctx, chat(chatModel, "[[sim:tokens=20000,rate=200]]"),
		option.WithJSONSet("provider", map[string]any{"only": []string{"alpha"}}))
	defer stream.Close()
	if !stream.Next() {
		t.Fatal(stream.Err())
	}
	cancel()
	alpha.until(t, "aborted", func(s stats) bool { return s.Aborted == 1 && s.Active == 0 })
}
