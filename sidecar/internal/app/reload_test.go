package app_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// ask sends one chat request on a connection of its own and reads the answer.
func ask(t *testing.T, s *proxytest.Sidecar, body string) *proxytest.Answer {
	t.Helper()
	c := s.Dial(t)
	defer c.Close()
	c.Chat(body)
	return c.Answer()
}

// from makes a load function of a configuration like the running one, with changes.
func from(s *proxytest.Sidecar, change func(*config.Config)) func() (*config.Config, error) {
	return func() (*config.Config, error) {
		next := *s.Config()
		next.Providers = append([]config.Provider(nil), next.Providers...)
		change(&next)
		return &next, nil
	}
}

func TestAReloadKeepsConnectionsBreakersAndStatisticsOfWhatStays(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Error(500, "", "boom"))
	bravo, charlie := proxytest.NewFake(t, "bravo", proxytest.Good), proxytest.NewFake(t, "charlie", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha, bravo)})
	for range 3 {
		ask(t, s, proxytest.Ask(false))
	}
	if s.State("alpha") != proxytest.Resting {
		t.Fatalf("alpha is in state %d", s.State("alpha"))
	}
	kept := bravo.Last().Conn
	if !s.Reload(from(s, func(c *config.Config) {
		c.Providers = append(c.Providers, proxytest.InOrder(alpha.Provider(), bravo.Provider(), charlie.Provider())[2])
		c.Aliases = map[string]string{"fast": proxytest.Model}
	})) {
		t.Fatalf("the reload was refused: %s", s.Log())
	}
	if s.State("alpha") != proxytest.Resting || s.Outcomes("alpha", "provider_fault") != 3 || s.Outcomes("bravo", "success") != 3 {
		t.Errorf("after the reload alpha is in state %d with %d faults, bravo has %d successes", s.State("alpha"), s.Outcomes("alpha", "provider_fault"), s.Outcomes("bravo", "success"))
	}
	a := ask(t, s, strings.Replace(proxytest.Ask(false), proxytest.Model, "fast", 1))
	if a.Header.Get("x-souk-provider") != "bravo" || bravo.Last().Conn != kept || alpha.Asked() != 3 {
		t.Errorf("after the reload %s answered, on connection %d after %d", a.Header.Get("x-souk-provider"), bravo.Last().Conn, kept)
	}
	if g := s.Metric("souk_config_generation"); g != 2 {
		t.Errorf("the generation is %v", g)
	}
}

func TestAReloadClosesWhatIsNoLongerNamed(t *testing.T) {
	t.Parallel()
	alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Good), proxytest.NewFake(t, "bravo", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
	ask(t, s, proxytest.Ask(false))
	if !s.Reload(from(s, func(c *config.Config) { c.Providers = proxytest.Market(bravo) })) {
		t.Fatal("the reload was refused")
	}
	alpha.WaitClosed()
	if a := ask(t, s, proxytest.Ask(true)); a.Header.Get("x-souk-provider") != "bravo" {
		t.Errorf("after the reload %s answered", a.Header.Get("x-souk-provider"))
	}
}

func TestAStreamGoesOnOverAReloadThatRemovesItsProvider(t *testing.T) {
	t.Parallel()
	more := make(chan struct{})
	alpha := proxytest.NewFake(t, "alpha", proxytest.Then(proxytest.EventsHead, proxytest.Chunks(proxytest.Delta("one ")), proxytest.Until(more),
		proxytest.Chunks(proxytest.Delta("two"), proxytest.Finish("stop"), proxytest.Done), proxytest.LastChunk))
	bravo := proxytest.NewFake(t, "bravo", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
	c := s.Dial(t)
	defer c.Close()
	c.Chat(proxytest.Ask(true))
	a := c.Head()
	a.WaitEvent(t, "one ")
	if !s.Reload(from(s, func(c *config.Config) { c.Providers = proxytest.Market(bravo) })) {
		t.Fatal("the reload was refused")
	}
	close(more)
	if got := proxytest.ParseStream(t, a.Rest()); got.Text != "two" || !got.Done || got.Error != nil {
		t.Errorf("the rest of the stream is %q", a.Text)
	}
	alpha.WaitClosed() // its connection does not come back into a pool that is gone
}

func TestABadReloadChangesNothing(t *testing.T) {
	t.Parallel()
	alpha, bravo := proxytest.NewFake(t, "alpha", proxytest.Good), proxytest.NewFake(t, "bravo", proxytest.Good)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
	ask(t, s, proxytest.Ask(false))
	kept := alpha.Last().Conn
	secret := "marker-secret"
	cases := map[string]func() (*config.Config, error){
		"that cannot be read": func() (*config.Config, error) { return nil, errors.New("souk.yaml:3:1: unknown key") },
		"whose listener is another's": from(s, func(c *config.Config) {
			c.Listen = append(c.Listen[:1:1], config.Listener{TCP: taken.Addr().String()})
			c.Providers = proxytest.Market(bravo)
		}),
		"whose certificate is missing": from(s, func(c *config.Config) {
			c.Listen = append(c.Listen[:1:1], config.Listener{TCP: "127.0.0.1:0", TLS: &config.TLS{Cert: "/nowhere", Key: "/nowhere"}})
		}),
		"whose authority is missing": from(s, func(c *config.Config) {
			p := bravo.Provider()
			p.BaseURL.Scheme, p.TLSCA = "https", "/nowhere"
			p.Keys = []config.Secret{config.NewSecret(secret)}
			c.Providers = []config.Provider{p}
		}),
		"whose alias leads nowhere at all": from(s, func(c *config.Config) { c.Aliases = map[string]string{"fast": "no/such"} }),
	}
	for name, load := range cases {
		if s.Reload(load) {
			t.Errorf("a configuration %s was used", name)
		}
		a := ask(t, s, proxytest.Ask(false))
		if a.StatusCode != 200 || a.Header.Get("x-souk-provider") != "alpha" || alpha.Last().Conn != kept {
			t.Errorf("after a configuration %s: %d by %s on connection %d", name, a.StatusCode, a.Header.Get("x-souk-provider"), alpha.Last().Conn)
		}
	}
	if n := s.Metric("souk_reloads_total", `result="error"`); n != float64(len(cases)) || s.Metric("souk_config_generation") != 1 {
		t.Errorf("%v reloads count as refused", n)
	}
	if strings.Contains(s.Log().String(), secret) {
		t.Error("the log shows a key")
	}
}

func TestListenersFollowAReload(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha)})
	dir := t.TempDir()
	socket := filepath.Join(dir, "s")
	add := from(s, func(c *config.Config) { c.Listen = append(c.Listen[:1:1], config.Listener{Unix: socket, Mode: 0o600}) })
	if !s.Reload(add) {
		t.Fatal("a listener could not be added")
	}
	c := proxytest.Dial(t, "unix", socket, nil)
	c.Chat(proxytest.Ask(false))
	if a := c.Answer(); a.StatusCode != 200 {
		t.Errorf("the new listener answers %d", a.StatusCode)
	}
	if !s.Reload(from(s, func(*config.Config) {})) {
		t.Fatal("a listener could not be removed")
	}
	if conn, err := net.DialTimeout("unix", socket, time.Second); err == nil {
		_ = conn.Close()
		t.Error("a listener that is no longer named accepts")
	}
	c.Chat(proxytest.Ask(false))
	if a := c.Answer(); a.StatusCode != 200 {
		t.Errorf("a kept connection of a removed listener gets %d", a.StatusCode)
	}
	_ = c.Close()
	if !s.Reload(add) {
		t.Error("a listener could not be added again")
	}
}

func TestAChangedFileIsLoadedWithoutBeingAsked(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	file := filepath.Join(t.TempDir(), "souk.yaml")
	write := func(extra string) {
		text := "listen: 127.0.0.1:0\nadmin: {listen: 'off'}\nlog: {access: 'off'}\nproviders:\n  - name: alpha\n    base_url: http://" + alpha.Addr() + "/v1\n    models: [{id: test/model}]\n" + extra
		next := file + ".new"
		if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, file); err != nil {
			t.Fatal(err)
		}
	}
	write("")
	s := proxytest.New(t, proxytest.Options{Load: func() (*config.Config, error) { return config.Load(file, config.SystemEnv()) }})
	short := strings.Replace(proxytest.Ask(false), proxytest.Model, "fast", 1)
	if a := ask(t, s, short); a.StatusCode != 404 {
		t.Fatalf("an unknown alias is %d", a.StatusCode)
	}
	write("nonsense: true\n")
	s.Log().Wait(t, 0, "the new configuration is not used")
	if a := ask(t, s, proxytest.Ask(false)); a.StatusCode != 200 {
		t.Errorf("after a bad file the answer is %d", a.StatusCode)
	}
	write("aliases: {fast: test/model}\n")
	s.Log().Wait(t, 0, "configuration reloaded")
	if a := ask(t, s, short); a.StatusCode != 200 {
		t.Errorf("after a good file the alias is %d: %s", a.StatusCode, a.Text)
	}
}
