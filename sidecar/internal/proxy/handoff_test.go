package proxy_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukproxy/souk/policy/handoff"
	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

// handedOff takes hand-offs of kong-1 and kong-2.
func handedOff(c *config.Config) {
	c.Auth = config.AuthHandoff
	c.Handoff.Keys = []config.HandoffKey{proxytest.HandOffKey("kong-1", config.VouchCredentials), proxytest.HandOffKey("kong-2", config.VouchCredentials)}
}

// wantCode checks that an answer is an error.
func wantCode(t *testing.T, a *proxytest.Answer, status int, code string) {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("the answer is %d, expected %d %s: %s", a.StatusCode, status, code, a.Text)
	}
	if f := a.Failure(t); f.Code == nil || *f.Code != code {
		t.Errorf("the answer is %s, expected the code %s", a.Text, code)
	}
}

func TestAHandOffNamesItsCallerAndStaysBehind(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: handedOff})
	gateway := proxytest.NewGateway(t, "kong-1", 0)
	st := proxytest.Alice()
	st.Caller.Scopes = []string{"chat"}
	st.Applied.Credentials = handoff.Done
	for _, stream := range []bool{false, true} {
		body := proxytest.Ask(stream)
		checkGoodAnswer(t, ask(t, s, body, append(gateway.Chat(st, []byte(body)), "User-Agent: probe")...), "alpha", 1, stream)
		for _, name := range alpha.Last().Names() {
			if strings.HasPrefix(name, "souk-") || strings.HasPrefix(name, "signature") || name == "content-digest" {
				t.Errorf("the provider got %s", name)
			}
		}
	}
	if n := s.Metric("souk_handoffs_total", `key="kong-1"`, `result="accepted"`); n != 2 {
		t.Errorf("%v hand-offs are counted", n)
	}
	log := s.RawAccessLog()
	if strings.Count(log, `"caller":"acme/alice","via":"kong","credential":"key-auth"`) != 2 {
		t.Errorf("the access log is %s", log)
	}
	if all := log + s.Log().String(); strings.Contains(all, proxytest.HandOffSecret) || strings.Contains(all, "souk-handoff=") {
		t.Errorf("a log holds a secret or a signature: %s", all)
	}
}

func TestAHandOffThatIsNotRightIsRefusedByName(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: handedOff})
	gateway := proxytest.NewGateway(t, "kong-1", 0)
	good := func(body []byte) []string { return gateway.Chat(proxytest.Alice(), body) }
	changed := func(from, to string) []string {
		lines := good(nil)
		for i := range lines {
			lines[i] = strings.Replace(lines[i], from, to, 1)
		}
		return lines
	}
	body := proxytest.Ask(false)
	for _, c := range []struct {
		name, path string
		fields     []string
		code       string
	}{
		{"nothing", "", nil, "handoff_missing"},
		{"a key, which does not count here", "", []string{"Authorization: Bearer x"}, "handoff_missing"},
		{"a Souk header alone", "", []string{`Souk-Caller: id="admin"`}, "handoff_missing"},
		{"a header twice", "", append(good(nil), `souk-caller: id="admin"`), "handoff_duplicate"},
		{"the signature twice", "", append(good(nil), good(nil)[2]), "handoff_duplicate"},
		{"another caller", "", changed("alice", "admin"), "handoff_wrong"},
		{"a header added", "", append(good(nil), "Souk-Applied: redaction"), "handoff_not_covered"},
		{"an unknown key", "", proxytest.NewGateway(t, "kong-3", 0).Chat(proxytest.Alice(), nil), "handoff_unknown_key"},
		{"a clock that is behind", "", proxytest.NewGateway(t, "kong-1", -10*time.Second).Chat(proxytest.Alice(), nil), "handoff_stale"},
		{"a clock that is ahead", "", proxytest.NewGateway(t, "kong-1", 10*time.Second).Chat(proxytest.Alice(), nil), "handoff_stale"},
		{"another path for the same thing", "/api/v1/chat/completions", good(nil), "handoff_wrong"},
		{"a path that is written in another way", "/v1/chat/%63ompletions", good(nil), "handoff_wrong"},
		{"a query that is not signed", "/v1/chat/completions?x=1", good(nil), "handoff_not_covered"},
		{"another body", "", good([]byte("other")), "handoff_digest"},
		{"another party's signature", "", changed("souk-handoff=(", `sig1=("@method");created=1, souk-handoff=(`), "handoff_malformed"},
		{"a gateway that has not looked at who asks", "", func() []string {
			st := proxytest.Alice()
			st.Applied.Credentials = handoff.NotDone
			return gateway.Chat(st, nil)
		}(), "handoff_credentials"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := c.path
			if path == "" {
				path = proxytest.ChatPath
			}
			conn := s.Dial(t)
			conn.Post(path, body, c.fields...)
			wantCode(t, conn.Answer(), 401, c.code)
		})
	}
	if alpha.Asked() != 0 {
		t.Errorf("%d refused requests reached the provider", alpha.Asked())
	}
	if n := s.Metric("souk_handoffs_total", `result="stale"`); n != 2 {
		t.Errorf("%v stale hand-offs are counted", n)
	}
	if log := s.RawAccessLog(); strings.Contains(log, "alice") || strings.Contains(log, "admin") {
		t.Errorf("a caller that was not verified is in the access log: %s", log)
	}
}

func TestEachAuthModeTakesWhatItSays(t *testing.T) {
	t.Parallel()
	const token = "sk-souk-0123456789abcdef0123456789abcdef"
	gateway := proxytest.NewGateway(t, "kong-1", 0)
	header := func(lines ...string) func() []string { return func() []string { return lines } }
	handOff := func(more ...string) func() []string {
		return func() []string { return append(gateway.Chat(proxytest.Alice(), nil), more...) }
	}
	wrong := func(more ...string) func() []string {
		return func() []string {
			return append(append([]string{`Souk-Caller: id="admin"`}, handOff()()[1:]...), more...)
		}
	}
	const key, wrongKey = "Authorization: Bearer " + token, "Authorization: Bearer wrong"
	cases := []struct {
		auth, name string
		fields     func() []string
		status     int
		code       string
		caller     string
	}{
		{config.AuthNone, "nothing", header(), 200, "", ""},
		{config.AuthNone, "a right hand-off, which nobody asked for", handOff(), 401, "handoff_unverified", ""},
		{config.AuthNone, "a Souk header", header("Souk-X: y"), 401, "handoff_unverified", ""},
		{config.AuthNone, "a signature of some other kind", header("Signature: sig1=:AA==:", `Signature-Input: sig1=("@method")`), 200, "", ""},
		{config.AuthKeys, "a key", header(key), 200, "", "ci"},
		{config.AuthKeys, "a key and a Souk header", header(key, "Souk-X: y"), 401, "handoff_unverified", ""},
		{config.AuthKeys, "a key and a signature of some other kind", header(key, "Signature: sig1=:AA==:"), 200, "", "ci"},
		{config.AuthHandoff, "a hand-off", handOff(), 200, "", "acme/alice"},
		{config.AuthHandoff, "a key", header(key), 401, "handoff_missing", ""},
		{config.AuthAny, "a hand-off", handOff(), 200, "", "acme/alice"},
		{config.AuthAny, "a key", header(key), 200, "", "ci"},
		{config.AuthAny, "nothing", header(), 401, "missing_api_key", ""},
		{config.AuthAny, "a wrong key", header(wrongKey), 401, "invalid_api_key", ""},
		{config.AuthAny, "both", handOff(wrongKey), 200, "", "acme/alice"},
		{config.AuthAny, "a wrong hand-off and a right key", wrong(key), 401, "handoff_wrong", ""},
		{config.AuthAny, "a Souk header and a right key", header(key, "Souk-X: y"), 401, "handoff_missing", ""},
		{config.AuthAny, "half a signature and a right key", header(key, "Signature: souk-handoff=:AA==:"), 401, "handoff_missing", ""},
		{config.AuthAny, "a digest and a right key", header(key, "Content-Digest: sha-256=:AA==:"), 200, "", "ci"},
	}
	for _, auth := range []string{config.AuthNone, config.AuthKeys, config.AuthHandoff, config.AuthAny} {
		alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
		s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: func(c *config.Config) {
			handedOff(c)
			c.Auth, c.Keys = auth, []config.Key{{Name: "ci", SHA256: hash(token)}}
		}})
		var callers []string
		for _, c := range cases {
			if c.auth != auth {
				continue
			}
			callers = append(callers, c.caller)
			a := ask(t, s, proxytest.Ask(false), c.fields()...)
			if c.status != 200 {
				wantCode(t, a, c.status, c.code)
			} else if a.StatusCode != 200 {
				t.Errorf("auth: %s, %s: %d %s", auth, c.name, a.StatusCode, a.Text)
			}
		}
		for i, r := range s.AccessLog() {
			if r.Caller != callers[i] {
				t.Errorf("auth: %s, request %d: the caller is %q, expected %q", auth, i, r.Caller, callers[i])
			}
		}
	}
}

func TestAHandOffIsSpentWhenItsFirstAttemptStarts(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Error(503, "", "down"), proxytest.Error(503, "", "down"), proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: handedOff})
	gateway := proxytest.NewGateway(t, "kong-1", 0)

	// What is refused before an attempt leaves it as it was: the same headers go again with a body that can be read.
	lines := gateway.Chat(proxytest.Alice(), nil)
	if a := ask(t, s, "{}", lines...); a.StatusCode != 400 {
		t.Fatalf("the answer is %d: %s", a.StatusCode, a.Text)
	}
	if a := ask(t, s, proxytest.Ask(false), lines...); a.StatusCode != 502 {
		t.Fatalf("the answer is %d: %s", a.StatusCode, a.Text)
	}
	// An attempt that failed has spent it.
	asked := alpha.Asked()
	wantCode(t, ask(t, s, proxytest.Ask(false), lines...), 401, "handoff_replayed")
	if alpha.Asked() != asked {
		t.Error("a replayed request reached the provider")
	}
	checkGoodAnswer(t, ask(t, s, proxytest.Ask(false), gateway.Chat(proxytest.Alice(), nil)...), "alpha", 1, false)
}

func TestOfManyReplaysAtOnceOneIsServed(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: handedOff})
	lines := proxytest.NewGateway(t, "kong-1", 0).Chat(proxytest.Alice(), nil)
	var wg sync.WaitGroup
	for range 12 {
		c := s.Dial(t)
		wg.Go(func() {
			c.Chat(proxytest.Ask(false), lines...)
			if a := c.Answer(); a.StatusCode != 200 {
				wantCode(t, a, 401, "handoff_replayed")
			}
		})
	}
	wg.Wait()
	if alpha.Asked() != 1 {
		t.Errorf("the provider was asked %d times", alpha.Asked())
	}
}

func TestAReloadRemembersWhatIsSpentAndRotatesKeys(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	s := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: handedOff})
	old, next := proxytest.NewGateway(t, "kong-1", 0), proxytest.NewGateway(t, "kong-3", 0)
	spent, unspent := old.Chat(proxytest.Alice(), nil), old.Chat(proxytest.Alice(), nil)
	checkGoodAnswer(t, ask(t, s, proxytest.Ask(false), spent...), "alpha", 1, false)
	wantCode(t, ask(t, s, proxytest.Ask(false), next.Chat(proxytest.Alice(), nil)...), 401, "handoff_unknown_key")
	reload := func(ids ...string) {
		cfg := *s.Config()
		cfg.Handoff.Keys, cfg.Handoff.Window = nil, time.Minute
		for _, id := range ids {
			cfg.Handoff.Keys = append(cfg.Handoff.Keys, proxytest.HandOffKey(id))
		}
		if !s.Reload(func() (*config.Config, error) { return &cfg, nil }) {
			t.Fatal("the configuration is not taken")
		}
	}
	reload("kong-1", "kong-3")
	wantCode(t, ask(t, s, proxytest.Ask(false), spent...), 401, "handoff_replayed")
	checkGoodAnswer(t, ask(t, s, proxytest.Ask(false), unspent...), "alpha", 1, false)
	checkGoodAnswer(t, ask(t, s, proxytest.Ask(false), next.Chat(proxytest.Alice(), nil)...), "alpha", 1, false)
	reload("kong-3")
	wantCode(t, ask(t, s, proxytest.Ask(false), old.Chat(proxytest.Alice(), nil)...), 401, "handoff_unknown_key")
}

func TestAHandOffFromBeforeTheStartIsRefusedAndOneFromAfterItIsNot(t *testing.T) {
	t.Parallel()
	alpha := proxytest.NewFake(t, "alpha", proxytest.Good)
	gateway := proxytest.NewGateway(t, "kong-1", 0)
	first := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: handedOff})
	lines := gateway.Chat(proxytest.Alice(), nil)
	checkGoodAnswer(t, ask(t, first, proxytest.Ask(false), lines...), "alpha", 1, false)
	first.Stop()
	second := proxytest.New(t, proxytest.Options{Providers: proxytest.Market(alpha), Change: handedOff})
	wantCode(t, ask(t, second, proxytest.Ask(false), lines...), 401, "handoff_stale")
	checkGoodAnswer(t, ask(t, second, proxytest.Ask(false), gateway.Chat(proxytest.Alice(), nil)...), "alpha", 1, false)
}
