// Package kong runs the example's own files: the plugin's binary and souk's, with simulated providers, behind a fake Kong that is
// made from kong.yaml.
package kong

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/soukproxy/souk/e2etest"
	"github.com/soukproxy/souk/plugins/kong/kongtest"
)

const (
	handoffSecret = "example-handoff-secret-0123456789"
	providerKey   = "pk-example-0123456789abcdef"
)

var pluginBinary string

// TestMain builds both binaries anew: make test needs nothing but Go.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "souk-kong")
	var souk string
	if err == nil {
		souk, err = kongtest.Build(dir, "../../sidecar", "souk")
	}
	if err == nil {
		err = os.Setenv("SOUK_E2E_BIN", souk) // where e2etest looks
	}
	if err == nil {
		pluginBinary, err = kongtest.Build(dir, "../../plugins/kong", "souk-handoff")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

func environment(name string) string {
	return map[string]string{"SOUK_HANDOFF_SECRET": handoffSecret}[name]
}

func declared(t *testing.T, plugin *kongtest.Plugin) *kongtest.Declarative {
	t.Helper()
	data, err := os.ReadFile("kong.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := kongtest.ReadDeclarative(data, environment, plugin.Schema)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestKongTakesTheConfigurationAndThePluginItNames(t *testing.T) {
	plugin := kongtest.Start(t, pluginBinary)
	d := declared(t, plugin)
	if r := d.Services[0].Routes[0]; r.ResponseBuffering == nil || *r.ResponseBuffering {
		t.Error("the route buffers streams")
	}
	conf, err := os.ReadFile("kong.conf")
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{}
	for line := range strings.SplitSeq(string(conf), "\n") {
		if name, value, found := strings.Cut(line, " = "); found && !strings.HasPrefix(line, "#") {
			settings[name] = value
		}
	}
	server := "pluginserver_" + strings.ReplaceAll(plugin.Name, "-", "_") // as Kong makes it of the name
	for name, want := range map[string]string{
		"pluginserver_names": plugin.Name, "plugins": "bundled," + plugin.Name,
		server + "_socket": "/usr/local/kong/" + plugin.Name + ".socket", server + "_start_cmd": "/usr/local/bin/" + plugin.Name,
		server + "_query_cmd": "/usr/local/bin/" + plugin.Name + " -dump",
	} {
		if settings[name] != want {
			t.Errorf("kong.conf: %s is %q, want %q", name, settings[name], want)
		}
	}
}

func TestSoukTakesItsConfiguration(t *testing.T) {
	cmd := exec.Command(e2etest.Binary(t), "check", "-c", "souk.yaml")
	cmd.Env = append(os.Environ(), "SOUK_HANDOFF_SECRET="+handoffSecret, "OPENAI_API_KEY="+providerKey, "OPENROUTER_API_KEY="+providerKey)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// example is everything in the README's picture.
type example struct {
	openai, souk *e2etest.Process
	soukURL      string
	front        *httptest.Server
	plugin       *kongtest.Plugin
	exchanges    chan *kongtest.Exchange
}

func open(t *testing.T) *example {
	t.Helper()
	e := &example{exchanges: make(chan *kongtest.Exchange, 16)}
	sim := func(name string) (*e2etest.Process, string) {
		return e2etest.Provider(t, name, 0, "--model", "*", "--api-key", providerKey)
	}
	var openai, address string
	e.openai, openai = sim("openai")
	_, openrouter := sim("openrouter")
	e.souk, address = e2etest.Serve(t, "", "souk.yaml", "SOUK_LISTEN=127.0.0.1:0", "SOUK_ADMIN=127.0.0.1:0", "SOUK_HANDOFF_SECRET="+handoffSecret,
		"OPENAI_API_KEY="+providerKey, "OPENROUTER_API_KEY="+providerKey, "OPENAI_BASE_URL=http://"+openai+"/v1", "OPENROUTER_BASE_URL=http://"+openrouter+"/v1")
	e.soukURL = "http://" + address
	e.plugin = kongtest.Start(t, pluginBinary)
	_, port, _ := strings.Cut(address, ":")
	n := 0
	if _, err := fmt.Sscan(port, &n); err != nil {
		t.Fatal(err)
	}
	g := declared(t, e.plugin).Gateway(t, e.plugin, map[string]any{"sidecar_port": n, "probe_interval": 60000})
	g.Done = func(x *kongtest.Exchange) { e.exchanges <- x }
	e.front = httptest.NewServer(g)
	t.Cleanup(e.front.Close)
	return e
}

const question = `{"model":"fast","messages":[{"role":"user","content":"Hello"}]}`

// ask sends a request and returns the answer, with its body read.
func ask(t *testing.T, url, body string, header map[string]string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for name, v := range header {
		r.Header.Set(name, v)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	res, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(text)
}

func TestTheExampleDoesWhatItsREADMESays(t *testing.T) {
	e := open(t)
	const chat, embed = "/llm/v1/chat/completions", "/llm/v1/embeddings"
	alice := map[string]string{"apikey": "change-me-alice"}
	for _, test := range []struct {
		name, url, body string
		header          map[string]string
		status          int
		want            string
	}{
		{"alice chats", e.front.URL + chat, question, alice, 200, `"finish_reason":"stop"`},
		{"alice streams", e.front.URL + chat, `{"stream":true,` + question[1:], alice, 200, "data: [DONE]"},
		{"bob may not chat", e.front.URL + chat, question, map[string]string{"apikey": "change-me-bob"}, 403, "scope"},
		{"nobody gets past Kong", e.front.URL + chat, question, nil, 401, "No API key"},
		{"a client that writes a hand-off is refused", e.front.URL + chat, question, map[string]string{"apikey": "change-me-alice", "Souk-Caller": `id="root"`}, 400, "reserved_header"},
		{"a client that finds souk is refused", e.soukURL + "/v1/chat/completions", question, nil, 401, "handoff_missing"},
		{"one that knows the headers, too", e.soukURL + "/v1/chat/completions", question, map[string]string{"Souk-Caller": `id="root"`}, 401, "handoff_"},
		{"what souk does not have is an error of souk's", e.front.URL + embed, `{"model":"nothing/at-all","input":"x"}`, alice, 404, "nothing/at-all"},
	} {
		t.Run(test.name, func(t *testing.T) {
			res, text := ask(t, test.url, test.body, test.header)
			if res.StatusCode != test.status || !strings.Contains(text, test.want) {
				t.Errorf("%d %s, want %d with %s", res.StatusCode, text, test.status, test.want)
			}
		})
	}
	e.openai.Kill()
	if res, text := ask(t, e.front.URL+chat, question, alice); res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("X-Souk-Offer"), "openrouter/") {
		t.Errorf("openai is dead: %d %s %v", res.StatusCode, text, res.Header)
	}
	e.souk.Signal(t, syscall.SIGTERM) // it ends when it has written all its log
	e.souk.Exit(t, time.Minute)
	joinedLog(t, e)
	if res, text := ask(t, e.front.URL+chat, question, alice); res.StatusCode != 502 && res.StatusCode != 503 {
		t.Errorf("souk is dead: %d %s", res.StatusCode, text)
	}
	for what, text := range map[string]string{"souk": e.souk.Output(), "the plugin": e.plugin.Output()} {
		for _, secret := range []string{handoffSecret, providerKey, "change-me-alice"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s printed %s:\n%s", what, secret, text)
			}
		}
	}
}

// joinedLog holds that Kong's log line of the first call and souk's own have the same id.
func joinedLog(t *testing.T, e *example) {
	t.Helper()
	x := <-e.exchanges
	if len(x.Lines) != 1 {
		t.Fatalf("Kong's log has %v", x.Lines)
	}
	m := regexp.MustCompile(`^souk \{"souk_request_id":"([^"]+)","offer":"openai/.+"cost_usd":"`).FindStringSubmatch(x.Lines[0].Text)
	if m == nil {
		t.Fatalf("Kong's log has %s", x.Lines[0].Text)
	}
	for line := range strings.SplitSeq(e.souk.Output(), "\n") {
		if strings.Contains(line, m[1]) && strings.Contains(line, `"acme/alice"`) {
			return
		}
	}
	t.Errorf("souk's log has no %s of acme/alice:\n%s", m[1], e.souk.Output())
}

func TestTheConfigurationInThePluginsREADMEIsGood(t *testing.T) {
	plugin := kongtest.Start(t, pluginBinary)
	text, err := os.ReadFile(filepath.Join("..", "..", "plugins", "kong", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(_format_version.*?)```").FindAllSubmatch(text, -1)
	if len(blocks) == 0 {
		t.Fatal("there is none")
	}
	for _, block := range blocks {
		if _, err := kongtest.ReadDeclarative(block[1], environment, plugin.Schema); err != nil {
			t.Errorf("%v in\n%s", err, block[1])
		}
	}
}
