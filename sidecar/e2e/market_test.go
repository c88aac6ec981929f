package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/soukproxy/souk/e2etest"
)

// callerKey is what callers send to a souk with auth: keys.
const callerKey = "sk-souk-e2e-71c0b8e2a94d4f35"

// The models of every market here. The names of some say what their offers do: the configuration names the fault in the
// upstream model, where the simulated providers look for it.
const (
	chatModel    = "acme/chat-1"
	embedModel   = "acme/embed-1"
	limitedModel = "acme/limited-1" // every offer answers 429, Retry-After 30
	failingModel = "acme/failing-1" // every offer answers 500
	cutModel     = "acme/cut-1"     // every stream ends after five tokens
	chatUpstream = "chat-1"

	// Models that answer as chatModel does; a breaker is an offer's own, so that many offers of one provider fail over
	// independently of each other.
	spareModels = 10
)

func spareModel(i int) string { return fmt.Sprintf("acme/spare-%d", i) }

// market is a running souk and its simulated providers.
type market struct {
	providers []*provider
	souk      *e2etest.Process
	config    string // path of souk.yaml
	auth      string
	address   string // of the first listener: host:port or a socket's path
	url       string // http://host:port of it
	log       string // path of the access log
}

type terms struct {
	auth    string   // none unless set
	listen  string   // 127.0.0.1:0 unless set
	routing string   // the inside of routing: {}
	args    []string // of each simulated provider, in place of a quick one's
}

func (tm *terms) complete() {
	if tm.auth == "" {
		tm.auth = "none"
	}
	if tm.listen == "" {
		tm.listen = "127.0.0.1:0"
	}
	if tm.args == nil {
		tm.args = []string{"--first-token", "10ms", "--rate", "400", "--tokens", "24"}
	}
}

// open starts three simulated providers with the same models, and souk on them.
func open(t testing.TB, tm terms) *market {
	t.Helper()
	tm.complete()
	dir := t.TempDir()
	m := &market{auth: tm.auth, config: filepath.Join(dir, "souk.yaml"), log: filepath.Join(dir, "access.log")}
	for _, name := range []string{"alpha", "bravo", "charlie"} {
		m.providers = append(m.providers, startProvider(t, name, tm.args...))
	}
	m.configure(t, tm)
	m.serve(t)
	return m
}

// configure writes souk.yaml.
func (m *market) configure(t testing.TB, tm terms) {
	t.Helper()
	hash := sha256.Sum256([]byte(callerKey))
	var b strings.Builder
	fmt.Fprintf(&b, "listen: %s\nadmin: {listen: \"off\"}\nauth: %s\nlog: {access: %s}\nrouting: {%s}\n", tm.listen, tm.auth, m.log, tm.routing)
	if tm.auth == "keys" {
		fmt.Fprintf(&b, "keys: [{name: e2e, sha256: %q}]\n", hex.EncodeToString(hash[:]))
	}
	b.WriteString("aliases: {fast: " + chatModel + "}\nproviders:\n")
	for i, p := range m.providers {
		fmt.Fprintf(&b, "  - name: %s\n    simulated: true\n    base_url: %s/v1\n    api_key: ${SOUK_E2E_PROVIDER_KEY}\n    models:\n", p.name, p.origin())
		type model struct{ id, upstream, supports string }
		models := []model{
			{chatModel, chatUpstream, "tools, json_schema, json_object"},
			{embedModel, "embed-1", "embeddings"},
			{limitedModel, chatUpstream + "+429-retry-after=30", ""},
			{failingModel, chatUpstream + "+status=500", ""},
			{cutModel, chatUpstream + "+cut=5", ""},
		}
		for i := range spareModels {
			models = append(models, model{spareModel(i), chatUpstream, ""})
		}
		for _, model := range models {
			// The first provider is the cheapest.
			fmt.Fprintf(&b, "      - {id: %s, upstream: %q, price: {input: 0.%d, output: 1.%d}, context: 32768, supports: [%s]}\n",
				model.id, model.upstream, i+1, i+1, model.supports)
		}
	}
	if err := os.WriteFile(m.config, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// serve starts souk on the written configuration.
func (m *market) serve(t testing.TB) {
	t.Helper()
	m.souk, m.address = e2etest.Serve(t, "", m.config, "SOUK_E2E_PROVIDER_KEY="+providerKey)
	m.url = "http://" + m.address
	t.Cleanup(func() { m.checkQuiet(t) })
}

// checkQuiet looks for keys, prompts and panics in all that souk wrote.
func (m *market) checkQuiet(t testing.TB) {
	m.souk.Kill()
	access, err := os.ReadFile(m.log)
	if err != nil {
		t.Error(err)
	}
	written := m.souk.Output() + string(access)
	for what, word := range map[string]string{"the caller's key": callerKey, "a provider's key": providerKey, "a prompt": "lantern-prompt", "a panic": "panic"} {
		if i := strings.Index(written, word); i >= 0 {
			t.Errorf("%s stands in what souk wrote: %.3000s", what, written[max(0, i-200):])
		}
	}
}

// expect is the whole text that the author of an answer gives to a prompt: what souk passed on must be that, and of one author.
func (m *market) expect(t testing.TB, got, prompt string) string {
	t.Helper()
	for _, p := range m.providers {
		if p.name == author(got) {
			return p.ask(t, chatUpstream, said+prompt)
		}
	}
	return "a text by one of the simulated providers"
}

// key is what callers of this market send.
func (m *market) key() string {
	if m.auth == "keys" {
		return callerKey
	}
	return "any"
}

// client is the official Go SDK, without its retries, at a base path.
func (m *market) client(t testing.TB, base string, more ...option.RequestOption) openai.Client {
	all := append([]option.RequestOption{option.WithBaseURL(m.url + base), option.WithAPIKey(m.key()), option.WithMaxRetries(0), option.WithHTTPClient(httpClient(t))}, more...)
	return openai.NewClient(all...)
}

// said is the text with which a test's messages begin; souk's logs must never hold it.
const said = "lantern-prompt "

func chat(model, text string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{Model: model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(said + text)}}
}
