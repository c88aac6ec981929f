// Package e2e runs the middleware in a real Traefik, interpreted, in front of the souk binary and simulated providers: from the
// files of examples/traefik, and with what a test changes in them. make e2e runs it; see run.sh.
package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/soukproxy/souk/e2etest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// setup is the example with everything in it running.
type setup struct {
	*e2etest.Example
	origin  string // Traefik's
	api     string // Traefik's API, with its profiles
	sidecar string // host:port
	direct  string // a simulated provider that souk does not know
	souk    *e2etest.Process
	traefik *e2etest.Process
	client  *http.Client
}

// open starts providers, souk and Traefik. change, unless nil, changes the files before Traefik reads them.
func open(t *testing.T, change func(*setup)) *setup {
	t.Helper()
	provider := func(name string, more ...string) string {
		_, address := e2etest.Provider(t, name, 0, more...)
		return address
	}
	free := e2etest.Addresses(t, 4)
	web, api := free[0], free[1]
	s := &setup{origin: "http://" + web, api: "http://" + api, sidecar: free[2], client: e2etest.Client(t), direct: "http://" + provider("direct")}
	s.Example = e2etest.Copy(t, filepath.Join(e2etest.Root(t), "examples/traefik"),
		"127.0.0.1:8080", web, "127.0.0.1:8420", s.sidecar, "127.0.0.1:8421", free[3],
		"127.0.0.1:9101", provider("alpha", "--rate", "0"), "127.0.0.1:9102", provider("bravo"))
	// What the tests look at, and a reload without the pause that Traefik makes of many.
	static := s.Read(t, "traefik.yaml")
	static = strings.Replace(static, "entryPoints:\n", "entryPoints:\n  traefik:\n    address: "+api+"\n", 1)
	static = strings.Replace(static, "providers:\n", "providers:\n  providersThrottleDuration: 1ms\n", 1)
	s.Write(t, "traefik.yaml", static+"\napi: {insecure: true, debug: true}\n")
	if change != nil {
		change(s)
	}
	s.souk = s.Souk(t, "souk.yaml")
	s.start(t)
	return s
}

// start starts Traefik, with the repository as the plugin's source.
func (s *setup) start(t *testing.T) {
	t.Helper()
	traefik := os.Getenv("SOUK_E2E_TRAEFIK")
	if traefik == "" {
		t.Fatal("SOUK_E2E_TRAEFIK is not set: run plugins/traefik/e2e/run.sh, which builds it")
	}
	link := s.Path("plugins-local/src/github.com/soukproxy/souk")
	if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(e2etest.Root(t), link); err != nil {
		t.Fatal(err)
	}
	s.traefik = e2etest.Start(t, s.Dir, []string{"HANDOFF_SECRET=" + e2etest.HandOffSecret}, traefik, "--configFile=traefik.yaml")
	e2etest.Until(t, "Traefik to know its routers", func() bool {
		a, err := e2etest.Try(s.client, s.chat(t, "", ""))
		return err == nil && a.Status == http.StatusUnauthorized || s.ended(t)
	})
}

func (s *setup) ended(t *testing.T) bool {
	t.Helper()
	if !s.traefik.Running() {
		t.Fatalf("Traefik ended, and printed:\n%s", s.traefik.Output())
	}
	return false
}

// chat is a request through Traefik; a name is alice, with her password, or nobody.
func (s *setup) chat(t *testing.T, name, directives string) *http.Request {
	t.Helper()
	r := e2etest.Chat(t, s.origin, false, directives)
	if name != "" {
		r.SetBasicAuth(name, "wonderland")
	}
	return r
}

func (s *setup) stream(t *testing.T, name, directives string) *http.Request {
	t.Helper()
	r := e2etest.Chat(t, s.origin, true, directives)
	r.SetBasicAuth(name, "wonderland")
	return r
}
