package e2e

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/openai/openai-go/v3/option"
)

func TestGoSDKOverTLS(t *testing.T) {
	cert, key, roots := certificate(t)
	m := open(t, terms{auth: "keys", listen: "{tcp: 127.0.0.1:0, tls: {cert: " + cert + ", key: " + key + "}}"})
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
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

// certificate makes a certificate for 127.0.0.1 that signs itself.
func certificate(t *testing.T) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "souk e2e"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for file, text := range map[string][]byte{certFile: public, keyFile: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(public)
	return certFile, keyFile, roots
}
