package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/soukproxy/souk/policy/handoff"
)

func newHandoff() *cobra.Command {
	c := &cobra.Command{
		Use:   "handoff",
		Short: "make or check a hand-off: a gateway's signed statement about a request",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usageError{errors.New("say souk handoff sign or souk handoff verify")}
		},
	}
	c.AddCommand(newHandoffSign(), newHandoffVerify())
	return c
}

// handoffKeys finds the keys that a command signs or verifies with.
type handoffKeys struct {
	config, id, secret, secretFile string
}

func (k *handoffKeys) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVarP(&k.config, "config", "c", "", "take the keys from handoff.keys of this configuration")
	f.StringVar(&k.id, "key", "", "the key's id (default: the only one, or what the signature says)")
	f.StringVar(&k.secretFile, "secret-file", "", "file with the secret (default: $SOUK_HANDOFF_SECRET, then the configuration)")
	f.StringVar(&k.secret, "secret", "", "the secret itself, which others on this machine can see; for test vectors")
	c.MarkFlagsMutuallyExclusive("config", "secret", "secret-file")
}

// find lists the keys. One whose secret was given without an id is called fallback.
func (k *handoffKeys) find(fallback string) ([]handoff.Key, error) {
	secret := k.secret
	switch {
	case k.secretFile != "":
		text, err := os.ReadFile(k.secretFile)
		if err != nil {
			return nil, fmt.Errorf("--secret-file: %w", err)
		}
		secret = strings.TrimRight(string(text), "\r\n")
	case secret == "" && k.config == "":
		secret = os.Getenv("SOUK_HANDOFF_SECRET")
	}
	if secret != "" {
		id := k.id
		if id == "" {
			id = fallback
		}
		if id == "" {
			return nil, usageError{errors.New("--key is missing: the id under which the sidecar knows the secret")}
		}
		return []handoff.Key{{ID: id, Secret: []byte(secret)}}, nil
	}
	cfg, err := source(k.config)()
	if err != nil {
		return nil, fmt.Errorf("no secret in --secret-file or SOUK_HANDOFF_SECRET, and the configuration cannot be read: %w", err)
	}
	var keys []handoff.Key
	for _, key := range cfg.Handoff.Keys {
		if k.id == "" || k.id == key.ID {
			keys = append(keys, handoff.Key{ID: key.ID, Secret: []byte(key.Secret.Reveal())})
		}
	}
	switch {
	case len(keys) == 0 && k.id != "":
		return nil, fmt.Errorf("the configuration has no hand-off key %s", k.id)
	case len(keys) == 0:
		return nil, errors.New("there is no hand-off key: set SOUK_HANDOFF_SECRET or --secret-file, or list one under handoff.keys")
	}
	return keys, nil
}

// moment reads a time as Unix seconds, as signatures have it, or as RFC 3339.
type moment struct{ at time.Time }

func (m *moment) String() string { return "" }
func (m *moment) Type() string   { return "time" }

func (m *moment) Set(text string) error {
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		m.at = time.Unix(seconds, 0)
		return nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return errors.New("it is neither Unix seconds, such as 1763800001, nor RFC 3339")
	}
	m.at = at
	return nil
}

// now is the time that was given, or the clock's.
func (m *moment) now() time.Time {
	if m.at.IsZero() {
		return time.Now()
	}
	return m.at
}

// bodyOf reads the file of --body; - is standard input.
func bodyOf(name string, in io.Reader) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(in)
	}
	body, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("--body: %w", err)
	}
	return body, nil
}
