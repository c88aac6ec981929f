package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/soukproxy/souk/policy/handoff"
)

// signFlags are the flags of souk handoff sign.
type signFlags struct {
	keys                 handoffKeys
	method, path, body   string
	id, via, credential  string
	scopes               []string
	applied, constraints string
	lifetime             time.Duration
	at                   moment
	json                 bool
}

func newHandoffSign() *cobra.Command {
	var f signFlags
	c := &cobra.Command{
		Use:   "sign",
		Short: "print the headers of a hand-off",
		Long: "Print the headers that hand a request off, one a line, as curl -H @- reads them. They are good for one request to this\n" +
			"method and path, and for --lifetime.",
		Example: `  souk handoff sign --key kong-1 --id acme/alice --constraints 'region=("eu")' --body chat.json |
    curl -H @- -H 'content-type: application/json' --data-binary @chat.json http://127.0.0.1:8420/v1/chat/completions`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			h, err := f.sign(c)
			if err != nil {
				return err
			}
			fields := h.Fields()
			if f.json {
				headers := map[string]string{}
				for _, field := range fields {
					headers[field.Name] = field.Value
				}
				return writeJSON(c.OutOrStdout(), headers)
			}
			for _, field := range fields {
				fmt.Fprintf(c.OutOrStdout(), "%s: %s\n", field.Name, field.Value)
			}
			return nil
		},
	}
	f.keys.flags(c)
	flags := c.Flags()
	flags.StringVarP(&f.method, "method", "X", "POST", "the request's method")
	flags.StringVar(&f.path, "path", "/v1/chat/completions", "its path, with a query if it has one, as the sidecar receives it")
	flags.StringVar(&f.body, "body", "", "file with the body, to sign it; - is standard input")
	flags.StringVar(&f.id, "id", "", "who asks; what is not printable ASCII is sent percent-encoded")
	flags.StringVar(&f.via, "via", "", "the gateway's name")
	flags.StringVar(&f.credential, "credential", "", "how the caller proved itself, such as key-auth")
	flags.StringSliceVar(&f.scopes, "scopes", nil, "operations that the caller may ask for, such as chat,embeddings")
	flags.StringVar(&f.applied, "applied", "", "the value of Souk-Applied, such as 'credentials, redaction=?0'")
	flags.StringVar(&f.constraints, "constraints", "", `the value of Souk-Constraints, such as 'region=("eu"), max-price=2.5'`)
	flags.DurationVar(&f.lifetime, "lifetime", 5*time.Second, "until it expires, at most 60s")
	flags.Var(&f.at, "at", "when it is signed, in Unix seconds or RFC 3339 (default now)")
	flags.BoolVar(&f.json, "json", false, "JSON for machines")
	return c
}

func (f *signFlags) sign(c *cobra.Command) (*handoff.Headers, error) {
	if f.id == "" {
		return nil, usageError{errors.New("--id is missing: who asks")}
	}
	st, err := statement(f.id, f.applied, f.constraints)
	if err != nil {
		return nil, err
	}
	st.Caller.Via, st.Caller.Credential = handoff.Text(f.via), handoff.Text(f.credential)
	for _, scope := range f.scopes {
		st.Caller.Scopes = append(st.Caller.Scopes, handoff.Text(scope))
	}
	keys, err := f.keys.find("")
	if err != nil {
		return nil, err
	}
	if len(keys) > 1 {
		return nil, usageError{errors.New("the configuration has several hand-off keys; name one with --key")}
	}
	r := handoff.Request{Method: f.method}
	r.Path, r.Query, _ = strings.Cut(f.path, "?")
	if f.body != "" {
		body, err := bodyOf(f.body, c.InOrStdin())
		if err != nil {
			return nil, err
		}
		r.Digest = handoff.DigestOf(body)
	}
	s, err := handoff.NewSigner(handoff.SignerOptions{Key: keys[0], Lifetime: f.lifetime, Now: f.at.now, Random: rand.Reader})
	if err != nil {
		return nil, err
	}
	p, err := st.Prepare()
	if err != nil {
		return nil, err
	}
	return s.Sign(r, p)
}

// statement reads what a gateway says of a caller from the texts of two headers; empty ones say nothing.
func statement(id, applied, constraints string) (*handoff.Statement, error) {
	st := &handoff.Statement{Caller: handoff.Caller{ID: handoff.Text(id)}}
	var err error
	if applied != "" {
		if st.Applied, err = handoff.ParseApplied(applied); err != nil {
			return nil, err
		}
	}
	if constraints != "" {
		st.Constraints, err = handoff.ParseConstraints(constraints)
	}
	return st, err
}
