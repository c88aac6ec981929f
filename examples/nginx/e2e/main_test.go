// Package e2e runs the files of examples/nginx in Debian's NGINX, in front of the souk binary and simulated providers. make e2e runs
// it; see run.sh.
package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/soukproxy/souk/e2etest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// callerKey is a key that souk-keys.yaml knows by its hash.
const callerKey = "sk-souk-e2e-0123456789abcdef"

// setup is the example with everything in it running.
type setup struct {
	*e2etest.Example
	origin  string // NGINX's
	address string // the same as host:port
	sidecar string // host:port
	souk    *e2etest.Process
	nginx   *e2etest.Process
	client  *http.Client
}

// prepare copies the example. Only what a test cannot share with the machine is changed: addresses, paths, the user, the secret.
func prepare(t *testing.T) *setup {
	t.Helper()
	free := e2etest.Addresses(t, 3)
	s := &setup{address: free[0], sidecar: free[1], client: e2etest.Client(t)}
	s.origin = "http://" + s.address
	_, alpha := e2etest.Provider(t, "alpha", 0)
	_, bravo := e2etest.Provider(t, "bravo", 0)
	logs := t.TempDir()
	s.Example = e2etest.Copy(t, "..",
		"127.0.0.1:8080", s.address, "127.0.0.1:8420", s.sidecar, "127.0.0.1:8421", free[2],
		"127.0.0.1:9101", alpha, "127.0.0.1:9102", bravo,
		"user www-data;", "user root;", "/run/nginx.pid", logs+"/pid", "/var/log/nginx/error.log", "stderr", "/var/log/nginx/access.log", logs+"/access.log",
		"/etc/nginx/souk", ".", "CHANGE-ME-openssl-rand-hex-32", e2etest.HandOffSecret)
	return s
}

// open runs souk and NGINX on two of the copied files.
func open(t *testing.T, nginxConf, soukYAML string) *setup {
	t.Helper()
	s := prepare(t)
	s.serve(t, soukYAML)
	s.start(t, nginxConf)
	return s
}

func (s *setup) serve(t *testing.T, soukYAML string) {
	t.Helper()
	hash := sha256.Sum256([]byte(callerKey))
	s.souk = s.Souk(t, soukYAML, "SOUK_KEY_SHA256="+hex.EncodeToString(hash[:]))
}

func (s *setup) start(t *testing.T, conf string) {
	t.Helper()
	s.nginx = e2etest.Start(t, s.Dir, nil, "nginx", "-e", "stderr", "-p", s.Dir, "-c", s.Path(conf), "-g", "daemon off;")
	t.Cleanup(func() { // killed, it would leave its workers behind
		if s.nginx.Running() {
			s.nginx.Signal(t, syscall.SIGTERM)
			s.nginx.Exit(t, e2etest.Patience)
		}
	})
	e2etest.Until(t, "NGINX to listen", func() bool {
		if !s.nginx.Running() {
			t.Fatalf("NGINX ended, and printed:\n%s", s.nginx.Output())
		}
		_, err := e2etest.Try(s.client, s.chat(t, false, ""))
		return err == nil
	})
}

func (s *setup) chat(t *testing.T, stream bool, directives string) *http.Request {
	t.Helper()
	return e2etest.Chat(t, s.origin, stream, directives)
}
