package traefiktest

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// server issues a certificate for servers of a name.
func (a *authority) server(t testing.TB, name string) tls.Certificate {
	t.Helper()
	key, cert := sign(t, &x509.Certificate{SerialNumber: big.NewInt(3), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, a)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

// written is a certificate in a file, and its key in another unless it is nil.
func written(t testing.TB, cert []byte, key any) (certFile, keyFile string) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	certFile = write("cert.pem", "CERTIFICATE", cert)
	if key != nil {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		keyFile = write("key.pem", "PRIVATE KEY", der)
	}
	return certFile, keyFile
}

// secure has the sidecar on what could be another machine: it listens with TLS.
func secure(t *testing.T, build Build) {
	souk, other := newAuthority(t), newAuthority(t)
	ca, _ := written(t, souk.cert.Raw, nil)
	otherCA, _ := written(t, other.cert.Raw, nil)
	own := souk.issue(t, "traefik", "spiffe://acme/traefik", "traefik.acme.test", "t@acme.test")
	certFile, keyFile := written(t, own.Certificate[0], own.PrivateKey)
	named := map[string]any{"caFile": ca, "serverName": "souk.acme.test"}
	withCert := map[string]any{"caFile": ca, "serverName": "souk.acme.test", "certFile": certFile, "keyFile": keyFile}
	for _, c := range []struct {
		name   string
		tls    map[string]any
		auth   tls.ClientAuthType
		plain  bool // the sidecar does not speak TLS
		open   bool
		status int
		code   string
	}{
		{"a sidecar whose certificate is signed and named as configured", named, tls.NoClientCert, false, false, 200, ""},
		{"a sidecar that asks for the middleware's certificate", withCert, tls.RequireAndVerifyClientCert, false, false, 200, ""},
		{"a sidecar that gets none", named, tls.RequireAndVerifyClientCert, false, false, 502, "sidecar_broken"},
		{"a sidecar of another name", map[string]any{"caFile": ca}, tls.NoClientCert, false, false, 503, "sidecar_down"},
		{"a sidecar that somebody else has signed", map[string]any{"caFile": otherCA, "serverName": "souk.acme.test"}, tls.NoClientCert, false, false, 503, "sidecar_down"},
		{"a sidecar that the system does not know", map[string]any{"serverName": "souk.acme.test"}, tls.NoClientCert, false, false, 503, "sidecar_down"},
		{"a sidecar without TLS", named, tls.NoClientCert, true, false, 503, "sidecar_down"},
		{"a sidecar that is not the one, where requests may go past it", map[string]any{"caFile": otherCA}, tls.NoClientCert, false, true, 200, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := Listen(t)
			if !c.plain {
				l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{souk.server(t, "souk.acme.test")}, ClientAuth: c.auth, ClientCAs: souk.pool})
			}
			s := NewSidecar(t, l, nil)
			config := Config(strings.Replace(s.URL, "http://", "https://", 1), map[string]any{"tls": c.tls, "body": "required"})
			service := noService(t)
			if c.open {
				config, service = Config(strings.Replace(s.URL, "http://", "https://", 1), open(map[string]any{"tls": c.tls})), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
			}
			g := gateway(t, build, service, config)
			for range 2 { // the second on a kept connection
				a := Send(t, Request(t, "POST", g.URL+"/v1/chat/completions", "prompt", user("alice")))
				if a.Status != c.status || a.Code() != c.code {
					t.Fatalf("%d %s; want %d %s", a.Status, a.Body, c.status, c.code)
				}
			}
			if got := s.Got(); (len(got) == 2) != (c.status == 200 && !c.open) || len(got) == 2 && (got[1].Request.TLS == nil || string(got[1].Body) != "prompt") {
				t.Errorf("the sidecar got %d requests", len(got))
			}
		})
	}
}
