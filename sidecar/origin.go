package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/soukproxy/souk/policy/handoff"
	"github.com/soukproxy/souk/sidecar/internal/market"
)

// origin is where a command takes the market from: a running sidecar, or a configuration.
type origin struct {
	url  string
	file string
	json bool
	says *handoff.Statement // what a hand-off says beside who asks; nil: nothing
}

func (o *origin) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.url, "url", "", "the running sidecar (default: $SOUK_URL, then http://127.0.0.1:8420)")
	c.Flags().StringVarP(&o.file, "config", "c", "", "read this configuration instead of asking a sidecar")
	c.Flags().BoolVar(&o.json, "json", false, "JSON for machines")
}

func (o *origin) get(path string, into any) (live bool, err error) {
	return o.ask(http.MethodGet, path, nil, into)
}

// ask is false without an error when no sidecar runs and none was named: the configuration is then the origin. A virtual key is
// taken from SOUK_API_KEY; with SOUK_HANDOFF_KEY and SOUK_HANDOFF_SECRET it asks as a gateway does.
func (o *origin) ask(method, path string, body []byte, into any) (live bool, err error) {
	if o.file != "" {
		return false, nil
	}
	base, named := o.url, o.url != ""
	if !named {
		base, named = os.LookupEnv("SOUK_URL")
	}
	if base == "" {
		base, named = "http://127.0.0.1:8420", false
	}
	req, err := http.NewRequest(method, strings.TrimRight(base, "/")+path, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	if key := os.Getenv("SOUK_API_KEY"); key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	if err := o.handOff(req, body); err != nil {
		return false, err
	}
	client := http.Client{Timeout: 10 * time.Second}
	res, err := client.Do(req)
	if errors.Is(err, syscall.ECONNREFUSED) {
		if !named {
			return false, nil
		}
		return false, fmt.Errorf("no sidecar answers at %s; start souk serve, or name a configuration with -c", base)
	}
	if err != nil {
		return false, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 64<<20))
	if err != nil {
		return false, err
	}
	if res.StatusCode != http.StatusOK {
		var e struct {
			Error struct{ Message string }
		}
		if json.Unmarshal(text, &e) == nil && e.Error.Message != "" {
			return false, errors.New(e.Error.Message)
		}
		return false, fmt.Errorf("%s answers %s", base, res.Status)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return false, fmt.Errorf("%s does not answer as souk does: %w", base, err)
	}
	return true, nil
}

// handOff signs a request where the environment has a key for it.
func (o *origin) handOff(req *http.Request, body []byte) error {
	id, secret := os.Getenv("SOUK_HANDOFF_KEY"), os.Getenv("SOUK_HANDOFF_SECRET")
	if id == "" || secret == "" {
		if o.says != nil {
			return errors.New("a running sidecar believes the constraints of a signed hand-off only: set SOUK_HANDOFF_KEY and SOUK_HANDOFF_SECRET, or use -c")
		}
		return nil
	}
	st := handoff.Statement{}
	if o.says != nil {
		st = *o.says
	}
	st.Caller = handoff.Caller{ID: "souk", Via: "souk"}
	p, err := st.Prepare()
	if err != nil {
		return err
	}
	s, err := handoff.NewSigner(handoff.SignerOptions{Key: handoff.Key{ID: id, Secret: []byte(secret)}, Now: time.Now, Random: rand.Reader})
	if err != nil {
		return err
	}
	h, err := s.Sign(handoff.Request{Method: req.Method, Path: req.URL.EscapedPath(), Query: req.URL.RawQuery, Digest: handoff.DigestOf(body)}, p)
	if err != nil {
		return err
	}
	for _, f := range h.Fields() {
		req.Header.Set(f.Name, f.Value)
	}
	return nil
}

// market builds the market that the configuration describes, at rest.
func (o *origin) market() (*market.Market, error) {
	cfg, err := source(o.file)()
	if err != nil {
		return nil, err
	}
	if o.file == "" {
		fmt.Fprintln(os.Stderr, "no sidecar runs at http://127.0.0.1:8420: this is the configured market, without live figures")
	}
	return market.Build(cfg, nil, time.Now)
}
